use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::clock::Clock;
use crate::error::Fault;
use crate::store::{MemoryLimits, MemoryStore, Store};

use super::Environment;
use super::jwks_section::RemoteStart;
use super::shared_state::{Followed, SharedState};
use super::values::Span;

/// Where what must survive is kept: `"memory"` (the default), `"sqlite:FILE"`, `"redis://HOST"`, or
/// a table with one of these as `store`.
#[derive(Clone, Debug)]
pub struct StateSection {
    place: Place,
    staleness: Option<Span>,
}

#[derive(Clone)]
enum Place {
    Memory,
    Sqlite(String),
    /// May hold a password.
    Redis(String),
}

/// Where a store keeps things, as far as that decides who may come to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kept {
    /// By this process alone
    InMemory,
    /// In a file of its user's alone
    InFile,
    /// With whoever runs a server
    OnServer,
}

/// How long an index may go without word from its store, unless the configuration says otherwise.
const STALENESS: Duration = Duration::from_secs(10);

/// A store, and whether other processes may write to it.
pub(super) struct OpenState {
    pub(super) store: Arc<dyn Store>,
    staleness: Option<Duration>,
}

impl StateSection {
    /// What `BEARERD_STATE` says, else the document, else memory.
    pub(super) fn chosen(section: Option<&Self>, environment: &Environment) -> Result<Self, Fault> {
        let mut chosen = section.cloned().unwrap_or(Self {
            place: Place::Memory,
            staleness: None,
        });
        if let Some(text) = environment.get("BEARERD_STATE") {
            chosen.place = Place::parse(text).map_err(|wrong| {
                Fault::config(format!("environment variable BEARERD_STATE: {wrong}"))
            })?;
        }
        Ok(chosen)
    }

    /// Whether the store keeps rate limits for all who share it.
    pub(super) fn keeps_buckets(&self) -> bool {
        matches!(self.place, Place::Redis(_))
    }

    pub(super) fn kept(&self) -> Kept {
        match self.place {
            Place::Memory => Kept::InMemory,
            Place::Sqlite(_) => Kept::InFile,
            Place::Redis(_) => Kept::OnServer,
        }
    }

    /// How late another process may know of a change and still be trusted.
    pub(super) fn bound(&self) -> Duration {
        match self.place {
            Place::Memory => Duration::ZERO,
            _ => self.staleness.map_or(STALENESS, |span| span.0),
        }
    }

    pub(super) fn refuse_memory(&self) -> Result<(), Fault> {
        match self.place {
            Place::Memory => Err(Fault::config(
                "its state is in memory, which only the process that serves can change: ask that one's control \
                 plane, or keep the state in a store that others share (state = \"sqlite:FILE\" or \"redis://HOST\")",
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn open(
        &self,
        clock: &Arc<dyn Clock>,
        remote: RemoteStart,
    ) -> Result<OpenState, Fault> {
        let staleness = self.staleness.map_or(STALENESS, |span| span.0);
        if staleness < Duration::from_secs(1) {
            return Err(Fault::config(
                "state.staleness is under a second; a store that answers slowly once would stop everything: raise it",
            ));
        }
        let memory = || Arc::new(MemoryStore::new(MemoryLimits::default(), Arc::clone(clock)));
        let (store, staleness): (Arc<dyn Store>, _) = match (&self.place, remote) {
            (Place::Memory, _) | (_, RemoteStart::CheckOnly) => (memory(), None),
            (Place::Sqlite(file), _) => (sqlite(Path::new(file), clock)?, Some(staleness)),
            (Place::Redis(url), _) => (redis(url, clock)?, Some(staleness)),
        };
        Ok(OpenState { store, staleness })
    }
}

impl OpenState {
    /// Follows what other processes write.
    pub(super) fn follow(
        self,
        clock: &Arc<dyn Clock>,
        followed: Vec<Followed>,
    ) -> Result<Option<SharedState>, Fault> {
        self.staleness
            .map(|staleness| SharedState::start(self.store, clock, staleness, followed))
            .transpose()
    }
}

impl Place {
    /// Its own messages quote no more than the kind of place: a URL may hold a password.
    fn parse(text: &str) -> Result<Self, &'static str> {
        if text == "memory" {
            return Ok(Self::Memory);
        }
        if let Some(file) = text.strip_prefix("sqlite:") {
            return match file {
                "" => Err("names no file; write sqlite:FILE"),
                file => Ok(Self::Sqlite(file.to_owned())),
            };
        }
        let schemes = ["redis://", "rediss://", "unix://"];
        if schemes.iter().any(|scheme| text.starts_with(scheme)) {
            return Ok(Self::Redis(text.to_owned()));
        }
        Err("is no place for state; write memory, sqlite:FILE, or redis://HOST")
    }
}

impl<'de> Deserialize<'de> for StateSection {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Table {
            store: String,
            staleness: Option<Span>,
        }
        #[derive(Deserialize)]
        #[serde(
            untagged,
            expecting = "expected memory, sqlite:FILE, redis://HOST, or a table of store and staleness"
        )]
        enum Either {
            Text(String),
            Table(Table),
        }
        let (text, staleness) = match Either::deserialize(deserializer)? {
            Either::Text(text) => (text, None),
            Either::Table(table) => (table.store, table.staleness),
        };
        let place = Place::parse(&text).map_err(de::Error::custom)?;
        Ok(Self { place, staleness })
    }
}

impl std::fmt::Debug for Place {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Memory => f.write_str("memory"),
            Self::Sqlite(file) => write!(f, "sqlite:{file}"),
            Self::Redis(_) => f.write_str("redis"),
        }
    }
}

#[cfg(feature = "sqlite")]
fn sqlite(file: &Path, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Store>, Fault> {
    use crate::store::{SqliteLimits, SqliteStore};
    let store = SqliteStore::open(file, SqliteLimits::default(), Arc::clone(clock))?;
    Ok(Arc::new(store))
}

#[cfg(not(feature = "sqlite"))]
fn sqlite(_: &Path, _: &Arc<dyn Clock>) -> Result<Arc<dyn Store>, Fault> {
    Err(Fault::config(
        "this build has no SQLite; build it with the `sqlite` feature",
    ))
}

#[cfg(feature = "redis")]
fn redis(url: &str, clock: &Arc<dyn Clock>) -> Result<Arc<dyn Store>, Fault> {
    use crate::store::{RedisConfig, RedisStore, RedisUrl};
    let config = RedisConfig::new(RedisUrl::parse(url)?);
    Ok(Arc::new(RedisStore::open(config, Arc::clone(clock))?))
}

#[cfg(not(feature = "redis"))]
fn redis(_: &str, _: &Arc<dyn Clock>) -> Result<Arc<dyn Store>, Fault> {
    Err(Fault::config(
        "this build has no Redis client; build it with the `redis` feature",
    ))
}
