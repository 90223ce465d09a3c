//! The ten promises of the claims cache, one test a line (`src/verify/mod.rs` lists them).
#![cfg(all(feature = "aws-lc-rs", feature = "ring"))]
#![expect(
    clippy::expect_used,
    reason = "a helper of a test fails as the test would"
)]

#[expect(
    dead_code,
    unreachable_pub,
    reason = "each file of tests uses its part"
)]
mod common;

use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use bearerd::base64url;
use bearerd::claims::TokenKind;
use bearerd::clock::UnixMillis;
use bearerd::crypto::{Algorithm, KeyStrength, Provider};
use bearerd::error::{ClaimName, Code, GuardMember, Malformed, Reject};
use bearerd::guard::Guard;
use bearerd::keys::{KeyRing, KeySpec};
use bearerd::verify::{Verifier, VerifyOptions};

use common::bench::Bench;
use common::forge::{header, key, key_section, other_key, parts, token};
use common::meddler::{Meddler, Trap};
use common::providers;
use common::{NOW, code, expired, forbidden, invalid, malformed, wrong_kind};

const HS256: Algorithm = Algorithm::HS256;
/// Until then a test that hangs is given the chance not to.
const PATIENCE: Duration = Duration::from_secs(30);

fn hs256(payload: &str) -> String {
    token(HS256, key(HS256), header(HS256), payload)
}

