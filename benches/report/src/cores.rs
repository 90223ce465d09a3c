use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity};

/// The processors that this process may use, first to last.
pub fn all() -> Vec<usize> {
    let set = sched_getaffinity(None).unwrap_or_else(|_| CpuSet::new());
    (0..CpuSet::MAX_CPU)
        .filter(|cpu| set.is_set(*cpu))
        .collect()
}

/// Where the server runs, and where the load does, if there are two processors.
pub fn pair() -> Option<(usize, usize)> {
    match all()[..] {
        [first, .., last] => Some((last, first)),
        _ => None,
    }
}

/// Starts something on one processor: what is started inherits where its parent may run.
pub fn on<T>(cpu: Option<usize>, start: impl FnOnce() -> T) -> T {
    let before = sched_getaffinity(None);
    if let Some(cpu) = cpu {
        let mut one = CpuSet::new();
        one.set(cpu);
        // Where it is not allowed, it is measured unpinned, and the spread shows it.
        let _ = sched_setaffinity(None, &one);
    }
    let started = start();
    if let Ok(before) = before {
        let _ = sched_setaffinity(None, &before);
    }
    started
}
