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
        if failed != 0 {
            tracing::error!(
                "forks cannot be watched; a child of this process must not use bearerd"
            );
        }
    });
}
