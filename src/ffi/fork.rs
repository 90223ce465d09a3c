use std::sync::Once;

use crate::fork;

extern "C" fn prepare() {
    fork::prepare();
}

extern "C" fn in_parent() {
    fork::in_parent();
}

extern "C" fn in_child() {
    fork::in_child();
}

/// From here on, forks of this process wait for those who hold a lock, and children know that they
/// are children.
pub(super) fn watch() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the handlers are functions of this library, which is never unloaded: threads of
        // its own may run in it.
        let failed =
            unsafe { libc::pthread_atfork(Some(prepare), Some(in_parent), Some(in_child)) };
        if failed == 0 {
            fork::all_are_seen();
        } else {
            tracing::error!(
                "forks cannot be watched; a child of this process must not use bearerd"
            );
        }
    });
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::Arc;
    use std::time::Duration;

    use super::*;
    use crate::clock::{SystemClock, UnixMillis};
    use crate::store::{Namespace, Put, SqliteLimits, SqliteStore, Store, StoreKey};

    fn key(name: &str) -> StoreKey {
        StoreKey::new(Namespace::new("thing"), &[name.as_bytes()]).unwrap()
    }

    fn open(path: &Path) -> SqliteStore {
        SqliteStore::open(path, SqliteLimits::default(), Arc::new(SystemClock)).unwrap()
    }

    fn put(store: &SqliteStore, name: &str) -> bool {
        let put = store.put_if_absent(&key(name), b"v", UnixMillis::MAX);
        matches!(put, Ok(Put::Stored(_)))
    }

    fn has(store: &SqliteStore, name: &str) -> bool {
        matches!(store.get(&key(name)), Ok(Some(_)))
    }

    /// Runs `part` in a child, and says whether it came to its end and was content.
    fn in_a_child(part: impl FnOnce() -> bool) -> Child {
        // SAFETY: the child runs `part`, which takes only locks that `prepare` waited for, and
        // leaves by `_exit`: no destructor and no handler of the parent runs in it.
        match unsafe { libc::fork() } {
            0 => {
                // SAFETY: has no memory to do with. A child that hangs is to fail its test.
                unsafe { libc::alarm(120) };
                let content = std::panic::catch_unwind(std::panic::AssertUnwindSafe(part));
                let status = i32::from(!content.unwrap_or(false));
                // SAFETY: ends the process, and touches nothing of it.
                unsafe { libc::_exit(status) }
            }
            pid => Child(pid),
        }
    }

    #[must_use]
    struct Child(libc::pid_t);

    impl Child {
        fn was_content(self) -> bool {
            let mut status = 0;
            // SAFETY: `status` is ours, and the process is a child of ours that nobody else
            // waits for.
            let waited = unsafe { libc::waitpid(self.0, &raw mut status, 0) };
            waited == self.0 && status == 0
        }
    }

    fn wait_for(file: &Path) -> bool {
        let clock = SystemClock;
        let start = crate::clock::Clock::monotonic(&clock);
        while !file.exists() {
            if crate::clock::Clock::monotonic(&clock) - start > Duration::from_secs(60) {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        true
    }

    /// Both go on with the store, and the end of the one takes nothing from the other.
    #[test]
    fn parent_and_child_go_on_with_one_store() {
        watch();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let (written, closed) = (folder.path().join("written"), folder.path().join("closed"));
        let store = open(&path);
        let cursor = store.changes(None, Duration::ZERO).unwrap().next;
        assert!(put(&store, "before") && has(&store, "before"));
        let child = in_a_child(|| {
            let seen = has(&store, "before") && put(&store, "of the child");
            fs::write(&written, b"").unwrap();
            // The parent's end, as the last that has the file open if it were not for us.
            let seen = seen && wait_for(&closed) && put(&store, "later");
            let told = store
                .changes(Some(cursor), Duration::from_millis(1))
                .unwrap();
            seen && told.items.len() == 4 && has(&store, "of the parent")
        });
        assert!(wait_for(&written));
        assert!(has(&store, "of the child") && put(&store, "of the parent"));
        drop(store);
        fs::write(&closed, b"").unwrap();
        assert!(child.was_content());
        let store = open(&path);
        for name in ["before", "of the child", "of the parent", "later"] {
            assert!(has(&store, name), "{name}");
        }
    }

    /// A fork while a thread has its hands in a store waits for it.
    #[test]
    fn a_fork_in_the_middle_of_writing() {
        watch();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        let store = open(&path);
        std::thread::scope(|scope| {
            for thread in 0..2 {
                let store = &store;
                scope.spawn(move || {
                    assert!((0..40).all(|number| put(store, &format!("{thread}-{number}"))));
                });
            }
            for round in 0..10 {
                let child = in_a_child(|| {
                    put(&store, &format!("child {round}"))
                        && store.changes(None, Duration::ZERO).is_ok()
                });
                assert!(child.was_content(), "{round}");
            }
        });
        let all = store.scan(
            &StoreKey::new(Namespace::new("thing"), &[]).unwrap(),
            None,
            1_000,
        );
        assert_eq!(all.unwrap().items.len(), 90);
    }

    /// A fork that nobody could prepare for, here out of code of our own: the child is refused,
    /// and takes nothing from the parent.
    #[test]
    fn a_child_of_an_unprepared_fork_is_refused() {
        watch();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state.db");
        // From here on, since the fork of another test would close what this one has open.
        let undivided = fork::undivided();
        let store = open(&path);
        assert!(put(&store, "before") && has(&store, "before"));
        let mut mine = Some(store);
        let child = in_a_child(|| {
            let store = mine.take().unwrap();
            let fault = store.get(&key("before")).unwrap_err();
            let refused = fault.to_string().contains("was forked") && !put(&store, "of the child");
            drop(store);
            refused
        });
        assert!(child.was_content());
        drop(undivided);
        let store = mine.unwrap();
        assert!(has(&store, "before") && put(&store, "after"));
        drop(store);
        let store = open(&path);
        assert!(has(&store, "after") && !has(&store, "of the child"));
    }
}
