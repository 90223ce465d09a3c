use std::ffi::c_char;

use super::call::{Failed, guard};
use super::members::{filled, lifetime, values};
use super::options::sized;
use super::verifier::cleared;
use super::{bearerd_code, bearerd_error, bearerd_str, bearerd_text, bearerd_verifier};
use crate::config::{SignIn, SignInTokens};
use crate::sign::Lifetime;

/// ::bearerd_sign_in_opts: no token. They are signed elsewhere, and must carry the `sid`.
pub const BEARERD_SIGN_IN_NONE: u32 = 0;
/// ::bearerd_sign_in_opts: an access token.
pub const BEARERD_SIGN_IN_ACCESS: u32 = 1;
/// ::bearerd_sign_in_opts: an access token and a refresh token, whose family is named as the session
/// is.
pub const BEARERD_SIGN_IN_PAIR: u32 = 2;

/// What a sign-in gives out. Set everything to zero, then `size`, then what is wanted.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct bearerd_sign_in_opts {
    /// sizeof(bearerd_sign_in_opts).
    pub size: u32,
    /// BEARERD_SIGN_IN_*: which tokens are signed.
    pub kind: u32,
    /// The profile; NULL for the default.
    pub profile: bearerd_str,
    /// What the session carries: a JSON object. NULL: nothing.
    pub attributes: bearerd_str,
    /// Claims of the tokens, beside subject and session: a JSON object. NULL: none.
    pub claims: bearerd_str,
    /// How long the access token lives, as in ::bearerd_sign_opts.
    pub ttl: bearerd_str,
    /// How long the session lives without being used: "90s", "15m", "7d", or seconds. NULL: as the
    /// profile says.
    pub lifetime: bearerd_str,
}

/// Opens a session for a user who has signed in, and signs tokens for it, as JSON: `{"sid",
/// "expires_at"}`, and with them `"access"`, `"access_expires_at"`, `"refresh"`,
/// `"refresh_expires_at"` for what was signed; times in seconds since the epoch or null. Where the
/// user has as many sessions as the profile allows, the oldest ends.
///
/// `opts` may be NULL: no tokens. All or nothing: where the tokens cannot be signed, no session is
/// opened. Owns: `*out` is the caller's; free it with ::bearerd_text_free, which wipes it.
/// Threads: any, at once. Waits for the store. Errors: ::BEARERD_VALIDATION_ERROR naming what is
/// wrong, also where the profile has no sessions or does not sign; ::BEARERD_STORE_UNAVAILABLE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_sign_in(
    verifier: *const bearerd_verifier,
    subject: *const c_char,
    len: usize,
    opts: *const bearerd_sign_in_opts,
    out: *mut *mut bearerd_text,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let verifier = bearerd_verifier::ready(verifier)?;
            let mut wanted = SignIn::new(filled(bearerd_str { ptr: subject, len }, "subject")?);
            let mut profile = bearerd_str::EMPTY;
            if !opts.is_null() {
                sized(opts, (*opts).size, "opts")?;
                let opts = &*opts;
                profile = opts.profile;
                wanted.attributes = values(opts.attributes, "opts.attributes")?;
                wanted.claims = values(opts.claims, "opts.claims")?;
                wanted.access = lifetime(opts.ttl, "opts.ttl")?;
                wanted.lifetime = match lifetime(opts.lifetime, "opts.lifetime")? {
                    None => None,
                    Some(Lifetime::For(span)) => Some(span),
                    Some(Lifetime::Unlimited) => {
                        return Err(Failed::invalid(
                            "opts.lifetime: a session ends when it is not used for some time; name a span",
                        ));
                    }
                };
                wanted.tokens = match opts.kind {
                    BEARERD_SIGN_IN_NONE => SignInTokens::None,
                    BEARERD_SIGN_IN_ACCESS => SignInTokens::Access,
                    BEARERD_SIGN_IN_PAIR => SignInTokens::Pair,
                    _ => {
                        return Err(Failed::invalid(
                            "opts.kind: must be one of BEARERD_SIGN_IN_*",
                        ));
                    }
                };
            }
            let signed_in = verifier.profile(profile)?.sign_in(&wanted)?;
            *out = bearerd_text::hand_out(signed_in.to_json().to_string());
        }
        Ok(())
    })
}
