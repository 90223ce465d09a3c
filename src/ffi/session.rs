use std::ffi::c_char;
use std::ptr;
use std::sync::Arc;

use super::call::{Failed, borrow, guard, guard_value, output};
use super::claims::held;
use super::options::sized;
use super::verifier::cleared;
use super::{bearerd_claims, bearerd_code, bearerd_str, bearerd_text};
use crate::error::Code;
use crate::state::{Session, SessionId};

/// A session as it was when a token of it was verified. Opaque, immutable, counted, and good for any
/// number of threads at once. Attributes change without a new sign-in, and then the same token, of
/// the same claims, comes with another one of these: so whoever keeps claims, or what was built from
/// them, asks for the session after each verification.
pub struct bearerd_session {
    _opaque: [u8; 0],
}

/// What a session says. Everything that is borrowed lives as long as the handle.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct bearerd_session_state {
    /// sizeof(bearerd_session_state).
    pub size: u32,
    /// 0.
    pub reserved: u32,
    /// Which state of which session it is: two handles with the same version say the same, so a
    /// language binding may keep the object that it has built. Another one never has it, in this
    /// process.
    pub version: u64,
    /// Whose session it is.
    pub subject: bearerd_str,
    /// The attributes: one JSON object.
    pub attributes: bearerd_str,
    /// When the user signed in, in seconds since the epoch.
    pub created_at: i64,
    /// When it was last renewed.
    pub renewed_at: i64,
    /// When it ends unless it is renewed.
    pub expires_at: i64,
    /// Its name, the `sid` of its tokens: NUL-terminated.
    pub sid: [c_char; 48],
}

/// The session that the token of these claims was last found to belong to, by whichever call that
/// was: right after one that accepted the token, the state that this call went by, or a newer one.
/// That holds for claims that were kept, too, for as long as the calls name their entry
/// (::bearerd_slot). NULL where the profile has no sessions, and for a personal access token. Whether
/// it still lives is told by verifying the token again.
///
/// Owns: `*out` is the caller's; free it with ::bearerd_session_free. Threads: any, at once; never
/// waits. Cost: a count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_claims_session(
    claims: *const bearerd_claims,
    out: *mut *mut bearerd_session,
) -> bearerd_code {
    guard(ptr::null_mut(), || {
        // SAFETY: handle and `out` are live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let session = held(claims)?.session();
            *out = session.map_or(ptr::null_mut(), bearerd_session::raw);
        }
        Ok(())
    })
}

/// Reads the session. Fill in `out->size` first.
///
/// Threads: any, at once. Cost: a few loads, and the writing of 43 characters. Errors:
/// ::BEARERD_ABI_MISMATCH, ::BEARERD_NULL_POINTER.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_session_view(
    session: *const bearerd_session,
    out: *mut bearerd_session_state,
) -> bearerd_code {
    guard(ptr::null_mut(), || {
        // SAFETY: handle and `out` are live for the length of the call.
        let (session, out) = unsafe {
            let out = output(out, "out")?;
            sized(out, out.size, "out")?;
            *out = bearerd_session_state::none(out.size);
            (bearerd_session::borrow(session)?, out)
        };
        out.version = session.version();
        out.subject = bearerd_str::of(session.subject());
        out.attributes = bearerd_str::of(session.attributes());
        out.created_at = session.created().secs();
        out.renewed_at = session.renewed().secs();
        out.expires_at = session.expires().secs();
        for (to, from) in out.sid.iter_mut().zip(session.id().to_string().bytes()) {
            *to = c_char::from_ne_bytes([from]);
        }
        Ok(())
    })
}

/// The version of a session, as in ::bearerd_session_state. 0 for NULL.
///
/// Threads: any, at once. Cost: a load.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_session_version(session: *const bearerd_session) -> u64 {
    guard_value(0, || {
        // SAFETY: null, or a handle that is live for the length of the call.
        unsafe { bearerd_session::borrow(session) }.map_or(0, Session::version)
    })
}

/// One attribute, in JSON: `"text"` with its quotes, `[1,2]`, `null`.
///
/// Owns: nothing; `*out` lives as long as `session`. Threads: any, at once. Cost: reads through the
/// attributes. Errors: ::BEARERD_NO_SUCH_CLAIM where it has none of that name.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_session_borrow_value(
    session: *const bearerd_session,
    name: *const c_char,
    len: usize,
    out: *mut bearerd_str,
) -> bearerd_code {
    guard(ptr::null_mut(), || {
        // SAFETY: handle, text and `out` are live for the length of the call.
        let (session, name, out) = unsafe {
            let out = output(out, "out")?;
            *out = bearerd_str::EMPTY;
            let name = bearerd_str { ptr: name, len }.text("name")?;
            (bearerd_session::borrow(session)?, name, out)
        };
        let value = session.attribute(name);
        *out = bearerd_str::of(value.ok_or(Failed::Misuse(Code::NoSuchClaim, "name"))?);
        Ok(())
    })
}

/// The whole session as JSON, as the control plane of the sidecar shows it: `{"sid", "subject",
/// "attributes", "created_at", "renewed_at", "expires_at"}`, times in seconds since the epoch.
///
/// Owns: `*out` is the caller's; free it with ::bearerd_text_free. Threads: any, at once; never
/// waits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_session_json(
    session: *const bearerd_session,
    out: *mut *mut bearerd_text,
) -> bearerd_code {
    guard(ptr::null_mut(), || {
        // SAFETY: handle and `out` are live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let session = bearerd_session::borrow(session)?;
            *out = bearerd_text::hand_out(session.to_json()?.to_string());
        }
        Ok(())
    })
}

/// Gives one reference back. NULL is allowed.
///
/// Owns: takes `session`. Threads: any. Cost: a count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_session_free(session: *mut bearerd_session) {
    guard_value((), || {
        if !session.is_null() {
            // SAFETY: it came from `raw`, and the caller gives up one count.
            drop(unsafe { Arc::from_raw(session.cast_const().cast::<Session>()) });
        }
    });
}

impl bearerd_session_state {
    fn none(size: u32) -> Self {
        Self {
            size,
            reserved: 0,
            version: 0,
            subject: bearerd_str::EMPTY,
            attributes: bearerd_str::EMPTY,
            created_at: 0,
            renewed_at: 0,
            expires_at: 0,
            sid: [0; SID],
        }
    }
}

/// Room for the name of a session and the zero after it. cbindgen wants the number itself above.
const SID: usize = 48;
const _: () = assert!(SessionId::LENGTH < SID);

impl bearerd_session {
    /// A handle that the C side owns: the counted session itself, so that nothing is allocated.
    fn raw(session: Arc<Session>) -> *mut Self {
        Arc::into_raw(session).cast_mut().cast()
    }

    /// # Safety
    /// `session` is null or a handle that is live for as long as the result is used.
    unsafe fn borrow<'a>(session: *const Self) -> Result<&'a Session, Failed> {
        // SAFETY: the caller's promise; it came from `raw`.
        unsafe { borrow(session.cast::<Session>(), "session") }
    }
}
