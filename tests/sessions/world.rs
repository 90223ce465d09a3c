//! Processes that share a store, and tokens for them.

use std::sync::{Arc, LazyLock, Mutex};
use std::time::Duration;

use bearerd::base64url;
use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::crypto::{Algorithm, KeyMaterial, KeyStrength, SignKey, aws_lc_rs};
use bearerd::error::{Code, Fault, Reject};
use bearerd::keys::{KeyRing, KeySpec};
use bearerd::secret::Secret;
use bearerd::state::{Follower, Revocations, Session, SessionSettings, Sessions};
use bearerd::store::{MemoryLimits, MemoryStore, Namespace, Page, Put, Store, StoreKey};
use bearerd::verify::{Verified, Verifier, VerifyOptions};
use serde_json::{Map, Value, json};

use crate::watched::Watched;

/// How long what is known is good without word from the store.
pub(crate) const STALENESS: Duration = Duration::from_secs(10);
pub(crate) const DAY: Duration = Duration::from_secs(86_400);
pub(crate) const START: UnixMillis = UnixMillis::from_secs(1_800_000_000);

/// Opens an empty store whose feed remembers that many changes.
pub(crate) type Make = fn(Arc<dyn Clock>) -> Arc<dyn Store>;

pub(crate) fn memory(clock: Arc<dyn Clock>) -> Arc<dyn Store> {
    Arc::new(MemoryStore::new(MemoryLimits::default(), clock))
}

#[cfg(feature = "sqlite")]
pub(crate) fn sqlite(clock: Arc<dyn Clock>) -> Arc<dyn Store> {
    crate::temporary::open(clock, 4_096).into()
}

#[cfg(feature = "redis")]
pub(crate) fn redis(clock: Arc<dyn Clock>) -> Arc<dyn Store> {
    crate::on_redis::temporary(clock, 4_096).into()
}

