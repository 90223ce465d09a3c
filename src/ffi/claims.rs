use std::ffi::c_char;
use std::mem::ManuallyDrop;

use triomphe::ThinArc;

use super::call::{Failed, borrow, guard, guard_value, output};
use super::options::sized;
use super::{
    BEARERD_KIND_ACCESS, BEARERD_KIND_PAT, BEARERD_KIND_PROFILE, BEARERD_KIND_REFRESH,
    BEARERD_NO_SLOT, bearerd_code, bearerd_str,
};
use crate::claims::{Claims, NotOfType, TokenKind};
use crate::clock::UnixMillis;
use crate::error::Code;
use crate::verify::{Held, Verified};

/// The claims of an accepted token. Opaque, immutable, counted, and good for any number of threads
/// at once. They stay what they were when the token was verified: to know whether it is still
/// accepted, verify it again.
pub struct bearerd_claims {
    _opaque: [u8; 0],
}

/// What is mostly wanted of the claims, in one call. Everything is borrowed and lives as long as
/// the handle.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct bearerd_view {
    /// sizeof(bearerd_view).
    pub size: u32,
    /// As in ::bearerd_slot.
    pub slot: u32,
    /// As in ::bearerd_slot.
    pub generation: u64,
    /// The payload as it was signed: one JSON object.
    pub json: bearerd_str,
    /// The subject (`sub`, or what the profile maps to it), decoded; empty where there is none.
    pub subject: bearerd_str,
    /// `exp` in seconds since the epoch; INT64_MAX where there is none.
    pub expires_at: i64,
    /// `iat` in seconds since the epoch; INT64_MIN where there is none.
    pub issued_at: i64,
    /// ::BEARERD_KIND_ACCESS, ::BEARERD_KIND_REFRESH or ::BEARERD_KIND_PAT; 0 where the token does not say.
    pub kind: u32,
    /// 0.
    pub reserved: u32,
}

/// Reads the view. Fill in `out->size` first.
///
/// Threads: any, at once. Cost: a few loads. Errors: ::BEARERD_ABI_MISMATCH, ::BEARERD_NULL_POINTER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_claims_view(
    claims: *const bearerd_claims,
    out: *mut bearerd_view,
) -> bearerd_code {
    guard(std::ptr::null_mut(), || {
        // SAFETY: the handle is live, and `out` the caller's, for the length of the call.
        let (held, out) = unsafe {
            let out = output(out, "out")?;
            sized(out, out.size, "out")?;
            (
                held(claims).inspect_err(|_| *out = bearerd_view::none(out.size))?,
                out,
            )
        };
        // SAFETY: as above; what is borrowed lives as long as the handle.
        let claims = unsafe { contents(claims) }?;
        *out = bearerd_view {
            size: out.size,
            slot: held.slot().unwrap_or(BEARERD_NO_SLOT),
            generation: held.generation(),
            json: bearerd_str::of_bytes(claims.json_bytes()),
            subject: claims
                .borrowed_subject()
                .map_or(bearerd_str::EMPTY, bearerd_str::of),
            expires_at: claims.expires_at().map_or(i64::MAX, UnixMillis::secs),
            issued_at: claims.issued_at().map_or(i64::MIN, UnixMillis::secs),
            kind: match claims.kind() {
                None => BEARERD_KIND_PROFILE,
                Some(TokenKind::Access) => BEARERD_KIND_ACCESS,
                Some(TokenKind::Refresh) => BEARERD_KIND_REFRESH,
                Some(TokenKind::Pat) => BEARERD_KIND_PAT,
            },
            reserved: 0,
        };
        Ok(())
    })
}

/// The generation of the entry: the same for every hit of one token while it is cached, and never
/// again for another in this process. 0 for NULL.
///
/// Threads: any, at once. Cost: a load.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_claims_id(claims: *const bearerd_claims) -> u64 {
    guard_value(0, || {
        // SAFETY: null, or a handle that is live for the length of the call.
        unsafe { held(claims) }.map_or(0, |held| held.generation())
    })
}

/// The payload as it was signed: one JSON object.
///
/// Owns: nothing; `*out` lives as long as `claims`. Threads: any, at once. Cost: a load.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_claims_borrow_json(
    claims: *const bearerd_claims,
    out: *mut bearerd_str,
) -> bearerd_code {
    // SAFETY: as this function's own.
    unsafe {
        answer(claims, out, bearerd_str::EMPTY, |claims| {
            Ok(bearerd_str::of_bytes(claims.json_bytes()))
        })
    }
}

/// A claim that is a string, decoded.
///
/// Owns: nothing; `*out` lives as long as `claims`. Threads: any, at once. Cost: reads through the
/// payload. Errors: ::BEARERD_NO_SUCH_CLAIM, ::BEARERD_WRONG_CLAIM_TYPE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_claims_borrow_str(
    claims: *const bearerd_claims,
    name: *const c_char,
    len: usize,
    out: *mut bearerd_str,
) -> bearerd_code {
    let name = bearerd_str { ptr: name, len };
    // SAFETY: as this function's own.
    unsafe {
        answer(claims, out, bearerd_str::EMPTY, |claims| {
            Ok(bearerd_str::of(claims.borrowed_text(name.text("name")?)?))
        })
    }
}

