use std::ffi::c_char;

use super::call::guard;
use super::{bearerd_code, bearerd_error, bearerd_str, bearerd_verifier};

/// Takes the keys of a JWK set (RFC 7517 §5) in place of those of configuration and files. Tokens of
/// keys that are gone are refused from the next call on, cached or not. Keys that an issuer
/// publishes stay. Where the profile signs, the set must hold a key that can.
///
/// `profile`: NULL for the default. All or nothing: after an error the keys are what they were.
/// Threads: any, at once. Errors: ::BEARERD_CONFIG_ERROR naming the key, ::BEARERD_VALIDATION_ERROR
/// where no profile has that name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_verifier_replace_keys(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    jwks: *const c_char,
    len: usize,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        let jwks = bearerd_str { ptr: jwks, len };
        // SAFETY: handle and text are live for the length of the call.
        let (profile, jwks) = unsafe {
            let verifier = bearerd_verifier::ready(verifier)?;
            (verifier.profile(profile)?, jwks.text("jwks")?)
        };
        profile.replace_keys(jwks)?;
        Ok(())
    })
}

/// Reads every key file of every profile anew, and has published keys fetched soon.
///
/// All or nothing over all profiles. Threads: any, at once. Waits for the disk.
/// Errors: ::BEARERD_CONFIG_ERROR naming the file.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_verifier_reload_keys(
    verifier: *const bearerd_verifier,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: the handle is live for the length of the call.
        let verifier = unsafe { bearerd_verifier::ready(verifier) }?;
        let report = verifier.profiles.reload_keys()?;
        tracing::info!(keys = ?report.keys, "key files were read again");
        Ok(())
    })
}
