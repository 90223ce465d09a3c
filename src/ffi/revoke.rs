use std::ffi::c_char;

use super::call::{Failed, guard};
use super::{bearerd_code, bearerd_error, bearerd_str, bearerd_verifier};
use crate::clock::UnixMillis;
use crate::config::Profile;

/// Revokes a token by its handle; with a refresh token goes all that descends from its sign-in
/// (RFC 7009 §2.1). One that has expired needs no revocation
/// itself, but ends what it shares with others all the same: its session, its family.
///
/// Holds from the next call on, cached or not, in this process, and in others that share the state as
/// soon as they have heard of it. `profile`: NULL for the one of the token's `iss`, else the default.
/// Threads: any, at once. Waits for the store, where the state is in one. Errors: as ::bearerd_verify where the
/// token is not the profile's; ::BEARERD_VALIDATION_ERROR where it has nothing to be revoked by;
/// ::BEARERD_STORE_UNAVAILABLE where nothing more can be listed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_revoke_token(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    token: *const c_char,
    len: usize,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        let (verifier, profile, token) = unsafe {
            (
                bearerd_verifier::ready(verifier)?,
                profile.option("profile")?,
                bearerd_str { ptr: token, len }.text("token")?,
            )
        };
        let profile = verifier.profiles.choose(profile, token.as_bytes())?;
        let revoked = profile.revoke_token(token)?;
        tracing::info!(by = revoked.as_str(), "revoked");
        Ok(())
    })
}

/// Voids every token whose handle (the claim by which the profile revokes: `jti`, unless it is
/// mapped) is this one. Otherwise as ::bearerd_revoke_token; `profile`: NULL for the default.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_revoke_handle(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    handle: *const c_char,
    len: usize,
    err: *mut bearerd_error,
) -> bearerd_code {
    let handle = bearerd_str { ptr: handle, len };
    // SAFETY: as this function's own.
    unsafe {
        revoke(
            verifier,
            profile,
            (handle, "handle"),
            err,
            Profile::revoke_handle,
        )
    }
}

/// Voids every token of this refresh family. Otherwise as ::bearerd_revoke_handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_revoke_family(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    family: *const c_char,
    len: usize,
    err: *mut bearerd_error,
) -> bearerd_code {
    let family = bearerd_str { ptr: family, len };
    // SAFETY: as this function's own.
    unsafe {
        revoke(
            verifier,
            profile,
            (family, "family"),
            err,
            Profile::revoke_family,
        )
    }
}

/// Voids what the subject was issued before `issued_before`, in seconds since the epoch; INT64_MIN
/// for all of it up to and including this second. Otherwise as ::bearerd_revoke_handle.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_revoke_subject(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    subject: *const c_char,
    len: usize,
    issued_before: i64,
    err: *mut bearerd_error,
) -> bearerd_code {
    let subject = bearerd_str { ptr: subject, len };
    let before = (issued_before != i64::MIN).then(|| UnixMillis::from_secs(issued_before));
    // SAFETY: as this function's own.
    unsafe {
        revoke(
            verifier,
            profile,
            (subject, "subject"),
            err,
            |profile, subject| profile.revoke_subject(subject, before),
        )
    }
}

/// # Safety
/// Everything is as documented in the header.
unsafe fn revoke(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    (value, what): (bearerd_str, &'static str),
    err: *mut bearerd_error,
    by: impl FnOnce(&Profile, &str) -> Result<(), crate::error::Fault>,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: the caller's promise.
        let (profile, value) = unsafe {
            let verifier = bearerd_verifier::ready(verifier)?;
            (verifier.profile(profile)?, value.text(what)?)
        };
        by(profile, value).map_err(Failed::from)?;
        tracing::info!(by = what, "revoked");
        Ok(())
    })
}
