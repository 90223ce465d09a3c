use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

use super::settled::Settled;
use super::{Change, Changes, Cursor, Entry, Page, Put, Store, StoreKey, Swap, Version};
use crate::clock::{Clock, UnixMillis};
use crate::error::{Code, Fault};
use crate::fork;
use crate::secret::Secret;

/// How much a [`MemoryStore`] may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryLimits {
    /// The most entries.
    pub entries: usize,
    /// The most bytes: keys, values and [`MemoryLimits::OVERHEAD`] for each entry.
    pub bytes: usize,
    /// The most changes that the feed remembers. Each holds a key, of [`StoreKey::MAX`] bytes at
    /// most; one that is forgotten shows as a gap to whoever had not read it.
    pub changes: usize,
}

impl MemoryLimits {
    /// What an entry is reckoned to cost beside its key and its value.
    pub const OVERHEAD: usize = 192;
}

impl Default for MemoryLimits {
    fn default() -> Self {
        Self {
            entries: 262_144,
            bytes: 64 << 20,
            changes: 16_384,
        }
    }
}

/// A store in the memory of this process: gone with it, and seen by it alone.
///
/// Bounded in entries and in bytes. Where it is full of entries that have not expired, a write is
/// refused with `STORE_UNAVAILABLE`; nothing is dropped to make room. One lock guards it all: no
/// verification comes here.
///
/// An entry is absent by wall time, and wiped only when it had ended by a time that no jump of the
/// wall clock moves ahead before it has held for 15 minutes.
pub struct MemoryStore {
    limits: MemoryLimits,
    clock: Arc<dyn Clock>,
    /// The time of creation: tells this store's cursors from those of one before it.
    incarnation: i64,
    state: Mutex<State>,
    changed: Condvar,
}

struct State {
    settled: Settled,
    entries: BTreeMap<StoreKey, Entry>,
    expiries: BTreeSet<(UnixMillis, StoreKey)>,
    bytes: usize,
    /// Counts writes and deletions. The last `history.len()` of them are in `history`, and a
    /// write's number is its version.
    sequence: u64,
    history: VecDeque<Change>,
}

/// How many expired entries a write wipes: more than it adds, so they cannot pile up.
const PURGE_PER_WRITE: usize = 4;

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new(limits: MemoryLimits, clock: Arc<dyn Clock>) -> Self {
        let now = clock.now();
        let state = State {
            settled: Settled::begin(now, now, clock.monotonic()),
            entries: BTreeMap::new(),
            expiries: BTreeSet::new(),
            bytes: 0,
            sequence: 0,
            history: VecDeque::new(),
        };
        Self {
            limits,
            incarnation: now.millis(),
            clock,
            state: Mutex::new(state),
            changed: Condvar::new(),
        }
    }

    /// Wall time, and the time up to which may be wiped.
    fn moment(&self, state: &mut State) -> (UnixMillis, UnixMillis) {
        let now = self.clock.now();
        let settled = state.settled.advance(now, self.clock.monotonic());
        (now, settled)
    }

    /// How many entries are held, expired ones that are not wiped yet included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state.lock().entries.len()
    }

    /// Whether nothing is held.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many bytes are held, as [`MemoryLimits::bytes`] counts them.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.state.lock().bytes
    }

    /// Writes in place of whatever is at `key`, if there is room.
    fn write(
        &self,
        state: &mut State,
        key: &StoreKey,
        value: &[u8],
        expires: UnixMillis,
        settled: UnixMillis,
    ) -> Result<Version, Fault> {
        let replaced = state
            .entries
            .get(key)
            .map_or(0, |old| cost(key, &old.value));
        let added = key
            .as_str()
            .len()
            .saturating_add(value.len())
            .saturating_add(MemoryLimits::OVERHEAD);
        loop {
            let entries = state.entries.len() + usize::from(replaced == 0);
            let bytes = (state.bytes - replaced).saturating_add(added);
            if entries <= self.limits.entries && bytes <= self.limits.bytes {
                break;
            }
            if state.purge(settled, 1, Some(key)) == 0 {
                return Err(self.full(state, value.len()));
            }
        }
        state.remove(key);
        state.sequence += 1;
        let entry = Entry {
            value: Secret::new(value.to_vec()),
            version: Version::from_raw(state.sequence),
            expires,
        };
        let version = entry.version;
        state.bytes += added;
        state.expiries.insert((expires, key.clone()));
        state.entries.insert(key.clone(), entry);
        self.announce(state, Change::Written(key.clone()));
        Ok(version)
    }

    fn announce(&self, state: &mut State, change: Change) {
        state.history.push_back(change);
        while state.history.len() > self.limits.changes {
            state.history.pop_front();
        }
        self.changed.notify_all();
    }

    fn cursor(&self, sequence: u64) -> Cursor {
        let incarnation = u128::from(self.incarnation.cast_unsigned());
        Cursor::from_raw(incarnation << 64 | u128::from(sequence))
    }

    /// The number that a cursor of this very store stands for.
    fn position(&self, cursor: Cursor) -> Option<u64> {
        let sequence = u64::try_from(cursor.raw() & u128::from(u64::MAX)).ok()?;
        (self.cursor(sequence) == cursor).then_some(sequence)
    }

    #[cold]
    fn full(&self, state: &State, value: usize) -> Fault {
        Fault::new(
            Code::StoreUnavailable,
            format!(
                "the memory store is full: it holds {} of {} entries and {} of {} bytes, none of \
                 them expired, and cannot take a value of {value} bytes more; raise its limits or \
                 use a store on disk",
                state.entries.len(),
                self.limits.entries,
                state.bytes,
                self.limits.bytes
            ),
        )
    }
}

