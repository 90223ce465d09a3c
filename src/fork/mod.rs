//! What a process that forks needs to know, and who must wait for it.
//!
//! A child has one thread: the one that forked. Threads that worked in the background are gone, and
//! a lock that another thread held at that moment is held for ever. So whoever takes a lock that a
//! child may need is [`undivided`] meanwhile, and whoever forks waits for those first:
//! [`prepare`], [`in_parent`] and [`in_child`] are made for `pthread_atfork`. [`generation`] tells
//! the rest of the code that it has woken up in a child.
//!
//! The hit path of a verification takes no lock and has no part in this. The lock of a cache's set
//! is only ever tried: one that a fork froze costs the child the eight places behind it.

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

// The standard lock, because a waiter of it leaves nothing behind but a number: those of
// `parking_lot` meet in a table of their own, which a fork could catch half changed.
static GATE: RwLock<()> = RwLock::new(());
static GENERATION: AtomicU32 = AtomicU32::new(0);

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

/// Before a fork, in the thread that forks: waits until no other thread is undivided.
pub fn prepare() {
    if DEPTH.get() > 0 {
        // Forking out of our own code, a log callback say: waiting would be for ever.
        return;
    }
    let guard = GATE.write().unwrap_or_else(PoisonError::into_inner);
    FORKING.set(Some(guard));
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
    fn a_child_is_of_another_generation() {
        let before = generation();
        prepare();
        in_child();
        assert_eq!(generation(), before + 1);
        drop(undivided());
    }
}
