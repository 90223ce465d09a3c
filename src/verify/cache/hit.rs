//! What a lookup or an insert hands out.

use std::fmt;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::{ArcSwapAny, Guard};
use triomphe::ThinArc;

/// The generation of the next entry, in any cache of the process: a binding that remembers
/// objects by slot and generation is then right even after a reload has built another cache.
static NEXT_GENERATION: AtomicU64 = AtomicU64::new(1);

/// The slot number of an entry that no cache holds.
const NO_SLOT: u32 = u32::MAX;

/// What stands before token and payload.
pub(crate) struct Head<V> {
    generation: u64,
    slot: u32,
    weight: u32,
    token: usize,
    value: V,
}

/// Value, token and payload in one allocation, behind a pointer of one word that can be swapped
/// atomically. A lookup that misses the processor's caches waits for memory once less than it
/// would with a pointer to the token inside.
pub(crate) type Shared<V> = ThinArc<Head<V>, u8>;

/// Where a cache keeps an entry.
pub(super) type Slot<V> = ArcSwapAny<Option<Shared<V>>>;

/// An entry, held by a hazard pointer of this thread or counted.
pub(super) type Borrowed<V> = Guard<Option<Shared<V>>>;

/// What an entry takes besides the bytes of token and payload: its count and length included.
pub(super) const fn size_of_head<V>() -> usize {
    size_of::<Head<V>>() + 2 * size_of::<usize>()
}

/// Makes an entry of a cache.
pub(super) fn kept<V>(token: &[u8], payload: &[u8], value: V, slot: u32, weight: u32) -> Shared<V> {
    let head = Head {
        generation: NEXT_GENERATION.fetch_add(1, Ordering::Relaxed),
        slot,
        weight,
        token: token.len(),
        value,
    };
    if payload.is_empty() {
        return ThinArc::from_header_and_slice(head, token);
    }
    ThinArc::from_header_and_slice(head, &[token, payload].concat())
}

/// The parts of an entry.
pub(in crate::verify) trait Parts<V> {
    fn head(&self) -> &Head<V>;

    /// Token and payload.
    fn bytes(&self) -> &[u8];

    #[inline]
    fn token(&self) -> &[u8] {
        self.bytes().get(..self.head().token).unwrap_or_default()
    }

    #[inline]
    fn payload(&self) -> &[u8] {
        self.bytes().get(self.head().token..).unwrap_or_default()
    }
}

impl<V> Parts<V> for Shared<V> {
    #[inline]
    fn head(&self) -> &Head<V> {
        &self.header.header
    }

    #[inline]
    fn bytes(&self) -> &[u8] {
        &self.slice
    }
}

impl<V> Head<V> {
    #[inline]
    pub(in crate::verify) fn value(&self) -> &V {
        &self.value
    }

    pub(in crate::verify) fn generation(&self) -> u64 {
        self.generation
    }

    pub(in crate::verify) fn slot(&self) -> Option<u32> {
        (self.slot != NO_SLOT).then_some(self.slot)
    }

    pub(super) fn weight(&self) -> usize {
        self.weight as usize
    }
}

/// A value that was found in a cache, or just verified, kept or not.
///
/// It borrows the entry through a hazard pointer of the thread that looked it up, so hits of one
/// token from many threads write to no shared line. It stays valid whatever happens to the cache.
/// Each thread has eight such pointers; a ninth hit held at once counts a reference instead, which
/// is slower and as safe. Whatever is kept for long should be [detached](Hit::detach).
pub struct Hit<V> {
    guard: Borrowed<V>,
}

impl<V> Hit<V> {
    #[inline]
    pub(super) fn new(guard: Borrowed<V>) -> Option<Self> {
        guard.is_some().then_some(Self { guard })
    }

    pub(super) fn of(entry: Shared<V>) -> Self {
        Self {
            guard: Guard::from_inner(Some(entry)),
        }
    }

    /// A handle on a value that no cache holds.
    #[must_use]
    pub fn lone(token: &[u8], payload: &[u8], value: V) -> Self {
        Self::of(kept(token, payload, value, NO_SLOT, 0))
    }

    /// The same hit, counted, so that it holds no hazard pointer: for handles that cross a language
    /// boundary, wait in a queue, or are kept.
    #[must_use]
    pub fn detach(self) -> Self {
        Self {
            guard: Guard::from_inner(Guard::into_inner(self.guard)),
        }
    }

    /// The counted entry itself.
    #[must_use]
    pub(in crate::verify) fn into_shared(self) -> Shared<V> {
        match Guard::into_inner(self.guard) {
            Some(entry) => entry,
            None => unreachable!("both constructors put an entry in"),
        }
    }

    /// The whole token, as it was presented.
    #[must_use]
    pub fn token(&self) -> &[u8] {
        self.entry().token()
    }

    /// The bytes that were stored with it.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        self.entry().payload()
    }

    /// A small number that this entry alone holds while it lives in its cache, one of the cache's
    /// `slots`; `None` if the entry was never kept. Reused after the entry is gone.
    #[must_use]
    pub fn slot(&self) -> Option<u32> {
        self.entry().head().slot()
    }

    /// The same for every hit of one entry, and never again for another, in this process.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.entry().head().generation
    }

    #[inline]
    fn entry(&self) -> &Shared<V> {
        match self.guard.as_ref() {
            Some(entry) => entry,
            None => unreachable!("both constructors put an entry in"),
        }
    }
}

impl<V> Clone for Hit<V> {
    fn clone(&self) -> Self {
        Self::of(self.entry().clone())
    }
}

impl<V> Deref for Hit<V> {
    type Target = V;

    #[inline]
    fn deref(&self) -> &V {
        self.entry().head().value()
    }
}

// The value is what a token says: it never reaches a log by way of Debug.
impl<V> fmt::Debug for Hit<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hit")
            .field("slot", &self.slot())
            .field("generation", &self.generation())
            .finish_non_exhaustive()
    }
}
