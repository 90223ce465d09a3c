use std::ffi::c_char;

use super::call::{Failed, borrow, guard};
use super::members::{lifetime, names, values};
use super::options::sized;
use super::verifier::cleared;
use super::{
    BEARERD_KIND_ACCESS, BEARERD_KIND_REFRESH, bearerd_code, bearerd_error, bearerd_str,
    bearerd_text, bearerd_verifier,
};
use crate::claims::TokenKind;
use crate::clock::UnixMillis;
use crate::error::{Code, Fault};
use crate::sign::ClaimChange;

/// What is to be signed. Set everything to zero, then `size`, then what is wanted.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct bearerd_sign_opts {
    /// sizeof(bearerd_sign_opts).
    pub size: u32,
    /// ::bearerd_sign: ::BEARERD_KIND_ACCESS or ::BEARERD_KIND_REFRESH. ::bearerd_sign_pair: 0.
    pub kind: u32,
    /// The profile; NULL for the default.
    pub profile: bearerd_str,
    /// How long the (access) token lives: "90s", "15m", "1h", "7d", seconds, or "none" for a token
    /// without `exp`. NULL: as the profile says.
    pub ttl: bearerd_str,
}

/// What a rotation changes. Set everything to zero, then `size`, then what is wanted.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct bearerd_rotate_opts {
    /// sizeof(bearerd_rotate_opts).
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// The profile; NULL for the one of the token's `iss`, else the default.
    pub profile: bearerd_str,
    /// How long the access token lives, as in ::bearerd_sign_opts.
    pub ttl: bearerd_str,
    /// Claims to set: a JSON object. NULL: none.
    pub set: bearerd_str,
    /// Claims to remove: a JSON array of names. NULL: none.
    pub remove: bearerd_str,
}

/// Signs one token. `claims` is a JSON object, or NULL; `iss`, `aud`, `iat`, `exp`, `jti`, the
/// kind and the family are the signer's, and an error where `claims` names them.
///
/// `*token` is the compact JWS; `*expires_at`, unless it is NULL, its `exp` in seconds since the
/// epoch, or INT64_MAX where it has none. Owns: `*token` is the caller's; free it with
/// ::bearerd_text_free, which wipes it. Threads: any, at once. Errors: ::BEARERD_VALIDATION_ERROR
/// naming what is wrong, also where the profile does not sign.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_sign(
    verifier: *const bearerd_verifier,
    opts: *const bearerd_sign_opts,
    claims: *const c_char,
    len: usize,
    token: *mut *mut bearerd_text,
    expires_at: *mut i64,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let token = cleared(token)?;
            let mut expires_at = expires_at.as_mut();
            if let Some(at) = &mut expires_at {
                **at = 0;
            }
            let verifier = bearerd_verifier::ready(verifier)?;
            let opts = bearerd_sign_opts::read(opts)?;
            let kind = match opts.kind {
                BEARERD_KIND_ACCESS => TokenKind::Access,
                BEARERD_KIND_REFRESH => TokenKind::Refresh,
                _ => {
                    return Err(Failed::invalid(
                        "opts.kind: must be BEARERD_KIND_ACCESS or BEARERD_KIND_REFRESH",
                    ));
                }
            };
            let claims = values(bearerd_str { ptr: claims, len }, "claims")?;
            let profile = verifier.profile(opts.profile)?;
            let signed = profile.sign(kind, &claims, lifetime(opts.ttl, "opts.ttl")?)?;
            if let Some(at) = expires_at {
                *at = signed.expires_at.map_or(i64::MAX, UnixMillis::secs);
            }
            *token = bearerd_text::hand_out(signed.token);
        }
        Ok(())
    })
}

/// Signs an access token and the refresh token beside it, as JSON:
/// `{"access", "access_expires_at", "refresh", "refresh_expires_at"}`, times in seconds since the
/// epoch or null. Otherwise as ::bearerd_sign; `opts` may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_sign_pair(
    verifier: *const bearerd_verifier,
    opts: *const bearerd_sign_opts,
    claims: *const c_char,
    len: usize,
    out: *mut *mut bearerd_text,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let verifier = bearerd_verifier::ready(verifier)?;
            let (profile, ttl) = if opts.is_null() {
                (bearerd_str::EMPTY, bearerd_str::EMPTY)
            } else {
                let opts = bearerd_sign_opts::read(opts)?;
                if opts.kind != 0 {
                    return Err(Failed::invalid("opts.kind: a pair has both kinds; set 0"));
                }
                (opts.profile, opts.ttl)
            };
            let claims = values(bearerd_str { ptr: claims, len }, "claims")?;
            let pair = verifier
                .profile(profile)?
                .sign_pair(&claims, lifetime(ttl, "opts.ttl")?)?;
            *out = bearerd_text::hand_out(pair.to_json());
        }
        Ok(())
    })
}

/// Spends a refresh token for a new pair that inherits its claims, as JSON: `{"access", "refresh",
/// "access_expires_at", "refresh_expires_at", "payload"}`. Where the profile detects reuse, a second
/// use within the grace gets the first one's answer, and one after it ::BEARERD_REUSED, which
/// revokes the family.
///
/// `opts` may be NULL. Owns: `*out` is the caller's; free it with ::bearerd_text_free, which wipes
/// it. Threads: any, at once. Waits for the store, where the state is in one. Errors: as
/// ::bearerd_verify, and ::BEARERD_VALIDATION_ERROR.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_rotate(
    verifier: *const bearerd_verifier,
    refresh: *const c_char,
    len: usize,
    opts: *const bearerd_rotate_opts,
    out: *mut *mut bearerd_text,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let verifier = bearerd_verifier::ready(verifier)?;
            let token = bearerd_str { ptr: refresh, len }.bytes("refresh")?;
            let mut change = ClaimChange::default();
            let (mut profile, mut ttl) = (None, None);
            if !opts.is_null() {
                sized(opts, (*opts).size, "opts")?;
                let opts = &*opts;
                profile = opts.profile.option("opts.profile")?;
                ttl = lifetime(opts.ttl, "opts.ttl")?;
                change.set = values(opts.set, "opts.set")?;
                change.remove = names(opts.remove, "opts.remove")?;
            }
            let profile = verifier.profiles.choose(profile, token)?;
            let rotated = profile.rotate(token, &change, ttl)?;
            let text = serde_json::to_string(&rotated).map_err(|error| {
                Fault::new(Code::Internal, "a rotation could not be written").caused_by(error)
            })?;
            *out = bearerd_text::hand_out(text);
        }
        Ok(())
    })
}

impl bearerd_sign_opts {
    /// # Safety
    /// `opts` is null or points at `size` readable bytes.
    unsafe fn read<'a>(opts: *const Self) -> Result<&'a Self, Failed> {
        // SAFETY: the caller's promise.
        unsafe {
            let opts = borrow(opts, "opts")?;
            sized(opts, opts.size, "opts")?;
            Ok(opts)
        }
    }
}
