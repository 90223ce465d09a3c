//! What a process that forks needs to know, and who must wait for it.
//!
//! A child has one thread: the one that forked. Threads that worked in the background are gone, and
//! a lock that another thread held at that moment is held for ever. So whoever takes a lock that a
//! child may need is [`undivided`] meanwhile, and whoever forks waits for those first:
//! [`prepare`], [`in_parent`] and [`in_child`] are made for `pthread_atfork`. [`generation`] tells
//! the rest of the code that it has woken up in a child. What must not exist while a process forks,
//! because no copy of it is good for anything, is put away by a [`Forking`] that [`watch`] names.
//!
//! The hit path of a verification takes no lock and has no part in this. The lock of a cache's set
//! is only ever tried: one that a fork froze costs the child the eight places behind it.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};

// The standard lock, because a waiter of it leaves nothing behind but a number: those of
// `parking_lot` meet in a table of their own, which a fork could catch half changed.
static GATE: RwLock<()> = RwLock::new(());
static GENERATION: AtomicU32 = AtomicU32::new(0);
static SEEN: AtomicBool = AtomicBool::new(false);
static WATCHERS: Mutex<Vec<Weak<dyn Forking>>> = Mutex::new(Vec::new());

thread_local! {
    static DEPTH: Cell<u32> = const { Cell::new(0) };
    static FORKING: RefCell<Option<RwLockWriteGuard<'static, ()>>> = const { RefCell::new(None) };
}

/// How many forks lie between the process that loaded this code and this one, along its line of
/// descent. Costs one load.
#[inline]
#[must_use]
pub fn generation() -> u32 {
    GENERATION.load(Ordering::Relaxed)
}

/// Says that every fork of this process comes by [`prepare`] and [`in_child`] from here on.
pub fn all_are_seen() {
    SEEN.store(true, Ordering::Release);
}

/// A mark of this process: what was marked in another one, before a fork, has another mark. Costs
/// two loads where forks are seen, and where they are not, a call of the system.
#[inline]
#[must_use]
pub fn mark() -> u64 {
    let (seen, number) = if SEEN.load(Ordering::Acquire) {
        (1, generation())
    } else {
        (0, std::process::id())
    };
    seen << 32 | u64::from(number)
}

/// Has something that must not be there while this process forks.
pub trait Forking: Send + Sync {
    /// Puts it away. Called in the thread that forks, while no other is undivided: all locks that
    /// are taken in that state are free.
    fn before_fork(&self);
}

/// Has `before_fork` called before each fork, for as long as the value lives elsewhere.
pub fn watch(forking: &Arc<dyn Forking>) {
    let _undivided = undivided();
    let mut watchers = WATCHERS.lock().unwrap_or_else(PoisonError::into_inner);
    watchers.retain(|watcher| watcher.strong_count() > 0);
    watchers.push(Arc::downgrade(forking));
}

/// While it lives, no thread of this process forks through [`prepare`].
#[must_use]
#[derive(Debug)]
pub struct Undivided(
    #[expect(dead_code, reason = "held for its Drop")] Option<RwLockReadGuard<'static, ()>>,
);

/// Holds off forks until the value is dropped. May be nested. Take it before the lock that it is
/// for, else a fork could wait for a thread that waits for it.
pub fn undivided() -> Undivided {
    let depth = DEPTH.get();
    DEPTH.set(depth + 1);
    // A second read lock of one thread would wait behind the fork that waits for the first.
    let guard = (depth == 0).then(|| GATE.read().unwrap_or_else(PoisonError::into_inner));
    Undivided(guard)
}

impl Drop for Undivided {
    fn drop(&mut self) {
        DEPTH.set(DEPTH.get() - 1);
    }
}

/// Before a fork, in the thread that forks: waits until no other thread is undivided, and has
/// everyone who watches put away what he has.
pub fn prepare() {
    if DEPTH.get() > 0 {
        // Forking out of our own code, a log callback say: waiting would be for ever.
        return;
    }
    let guard = GATE.write().unwrap_or_else(PoisonError::into_inner);
    FORKING.set(Some(guard));
    // A copy, since the end of a watcher that is upgraded here could be its last.
    let watchers = WATCHERS
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    // Whoever is undivided in here would wait for this very thread.
    DEPTH.set(1);
    for watcher in watchers.iter().filter_map(Weak::upgrade) {
        watcher.before_fork();
    }
    DEPTH.set(0);
}

/// After a fork, in the parent.
pub fn in_parent() {
    FORKING.set(None);
}

/// After a fork, in the child.
pub fn in_child() {
    GENERATION.fetch_add(1, Ordering::Relaxed);
    FORKING.set(None);
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;
    use std::thread;
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_fork_waits_for_those_who_are_undivided() {
        let outer = undivided();
        let inner = undivided();
        let (send, receive) = mpsc::channel();
        thread::scope(|scope| {
            scope.spawn(move || {
                prepare();
                let _ = send.send(());
                in_parent();
            });
            drop(inner);
            assert!(receive.recv_timeout(Duration::from_millis(50)).is_err());
            // Nested once more, while somebody waits to fork.
            drop(undivided());
            drop(outer);
            assert!(receive.recv_timeout(Duration::from_secs(20)).is_ok());
        });
    }

    #[test]
    fn who_watches_is_called_and_may_be_undivided() {
        struct Watcher(AtomicU32);
        impl Forking for Watcher {
            fn before_fork(&self) {
                drop(undivided());
                self.0.fetch_add(1, Ordering::SeqCst);
            }
        }
        let watcher = Arc::new(Watcher(AtomicU32::new(0)));
        let watching: Arc<dyn Forking> = watcher.clone();
        watch(&watching);
        drop(watching);
        prepare();
        in_parent();
        assert!(watcher.0.load(Ordering::SeqCst) >= 1);
        let before = Arc::downgrade(&watcher);
        drop(watcher);
        assert!(before.upgrade().is_none(), "watching keeps nothing alive");
        prepare();
        in_parent();
    }

    #[test]
    fn a_child_is_of_another_generation() {
        let before = generation();
        prepare();
        in_child();
        assert_eq!(generation(), before + 1);
        drop(undivided());
    }
}
