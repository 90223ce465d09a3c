use std::ffi::c_char;
use std::sync::Arc;

use serde_json::{Value, json};

use super::call::{Failed, guard};
use super::members::{filled, invalid, names, values};
use super::verifier::cleared;
use super::{bearerd_code, bearerd_error, bearerd_str, bearerd_text, bearerd_verifier};
use crate::config::Profile;
use crate::error::Fault;
use crate::state::{Session, SessionId};

/// A live session by its `sid`, as the store has it, in JSON: `{"session": {"sid", "subject",
/// "attributes", "created_at", "renewed_at", "expires_at"}}`, or `{"session": null}` where it has
/// ended or never was.
///
/// `profile`: NULL for the default. Owns: `*out` is the caller's; free it with ::bearerd_text_free.
/// Threads: any, at once. Waits for the store. Errors: ::BEARERD_VALIDATION_ERROR where `sid` cannot
/// be one, or the profile has no sessions; ::BEARERD_STORE_UNAVAILABLE.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_sessions_get(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    sid: *const c_char,
    len: usize,
    out: *mut *mut bearerd_text,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let profile = bearerd_verifier::ready(verifier)?.profile(profile)?;
            let id = parsed(bearerd_str { ptr: sid, len }, "sid")?;
            let session = profile.required_sessions()?.get(id)?;
            let session = session.map(|session| session.to_json()).transpose()?;
            *out = bearerd_text::hand_out(json!({ "session": session }).to_string());
        }
        Ok(())
    })
}

/// The live sessions of a user, as the store has them, the oldest first, in JSON: `{"sessions":
/// […]}`, each as ::bearerd_sessions_get shows it. Otherwise as ::bearerd_sessions_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_sessions_list(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    subject: *const c_char,
    len: usize,
    out: *mut *mut bearerd_text,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let profile = bearerd_verifier::ready(verifier)?.profile(profile)?;
            let subject = filled(bearerd_str { ptr: subject, len }, "subject")?;
            let listed = profile.required_sessions()?.list(subject)?;
            *out = all(&listed)?;
        }
        Ok(())
    })
}

/// Ends a session by its `sid`. Its tokens are refused with ::BEARERD_SESSION_ENDED from the next
/// call on, cached or not, in this process, and in others that share the state as soon as they have
/// heard of it.
///
/// `*ended`, unless `ended` is NULL: how many were ended, 0 or 1. Otherwise as
/// ::bearerd_sessions_get.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_sessions_end(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    sid: *const c_char,
    len: usize,
    ended: *mut usize,
    err: *mut bearerd_error,
) -> bearerd_code {
    // SAFETY: as this function's own.
    unsafe {
        counted(verifier, profile, ended, err, |profile| {
            let id = parsed(bearerd_str { ptr: sid, len }, "sid")?;
            Ok(usize::from(profile.required_sessions()?.end(id)?))
        })
    }
}

/// Ends all sessions of a user in one step, but for `except`, a `sid`, unless that is NULL.
/// Otherwise as ::bearerd_sessions_end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_sessions_end_all(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    subject: *const c_char,
    len: usize,
    except: bearerd_str,
    ended: *mut usize,
    err: *mut bearerd_error,
) -> bearerd_code {
    // SAFETY: as this function's own.
    unsafe {
        counted(verifier, profile, ended, err, |profile| {
            let subject = filled(bearerd_str { ptr: subject, len }, "subject")?;
            let except = match except.option("except")? {
                None => None,
                Some(_) => Some(parsed(except, "except")?),
            };
            Ok(profile.required_sessions()?.end_all(subject, except)?)
        })
    }
}

/// Changes the attributes of a session by its `sid`, and no more: `set` is a JSON object of those to
/// set, `remove` a JSON array of the names of those to remove; NULL for none. Tokens that are out
/// come with the new ones from the next call on in this process, and in others that share the state
/// as soon as they have heard of it.
///
/// Gives what is there now, in JSON, as ::bearerd_sessions_list does: no session where it has ended.
/// Otherwise as ::bearerd_sessions_get; ::BEARERD_VALIDATION_ERROR also where attributes would be
/// too large or too deep, or a name is both set and removed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_sessions_change(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    sid: *const c_char,
    len: usize,
    set: bearerd_str,
    remove: bearerd_str,
    out: *mut *mut bearerd_text,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let profile = bearerd_verifier::ready(verifier)?.profile(profile)?;
            let id = parsed(bearerd_str { ptr: sid, len }, "sid")?;
            let (set, remove) = change(set, remove)?;
            let sessions = profile.required_sessions()?;
            let changed = sessions.change_attributes(id, &set, &remove)?;
            *out = all(changed.as_slice())?;
        }
        Ok(())
    })
}

/// Changes the attributes of all sessions of a user in one step. Otherwise as
/// ::bearerd_sessions_change.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_sessions_change_all(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    subject: *const c_char,
    len: usize,
    set: bearerd_str,
    remove: bearerd_str,
    out: *mut *mut bearerd_text,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let profile = bearerd_verifier::ready(verifier)?.profile(profile)?;
            let subject = filled(bearerd_str { ptr: subject, len }, "subject")?;
            let (set, remove) = change(set, remove)?;
            let sessions = profile.required_sessions()?;
            let changed = sessions.change_attributes_of(subject, &set, &remove)?;
            *out = all(&changed)?;
        }
        Ok(())
    })
}

/// # Safety
/// Everything is as documented in the header.
unsafe fn counted(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    ended: *mut usize,
    err: *mut bearerd_error,
    end: impl FnOnce(&Profile) -> Result<usize, Failed>,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: the caller's promise.
        let (profile, ended) = unsafe {
            let mut ended = ended.as_mut();
            if let Some(ended) = &mut ended {
                **ended = 0;
            }
            (bearerd_verifier::ready(verifier)?.profile(profile)?, ended)
        };
        let count = end(profile)?;
        tracing::info!(ended = count, "sessions ended");
        if let Some(ended) = ended {
            *ended = count;
        }
        Ok(())
    })
}

/// # Safety
/// `text` lives for the length of the call.
unsafe fn parsed(text: bearerd_str, what: &'static str) -> Result<SessionId, Failed> {
    // SAFETY: the caller's promise.
    SessionId::parse(unsafe { text.text(what) }?).ok_or_else(|| {
        invalid(format!(
            "{what}: is not the name of a session, as a sign-in answers it"
        ))
    })
}

type Change = (serde_json::Map<String, Value>, Vec<String>);

/// # Safety
/// The texts live for the length of the call.
unsafe fn change(set: bearerd_str, remove: bearerd_str) -> Result<Change, Failed> {
    // SAFETY: the caller's promise.
    let (set, remove) = unsafe { (values(set, "set")?, names(remove, "remove")?) };
    if remove.iter().any(|name| set.contains_key(name)) {
        return Err(Failed::invalid(
            "remove: names what is set as well; do one or the other",
        ));
    }
    Ok((set, remove))
}

fn all(sessions: &[Arc<Session>]) -> Result<*mut bearerd_text, Fault> {
    let sessions = sessions.iter().map(|session| session.to_json());
    let sessions: Vec<Value> = sessions.collect::<Result<_, _>>()?;
    Ok(bearerd_text::hand_out(
        json!({ "sessions": sessions }).to_string(),
    ))
}