fn of_subject(subject: &str) -> String {
    hs256(&format!(r#"{{"sub":"{subject}","exp":{}}}"#, NOW + 600))
}

fn simple(provider: Provider, lines: &str) -> Bench {
    Bench::new(provider, &[HS256], lines)
}

/// Accepted twice, the second time from the cache.
#[track_caller]
fn warm(bench: &Bench, token: &str) {
    assert_eq!(bench.cached(token), Ok(false), "{}", bench.provider.name());
    assert_eq!(bench.cached(token), Ok(true), "{}", bench.provider.name());
}

#[test]
fn line_01_the_key_is_the_whole_token() {
    for provider in providers() {
        let bench = simple(*provider, "");
        let good = of_subject("ada");
        warm(&bench, &good);
        let [head, payload, signature] = parts(&good);
        let other = of_subject("eve");
        let others = parts(&other)[1];
        assert_eq!(payload.len(), others.len(), "the same length, and one tail");
        let spaced = base64url::encode(br#"{ "alg":"HS256"}"#);
        for (forged, what) in [
            (format!("{head}.{others}.{signature}"), "other claims"),
            (format!("{spaced}.{payload}.{signature}"), "another header"),
        ] {
            for _ in 0..2 {
                let verdict = bench.verify(&forged);
                let expected = Err(code(Code::InvalidSignature));
                assert_eq!(verdict, expected, "{}: {what}", provider.name());
            }
        }
        assert_eq!(bench.cached(&good), Ok(true), "{}", provider.name());
    }
}

#[test]
fn line_02_verdicts_are_never_remembered() {
    let admin = Guard::from_json(br#"{"roles":["admin"]}"#).unwrap();
    let phone = Guard::from_json(br#"{"device":true}"#).unwrap();
    let payload = format!(
        r#"{{"sub":"ada","iss":"i","aud":"a","role":"user","device_id":"d1","kind":"access","jti":"1","nbf":{NOW},"exp":{}}}"#,
        NOW + 600
    );
    let good = hs256(&payload);
    let lines = "issuer = \"i\"\naudience = \"a\"\nclaims.kind = { claim = \"kind\" }";
    for provider in providers() {
        let refused = |bench: &Bench, options: &VerifyOptions<'_>, expected: Reject| {
            for _ in 0..2 {
                let verdict = bench.verify_with(&good, options);
                assert_eq!(verdict, Err(expected), "{}", provider.name());
            }
        };
        let options = VerifyOptions::default;
        for first_accepted in [true, false] {
            let bench = simple(*provider, lines);
            if first_accepted {
                warm(&bench, &good);
            }
            refused(
                &bench,
                &options().guard(&admin),
                forbidden(GuardMember::Roles),
            );
            let mismatch = Reject::guard(Code::DeviceMismatch, GuardMember::Device);
            refused(&bench, &options().guard(&phone).device("d2"), mismatch);
            refused(
                &bench,
                &options().audience("b"),
                invalid(ClaimName::Audience),
            );
            refused(&bench, &options().kind(TokenKind::Refresh), wrong_kind());
            bench.clock.set(UnixMillis::from_secs(NOW - 1));
            let early = Reject::claim(Code::NotYetValid, ClaimName::NotBefore);
            refused(&bench, &options(), early);
            bench.clock.set(UnixMillis::from_secs(NOW));
            // None of these refusals stays.
            assert_eq!(bench.verify(&good), Ok(()), "{}", provider.name());
            let right = options().guard(&phone).device("d1");
            assert_eq!(
                bench.verify_with(&good, &right),
                Ok(()),
                "{}",
                provider.name()
            );
            assert_eq!(bench.cached(&good), Ok(true), "{}", provider.name());
            let revocations = bench.verifier().revocations();
            revocations.revoke_handle(b"1", UnixMillis::MAX).unwrap();
            refused(&bench, &options(), code(Code::Revoked));
            assert!(revocations.lift(revocations.handle_key(b"1")));
            bench.clock.set(UnixMillis::from_secs(NOW + 600));
            refused(&bench, &options(), expired(ClaimName::Expiration));
        }
    }
}

#[test]
fn line_03_an_entry_dies_with_its_key() {
    let spec = |kid: &str, key| KeySpec::new("test", key).with_kid(kid);
    let good = token(
        HS256,
        key(HS256),
        r#"{"alg":"HS256","kid":"k1"}"#,
        format!(r#"{{"exp":{}}}"#, NOW + 600),
    );
    for provider in providers() {
        let known = || spec("k1", key(HS256).clone());
        for (keys, expected, what) in [
            (
                vec![spec("k2", other_key(HS256).clone())],
                Code::UnknownKey,
                "left the set",
            ),
            (
                vec![spec("k1", other_key(HS256).clone())],
                Code::InvalidSignature,
                "was replaced under its kid",
            ),
        ] {
            let bench = simple(*provider, "");
            let ring = bench.verifier().keys();
            ring.replace_fixed(vec![known()]).unwrap();
            warm(&bench, &good);
            // A set that still has the key changes nothing.
            ring.replace_fixed(vec![spec("k0", other_key(HS256).clone()), known()])
                .unwrap();
            assert_eq!(bench.cached(&good), Ok(true), "{}", provider.name());
            ring.replace_fixed(keys).unwrap();
            for _ in 0..2 {
                let verdict = bench.verify(&good);
                assert_eq!(verdict, Err(code(expected)), "{}: {what}", provider.name());
            }
            ring.replace_fixed(vec![known()]).unwrap();
            assert_eq!(bench.cached(&good), Ok(false), "{}", provider.name());
        }
    }
}

#[test]
fn line_04_a_revocation_takes_effect_on_the_next_call() {
    let now = UnixMillis::from_secs(NOW);
    let good = hs256(&format!(
        r#"{{"sub":"ada","jti":"j","family":"f","iat":{},"exp":{}}}"#,
        NOW - 1,
        NOW + 600
    ));
    for provider in providers() {
        for what in ["handle", "family", "watermark"] {
            for cached in [true, false] {
                let bench = simple(*provider, "");
                if cached {
                    warm(&bench, &good);
                }
                let index = bench.verifier().revocations();
                match what {
                    "handle" => index.revoke_handle(b"j", UnixMillis::MAX),
                    "family" => index.revoke_family(b"f", UnixMillis::MAX),
                    _ => index.revoke_subject(b"ada", now, UnixMillis::MAX),
                }
                .unwrap();
                for _ in 0..2 {
                    let verdict = bench.verify(&good);
                    let place = format!("{}: {what}, cached {cached}", provider.name());
                    assert_eq!(verdict, Err(code(Code::Revoked)), "{place}");
                }
            }
        }
    }
}

#[test]
fn line_05_no_entry_outlives_exp_or_the_cap() {
    for provider in providers() {
        let name = provider.name();
        let bench = simple(*provider, "leeway = \"30s\"");
        let ends = hs256(&format!(r#"{{"exp":{}}}"#, NOW + 100));
        warm(&bench, &ends);
        bench.clock.advance(Duration::from_secs(99));
        assert_eq!(bench.cached(&ends), Ok(true), "{name}");
        // Within the leeway the token still counts, and its entry does not.
        bench.clock.advance(Duration::from_secs(1));
        assert_eq!(bench.cached(&ends), Ok(false), "{name}");
        assert_eq!(bench.cached(&ends), Ok(false), "{name}");
        assert_eq!(bench.verifier().cache_stats().entries, 0, "{name}");
        bench.clock.advance(Duration::from_secs(30));
        let over = Err(expired(ClaimName::Expiration));
        assert_eq!(bench.cached(&ends), over, "{name}");

        let bench = simple(*provider, "expiration = \"optional\"\ncache.cap = \"60s\"");
        let endless = hs256("{}");
        warm(&bench, &endless);
        bench.clock.advance(Duration::from_millis(59_999));
        assert_eq!(bench.cached(&endless), Ok(true), "{name}");
        bench.clock.advance(Duration::from_millis(1));
        assert_eq!(bench.cached(&endless), Ok(false), "{name}");
        assert_eq!(bench.cached(&endless), Ok(true), "{name}: kept anew");
    }
}

#[test]
fn line_06_only_verified_tokens_are_stored() {
    for provider in providers() {
        let name = provider.name();
        let bench = simple(*provider, "cache.max_entries = 8");
        let good: Vec<String> = (0..8).map(|n| of_subject(&n.to_string())).collect();
        for token in &good {
            warm(&bench, token);
        }
        let before = bench.verifier().cache_stats();
        for n in 0..2_000 {
            let payload = format!(r#"{{"sub":"bad {n}","exp":{}}}"#, NOW + 600);
            let forged = token(HS256, other_key(HS256), header(HS256), &payload);
            let verdict = bench.verify(&forged);
            assert_eq!(verdict, Err(code(Code::InvalidSignature)), "{name}");
            // A payload that is broken shows so only behind a good signature: not stored either.
            let broken = hs256(&format!("{{\"sub\":\"{n}\""));
            let verdict = bench.verify(&broken);
            assert_eq!(verdict, Err(malformed(Malformed::ClaimsJson)), "{name}");
        }
        let after = bench.verifier().cache_stats();
        assert_eq!(after.inserts, before.inserts, "{name}");
        assert_eq!(after.evictions(), before.evictions(), "{name}");
        for token in &good {
            assert_eq!(bench.cached(token), Ok(true), "{name}");
        }
        // There is no cache of failures: the bad token that becomes good is good at once.
        let late = token(
            HS256,
            other_key(HS256),
            header(HS256),
            format!(r#"{{"exp":{}}}"#, NOW + 600),
        );
        let refused = Err(code(Code::InvalidSignature));
        assert_eq!(bench.verify(&late), refused, "{name}");
        let keys = [key(HS256), other_key(HS256)].map(|key| KeySpec::new("test", key.clone()));
        bench.verifier().keys().replace_fixed(keys.into()).unwrap();
        assert_eq!(bench.verify(&late), Ok(()), "{name}");
    }
}

#[test]
fn line_07_the_cache_is_bounded_in_bytes() {
    const MOST: usize = 64 << 10;
    for provider in providers() {
        let name = provider.name();
        let lines = format!("cache.max_bytes = {MOST}\ncache.max_entry_bytes = 4096");
        let bench = simple(*provider, &lines);
        let shortest = of_subject("0-");
        for n in 0..500 {
            let filler = "x".repeat(n);
            let good = of_subject(&format!("{n}-{filler}"));
            assert_eq!(bench.verify(&good), Ok(()), "{name}");
            let stats = bench.verifier().cache_stats();
            assert!(stats.bytes <= MOST, "{name}: {} bytes", stats.bytes);
            // Each weighs its token and the claims in it at least, and this is the shortest.
            let least = stats.entries * (shortest.len() + shortest.len() / 2);
            assert!(stats.bytes >= least, "{name}: {stats:?}");
        }
        assert!(bench.verifier().cache_stats().evictions() > 0, "{name}");
        let large = of_subject(&"x".repeat(4_000));
        let before = bench.verifier().cache_stats();
        for _ in 0..3 {
            let options = VerifyOptions::default();
            let verified = bench.verifier().verify(&large, &options).unwrap();
            assert!(!verified.was_cached(), "{name}");
            assert_eq!(verified.slot(), None, "{name}");
            assert_eq!(verified.subject().unwrap().len(), 4_000, "{name}");
        }
        let after = bench.verifier().cache_stats();
        assert_eq!(before.bytes, after.bytes, "{name}: nothing left for it");
        assert_eq!(after.not_kept, before.not_kept + 3, "{name}");
    }
}

#[test]
fn line_08_profiles_share_nothing() {
    for provider in providers() {
        let name = provider.name();
        let mut text = String::new();
        for (profile, issuer) in [("one", "i1"), ("two", "i2"), ("three", "i1")] {
            text.push_str(&format!(
                "[profiles.{profile}]\nprovider = \"{name}\"\nalgorithms = [\"HS256\"]\nissuer = \"{issuer}\"\n"
            ));
            text.push_str(&key_section(profile, None, None, key(HS256), false));
        }
        let bench = Bench::from_toml(*provider, &text);
        let good = hs256(&format!(r#"{{"iss":"i1","jti":"j","exp":{}}}"#, NOW + 600));
        let options = VerifyOptions::default();
        let verify = |profile: &str| {
            let verifier = bench.profile(profile).verifier();
            verifier
                .verify(&good, &options)
                .map(|verified| verified.was_cached())
        };
        assert_eq!(verify("one"), Ok(false), "{name}");
        assert_eq!(verify("one"), Ok(true), "{name}");
        for _ in 0..2 {
            assert_eq!(verify("two"), Err(invalid(ClaimName::Issuer)), "{name}");
        }
        // The same key and the same rules, and still a verification of its own.
        assert_eq!(verify("three"), Ok(false), "{name}");
        let three = bench.profile("three").verifier();
        three
            .revocations()
            .revoke_handle(b"j", UnixMillis::MAX)
            .unwrap();
        assert_eq!(verify("three"), Err(code(Code::Revoked)), "{name}");
        assert_eq!(
            verify("one"),
            Ok(true),
            "{name}: another profile's revocation"
        );
        let one = bench.profile("one").verifier();
        let new = KeySpec::new("test", other_key(HS256).clone());
        one.keys().replace_fixed(vec![new]).unwrap();
        assert_eq!(verify("one"), Err(code(Code::InvalidSignature)), "{name}");
        three
            .revocations()
            .lift(three.revocations().handle_key(b"j"));
        assert_eq!(verify("three"), Ok(true), "{name}: another profile's keys");
    }
}

#[test]
fn line_09_a_token_has_one_spelling() {
    // 32 bytes of MAC and these payloads leave trailing bits that a lax decoder drops.
    let good = hs256(&format!(r#"{{"a":"1","exp":{}}}"#, NOW + 600));
    let [head, payload, signature] = parts(&good);
    assert_ne!(signature.len() % 4, 0);
    for provider in providers() {
        let bench = simple(*provider, "");
        warm(&bench, &good);
        let mut twins = Vec::new();
        for at in 0..3 {
            let places = [
                Malformed::HeaderEncoding,
                Malformed::ClaimsEncoding,
                Malformed::SignatureEncoding,
            ];
            let own = [head, payload, signature][at];
            let mut spellings: Vec<String> = ["=", "==", " ", "\n", "\r\n", "\t", "\0"]
                .iter()
                .map(|tail| format!("{own}{tail}"))
                .collect();
            spellings.push(format!("{}\n{}", &own[..8], &own[8..]));
            spellings.push(own.replace('-', "+").replace('_', "/"));
            if own.len() % 4 != 0 {
                let (rest, last) = own.split_at(own.len() - 1);
                spellings.push(format!("{rest}{}", next_digit(last)));
            }
            for spelling in spellings.into_iter().filter(|spelling| spelling != own) {
                let mut parts = [head, payload, signature];
                parts[at] = &spelling;
                twins.push((parts.join("."), places[at]));
            }
        }
        let before = bench.verifier().cache_stats();
        for (twin, place) in &twins {
            let verdict = bench.verify(twin);
            let name = provider.name();
            assert_eq!(verdict, Err(malformed(*place)), "{name}: {twin:?}");
        }
        let after = bench.verifier().cache_stats();
        assert_eq!(before.hits, after.hits, "{}", provider.name());
        assert_eq!(before.inserts, after.inserts, "{}", provider.name());
    }
}

/// The next base64url digit: the same value, but for bits that no byte holds.
fn next_digit(digit: &str) -> char {
    const DIGITS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let at = DIGITS.find(digit).expect("a digit");
    DIGITS.chars().nth(at + 1).expect("not the last one")
}

#[test]
fn line_10_a_hit_waits_for_nobody() {
    for provider in providers() {
        let name = provider.name();
        let (meddler, trap) = Meddler::over(*provider);
        let verifier = Arc::new(meddling(meddler));
        let (hit, slow) = (of_subject("hit"), of_subject("slow"));
        let options = VerifyOptions::default();
        assert!(!verifier.verify(&hit, &options).unwrap().was_cached());

        // A verification hangs in the middle of its signature.
        let hung = Hung::start(&verifier, &trap, &slow);
        assert_eq!(hung.ask(&verifier, &hit), Ok(true), "{name}: a hit");
        // Another verification of the very token that hangs is allowed, and right.
        assert_eq!(
            hung.ask(&verifier, &slow),
            Ok(false),
            "{name}: a second miss"
        );
        assert_eq!(hung.ask(&verifier, &slow), Ok(true), "{name}: kept by it");
        assert_eq!(hung.release(), Ok(()), "{name}: the first miss");
        assert!(verifier.verify(&slow, &options).unwrap().was_cached());

        // A fetch that is asked for an unknown key hangs.
        let kids = Trap::default();
        let springs = kids.clone();
        verifier.keys().on_unknown_kid(move |_| springs.spring());
        let unknown = token(HS256, key(HS256), r#"{"alg":"HS256","kid":"new"}"#, "{}");
        let hung = Hung::start(&verifier, &kids, &unknown);
        assert_eq!(hung.ask(&verifier, &hit), Ok(true), "{name}: a fetch hangs");
        assert_eq!(hung.release(), Err(code(Code::UnknownKey)), "{name}");
    }
}

fn meddling(provider: Provider) -> Verifier {
    let ring = KeyRing::new(provider, &[HS256], KeyStrength::Standard).expect("a ring");
    let spec = KeySpec::new("test", key(HS256).clone()).with_kid("k1");
    ring.replace_fixed(vec![spec]).expect("a good key");
    let clock = bearerd::clock::ManualClock::at(UnixMillis::from_secs(NOW));
    Verifier::builder("api", Arc::new(ring))
        .clock(Arc::new(clock))
        .build()
        .expect("builds")
}

/// A verification on a thread of its own that hangs where the trap is, until it is released.
struct Hung {
    thread: thread::JoinHandle<Result<(), Reject>>,
    release: mpsc::Sender<()>,
}

impl Hung {
    fn start(verifier: &Arc<Verifier>, trap: &Trap, token: &str) -> Self {
        let (arrived, arrival) = mpsc::channel();
        let (release, released) = mpsc::channel();
        trap.set(move || {
            let _ = arrived.send(());
            let _ = released.recv_timeout(PATIENCE);
        });
        let thread = verify_on_thread(verifier, token);
        arrival.recv_timeout(PATIENCE).expect("arrives at the trap");
        Self { thread, release }
    }

    /// What another thread is answered meanwhile.
    fn ask(&self, verifier: &Arc<Verifier>, token: &str) -> Result<bool, Reject> {
        let (answer, answers) = mpsc::channel();
        let (verifier, token) = (Arc::clone(verifier), token.to_owned());
        thread::spawn(move || {
            let verdict = verifier.verify(token, &VerifyOptions::default());
            let _ = answer.send(verdict.map(|verified| verified.was_cached()));
        });
        let answered = answers.recv_timeout(PATIENCE / 3);
        assert!(!self.thread.is_finished(), "the other one hangs no more");
        answered.expect("answers while the other one hangs")
    }

    fn release(self) -> Result<(), Reject> {
        let _ = self.release.send(());
        self.thread.join().expect("does not panic")
    }
}

fn verify_on_thread(
    verifier: &Arc<Verifier>,
    token: &str,
) -> thread::JoinHandle<Result<(), Reject>> {
    let (verifier, token) = (Arc::clone(verifier), token.to_owned());
    thread::spawn(move || {
        let options = VerifyOptions::default();
        verifier.verify(token, &options).map(drop)
    })
}
