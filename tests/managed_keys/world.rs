use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::crypto::{Algorithm, Provider, aws_lc_rs};
use bearerd::error::Fault;
use bearerd::keys::managed::{
    BookSink, KeyBook, KeyKeeper, KeyOrder, KeySchedule, KeyState, KeyVault, SealKey,
};
use bearerd::secret::Secret;
use bearerd::store::{MemoryLimits, MemoryStore, SqliteLimits, SqliteStore, Store};

#[path = "../store_suite/kept.rs"]
mod kept;
#[path = "../common/redis.rs"]
#[expect(dead_code, reason = "the tests of that store use the rest")]
pub(crate) mod server;

use kept::Kept;

pub(crate) const START: UnixMillis = UnixMillis::from_secs(1_800_000_000);
pub(crate) const MOMENT: Duration = Duration::from_millis(1);
pub(crate) const EVERY: Duration = Duration::from_secs(30 * 86_400);
pub(crate) const AHEAD: Duration = Duration::from_secs(900);
pub(crate) const KEEP: Duration = Duration::from_secs(7 * 86_400);
pub(crate) const FIRST: Duration = Duration::from_secs(1);

pub(crate) type Make = fn(Arc<dyn Clock>) -> Arc<dyn Store>;

/// In memory, in a file, on a server.
pub(crate) const STORES: [Make; 3] = [in_memory, on_sqlite, on_redis];

pub(crate) fn in_memory(clock: Arc<dyn Clock>) -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(MemoryLimits::default(), clock))
}

pub(crate) fn on_sqlite(clock: Arc<dyn Clock>) -> Arc<dyn Store> {
    let folder = tempfile::tempdir().unwrap();
    let store = open_sqlite(&folder.path().join("state.db"), clock);
    Arc::new(Kept { store, _on: folder })
}

pub(crate) fn open_sqlite(path: &Path, clock: Arc<dyn Clock>) -> SqliteStore {
    let limits = SqliteLimits {
        wait: Duration::from_secs(60),
        ..SqliteLimits::default()
    };
    SqliteStore::open(path, limits, clock).unwrap()
}

pub(crate) fn on_redis(clock: Arc<dyn Clock>) -> Arc<dyn Store> {
    let server = server::Server::start(&[]);
    let store = server.store(clock);
    Arc::new(Kept { store, _on: server })
}

/// What each process has: a keeper, and the last book that it was handed.
pub(crate) struct Process {
    pub(crate) keeper: Arc<KeyKeeper>,
    taken: Arc<Taken>,
}

#[derive(Default)]
struct Taken(Mutex<KeyBook>);

impl BookSink for Taken {
    fn take(&self, book: &KeyBook) -> Result<(), Fault> {
        *self.0.lock().unwrap() = book.clone();
        Ok(())
    }
}

pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Arc<dyn Store>,
    pub(crate) schedule: KeySchedule,
    pub(crate) seal: Option<[u8; 32]>,
    pub(crate) profile: &'static str,
    pub(crate) provider: Provider,
}

impl World {
    pub(crate) fn new(make: Make) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let mut schedule = KeySchedule::new(Algorithm::ES256, EVERY, AHEAD, KEEP);
        schedule.first_ahead = FIRST;
        Self {
            store: make(clock.clone()),
            clock,
            schedule,
            seal: Some([7; 32]),
            profile: "web",
            provider: aws_lc_rs(),
        }
    }

    pub(crate) fn process(&self) -> Process {
        let seal = self.seal.map(|bytes| Secret::new(bytes.to_vec()));
        self.process_with(seal.map(|secret| SealKey::new(secret).unwrap()))
    }

    pub(crate) fn process_with(&self, seal: Option<SealKey>) -> Process {
        let store = Arc::clone(&self.store);
        let vault = KeyVault::new(store, self.profile, seal, self.provider).unwrap();
        let taken = Arc::new(Taken::default());
        let clock: Arc<dyn Clock> = self.clock.clone();
        let keeper = KeyKeeper::new(vault, self.schedule.clone(), clock, taken.clone());
        Process {
            keeper: Arc::new(keeper),
            taken,
        }
    }

    /// One that has done what was due, at a moment when its first key signs.
    pub(crate) fn started(&self) -> Process {
        let process = self.process();
        process.settle();
        self.clock.advance(FIRST);
        process
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    /// To that long after the beginning.
    pub(crate) fn at(&self, span: Duration) {
        self.clock.set(START.plus(span));
    }
}

impl Process {
    pub(crate) fn settle(&self) {
        self.keeper.settle().unwrap();
    }

    pub(crate) fn order(&self, order: &KeyOrder) -> Result<String, String> {
        self.keeper.order(order).map_err(|fault| fault.chain())
    }

    /// Each key by its beginning, and its state.
    pub(crate) fn states(&self) -> Vec<KeyState> {
        let book = self.taken.0.lock().unwrap().clone();
        let status = book.status(self.keeper.now());
        status.iter().map(|key| key.state).collect()
    }

    pub(crate) fn kids(&self) -> Vec<String> {
        let book = self.taken.0.lock().unwrap();
        book.keys().iter().map(|key| key.kid.clone()).collect()
    }

    pub(crate) fn active(&self) -> Option<String> {
        let book = self.taken.0.lock().unwrap().clone();
        book.active(self.keeper.now()).map(|key| key.kid.clone())
    }

    pub(crate) fn verifies(&self, kid: &str) -> bool {
        let book = self.taken.0.lock().unwrap().clone();
        let now = self.keeper.now();
        book.key(kid)
            .is_some_and(|key| now < book.verifies_until(key))
    }
}
