use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::call::{guard, output};
use super::options::sized;
use super::verifier::cleared;
use super::{bearerd_code, bearerd_error, bearerd_str, bearerd_text, bearerd_verifier};
use crate::config::Profile;

/// Counters of a verifier since it was made.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct bearerd_stats {
    /// sizeof(bearerd_stats).
    pub size: u32,
    /// How many claims there is room for.
    pub slots: u32,
    /// Look-ups that found their token.
    pub hits: u64,
    /// Look-ups that did not.
    pub misses: u64,
    /// Claims that were stored.
    pub inserts: u64,
    /// Claims that were not: too large, or no room in bounded time.
    pub not_kept: u64,
    /// Claims that left, whatever the cause.
    pub evicted: u64,
    /// Claims that are stored now.
    pub entries: u64,
    /// What they weigh, in bytes.
    pub bytes: u64,
    /// Revocations that are listed now.
    pub revocations: u64,
}

/// Reads the counters of one profile; with NULL for it, those of all profiles together.
/// Fill in `out->size` first.
///
/// Threads: any, at once. Cost: some loads. Errors: ::BEARERD_VALIDATION_ERROR where no profile has
/// that name, ::BEARERD_ABI_MISMATCH.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_verifier_stats(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    out: *mut bearerd_stats,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: handle, text and `out` are live for the length of the call.
        let (verifier, profile, out) = unsafe {
            let out = output(out, "out")?;
            sized(out, out.size, "out")?;
            *out = bearerd_stats::none(out.size);
            let verifier = bearerd_verifier::ready(verifier)?;
            (verifier, profile.option("profile")?, out)
        };
        let one = profile
            .map(|name| verifier.profiles.get(Some(name)))
            .transpose()?;
        let all = verifier.profiles.iter();
        let chosen = one.into_iter().chain(all.filter(|_| one.is_none()));
        *out = chosen.fold(*out, bearerd_stats::and);
        Ok(())
    })
}

impl bearerd_stats {
    fn none(size: u32) -> Self {
        Self {
            size,
            slots: 0,
            hits: 0,
            misses: 0,
            inserts: 0,
            not_kept: 0,
            evicted: 0,
            entries: 0,
            bytes: 0,
            revocations: 0,
        }
    }

    fn and(self, profile: &Arc<Profile>) -> Self {
        let verifier = profile.verifier();
        let stats = verifier.cache_stats();
        let slots = verifier.slots();
        Self {
            size: self.size,
            slots: self.slots.saturating_add(slots.end - slots.start),
            hits: self.hits + stats.hits,
            misses: self.misses + stats.misses,
            inserts: self.inserts + stats.inserts,
            not_kept: self.not_kept + stats.not_kept,
            evicted: self.evicted + stats.evictions(),
            entries: self.entries + stats.entries as u64,
            bytes: self.bytes + stats.bytes as u64,
            revocations: self.revocations + verifier.revocations().len() as u64,
        }
    }
}

/// What a verifier was configured to do, as JSON, for those who build on it:
///
/// `{"default_profile": "api", "slots": 65536, "guards": ["orders"], "profiles": {"api":
/// {"algorithms": ["RS256"], "token_from": ["bearer", "cookie:sid"], "signs": false, "rotates":
/// false, "sessions": false, "pats": false}}}`
///
/// `default_profile` may be null. Every slot number is below `slots`. `token_from` lists where
/// ::bearerd_extract looks. Where `sessions` or `pats` is true, verifying may wait for a store.
///
/// Owns: `*out` is the caller's; free it with ::bearerd_text_free. Threads: any, at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_verifier_describe(
    verifier: *const bearerd_verifier,
    out: *mut *mut bearerd_text,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: handle and `out` are live for the length of the call.
        let (out, verifier) = unsafe { (cleared(out)?, bearerd_verifier::ready(verifier)?) };
        let all = &verifier.profiles;
        let profiles: Map<String, Value> = all
            .iter()
            .map(|profile| (profile.name().to_owned(), describe(profile)))
            .collect();
        let text = json!({
            "default_profile": all.default_profile().map(|profile| profile.name()),
            "slots": all.slots(),
            "guards": all.guard_names().collect::<Vec<_>>(),
            "profiles": profiles,
        });
        *out = bearerd_text::hand_out(text.to_string());
        Ok(())
    })
}

fn describe(profile: &Profile) -> Value {
    let places = profile.token_places().iter();
    let algorithms = profile.verifier().keys().algorithms().iter();
    let (signs, rotates) = profile.issues();
    json!({
        "algorithms": algorithms.map(|algorithm| algorithm.name()).collect::<Vec<_>>(),
        "token_from": places.map(ToString::to_string).collect::<Vec<_>>(),
        "signs": signs,
        "rotates": rotates,
        "sessions": profile.verifier().sessions().is_some(),
        "pats": profile.verifier().pats().is_some(),
    })
}

/// The public keys of all profiles as one JWK set, for publishing. Neither shared secrets nor keys
/// that were fetched from an issuer are among them.
///
/// Owns: `*out` is the caller's; free it with ::bearerd_text_free. Threads: any, at once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_verifier_jwks(
    verifier: *const bearerd_verifier,
    out: *mut *mut bearerd_text,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: handle and `out` are live for the length of the call.
        let (out, verifier) = unsafe { (cleared(out)?, bearerd_verifier::ready(verifier)?) };
        *out = bearerd_text::hand_out(verifier.profiles.jwks());
        Ok(())
    })
}
