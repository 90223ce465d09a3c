//! State on a Redis or Valkey server, for more hosts than one.
//!
//! Every write is one Lua script, which the server takes as a whole. An entry is a string (version,
//! expiry, value); beside all entries lie a sorted set of their names, by which they are scanned in
//! order, a second one by expiry, by which they are wiped, and a stream of changes.
//!
//! - **Time.** The caller's clock says when an entry is over. The server's own expiry is a backstop
//!   for entries that nobody wipes, a day late, and it counts from the moment of writing: neither a
//!   server whose clock is off nor one whose clock is set forward by hours makes an entry vanish
//!   before its time.
//! - **Versions** come from the server's time, and go up by one where that stands still, so a
//!   server that was emptied, or lost its last moments, gives none twice. Its clock must not be set
//!   back across such a loss.
//! - **Gaps.** A cursor names the birth of the store and the change that was read last. Where either
//!   is not there any more (emptied, restored, trimmed), there is a gap.
//! - **Durability** is what the server is set to; see [`RedisStore`].
//! - **Cluster.** All keys lie in one slot: name the node that holds it. No redirect is followed.

mod config;
mod connection;
mod durability;
mod keys;
mod meter;
mod pool;
mod reply;
mod script;
mod steps;
mod stream;
mod tls;
mod trouble;
mod url;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::Value;

use super::{Changes, Cursor, Entry, Meter, Page, Put, Store, StoreKey, Swap, Version};
use crate::clock::{Clock, SystemClock, UnixMillis};
use crate::error::Fault;
use keys::{Keys, digits};
use pool::Pool;
use reply::Written;
use script::Scripts;
use steps::WIPE;
use trouble::Trouble;

pub use config::RedisConfig;
pub use url::RedisUrl;

/// A store on a Redis (5 or newer) or Valkey server.
///
/// What was answered survives the server only as its settings say: `appendonly yes` and
/// `appendfsync always` for its death and that of its host, `maxmemory-policy noeviction` for a
/// full one. A server with less is warned of when it is connected to. Replicas are not waited for.
///
/// A server that comes back empty has forgotten what was revoked, which the processes that knew it
/// still enforce (see [`Reload`](crate::state::Reload)), and which refresh tokens were spent, which
/// nobody else knows: within its lifetime each of them could be exchanged once more. Where that must
/// not be, put the server back from its files, or have everybody sign in anew by changing the key.
///
/// No call waits for longer than the timeouts of its [`RedisConfig`]; whatever goes wrong is
/// `STORE_UNAVAILABLE`, and the next call connects anew where it must. A write whose reply was lost
/// may have happened.
pub struct RedisStore {
    keys: Keys,
    scripts: Scripts,
    clock: Arc<dyn Clock>,
    trouble: Arc<Trouble>,
    changes: String,
    pool: Pool,
    /// Apart, so that no write waits for those who wait for one.
    followers: Pool,
}

/// The most names that a scan looks at in one call, live or over.
const LOOK: usize = 4 * Page::MAX;
const FOLLOWERS: usize = 8;
/// A server that fell silent while a follower waits is noticed after this.
const SLICE: Duration = Duration::from_secs(1);

impl RedisStore {
    /// A store on the server that `config` names. Connects when it is first used.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where the configuration does not hold or `ca_file` cannot be read.
    pub fn open(config: RedisConfig, clock: Arc<dyn Clock>) -> Result<Self, Fault> {
        config.check()?;
        let tls = match &config.url.endpoint {
            url::Endpoint::Tcp { tls: true, .. } => Some(tls::client(config.ca_file.as_deref())?),
            _ => None,
        };
        let trouble = Arc::new(Trouble::with(&config));
        let config = Arc::new(config);
        let pool = |most, checks| {
            Pool::new(
                Arc::clone(&config),
                tls.clone(),
                Arc::clone(&trouble),
                most,
                checks,
            )
        };
        Ok(Self {
            keys: Keys::under(&config.prefix),
            scripts: Scripts::new(),
            clock,
            changes: (config.changes + 1).to_string(),
            pool: pool(config.connections, true),
            followers: pool(FOLLOWERS, false),
            trouble,
        })
    }
}

impl Store for RedisStore {
    fn get(&self, key: &StoreKey) -> Result<Option<Entry>, Fault> {
        let now = self.clock.now();
        let mut lease = self.pool.lease()?;
        let command: [&[u8]; 2] = [b"GET", &self.keys.entry(key.as_str())];
        let reply = self.ask(&mut lease, &command, Duration::ZERO)?;
        let entry = self.ours(&mut lease, reply::entry(reply))?;
        Ok(entry.filter(|entry| entry.expires > now))
    }

