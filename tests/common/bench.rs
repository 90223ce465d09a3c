//! Profiles on a test bench: built from configuration text, at a clock that stands still.

use std::sync::Arc;

use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::config::{Config, Environment, Profile, Profiles};
use bearerd::crypto::{Algorithm, Provider};
use bearerd::error::{Code, Reject};
use bearerd::verify::{Verifier, VerifyOptions};

use super::forge::{header, key, key_section, token};
use super::{NOW, forge};

pub struct Bench {
    pub clock: Arc<ManualClock>,
    pub profiles: Profiles,
    pub provider: Provider,
}

impl Bench {
    /// One profile, `api`, with the known key of each algorithm that the provider offers. `lines`
    /// are TOML of the profile's own table.
    pub fn new(provider: Provider, algorithms: &[Algorithm], lines: &str) -> Self {
        let names: Vec<String> = algorithms
            .iter()
            .filter(|algorithm| provider.verifies(**algorithm))
            .map(|algorithm| format!("\"{algorithm}\""))
            .collect();
        let mut text = format!(
            "[profiles.api]\nprovider = \"{}\"\nalgorithms = [{}]\n{lines}\n",
            provider.name(),
            names.join(", ")
        );
        if !lines.contains("cache.max_entries") {
            text.push_str("cache.max_entries = 256\n");
        }
        let offered = algorithms
            .iter()
            .filter(|algorithm| provider.verifies(**algorithm));
        for algorithm in offered {
            let kid = forge::kid(*algorithm);
            text.push_str(&key_section(
                "api",
                Some(&kid),
                Some(*algorithm),
                key(*algorithm),
                false,
            ));
        }
        Self::from_toml(provider, &text)
    }

    /// Whatever the document says.
    pub fn from_toml(provider: Provider, text: &str) -> Self {
        let clock = Arc::new(ManualClock::at(UnixMillis::from_secs(NOW)));
        let environment = Environment::empty();
        let config = Config::from_text(text, "test", &environment).expect("parses");
        let shared: Arc<dyn Clock> = clock.clone();
        let profiles = config.build(&environment, &shared).expect("builds");
        Self {
            clock,
            profiles,
            provider,
        }
    }

    /// The one profile, or the one that is called so.
    pub fn profile(&self, name: &str) -> &Arc<Profile> {
        self.profiles.get(Some(name)).expect("is configured")
    }

    pub fn verifier(&self) -> &Arc<Verifier> {
        self.profile("api").verifier()
    }

    pub fn verify(&self, token: impl AsRef<[u8]>) -> Result<(), Reject> {
        self.verify_with(token, &VerifyOptions::default())
    }

    pub fn verify_with(
        &self,
        token: impl AsRef<[u8]>,
        options: &VerifyOptions<'_>,
    ) -> Result<(), Reject> {
        self.verifier().verify(token, options).map(drop)
    }

    /// Verifies; whether the claims came from the cache.
    pub fn cached(&self, token: impl AsRef<[u8]>) -> Result<bool, Reject> {
        let verified = self.verifier().verify(token, &VerifyOptions::default())?;
        Ok(verified.was_cached())
    }
}

/// Two verifiers of one profile: one that has accepted nothing yet, and one that has just accepted
/// a good token and keeps being shown it.
pub struct Pair {
    cold: Bench,
    warm: Bench,
    good: String,
}

impl Pair {
    pub fn new(provider: Provider, algorithms: &[Algorithm], lines: &str, good: &str) -> Self {
        Self::of(|| Bench::new(provider, algorithms, lines), good)
    }

    pub fn of(make: impl Fn() -> Bench, good: &str) -> Self {
        let pair = Self {
            cold: make(),
            warm: make(),
            good: good.to_owned(),
        };
        let name = pair.cold.provider.name();
        for _ in 0..2 {
            assert_eq!(pair.warm.verify(good), Ok(()), "{name}: the good token");
        }
        pair
    }

    /// A profile that takes HS256, and a good token for it.
    pub fn simple(provider: Provider, lines: &str) -> Self {
        let payload = format!(r#"{{"sub":"ada","exp":{}}}"#, NOW + 600);
        let algorithm = Algorithm::HS256;
        let good = token(algorithm, key(algorithm), header(algorithm), payload);
        Self::new(provider, &[algorithm], lines, &good)
    }

    pub fn good(&self) -> &str {
        &self.good
    }

    #[track_caller]
    pub fn refuses(&self, what: impl std::fmt::Debug, token: impl AsRef<[u8]>, expected: Reject) {
        self.refuses_with(what, token, &VerifyOptions::default(), expected);
    }

    #[track_caller]
    pub fn refuses_with(
        &self,
        what: impl std::fmt::Debug,
        token: impl AsRef<[u8]>,
        options: &VerifyOptions<'_>,
        expected: Reject,
    ) {
        let token = token.as_ref();
        for (bench, state) in [(&self.cold, "cold"), (&self.warm, "warm")] {
            let place = format!("{}, {state}: {what:?}", bench.provider.name());
            let before = bench.verifier().cache_stats();
            for time in 1..=2 {
                assert_eq!(
                    bench.verify_with(token, options),
                    Err(expected),
                    "{place}, time {time}"
                );
            }
            let explained = bench.verifier().explain(token, options);
            assert_eq!(explained.verdict, Err(expected), "{place}, explained");
            if expected.code() <= Code::InvalidSignature {
                let after = bench.verifier().cache_stats();
                assert_eq!(before.inserts, after.inserts, "{place}: it was stored");
                assert_eq!(before.bytes, after.bytes, "{place}: it was stored");
            }
        }
        let name = self.warm.provider.name();
        assert_eq!(
            self.warm.cached(&self.good),
            Ok(true),
            "{name}: {what:?} pushed the good token out"
        );
    }

    /// Both accept it, the second time from the cache.
    #[track_caller]
    pub fn accepts(&self, what: impl std::fmt::Debug, token: impl AsRef<[u8]>) {
        let token = token.as_ref();
        for bench in [&self.cold, &self.warm] {
            for time in 1..=2 {
                let name = bench.provider.name();
                assert_eq!(bench.verify(token), Ok(()), "{name}: {what:?}, time {time}");
            }
        }
    }

    /// Nothing sticks: after all the refusals the good token is as good as ever.
    #[track_caller]
    pub fn nothing_stuck(&self) {
        let name = self.cold.provider.name();
        let first = self.cold.verify(&self.good);
        assert_eq!(first, Ok(()), "{name}: cold");
        assert_eq!(
            self.cold.cached(&self.good),
            Ok(true),
            "{name}: cold, again"
        );
        assert_eq!(self.warm.cached(&self.good), Ok(true), "{name}: warm");
    }
}