impl State {
    fn live(&self, key: &StoreKey, now: UnixMillis) -> Option<&Entry> {
        self.entries.get(key).filter(|entry| entry.expires > now)
    }

    fn remove(&mut self, key: &StoreKey) {
        if let Some(old) = self.entries.remove(key) {
            self.bytes -= cost(key, &old.value);
            self.expiries.remove(&(old.expires, key.clone()));
        }
    }

    /// Wipes up to `at_most` entries that had ended by `settled`, but not the one at `keep`.
    fn purge(&mut self, settled: UnixMillis, at_most: usize, keep: Option<&StoreKey>) -> usize {
        let dead: Vec<StoreKey> = self
            .expiries
            .iter()
            .take_while(|(expires, _)| *expires <= settled)
            .map(|(_, key)| key)
            .filter(|key| Some(*key) != keep)
            .take(at_most)
            .cloned()
            .collect();
        for key in &dead {
            self.remove(key);
        }
        dead.len()
    }
}

impl Store for MemoryStore {
    fn get(&self, key: &StoreKey) -> Result<Option<Entry>, Fault> {
        let now = self.clock.now();
        let _undivided = fork::undivided();
        Ok(self.state.lock().live(key, now).cloned())
    }

    fn put_if_absent(
        &self,
        key: &StoreKey,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Put, Fault> {
        Entry::check_value(key, value)?;
        let _undivided = fork::undivided();
        let mut state = self.state.lock();
        let (now, settled) = self.moment(&mut state);
        state.purge(settled, PURGE_PER_WRITE, None);
        if let Some(entry) = state.live(key, now) {
            return Ok(Put::Present(entry.clone()));
        }
        self.write(&mut state, key, value, expires, settled)
            .map(Put::Stored)
    }

    fn compare_and_swap(
        &self,
        key: &StoreKey,
        expected: Version,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Swap, Fault> {
        Entry::check_value(key, value)?;
        let _undivided = fork::undivided();
        let mut state = self.state.lock();
        let (now, settled) = self.moment(&mut state);
        state.purge(settled, PURGE_PER_WRITE, None);
        match state.live(key, now) {
            Some(entry) if entry.version == expected => self
                .write(&mut state, key, value, expires, settled)
                .map(Swap::Stored),
            other => Ok(Swap::Lost(other.cloned())),
        }
    }

    fn delete(&self, key: &StoreKey) -> Result<bool, Fault> {
        let _undivided = fork::undivided();
        let mut state = self.state.lock();
        let (now, settled) = self.moment(&mut state);
        state.purge(settled, PURGE_PER_WRITE, None);
        if state.live(key, now).is_none() {
            return Ok(false);
        }
        state.remove(key);
        state.sequence += 1;
        self.announce(&mut state, Change::Deleted(key.clone()));
        Ok(true)
    }

    fn scan(
        &self,
        prefix: &StoreKey,
        after: Option<&StoreKey>,
        limit: usize,
    ) -> Result<Page, Fault> {
        let limit = limit.clamp(1, Page::MAX);
        let from = match after {
            Some(after) if after >= prefix => Bound::Excluded(after),
            _ => Bound::Included(prefix),
        };
        let _undivided = fork::undivided();
        let state = self.state.lock();
        let now = self.clock.now();
        let mut found = state
            .entries
            .range::<StoreKey, _>((from, Bound::Unbounded))
            .take_while(|(key, _)| key.starts_with(prefix))
            .filter(|(_, entry)| entry.expires > now);
        let items: Vec<_> = found
            .by_ref()
            .take(limit)
            .map(|(key, entry)| (key.clone(), entry.clone()))
            .collect();
        let next = found
            .next()
            .and_then(|_| items.last().map(|(key, _)| key.clone()));
        Ok(Page { items, next })
    }

    fn changes(&self, since: Option<Cursor>, wait: Duration) -> Result<Changes, Fault> {
        let mut state = self.state.lock();
        let since = since.and_then(|cursor| self.position(cursor));
        if let Some(since) = since
            && !wait.is_zero()
        {
            let idle = |state: &mut State| state.sequence == since;
            self.changed.wait_while_for(&mut state, idle, wait);
        }
        let behind = since
            .and_then(|since| state.sequence.checked_sub(since))
            .and_then(|behind| usize::try_from(behind).ok())
            .filter(|behind| *behind <= state.history.len());
        let Some(behind) = behind else {
            return Ok(Changes {
                items: Vec::new(),
                next: self.cursor(state.sequence),
                gap: true,
            });
        };
        let items: Vec<Change> = state
            .history
            .range(state.history.len() - behind..)
            .take(Changes::MAX)
            .cloned()
            .collect();
        let unread = u64::try_from(behind - items.len()).unwrap_or(u64::MAX);
        Ok(Changes {
            items,
            next: self.cursor(state.sequence.saturating_sub(unread)),
            gap: false,
        })
    }

    fn purge(&self, at_most: usize) -> Result<usize, Fault> {
        let _undivided = fork::undivided();
        let mut state = self.state.lock();
        let (_, settled) = self.moment(&mut state);
        Ok(state.purge(settled, at_most, None))
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.lock();
        f.debug_struct("MemoryStore")
            .field("entries", &state.entries.len())
            .field("bytes", &state.bytes)
            .field("changes", &state.sequence)
            .finish_non_exhaustive()
    }
}

fn cost(key: &StoreKey, value: &Secret) -> usize {
    key.as_str().len() + value.expose().len() + MemoryLimits::OVERHEAD
}
