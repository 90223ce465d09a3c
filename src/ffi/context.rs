use std::ptr;

use super::call::guard;
use super::claims::held;
use super::verifier::cleared;
use super::{bearerd_claims, bearerd_code, bearerd_text};

/// What is known of the token's holder beside the claims, as JSON: the `context` that the sidecar
/// answers. `{"session": {"id", "attributes", "expires_at"}}` where the profile has sessions,
/// `{"permission": {"data_scope", "bypass"}}` where it has permissions, both where it has both; NULL
/// where it has neither. `data_scope` is `all`, `project`, `group` or `self`, and null where the
/// profile's permissions have no `data_scope`.
///
/// Right after a call that accepted the token it is what this call went by, or newer: attributes of a
/// session change without a new token. So whoever keeps claims, or what was built from them, asks
/// again after each verification, or keeps the answer for as long as ::bearerd_session_version stays
/// the same; without sessions it never changes.
///
/// Owns: `*out` is the caller's; free it with ::bearerd_text_free. Threads: any, at once; never
/// waits. Cost: writes the text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_claims_context(
    claims: *const bearerd_claims,
    out: *mut *mut bearerd_text,
) -> bearerd_code {
    guard(ptr::null_mut(), || {
        // SAFETY: handle and `out` are live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            if let Some(context) = held(claims)?.context() {
                *out = bearerd_text::hand_out(context);
            }
        }
        Ok(())
    })
}
