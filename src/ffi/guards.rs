use std::ffi::c_char;

use super::call::{Failed, guard, guard_value, tagged};
use super::claims::held;
use super::verifier::cleared;
use super::{bearerd_claims, bearerd_code, bearerd_error, bearerd_str, bearerd_verifier};
use crate::error::{Code, Fault};
use crate::guard::{Guard, RequestFacts};

/// A compiled rule over claims and the request. Opaque, immutable, and good for any number of
/// threads at once.
pub struct bearerd_guard {
    _opaque: [u8; 0],
}

/// What a handle points at. The tag comes first, where every other handle has memory, too.
#[repr(C)]
struct Handle {
    tag: u64,
    guard: Guard,
}

const TAG: u64 = u64::from_le_bytes(*b"brrdgurd");

/// Compiles a guard from JSON: any of `roles`, `scopes`, `any_scope`, `vip`, `team`, `token`,
/// `device`, `permission`, `any_permission`, `position`, `subordinates`, `headquarters`, `project`,
/// `all`, `any`, `not`. All members of an object must hold; one that names an absent claim refuses.
///
/// Owns: `*out` is the caller's; free it with ::bearerd_guard_free. Threads: any. Errors:
/// ::BEARERD_VALIDATION_ERROR naming the member.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_guard_new(
    rule: *const c_char,
    len: usize,
    out: *mut *mut bearerd_guard,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: text and `out` are the caller's for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let rule = bearerd_str { ptr: rule, len }.bytes("rule")?;
            *out = bearerd_guard::hand_out(Guard::from_json(rule)?);
        }
        Ok(())
    })
}

/// The guard of that name in the configuration.
///
/// Owns: `*out` is the caller's, whatever becomes of the verifier. Threads: any, at once. Errors:
/// ::BEARERD_VALIDATION_ERROR where no guard has that name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_guard_named(
    verifier: *const bearerd_verifier,
    name: *const c_char,
    len: usize,
    out: *mut *mut bearerd_guard,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let name = bearerd_str { ptr: name, len }.text("name")?;
            let verifier = bearerd_verifier::ready(verifier)?;
            let named = verifier.profiles.guard(name).ok_or_else(|| {
                Fault::new(
                    Code::ValidationError,
                    "guard: no guard has that name; see [guards] in the configuration",
                )
            })?;
            *out = bearerd_guard::hand_out(named.clone());
        }
        Ok(())
    })
}

/// Whether a guard holds for claims that were accepted before, from the device `device` (NULL or empty:
/// none). ::bearerd_verify with the guard among its options asks the same, and lets the guard's
/// `token` decide which kind of token is taken.
///
/// Threads: any, at once. Errors: ::BEARERD_FORBIDDEN, ::BEARERD_DEVICE_MISMATCH,
/// ::BEARERD_WRONG_TOKEN_KIND, naming the member.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_guard_check(
    rule: *const bearerd_guard,
    claims: *const bearerd_claims,
    device: bearerd_str,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        let (rule, claims, device) = unsafe {
            (
                bearerd_guard::borrow(rule)?.ok_or_else(|| Failed::null("guard"))?,
                held(claims)?,
                device.text("device")?,
            )
        };
        let device = Some(device).filter(|device| !device.is_empty());
        let request = device.map_or_else(RequestFacts::default, RequestFacts::from_device);
        claims.check(rule, &request)?;
        Ok(())
    })
}

/// Frees a guard. NULL is allowed.
///
/// Owns: takes `rule`. Threads: any; no other call may be using it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_guard_free(rule: *mut bearerd_guard) {
    guard_value((), || {
        // SAFETY: null, or a handle that is live until this call ends it.
        if let Ok(Some(_)) = unsafe { bearerd_guard::borrow(rule) } {
            // SAFETY: it came from `hand_out`, and the caller gives up the only handle.
            drop(unsafe { Box::from_raw(rule.cast::<Handle>()) });
        }
    });
}

impl bearerd_guard {
    fn hand_out(guard: Guard) -> *mut Self {
        Box::into_raw(Box::new(Handle { tag: TAG, guard })).cast()
    }

    /// The guard behind a handle.
    ///
    /// # Safety
    /// `rule` is null or a handle that is live for the length of the call.
    #[inline]
    pub(super) unsafe fn borrow<'a>(rule: *const Self) -> Result<Option<&'a Guard>, Failed> {
        if rule.is_null() {
            return Ok(None);
        }
        // SAFETY: the caller's promise.
        let handle: &Handle = unsafe { tagged(rule.cast(), TAG, "guard") }?;
        Ok(Some(&handle.guard))
    }
}
