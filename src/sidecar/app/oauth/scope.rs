use serde_json::Value;

use crate::config::Profile;
use crate::verify::Verified;

/// The scopes of a token as OAuth writes them: one string, a blank between two (RFC 6749 §3.3).
pub(super) fn of(profile: &Profile, token: &Verified) -> Option<String> {
    match claim(profile, token)? {
        Value::String(text) => Some(text),
        Value::Array(list) => {
            let words: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            words.map(|words| words.join(" "))
        }
        _ => None,
    }
}

/// The scope claim for what was `asked`, written as the token writes its own; `None` where it is
/// more than the token has, or nothing.
pub(super) fn narrowed(profile: &Profile, token: &Verified, asked: &str) -> Option<Value> {
    let granted = of(profile, token)?;
    let granted: Vec<&str> = granted.split_ascii_whitespace().collect();
    let asked: Vec<&str> = asked.split_ascii_whitespace().collect();
    if asked.is_empty() || !asked.iter().all(|scope| granted.contains(scope)) {
        return None;
    }
    Some(match claim(profile, token)? {
        Value::Array(_) => asked.into(),
        _ => asked.join(" ").into(),
    })
}

/// The name of the profile's scope claim.
pub(super) fn name(profile: &Profile) -> &str {
    &profile.verifier().claim_map().names().scope
}

fn claim(profile: &Profile, token: &Verified) -> Option<Value> {
    token.get(name(profile))
}