    fn put_if_absent(
        &self,
        key: &StoreKey,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Put, Fault> {
        match self.write(key, None, value, expires)? {
            Written::Stored { version, .. } => Ok(Put::Stored(version)),
            Written::Not(Some(entry)) => Ok(Put::Present(entry)),
            Written::Not(None) => Err(self.trouble.garbage()),
        }
    }

    fn compare_and_swap(
        &self,
        key: &StoreKey,
        expected: Version,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Swap, Fault> {
        match self.write(key, Some(expected), value, expires)? {
            Written::Stored { version, .. } => Ok(Swap::Stored(version)),
            Written::Not(entry) => Ok(Swap::Lost(entry)),
        }
    }

    fn delete(&self, key: &StoreKey) -> Result<bool, Fault> {
        let (now, entry) = (digits(self.clock.now()), self.keys.entry(key.as_str()));
        let keys: [&[u8]; 5] = [
            &self.keys.life,
            &self.keys.feed,
            &self.keys.index,
            &self.keys.expiries,
            &entry,
        ];
        let arguments = [
            now.as_bytes(),
            key.as_str().as_bytes(),
            self.changes.as_bytes(),
        ];
        let mut lease = self.pool.lease()?;
        match self.run(&mut lease, &self.scripts.delete, &keys, &arguments)? {
            Value::ServerError(error) => Err(self.trouble.refused(&error)),
            reply => Ok(self.ours(&mut lease, reply::count(&reply))? > 0),
        }
    }

    fn scan(
        &self,
        prefix: &StoreKey,
        after: Option<&StoreKey>,
        limit: usize,
    ) -> Result<Page, Fault> {
        let (limit, now) = (limit.clamp(1, Page::MAX), self.clock.now());
        let (mut from, end) = keys::range(prefix, after);
        let mut page = Page {
            items: Vec::with_capacity(limit),
            next: None,
        };
        let mut stale = Vec::new();
        let mut lease = self.pool.lease()?;
        let mut looked = 0;
        loop {
            // One more than there is room for, to know whether anything follows.
            let wanted = limit - page.items.len() + 1;
            let count = wanted.to_string();
            let command: [&[u8]; 7] = [
                b"ZRANGEBYLEX",
                &self.keys.index,
                from.as_bytes(),
                end.as_bytes(),
                b"LIMIT",
                b"0",
                count.as_bytes(),
            ];
            let reply = self.ask(&mut lease, &command, Duration::ZERO)?;
            let names = self.ours(&mut lease, reply::names(reply))?;
            let entries = self.read(&mut lease, &names)?;
            let (found, last) = (names.len(), names.last().cloned());
            for (name, entry) in names.into_iter().zip(entries) {
                match entry.filter(|entry| entry.expires > now) {
                    Some(_) if page.items.len() == limit => {
                        page.next = page.items.last().map(|(key, _)| key.clone());
                    }
                    Some(entry) => page.items.push((name, entry)),
                    None => stale.push(name),
                }
            }
            looked += found;
            let Some(last) = last.filter(|_| found == wanted && page.next.is_none()) else {
                break;
            };
            if looked >= LOOK {
                page.next = Some(last);
                break;
            }
            from = format!("({}", last.as_str());
        }
        for names in stale.chunks(WIPE) {
            // The page is right without it.
            if self.wipe(&mut lease, names, now).is_err() {
                break;
            }
        }
        Ok(page)
    }

    fn changes(&self, since: Option<Cursor>, wait: Duration) -> Result<Changes, Fault> {
        let until = SystemClock.monotonic().saturating_add(wait);
        let (life, place) = since.map_or_else(Default::default, reply::place);
        let start = format!("{place}-0");
        let most = Changes::MAX.to_string();
        let mut lease = self.followers.lease()?;
        loop {
            let keys: [&[u8]; 2] = [&self.keys.life, &self.keys.feed];
            let arguments = [life.as_bytes(), place.as_bytes(), most.as_bytes()];
            let told = match self.run(&mut lease, &self.scripts.changes, &keys, &arguments)? {
                Value::ServerError(error) => return Err(self.trouble.refused(&error)),
                reply => self.ours(&mut lease, reply::changes(reply))?,
            };
            let left = until.saturating_sub(SystemClock.monotonic()).min(SLICE);
            if told.gap || !told.items.is_empty() || left.as_millis() == 0 {
                return Ok(told);
            }
            // Only to be woken: what is there is read by the script, which sees a gap too.
            let millis = left.as_millis().to_string();
            let command: [&[u8]; 8] = [
                b"XREAD",
                b"COUNT",
                b"1",
                b"BLOCK",
                millis.as_bytes(),
                b"STREAMS",
                &self.keys.feed,
                start.as_bytes(),
            ];
            self.ask(&mut lease, &command, left)?;
        }
    }

    fn meter(&self) -> Option<&dyn Meter> {
        Some(self)
    }

    fn purge(&self, at_most: usize) -> Result<usize, Fault> {
        let now = self.clock.now();
        let mut lease = self.pool.lease()?;
        let mut purged = 0;
        while purged < at_most {
            let (wiped, due) = self.wipe_due(&mut lease, now, WIPE.min(at_most - purged))?;
            purged += wiped;
            // Some may be over by our clock alone.
            if wiped < due || due == 0 {
                break;
            }
        }
        Ok(purged)
    }
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore")
            .field("server", &self.trouble.server())
            .field("prefix", &self.keys)
            .finish_non_exhaustive()
    }
}
