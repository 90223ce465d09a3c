use std::ffi::c_char;
use std::ptr;

use super::call::{Failed, guard, guard_value, output};
use super::verifier::cleared;
use super::{
    bearerd_claims, bearerd_code, bearerd_error, bearerd_str, bearerd_text, bearerd_verifier,
    bearerd_verify_opts,
};
use crate::error::{Code, Reject};
use crate::verify::Verified;

/// The slot of claims that no cache keeps.
pub const BEARERD_NO_SLOT: u32 = u32::MAX;

/// The name of a cache entry. Two calls that give the same generation speak of the same token and
/// the same claims, so a language binding may keep the object that it has built for them. A slot is
/// below the `slots` of ::bearerd_verifier_describe and is used again for another token, with
/// another generation; a generation never is, in this process, whatever becomes of the verifier.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct bearerd_slot {
    /// The place in the cache, or ::BEARERD_NO_SLOT.
    pub slot: u32,
    /// 1 where the signature had been verified by an earlier call, else 0.
    pub was_cached: u32,
    /// Which entry it is.
    pub generation: u64,
}

/// Verifies a token: signature, times, issuer, audience, type, kind, revocation, guard. A token that
/// was verified before costs a look-up, and everything that can change is decided anew.
///
/// `opts`: NULL for what the profile asks. On success `*out` holds the claims; otherwise NULL.
/// Owns: `*out` is the caller's; free it with ::bearerd_claims_free. Threads: any, at once; never
/// waits for the network or another call, but for the state's store where the profile has sessions or
/// personal access tokens and memory does not know this one's: ::bearerd_lookup_slot tells.
/// Errors: 2xx to 7xx for a token that is refused; ::BEARERD_STORE_UNAVAILABLE;
/// ::BEARERD_VALIDATION_ERROR where no profile has that name; ::BEARERD_INTERNAL; 1xx.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_verify(
    verifier: *const bearerd_verifier,
    token: *const c_char,
    len: usize,
    opts: *const bearerd_verify_opts,
    out: *mut *mut bearerd_claims,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let token = bearerd_str { ptr: token, len }.bytes("token")?;
            *out = bearerd_claims::hand_out(verify(verifier, token, opts)?);
        }
        Ok(())
    })
}

/// As ::bearerd_verify, for a language binding: names the cache entry instead of handing out the
/// claims, so that there is nothing to free after a hit.
///
/// Where this very call verified the signature (`out->was_cached` is 0), the claims come along in
/// `*fresh`, unless `fresh` is NULL; on a hit `*fresh` is NULL. A binding that does not know the
/// entry of a hit calls ::bearerd_verify and finds both numbers in the claims' view.
///
/// Owns: `*fresh` is the caller's; free it with ::bearerd_claims_free. Threads, errors: as
/// ::bearerd_verify.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_verify_slot(
    verifier: *const bearerd_verifier,
    token: *const c_char,
    len: usize,
    opts: *const bearerd_verify_opts,
    out: *mut bearerd_slot,
    fresh: *mut *mut bearerd_claims,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let out = output(out, "out")?;
            *out = bearerd_slot::NONE;
            if let Some(fresh) = fresh.as_mut() {
                *fresh = ptr::null_mut();
            }
            let token = bearerd_str { ptr: token, len }.bytes("token")?;
            let verified = verify(verifier, token, opts)?;
            *out = bearerd_slot::of(&verified);
            if let Some(fresh) = fresh.as_mut().filter(|_| !verified.was_cached()) {
                *fresh = bearerd_claims::hand_out(verified);
            }
        }
        Ok(())
    })
}

/// As ::bearerd_verify_slot, from memory alone: ::BEARERD_NOT_CACHED where it would take a
/// signature verification, which is then not made, or a store, which is not asked. For callers who
/// hold a lock that others need, an interpreter's say, and would give it up for a miss.
///
/// Threads, errors: as ::bearerd_verify. Cost: that of a hit; never waits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_lookup_slot(
    verifier: *const bearerd_verifier,
    token: *const c_char,
    len: usize,
    opts: *const bearerd_verify_opts,
    out: *mut bearerd_slot,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let out = output(out, "out")?;
            *out = bearerd_slot::NONE;
            let token = bearerd_str { ptr: token, len }.bytes("token")?;
            let verifier = bearerd_verifier::ready(verifier)?;
            let options = bearerd_verify_opts::read(opts)?;
            let profile = verifier.profiles.verifier(options.profile, token)?;
            let verdict = profile
                .verify_cached(token, &options.verify)
                .ok_or(Failed::Misuse(Code::NotCached, "token"))?;
            *out = bearerd_slot::of(&verdict?);
        }
        Ok(())
    })
}

