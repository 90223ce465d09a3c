use crate::clock::UnixMillis;
use crate::config::Profile;
use crate::error::Fault;
use crate::json;

/// The body of an answer with one more member: what the application is to relay as `Set-Cookie`.
pub(super) fn append(body: &mut String, set_cookie: Option<&str>) {
    let Some(value) = set_cookie else {
        return;
    };
    debug_assert!(body.ends_with('}'), "a body is one JSON object");
    body.pop();
    if !body.ends_with('{') {
        body.push(',');
    }
    body.push_str("\"set_cookie\":");
    json::quote_append(value, body);
    body.push('}');
}

/// The cookie that keeps a refresh token, where the profile keeps it in one.
pub(super) fn holding(
    profile: &Profile,
    refresh: &str,
    expires_at: Option<i64>,
    https: bool,
) -> Result<Option<String>, Fault> {
    let Some(cookie) = profile.refresh_cookie() else {
        return Ok(None);
    };
    let now = profile.verifier().clock().now().secs();
    let left = expires_at.map(|at| at.saturating_sub(now));
    cookie.holding(refresh, left, https).map(Some)
}

/// As [`holding`], for a token as it was signed.
pub(super) fn signed(
    profile: &Profile,
    refresh: &crate::sign::Signed,
    https: bool,
) -> Result<Option<String>, Fault> {
    let expires_at = refresh.expires_at.map(UnixMillis::secs);
    holding(profile, &refresh.token, expires_at, https)
}

/// The cookie that forgets, where the profile keeps its refresh token in one.
pub(super) fn cleared(profile: &Profile, https: bool) -> Option<String> {
    profile.refresh_cookie().map(|cookie| cookie.cleared(https))
}
