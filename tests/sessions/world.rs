//! Processes that share a store, and tokens for them.

use std::sync::Arc;

use bearerd::base64url;
use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::crypto::{Algorithm, KeyMaterial, KeyStrength, aws_lc_rs};
use bearerd::error::{Code, Reject};
use bearerd::keys::{KeyRing, KeySpec};
use bearerd::secret::Secret;
use bearerd::state::{Session, SessionSettings, Sessions};
use bearerd::store::{MemoryLimits, MemoryStore, Store};
use bearerd::verify::{Verified, Verifier, VerifyOptions};
use serde_json::{Value, json};

use crate::watched::Watched;

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
}

impl World {
    pub(crate) fn new(make: Make) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let store = Watched::over(make(clock.clone()));
        Self { clock, store }
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
        let verifier = Verifier::builder("web", Arc::new(ring))
            .clock(clock)
            .sessions(Arc::clone(&sessions))
            .build()
            .unwrap();
        Process { sessions, verifier }
    }
}

impl Process {
    pub(crate) fn sign_in(&self, subject: &str) -> Arc<Session> {
        self.sessions.create(subject, "{}").unwrap()
    }

    pub(crate) fn verify(&self, token: &str) -> Result<Verified, Reject> {
        self.verifier.verify(token, &VerifyOptions::default())
    }

    /// The verdict's code.
    pub(crate) fn code(&self, token: &str) -> Code {
        self.verify(token).map_or_else(Reject::code, |_| Code::Ok)
    }

    /// As [`code`](Self::code), where no store is needed.
    pub(crate) fn code_at_hand(&self, token: &str) -> Option<Code> {
        let verdict = self
            .verifier
            .verify_at_hand(token, &VerifyOptions::default())?;
        Some(verdict.map_or_else(Reject::code, |_| Code::Ok))
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
    let key = aws_lc_rs()
        .sign_key(Algorithm::HS256, &key(), KeyStrength::Standard)
        .unwrap();
    let mut signature = Vec::new();
    key.sign(input.as_bytes(), &mut signature).unwrap();
    format!("{input}.{}", base64url::encode(&signature))
}

fn key() -> KeyMaterial {
    KeyMaterial::Symmetric(Secret::new(b"0123456789abcdef0123456789abcdef".to_vec()))
}
