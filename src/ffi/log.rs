use std::ffi::{c_char, c_void};
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock};

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

use super::bearerd_code;
use super::call::{Failed, guard};
use crate::fork;

/// Takes one line of the log: `message` is UTF-8, `len` bytes, not NUL-terminated, and borrowed for
/// the length of the call. `level` is 1 (error) to 5 (trace).
///
/// It is called from any thread, those of the library included, and must neither wait for a thread
/// that may be inside the library, nor fork, nor unwind.
pub type bearerd_log_fn =
    Option<unsafe extern "C" fn(user: *mut c_void, level: u32, message: *const c_char, len: usize)>;

/// Has the library's log sent to `callback`: 1 errors alone, 2 warnings, 3 information, 4 debugging,
/// 5 everything; 0, or NULL, nothing, which is how it begins. No line holds a token, a secret or a
/// claim.
///
/// For the whole process; a later call replaces an earlier one, and a line that was under way may
/// still reach the earlier callback after it. `user` is passed on as it is.
/// Threads: any. Errors: ::BEARERD_VALIDATION_ERROR for another level.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_log_set(
    level: u32,
    callback: bearerd_log_fn,
    user: *mut c_void,
) -> bearerd_code {
    guard(std::ptr::null_mut(), || {
        if level > 5 {
            return Err(Failed::invalid("level: must be 0 to 5"));
        }
        let sink = callback
            .filter(|_| level > 0)
            .map(|callback| Sink { callback, user });
        {
            let _undivided = fork::undivided();
            *SINK.write().unwrap_or_else(PoisonError::into_inner) = sink;
        }
        LEVEL.store(
            if callback.is_some() { level } else { 0 },
            Ordering::Relaxed,
        );
        // The first call sets it, and the later ones find it set.
        let _ = tracing::subscriber::set_global_default(Log);
        tracing::callsite::rebuild_interest_cache();
        Ok(())
    })
}

#[derive(Clone, Copy)]
struct Sink {
    callback: unsafe extern "C" fn(*mut c_void, u32, *const c_char, usize),
    user: *mut c_void,
}

// SAFETY: the pointer is the caller's, who has said that the callback may come from any thread.
unsafe impl Send for Sink {}
// SAFETY: as above; nothing is ever read through it here.
unsafe impl Sync for Sink {}

static SINK: RwLock<Option<Sink>> = RwLock::new(None);
static LEVEL: AtomicU32 = AtomicU32::new(0);

struct Log;

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        number(*metadata.level()) <= LEVEL.load(Ordering::Relaxed)
            && metadata.target().starts_with("bearerd")
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        let levels = [
            LevelFilter::OFF,
            LevelFilter::ERROR,
            LevelFilter::WARN,
            LevelFilter::INFO,
            LevelFilter::DEBUG,
            LevelFilter::TRACE,
        ];
        levels.get(LEVEL.load(Ordering::Relaxed) as usize).copied()
    }

    fn event(&self, event: &Event<'_>) {
        let sink = {
            let _undivided = fork::undivided();
            *SINK.read().unwrap_or_else(PoisonError::into_inner)
        };
        let Some(sink) = sink else {
            return;
        };
        let mut line = Line::default();
        event.record(&mut line);
        let text = line.message + &line.fields;
        let level = number(*event.metadata().level());
        // SAFETY: the callback and its pointer were given together, for any thread to use.
        unsafe { (sink.callback)(sink.user, level, text.as_ptr().cast(), text.len()) };
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let _ = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " {name}={value:?}"),
        };
    }
}

fn number(level: Level) -> u32 {
    match level {
        Level::ERROR => 1,
        Level::WARN => 2,
        Level::INFO => 3,
        Level::DEBUG => 4,
        Level::TRACE => 5,
    }
}
