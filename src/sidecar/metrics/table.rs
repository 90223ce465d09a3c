use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

thread_local! {
    /// The core that this thread counts for. Threads that wait share the first one's counters.
    static CORE: Cell<usize> = const { Cell::new(0) };
}

/// Makes this thread count for `core`.
pub(in crate::sidecar) fn bind_to_core(core: usize) {
    CORE.set(core);
}

/// A row of counters a core, so that cores never write to one line of memory.
#[derive(Debug)]
pub(super) struct Table {
    cores: Vec<Box<[AtomicU64]>>,
}

impl Table {
    pub(super) fn new(cores: usize, cells: usize) -> Self {
        let row = || (0..cells).map(|_| AtomicU64::new(0)).collect();
        Self {
            cores: (0..cores.max(1)).map(|_| row()).collect(),
        }
    }

    #[inline]
    pub(super) fn add(&self, cell: usize, count: u64) {
        let row = self.cores.get(CORE.get()).or_else(|| self.cores.first());
        if let Some(cell) = row.and_then(|row| row.get(cell)) {
            cell.fetch_add(count, Ordering::Relaxed);
        }
    }

    pub(super) fn sum(&self, cell: usize) -> u64 {
        self.cores
            .iter()
            .filter_map(|row| row.get(cell))
            .fold(0, |sum, cell| {
                sum.wrapping_add(cell.load(Ordering::Relaxed))
            })
    }
}
