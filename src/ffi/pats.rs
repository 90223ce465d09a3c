use std::ffi::c_char;

use super::call::{Failed, guard};
use super::members::{filled, lifetime, names, values};
use super::options::sized;
use super::verifier::cleared;
use super::{bearerd_code, bearerd_error, bearerd_str, bearerd_text, bearerd_verifier};
use crate::state::pats::NewPat;

/// What a new personal access token is to be. Set everything to zero, then `size`, then what is
/// wanted.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct bearerd_pat_opts {
    /// sizeof(bearerd_pat_opts).
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// The profile; NULL for the default.
    pub profile: bearerd_str,
    /// What its owner calls it. NULL: nothing.
    pub description: bearerd_str,
    /// What it may be used for: a JSON array of scopes (RFC 6749 §3.3). NULL: none.
    pub scopes: bearerd_str,
    /// Further claims: a JSON object. NULL: none.
    pub claims: bearerd_str,
    /// How long it lives: "90s", "15m", "7d", seconds, or "none" for a token without end. NULL: as
    /// long as the profile allows.
    pub ttl: bearerd_str,
}

/// Creates a personal access token, as JSON: `{"token", "id", "expires_at"}`, in seconds since the
/// epoch or null. This is the only time that the token is shown: it is kept nowhere. It is good from
/// now on in every process that shares the state.
///
/// `opts` may be NULL. Owns: `*out` is the caller's; free it with ::bearerd_text_free, which wipes
/// it. Threads: any, at once. Waits for the store. Errors: ::BEARERD_VALIDATION_ERROR naming what is
/// wrong, also where the profile takes no such tokens; ::BEARERD_STORE_UNAVAILABLE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_pats_create(
    verifier: *const bearerd_verifier,
    subject: *const c_char,
    len: usize,
    opts: *const bearerd_pat_opts,
    out: *mut *mut bearerd_text,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let verifier = bearerd_verifier::ready(verifier)?;
            let mut new = NewPat::of(filled(bearerd_str { ptr: subject, len }, "subject")?);
            let (mut profile, mut ttl) = (bearerd_str::EMPTY, None);
            if !opts.is_null() {
                sized(opts, (*opts).size, "opts")?;
                let opts = &*opts;
                profile = opts.profile;
                ttl = lifetime(opts.ttl, "opts.ttl")?;
                new.description = opts
                    .description
                    .option("opts.description")?
                    .unwrap_or_default()
                    .to_owned();
                new.scopes = names(opts.scopes, "opts.scopes")?;
                new.claims = values(opts.claims, "opts.claims")?;
            }
            let created = verifier.profile(profile)?.create_pat(new, ttl)?;
            tracing::info!(id = created.pat.id, "a personal access token was created");
            *out = bearerd_text::hand_out(created.to_json().to_string());
        }
        Ok(())
    })
}

/// A subject's personal access tokens that were not revoked, expired ones included for thirty days,
/// in JSON: `{"pats": [{"id", "subject", "description", "scopes", "claims", "created_at",
/// "expires_at", "last_used_at", "last_used_from"}], "next"}`. Where `next` is not null, more follow:
/// pass it as `after`. `after`: NULL to begin.
///
/// `profile`: NULL for the default. Owns: `*out` is the caller's; free it with ::bearerd_text_free.
/// Threads: any, at once. Waits for the store, once for each token of at most a hundred. Errors:
/// ::BEARERD_VALIDATION_ERROR, ::BEARERD_STORE_UNAVAILABLE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_pats_list(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    subject: *const c_char,
    len: usize,
    after: bearerd_str,
    out: *mut *mut bearerd_text,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let profile = bearerd_verifier::ready(verifier)?.profile(profile)?;
            let subject = filled(bearerd_str { ptr: subject, len }, "subject")?;
            let page = profile
                .pats()?
                .list(subject, after.option("after")?, PAGE)?;
            *out = bearerd_text::hand_out(page.to_json().to_string());
        }
        Ok(())
    })
}

/// Revokes the personal access token of that id, the `jti` of its claims. It is refused with
/// ::BEARERD_REVOKED from the next call on, cached or not, in this process, and in others that share
/// the state as soon as they have heard of it.
///
/// `*revoked`, unless `revoked` is NULL: how many were revoked, 0 where there was none or it was
/// before. `profile`: NULL for the default. Threads: any, at once. Waits for the store. Errors:
/// ::BEARERD_VALIDATION_ERROR where it is no id; ::BEARERD_STORE_UNAVAILABLE, and then try again, for
/// it may be revoked in part.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_pats_revoke(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    id: *const c_char,
    len: usize,
    revoked: *mut usize,
    err: *mut bearerd_error,
) -> bearerd_code {
    // SAFETY: as this function's own.
    unsafe {
        counted(revoked, err, || {
            let profile = bearerd_verifier::ready(verifier)?.profile(profile)?;
            let id = filled(bearerd_str { ptr: id, len }, "id")?;
            Ok(usize::from(profile.pats()?.revoke(id)?))
        })
    }
}

/// Revokes a personal access token that is at hand. `profile`: NULL for the one of its prefix. Errors: besides,
/// those of ::bearerd_verify for one that is not the profile's. Otherwise as ::bearerd_pats_revoke.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_pats_revoke_token(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    token: *const c_char,
    len: usize,
    revoked: *mut usize,
    err: *mut bearerd_error,
) -> bearerd_code {
    // SAFETY: as this function's own.
    unsafe {
        counted(revoked, err, || {
            let token = bearerd_str { ptr: token, len }.bytes("token")?;
            let verifier = bearerd_verifier::ready(verifier)?;
            let profile = verifier
                .profiles
                .choose(profile.option("profile")?, token)?;
            Ok(usize::from(profile.revoke_pat(token)?))
        })
    }
}

/// Revokes every personal access token of a subject. What is created meanwhile may be among them or
/// not. Otherwise as ::bearerd_pats_revoke.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_pats_revoke_all(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    subject: *const c_char,
    len: usize,
    revoked: *mut usize,
    err: *mut bearerd_error,
) -> bearerd_code {
    // SAFETY: as this function's own.
    unsafe {
        counted(revoked, err, || {
            let profile = bearerd_verifier::ready(verifier)?.profile(profile)?;
            let subject = filled(bearerd_str { ptr: subject, len }, "subject")?;
            Ok(profile.pats()?.revoke_all(subject)?)
        })
    }
}

/// How many tokens one answer lists, as over HTTP.
const PAGE: usize = 100;

/// # Safety
/// `revoked` and `err` are as documented in the header.
unsafe fn counted(
    revoked: *mut usize,
    err: *mut bearerd_error,
    revoke: impl FnOnce() -> Result<usize, Failed>,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: the caller's promise.
        let mut revoked = unsafe { revoked.as_mut() };
        if let Some(revoked) = &mut revoked {
            **revoked = 0;
        }
        let count = revoke()?;
        tracing::info!(revoked = count, "personal access tokens were revoked");
        if let Some(revoked) = revoked {
            *revoked = count;
        }
        Ok(())
    })
}
