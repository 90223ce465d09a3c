//! What outlives a request: one small trait, a store that needs nothing but memory, one in a file,
//! and one on a server that many share.
//!
//! A [`Store`] maps a [`StoreKey`] to a few bytes with an expiry, changes them atomically, and
//! tells what changed. The trait asks only for what one SQL statement or one Lua script can do in
//! one step, so an embedded file and a server can implement it alike; every store passes one suite.
//!
//! - **Input.** Keys are typed and bounded ([`StoreKey`]); values are opaque, treated as secret and
//!   wiped when dropped, because a refresh reply holds tokens.
//! - **Failure.** A store that cannot do what it was asked answers with a [`Fault`] of
//!   `STORE_UNAVAILABLE`. It never forgets silently: what it has accepted it keeps until the expiry.
//! - **Cost.** Every call may block on I/O. Nothing on the path of a verification calls a store.
//!
//! # Following a store
//! [`Store::changes`] is a feed with a bounded past. A follower begins without a cursor, is told
//! [`Changes::gap`], takes [`Changes::next`] *before* it scans, and from then on re-reads every key
//! that the feed names. A later gap (the follower was too slow, or the store began anew) means the
//! same again: scan from scratch. Changes name keys and carry no values, so a secret does not
//! linger in the past of the feed; expiry is no change, since each entry says when it ends.

mod change;
#[cfg(feature = "sqlite")]
pub(crate) mod database;
mod entry;
mod key;
mod memory;
mod meter;
#[cfg(feature = "redis")]
mod redis;
pub(crate) mod settled;
#[cfg(feature = "sqlite")]
mod sqlite;

use std::time::Duration;

use crate::clock::UnixMillis;
use crate::error::Fault;

pub use change::{Change, Changes, Cursor};
pub use entry::{Entry, Page, Put, Swap, Version};
pub use key::{Namespace, StoreKey};
pub use memory::{MemoryLimits, MemoryStore};
pub use meter::{Bucket, Meter, Take};
#[cfg(feature = "redis")]
pub use redis::{RedisConfig, RedisStore, RedisUrl};
#[cfg(feature = "sqlite")]
pub use sqlite::{SqliteLimits, SqliteStore};

/// A bounded, expiring, observable map. Each method is one atomic step.
///
/// An entry is absent from the moment `now >= expires`, in every method, by the wall clock of
/// whoever asks; one that is written with an expiry in the past is absent at once. A wall clock
/// that was ahead and is right again finds everything as it was, save what was written meanwhile in
/// the place of something: what is absent is wiped only once it has surely ended.
///
/// # Errors
/// `STORE_UNAVAILABLE` from every method, where the store does not answer or has no room. A write or
/// deletion that failed may have happened all the same: the answer may be what was lost. Whoever
/// needs to know asks again, and `put_if_absent` and `compare_and_swap` are made so that asking
/// again does no harm.
pub trait Store: Send + Sync + 'static {
    /// The entry at `key`, if there is one.
    fn get(&self, key: &StoreKey) -> Result<Option<Entry>, Fault>;

    /// Stores `value` at `key` if nothing is there; of any number of callers exactly one stores.
    ///
    /// `VALIDATION_ERROR`, and nothing done, where the value is longer than [`Entry::MAX_VALUE`].
    fn put_if_absent(
        &self,
        key: &StoreKey,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Put, Fault>;

    /// Replaces the entry at `key`, value and expiry, if it still is of version `expected`.
    ///
    /// `VALIDATION_ERROR` as for [`put_if_absent`](Store::put_if_absent), whatever is there.
    fn compare_and_swap(
        &self,
        key: &StoreKey,
        expected: Version,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Swap, Fault>;

    /// Removes the entry at `key`; false where there was none.
    fn delete(&self, key: &StoreKey) -> Result<bool, Fault>;

    /// The entries whose keys begin with the parts of `prefix`, in the order of their keys, from
    /// the one after `after` on.
    ///
    /// At most `limit` of them, and never more than [`Page::MAX`]; a page may have fewer, or none,
    /// and still not be the last: only [`Page::next`] says. A scan of several pages sees every
    /// entry that was there all the while; one that came or went meanwhile it may see or not.
    fn scan(
        &self,
        prefix: &StoreKey,
        after: Option<&StoreKey>,
        limit: usize,
    ) -> Result<Page, Fault>;

    /// What changed after `since`, oldest first; without a cursor, a gap and the place to begin.
    ///
    /// Waits for the first change for at most `wait` (zero: not at all), then answers with what
    /// there is. Keep `wait` short where a shutdown must be seen.
    fn changes(&self, since: Option<Cursor>, wait: Duration) -> Result<Changes, Fault>;

    /// Wipes up to `at_most` expired entries and says how many there were.
    ///
    /// Expired entries are absent with or without it; this only frees what they hold, and stores
    /// do a little of it on every write. For hours without a write the sidecar calls it once a
    /// minute; who uses the library calls
    /// [`Profiles::purge`](crate::config::Profiles::purge), or has some secrets of sessions and
    /// refresh tokens stay in the store, absent, until something is written.
    fn purge(&self, at_most: usize) -> Result<usize, Fault>;

    /// The store's token buckets; `None` where it keeps none that others would share.
    fn meter(&self) -> Option<&dyn Meter> {
        None
    }
}