/// Any claim, in the very JSON that was signed: `"text"` with its quotes, `[1,2]`, `null`.
///
/// Owns: nothing; `*out` lives as long as `claims`. Threads: any, at once. Cost: reads through the
/// payload. Errors: ::BEARERD_NO_SUCH_CLAIM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_claims_borrow_value(
    claims: *const bearerd_claims,
    name: *const c_char,
    len: usize,
    out: *mut bearerd_str,
) -> bearerd_code {
    let name = bearerd_str { ptr: name, len };
    // SAFETY: as this function's own.
    unsafe {
        answer(claims, out, bearerd_str::EMPTY, |claims| {
            let value = claims
                .raw_value(name.text("name")?)
                .ok_or(NotOfType::Absent)?;
            Ok(bearerd_str::of(value))
        })
    }
}

/// A claim that is a number written as an integer, within 64 bits.
///
/// Threads: any, at once. Cost: reads through the payload. Errors: ::BEARERD_NO_SUCH_CLAIM,
/// ::BEARERD_WRONG_CLAIM_TYPE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_claims_int(
    claims: *const bearerd_claims,
    name: *const c_char,
    len: usize,
    out: *mut i64,
) -> bearerd_code {
    let name = bearerd_str { ptr: name, len };
    // SAFETY: as this function's own.
    unsafe {
        answer(claims, out, 0, |claims| {
            let name = name.text("name")?;
            let there = claims.raw_value(name).ok_or(NotOfType::Absent);
            Ok(there.and_then(|_| claims.integer(name).ok_or(NotOfType::OtherType))?)
        })
    }
}

/// A claim that is a boolean.
///
/// Threads: any, at once. Cost: reads through the payload. Errors: ::BEARERD_NO_SUCH_CLAIM,
/// ::BEARERD_WRONG_CLAIM_TYPE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_claims_bool(
    claims: *const bearerd_claims,
    name: *const c_char,
    len: usize,
    out: *mut bool,
) -> bearerd_code {
    let name = bearerd_str { ptr: name, len };
    // SAFETY: as this function's own.
    unsafe {
        answer(claims, out, false, |claims| {
            Ok(claims.boolean(name.text("name")?)?)
        })
    }
}

/// Another reference to the same claims. NULL for NULL.
///
/// Owns: the result is the caller's, as the first one is. Threads: any, at once. Cost: a count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_claims_clone(
    claims: *const bearerd_claims,
) -> *mut bearerd_claims {
    guard_value(std::ptr::null_mut(), || {
        // SAFETY: null, or a handle that is live for the length of the call.
        match unsafe { held(claims) } {
            Ok(held) => bearerd_claims::raw(Held::clone(&held)),
            Err(_) => std::ptr::null_mut(),
        }
    })
}

/// Gives one reference back. NULL is allowed.
///
/// Owns: takes `claims`. Threads: any. Cost: a count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_claims_free(claims: *mut bearerd_claims) {
    guard_value((), || {
        if !claims.is_null() {
            // SAFETY: it came from `raw`, and the caller gives up one count.
            drop(Held(unsafe {
                ThinArc::from_raw(claims.cast_const().cast())
            }));
        }
    });
}

impl bearerd_view {
    fn none(size: u32) -> Self {
        Self {
            size,
            slot: BEARERD_NO_SLOT,
            generation: 0,
            json: bearerd_str::EMPTY,
            subject: bearerd_str::EMPTY,
            expires_at: i64::MAX,
            issued_at: i64::MIN,
            kind: BEARERD_KIND_PROFILE,
            reserved: 0,
        }
    }
}

impl bearerd_claims {
    /// A handle that the C side owns: the counted entry itself, so that nothing is allocated.
    #[inline]
    pub(super) fn hand_out(verified: Verified) -> *mut Self {
        Self::raw(verified.hold())
    }

    fn raw(held: Held) -> *mut Self {
        held.0.into_raw().cast_mut().cast()
    }
}

/// The entry behind a handle, without touching its count.
///
/// # Safety
/// `claims` is null or a handle that is live for as long as the result is used.
pub(super) unsafe fn held(claims: *const bearerd_claims) -> Result<ManuallyDrop<Held>, Failed> {
    if claims.is_null() {
        return Err(Failed::null("claims"));
    }
    // SAFETY: it came from `raw` and is live; the count is not given back, for nothing is dropped.
    let shared = unsafe { ThinArc::from_raw(claims.cast()) };
    Ok(ManuallyDrop::new(Held(shared)))
}

/// The claims behind a handle.
///
/// # Safety
/// `claims` is null or a handle that is live for as long as the result is used.
pub(super) unsafe fn contents<'a>(claims: *const bearerd_claims) -> Result<&'a Claims, Failed> {
    // SAFETY: the caller's promise. The claims lie in the entry, which lives as long as the handle
    // does, and not in what `held` gives, which is a pointer to it.
    unsafe {
        let held = held(claims)?;
        borrow(std::ptr::from_ref(held.claims()), "claims")
    }
}

/// # Safety
/// `claims` is null or live, and `out` null or the caller's, for the length of the call.
unsafe fn answer<'a, T>(
    claims: *const bearerd_claims,
    out: *mut T,
    none: T,
    read: impl FnOnce(&'a Claims) -> Result<T, Failed>,
) -> bearerd_code {
    guard(std::ptr::null_mut(), || {
        // SAFETY: the caller's promise.
        let out = unsafe { output(out, "out") }?;
        *out = none;
        // SAFETY: the caller's promise.
        *out = read(unsafe { contents(claims) }?)?;
        Ok(())
    })
}

impl From<NotOfType> for Failed {
    fn from(why: NotOfType) -> Self {
        match why {
            NotOfType::Absent => Self::Misuse(Code::NoSuchClaim, "name"),
            NotOfType::OtherType => Self::Misuse(Code::WrongClaimType, "name"),
        }
    }
}
