//! What a lookup or an insert hands out.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::Guard;

/// The generation of the next entry, in any cache of the process: a binding that remembers
/// objects by slot and generation is then right even after a reload has built another cache.
static NEXT_GENERATION: AtomicU64 = AtomicU64::new(1);

/// The slot number of an entry that no cache holds.
const NO_SLOT: u32 = u32::MAX;

/// A value with its place in the cache.
pub struct Entry<V> {
    generation: u64,
    slot: u32,
    weight: u32,
    value: V,
}

impl<V> Entry<V> {
    pub(super) fn kept(value: V, slot: u32, weight: u32) -> Arc<Self> {
        Self::build(value, slot, weight)
    }

    pub(super) fn lone(value: V) -> Arc<Self> {
        Self::build(value, NO_SLOT, 0)
    }

    fn build(value: V, slot: u32, weight: u32) -> Arc<Self> {
        Arc::new(Self {
            generation: NEXT_GENERATION.fetch_add(1, Ordering::Relaxed),
            slot,
            weight,
            value,
        })
    }

    pub(super) fn weight(&self) -> usize {
        self.weight as usize
    }

    /// A small number that this entry alone holds while it lives in its cache, less than the
    /// cache's capacity; `None` if the entry was never kept. Reused after the entry is gone.
    #[must_use]
    pub fn slot(&self) -> Option<u32> {
        (self.slot != NO_SLOT).then_some(self.slot)
    }

    /// The same for every hit of one entry, and never again for another, in this process.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.generation
    }
}

impl<V> Deref for Entry<V> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        &self.value
    }
}

// The value is what a token says: it never reaches a log by way of Debug.
impl<V> fmt::Debug for Entry<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Entry")
            .field("slot", &self.slot())
            .field("generation", &self.generation)
            .finish_non_exhaustive()
    }
}

/// A value that was found in a cache, or just verified, kept or not.
///
/// It borrows the entry through a hazard pointer of the thread that looked it up, so hits of one
/// token from many threads write to no shared line. It stays valid whatever happens to the cache.
/// Each thread has eight such pointers; a ninth hit held at once counts a reference instead, which
/// is slower and as safe. Whatever is kept for long should be [detached](Hit::detach).
pub struct Hit<V> {
    guard: Guard<Option<Arc<Entry<V>>>>,
}

impl<V> Hit<V> {
    #[inline]
    pub(super) fn new(guard: Guard<Option<Arc<Entry<V>>>>) -> Option<Self> {
        guard.is_some().then_some(Self { guard })
    }

    /// A handle on a value that no cache holds.
    #[must_use]
    pub fn lone(value: V) -> Self {
        Self::from(Entry::lone(value))
    }

    /// The entry, counted: for handles that cross a language boundary or wait in a queue.
    #[must_use]
    pub fn into_arc(self) -> Arc<Entry<V>> {
        Guard::into_inner(self.guard).unwrap_or_else(|| empty())
    }

    /// The same hit, counted, so that it holds no hazard pointer of its thread.
    #[must_use]
    pub fn detach(self) -> Self {
        Self::from(self.into_arc())
    }

    /// The value with its slot and generation.
    #[inline]
    #[must_use]
    pub fn entry(&self) -> &Entry<V> {
        self.guard.as_deref().unwrap_or_else(|| empty())
    }

    /// See [`Entry::slot`].
    #[must_use]
    pub fn slot(&self) -> Option<u32> {
        self.entry().slot()
    }

    /// See [`Entry::generation`].
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.entry().generation()
    }
}

impl<V> From<Arc<Entry<V>>> for Hit<V> {
    fn from(entry: Arc<Entry<V>>) -> Self {
        Self {
            guard: Guard::from_inner(Some(entry)),
        }
    }
}

impl<V> Clone for Hit<V> {
    fn clone(&self) -> Self {
        Self {
            guard: Guard::from_inner((*self.guard).clone()),
        }
    }
}

impl<V> Deref for Hit<V> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        self.entry()
    }
}

impl<V> fmt::Debug for Hit<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entry().fmt(f)
    }
}

/// Both constructors put an entry in; the type arc-swap gives cannot say so.
#[cold]
fn empty() -> ! {
    unreachable!("a hit without an entry")
}