/// Each of these is a test on every store.
macro_rules! on_every_store {
    ($($case:ident),* $(,)?) => {
        mod memory_store {
            $(#[test] fn $case() { super::$case($crate::world::memory); })*
        }
        #[cfg(feature = "sqlite")]
        mod sqlite_store {
            $(#[test] fn $case() { super::$case($crate::world::sqlite); })*
        }
        #[cfg(feature = "redis")]
        mod redis_store {
            $(#[test] fn $case() { super::$case($crate::world::redis); })*
        }
    };
}

pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Arc<Watched>,
}

/// What one process has of a profile.
pub(crate) struct Process {
    pub(crate) sessions: Arc<Sessions>,
    pub(crate) verifier: Verifier,
    follower: Mutex<Follower>,
    make_follower: Box<dyn Fn() -> Follower + Send + Sync>,
}

impl World {
    pub(crate) fn new(make: Make) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let store = Watched::over(make(clock.clone()));
        Self { clock, store }
    }

    pub(crate) fn advance(&self, span: Duration) {
        self.clock.advance(span);
    }

    /// Removes all that lies in a namespace, and gives it.
    pub(crate) fn take_all(&self, namespace: &'static str) -> Vec<(StoreKey, Vec<u8>)> {
        let prefix = StoreKey::new(Namespace::new(namespace), &[]).unwrap();
        let page = self.store.scan(&prefix, None, Page::MAX).unwrap();
        let taken = page.items.into_iter().map(|(key, entry)| {
            assert!(self.store.delete(&key).unwrap());
            (key, entry.value.expose().to_vec())
        });
        taken.collect()
    }

    pub(crate) fn put_back(&self, taken: Vec<(StoreKey, Vec<u8>)>) {
        for (key, value) in taken {
            let put = self.store.put_if_absent(&key, &value, START.plus(30 * DAY));
            assert!(matches!(put.unwrap(), Put::Stored(_)));
        }
    }

    pub(crate) fn process(&self) -> Process {
        self.process_with(|_| {})
    }

    pub(crate) fn process_with(&self, change: impl FnOnce(&mut SessionSettings)) -> Process {
        let mut settings = SessionSettings::default();
        change(&mut settings);
        let clock: Arc<dyn Clock> = self.clock.clone();
        let store: Arc<dyn Store> = self.store.clone();
        let sessions = Sessions::new("web", settings, aws_lc_rs(), store, Arc::clone(&clock));
        let sessions = Arc::new(sessions);
        let ring = KeyRing::new(aws_lc_rs(), &[Algorithm::HS256], KeyStrength::Standard).unwrap();
        ring.replace_fixed(vec![KeySpec::new("test", key())])
            .unwrap();
        let revocations = Arc::new(Revocations::new(&[7; 16], 1_000, Arc::clone(&clock)));
        let store: Arc<dyn Store> = self.store.clone();
        let make_follower = {
            let (clock, index) = (Arc::clone(&clock), Arc::clone(&revocations));
            let sessions = Arc::clone(&sessions);
            move || {
                let mut follower = Follower::new(Arc::clone(&store), Arc::clone(&clock), STALENESS);
                follower.follow("web", Arc::clone(&index), true).unwrap();
                follower.follow_sessions(Arc::clone(&sessions)).unwrap();
                follower
            }
        };
        let mut follower = make_follower();
        follower.step(Duration::ZERO).unwrap();
        let verifier = Verifier::builder("web", Arc::new(ring))
            .clock(clock)
            .revocations(revocations)
            .sessions(Arc::clone(&sessions))
            .build()
            .unwrap();
        Process {
            sessions,
            verifier,
            follower: Mutex::new(follower),
            make_follower: Box::new(make_follower),
        }
    }
}

impl Process {
    pub(crate) fn sign_in(&self, subject: &str) -> Arc<Session> {
        self.sessions.create(subject, &Map::new(), None).unwrap()
    }

    /// Reads what the others have done.
    pub(crate) fn follow(&self) {
        let mut follower = self.follower.lock().unwrap();
        // One step reads a part of the feed.
        for _ in 0..4 {
            follower.step(Duration::ZERO).unwrap();
        }
    }

    /// One step of following.
    pub(crate) fn follow_once(&self) -> Result<(), Fault> {
        self.follower.lock().unwrap().step(Duration::ZERO)
    }

    /// Follows from now on, as after a gap: what happened meanwhile is not told.
    pub(crate) fn miss_everything(&self) {
        let mut follower = self.follower.lock().unwrap();
        *follower = (self.make_follower)();
        follower.step(Duration::ZERO).unwrap();
    }

    pub(crate) fn verify(&self, token: &str) -> Result<Verified, Reject> {
        self.verifier.verify(token, &VerifyOptions::default())
    }

    /// The verdict's code.
    pub(crate) fn code(&self, token: &str) -> Code {
        self.verify(token).map_or_else(Reject::code, |_| Code::Ok)
    }

    /// The attributes that a token comes with.
    pub(crate) fn attributes(&self, token: &str) -> Value {
        let verified = self.verify(token).unwrap();
        serde_json::from_str(verified.session().unwrap().attributes()).unwrap()
    }

    /// As [`code`](Self::code), where no store is needed.
    pub(crate) fn code_at_hand(&self, token: &str) -> Option<Code> {
        let verdict = self
            .verifier
            .verify_at_hand(token, &VerifyOptions::default())?;
        Some(verdict.map_or_else(Reject::code, |_| Code::Ok))
    }
}

/// An object of attributes.
pub(crate) fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

/// A token of that session.
pub(crate) fn token(session: &Session) -> String {
    token_of(json!({ "sub": session.subject(), "sid": session.id().to_string() }))
}

/// A token with those claims and an `exp` in ten years.
pub(crate) fn token_of(mut claims: Value) -> String {
    claims["exp"] = (START.secs() + 315_360_000).into();
    let input = format!(
        "{}.{}",
        base64url::encode(br#"{"alg":"HS256"}"#),
        base64url::encode(claims.to_string().as_bytes())
    );
    static KEY: LazyLock<Box<dyn SignKey>> = LazyLock::new(|| {
        let key = aws_lc_rs().sign_key(Algorithm::HS256, &key(), KeyStrength::Standard);
        key.unwrap()
    });
    let mut signature = Vec::new();
    KEY.sign(input.as_bytes(), &mut signature).unwrap();
    format!("{input}.{}", base64url::encode(&signature))
}

fn key() -> KeyMaterial {
    KeyMaterial::Symmetric(Secret::new(b"0123456789abcdef0123456789abcdef".to_vec()))
}