/// Verifies `n` tokens under the same options. `codes[i]` and `outs[i]` are what ::bearerd_verify
/// gives for `tokens[i]`. Returns how many were accepted; 0 where `codes` is NULL, which verifies
/// nothing.
///
/// `outs` may be NULL where only the codes are wanted. Owns: every `outs[i]` that is not NULL is the
/// caller's. Threads: any, at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_verify_many(
    verifier: *const bearerd_verifier,
    tokens: *const bearerd_str,
    n: usize,
    opts: *const bearerd_verify_opts,
    codes: *mut bearerd_code,
    outs: *mut *mut bearerd_claims,
) -> usize {
    guard_value(0, || {
        let mut accepted = 0;
        for at in 0..n {
            // SAFETY: the caller has `n` of each, `codes` and `outs` being null or not.
            unsafe {
                let out = outs.as_ref().map_or(ptr::null_mut(), |_| outs.add(at));
                if codes.is_null() {
                    if let Some(out) = out.as_mut() {
                        *out = ptr::null_mut();
                    }
                    continue;
                }
                let code = codes.add(at);
                *code = one_of_many(verifier, tokens, at, opts, out);
                accepted += usize::from(*code == super::BEARERD_OK);
            }
        }
        accepted
    })
}

/// # Safety
/// As for [`bearerd_verify_many`]; `out` is null or where the claims go.
unsafe fn one_of_many(
    verifier: *const bearerd_verifier,
    tokens: *const bearerd_str,
    at: usize,
    opts: *const bearerd_verify_opts,
    out: *mut *mut bearerd_claims,
) -> bearerd_code {
    guard(ptr::null_mut(), || {
        // SAFETY: the caller's promise.
        unsafe {
            if let Some(out) = out.as_mut() {
                *out = ptr::null_mut();
            }
            if tokens.is_null() {
                return Err(Failed::null("tokens"));
            }
            let verified = verify(verifier, (*tokens.add(at)).bytes("token")?, opts)?;
            if let Some(out) = out.as_mut() {
                *out = bearerd_claims::hand_out(verified);
            }
        }
        Ok(())
    })
}

/// As ::bearerd_verify, for the value of an `Authorization` header: `Bearer <token>` (RFC 6750
/// §2.1), the scheme in any case.
///
/// Errors: besides, ::BEARERD_MISSING_TOKEN for an empty value or another scheme, and
/// ::BEARERD_MALFORMED for one that can be read in more than one way. A request may hold the header
/// twice, and the token elsewhere: see ::bearerd_extract.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_verify_authorization(
    verifier: *const bearerd_verifier,
    value: *const c_char,
    len: usize,
    opts: *const bearerd_verify_opts,
    out: *mut *mut bearerd_claims,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let value = bearerd_str { ptr: value, len }.bytes("value")?;
            let token = crate::extract::bearer(value)?.ok_or(Reject::new(Code::MissingToken))?;
            *out = bearerd_claims::hand_out(verify(verifier, token.as_bytes(), opts)?);
        }
        Ok(())
    })
}

/// Verifies a token and says why it was refused, as JSON:
/// `{"code", "status", "profile", "reason", "claim"?, "expected"?, "actual"?}`.
///
/// It quotes claims: for the operator, and not for clients or logs. The call succeeds whatever the
/// verdict is. Owns: `*out` is the caller's; free it with ::bearerd_text_free. Threads: any, at
/// once. Cost: up to two verifications. Errors: as ::bearerd_verify, without the verdicts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_explain(
    verifier: *const bearerd_verifier,
    token: *const c_char,
    len: usize,
    opts: *const bearerd_verify_opts,
    out: *mut *mut bearerd_text,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let token = bearerd_str { ptr: token, len }.bytes("token")?;
            let verifier = bearerd_verifier::ready(verifier)?;
            let options = bearerd_verify_opts::read(opts)?;
            let profile = verifier.profiles.verifier(options.profile, token)?;
            let explained = profile.explain(token, &options.verify);
            *out = bearerd_text::hand_out(explained.to_json());
        }
        Ok(())
    })
}

/// # Safety
/// `verifier` and `opts` are as documented in the header.
#[inline]
unsafe fn verify(
    verifier: *const bearerd_verifier,
    token: &[u8],
    opts: *const bearerd_verify_opts,
) -> Result<Verified, Failed> {
    // SAFETY: the caller's promise.
    let (verifier, options) = unsafe {
        (
            bearerd_verifier::ready(verifier)?,
            bearerd_verify_opts::read(opts)?,
        )
    };
    let profile = verifier.profiles.verifier(options.profile, token)?;
    Ok(profile.verify(token, &options.verify)?)
}

impl bearerd_slot {
    const NONE: Self = Self {
        slot: BEARERD_NO_SLOT,
        was_cached: 0,
        generation: 0,
    };

    #[inline]
    fn of(verified: &Verified) -> Self {
        Self {
            slot: verified.slot().unwrap_or(BEARERD_NO_SLOT),
            was_cached: u32::from(verified.was_cached()),
            generation: verified.generation(),
        }
    }
}
