use std::path::Path;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::call::{Failed, guard, guard_value, output, tagged};
use super::{bearerd_code, bearerd_error, bearerd_str};
use crate::clock::{Clock, SystemClock};
use crate::config::{Config, Environment, Profile, Profiles};
use crate::error::Fault;
use crate::fork;

/// Everything of one configuration: its profiles with their keys, caches, signers and revocations,
/// and its guards. Opaque, counted, and good for any number of threads at once.
pub struct bearerd_verifier {
    _opaque: [u8; 0],
}

/// What a handle points at. The tag comes first, where every other handle has memory, too.
#[repr(C)]
pub(super) struct Handle {
    tag: u64,
    pub(super) profiles: Profiles,
    /// Of which process its background threads are.
    generation: AtomicU32,
    waking: Mutex<()>,
}

/// Tells a handle of ours from another one: better luck than none.
const TAG: u64 = u64::from_le_bytes(*b"brrdvrfr");

/// Makes a verifier from one document, in TOML, or in JSON where it begins with "{": the schema of
/// the sidecar, without its `server` section. What the document says counts, and no BEARERD_*
/// variable of the environment overrides it; keys with `env` are read from there all the same.
///
/// Every key is read and every guard compiled before this returns. Keys that an issuer publishes are
/// fetched from here on, on a thread of the verifier's own: until the first document has come,
/// verification answers ::BEARERD_KEYS_UNAVAILABLE.
///
/// Owns: `*out` is the caller's; free it with ::bearerd_verifier_free. Threads: any.
/// Errors: ::BEARERD_CONFIG_ERROR naming the line and key, ::BEARERD_INVALID_UTF8,
/// ::BEARERD_NULL_POINTER, ::BEARERD_INTERNAL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_verifier_new(
    config: *const std::ffi::c_char,
    len: usize,
    out: *mut *mut bearerd_verifier,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        let config = bearerd_str { ptr: config, len };
        // SAFETY: `out` and the text are the caller's for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let text = config.text("config")?;
            let environment = Environment::of_process().without_overrides();
            let config = Config::from_text(text, "configuration", &environment)?;
            *out = bearerd_verifier::hand_out(&config, &environment)?;
        }
        Ok(())
    })
}

/// As ::bearerd_verifier_new, from a file, and with BEARERD_* overrides from the environment, as the
/// sidecar has them. `path` is UTF-8.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_verifier_from_file(
    path: *const std::ffi::c_char,
    len: usize,
    out: *mut *mut bearerd_verifier,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        let path = bearerd_str { ptr: path, len };
        // SAFETY: `out` and the text are the caller's for the length of the call.
        unsafe {
            let out = cleared(out)?;
            let path = path.text("path")?;
            let environment = Environment::of_process();
            let config = Config::from_file(Path::new(path), &environment)?;
            *out = bearerd_verifier::hand_out(&config, &environment)?;
        }
        Ok(())
    })
}

/// As ::bearerd_verifier_from_file, from the file that BEARERD_CONFIG names, else from JWT_*
/// variables. Nobody may change the environment meanwhile.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_verifier_from_env(
    out: *mut *mut bearerd_verifier,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: `out` is the caller's for the length of the call.
        let out = unsafe { cleared(out) }?;
        let environment = Environment::of_process();
        let config = Config::from_environment(&environment)?.ok_or_else(|| {
            Fault::config("there is no configuration; set BEARERD_CONFIG to a file, or JWT_SECRET")
        })?;
        *out = bearerd_verifier::hand_out(&config, &environment)?;
        Ok(())
    })
}

/// Another reference to the same verifier. NULL for NULL.
///
/// Owns: the result is the caller's, as the first one is. Threads: any, at once. Cost: a count.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_verifier_clone(
    verifier: *const bearerd_verifier,
) -> *mut bearerd_verifier {
    guard_value(std::ptr::null_mut(), || {
        // SAFETY: null, or a handle that is live for the length of the call.
        if unsafe { bearerd_verifier::live(verifier) }.is_ok() {
            // SAFETY: it came from `Arc::into_raw` and is live.
            unsafe { Arc::increment_strong_count(verifier.cast::<Handle>()) };
            return verifier.cast_mut();
        }
        std::ptr::null_mut()
    })
}

/// Gives one reference back. With the last one go keys, caches and background threads; claims that
/// were handed out stay. NULL is allowed.
///
/// Owns: takes `verifier`. Threads: any.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_verifier_free(verifier: *mut bearerd_verifier) {
    guard_value((), || {
        // SAFETY: null, or a handle that is live until this call ends it.
        if unsafe { bearerd_verifier::live(verifier) }.is_ok() {
            // SAFETY: it came from `Arc::into_raw`, and the caller gives up one count.
            drop(unsafe { Arc::from_raw(verifier.cast::<Handle>()) });
        }
    });
}

impl bearerd_verifier {
    fn hand_out(config: &Config, environment: &Environment) -> Result<*mut Self, Failed> {
        super::fork::watch();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let generation = AtomicU32::new(fork::generation());
        let handle = Arc::new(Handle {
            tag: TAG,
            profiles: config.build(environment, &clock)?,
            generation,
            waking: Mutex::default(),
        });
        Ok(Arc::into_raw(handle).cast_mut().cast())
    }

    /// The verifier behind a handle.
    ///
    /// # Safety
    /// `verifier` is null or a handle that is live for the length of the call.
    #[inline]
    pub(super) unsafe fn live<'a>(verifier: *const Self) -> Result<&'a Handle, Failed> {
        // SAFETY: the caller's promise.
        unsafe { tagged(verifier.cast(), TAG, "verifier") }
    }

    /// The same, with its background threads at work: in the child of a fork, they are started anew.
    ///
    /// # Safety
    /// As [`live`](Self::live).
    #[inline]
    pub(super) unsafe fn ready<'a>(verifier: *const Self) -> Result<&'a Handle, Failed> {
        // SAFETY: the caller's promise.
        let verifier = unsafe { Self::live(verifier) }?;
        if verifier.generation.load(Ordering::Acquire) != fork::generation() {
            verifier.wake()?;
        }
        Ok(verifier)
    }
}

impl Handle {
    #[cold]
    fn wake(&self) -> Result<(), Failed> {
        let _undivided = fork::undivided();
        let _turn = self.waking.lock().unwrap_or_else(PoisonError::into_inner);
        let now = fork::generation();
        if self.generation.load(Ordering::Acquire) != now {
            self.profiles.after_fork()?;
            self.generation.store(now, Ordering::Release);
        }
        Ok(())
    }

    /// The profile that a call names, or the default.
    ///
    /// # Safety
    /// `profile` describes text that lives for the length of the call.
    pub(super) unsafe fn profile(&self, profile: bearerd_str) -> Result<&Arc<Profile>, Failed> {
        // SAFETY: the caller's promise.
        let name = unsafe { profile.option("profile") }?;
        Ok(self.profiles.get(name)?)
    }
}

/// Where a handle goes, and NULL in it until there is one.
///
/// # Safety
/// As [`output`].
pub(super) unsafe fn cleared<'a, T>(out: *mut *mut T) -> Result<&'a mut *mut T, Failed> {
    // SAFETY: the caller's promise.
    let out = unsafe { output(out, "out") }?;
    *out = std::ptr::null_mut();
    Ok(out)
}
