//! A store, and processes that share it: each a verifier, a log and a follower of its own.

use std::sync::Arc;
use std::time::Duration;

use bearerd::claims::{ClaimNames, KindNames, Rules};
use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::crypto::providers;
use bearerd::error::{Code, Fault};
use bearerd::guard::Guard;
use bearerd::keys::KeyRing;
use bearerd::state::pats::{CreatedPat, LastUses, NewPat, PatFormat, PatSettings, PatStore, Pats};
use bearerd::state::{Follower, RevocationLog, Revocations};
use bearerd::store::Store;
use bearerd::verify::{CacheConfig, Verifier, VerifyOptions};

use crate::stores::{Make, memory};
use crate::watched::Watched;

pub(crate) const START: UnixMillis = UnixMillis::from_secs(1_800_000_000);
pub(crate) const PREFIX: &str = "acme_pat_";
pub(crate) const DAY: Duration = Duration::from_secs(86_400);

pub(crate) struct World {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Arc<Watched>,
}

pub(crate) struct Process {
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) pats: Pats,
    pub(crate) uses: Arc<LastUses>,
    follower: Follower,
}

impl World {
    pub(crate) fn new(make: Make) -> Self {
        let clock = Arc::new(ManualClock::at(START));
        let store = Watched::over(make(clock.clone()));
        Self { clock, store }
    }

    pub(crate) fn now(&self) -> UnixMillis {
        self.clock.now()
    }

    /// Rules of a profile that is strict about signed tokens.
    pub(crate) fn strict() -> Rules {
        let mut rules = Rules::default();
        rules.issuers = vec!["https://acme.example".to_owned()];
        rules.audiences = vec!["api".to_owned(), "web".to_owned()];
        rules.types = vec!["at+jwt".to_owned()];
        rules.max_age = Some(Duration::from_secs(3_600));
        rules
    }

    pub(crate) fn names() -> ClaimNames {
        let mut names = ClaimNames::default();
        names.kind = Some(KindNames {
            claim: "type".to_owned(),
            access: "access".to_owned(),
            refresh: "refresh".to_owned(),
        });
        names
    }

    pub(crate) fn process(&self) -> Process {
        self.process_with(Rules::default(), ClaimNames::default(), |_| {})
    }

    pub(crate) fn process_with(
        &self,
        rules: Rules,
        names: ClaimNames,
        change: impl FnOnce(&mut PatSettings),
    ) -> Process {
        let clock: Arc<dyn Clock> = self.clock.clone();
        let store: Arc<dyn Store> = self.store.clone();
        let provider = providers()[0];
        let mut settings = PatSettings::new(PatFormat::new(PREFIX).unwrap());
        change(&mut settings);
        let pat_store = Arc::new(PatStore::new(
            "web",
            settings,
            Arc::clone(&store),
            provider,
            Arc::clone(&clock),
        ));
        let uses = LastUses::new();
        pat_store.note_uses(Arc::clone(&uses));
        let index = Arc::new(Revocations::new(&[7; 16], 10_000, Arc::clone(&clock)));
        let small = CacheConfig {
            max_entries: 256,
            ..CacheConfig::default()
        };
        let ring = Arc::new(KeyRing::without_keys(provider));
        let verifier = Verifier::builder("web", ring)
            .rules(rules)
            .claim_names(names)
            .clock(Arc::clone(&clock))
            .cache(small)
            .revocations(Arc::clone(&index))
            .pats(Arc::clone(&pat_store))
            .build()
            .unwrap();
        let log = Arc::new(RevocationLog::new(
            "web",
            Arc::clone(&index),
            Arc::clone(&store),
            Arc::clone(&clock),
        ));
        let mut follower = Follower::new(store, clock, Duration::from_secs(365 * 86_400));
        follower.follow("web", index, true).unwrap();
        let mut process = Process {
            verifier: Arc::new(verifier),
            pats: Pats::new(pat_store, log),
            uses,
            follower,
        };
        process.hear();
        process
    }
}

impl Process {
    /// Reads what others have revoked.
    pub(crate) fn hear(&mut self) {
        self.follower.step(Duration::ZERO).unwrap();
    }

    pub(crate) fn create(&self, new: NewPat) -> CreatedPat {
        self.try_create(new).unwrap()
    }

    /// As a profile does it.
    pub(crate) fn try_create(&self, new: NewPat) -> Result<CreatedPat, Fault> {
        let prepared = self.pats.prepare(new)?;
        self.verifier.would_take(prepared.pat())?;
        self.pats.commit(prepared)
    }

    /// The code that a token gets, where nothing else is asked.
    pub(crate) fn code(&self, token: impl AsRef<[u8]>) -> Code {
        self.code_of(token, &VerifyOptions::default())
    }

    pub(crate) fn code_of(&self, token: impl AsRef<[u8]>, options: &VerifyOptions<'_>) -> Code {
        match self.verifier.verify(token, options) {
            Ok(_) => Code::Ok,
            Err(reject) => reject.code(),
        }
    }

    pub(crate) fn guarded(&self, token: &str, rule: &str) -> Code {
        let guard = Guard::from_json(rule.as_bytes()).unwrap();
        self.code_of(token, &VerifyOptions::default().guard(&guard))
    }
}

/// A process of its own, on a store in memory.
pub(crate) fn alone() -> (World, Process) {
    let world = World::new(memory);
    let process = world.process();
    (world, process)
}

pub(crate) fn ada() -> NewPat {
    NewPat::of("ada")
}

/// The text with another character at a place.
pub(crate) fn changed(token: &str, at: usize) -> String {
    let mut bytes = token.as_bytes().to_vec();
    bytes[at] = if bytes[at] == b'x' { b'y' } else { b'x' };
    String::from_utf8(bytes).unwrap()
}
