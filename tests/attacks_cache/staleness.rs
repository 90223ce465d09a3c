//! Entries that answer for more than they are, or for longer.

use super::*;

#[test]
fn c01_another_token_with_the_same_signature_part() {
    for provider in providers() {
        for algorithm in [HS256, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
            let make = |subject: &str| {
                let payload = claims(&format!(r#","sub":"{subject}""#));
                token(algorithm, key(algorithm), header(algorithm), payload)
            };
            let good = make("ada");
            let pair = Pair::new(*provider, &[algorithm], "", &good);
            let [head, payload, signature] = parts(&good);
            let refused = code(Code::InvalidSignature);
            // The same length and the same end, so that a hash of either says nothing.
            for subject in ["eve", "bob", "adb"] {
                let other = make(subject);
                let theirs = parts(&other)[1];
                assert_eq!(theirs.len(), payload.len());
                let forged = format!("{head}.{theirs}.{signature}");
                pair.refuses((algorithm, subject), forged, refused);
                let swapped = format!("{head}.{payload}.{}", parts(&other)[2]);
                pair.refuses((algorithm, subject), swapped, refused);
            }
            pair.nothing_stuck();
        }
    }
}

#[test]
fn c02_another_guard_or_audience_is_evaluated_anew() {
    let good = hs256(claims(
        r#","sub":"ada","aud":["a","b"],"scope":"read","role":7"#,
    ));
    let guard = |text: &str| Guard::from_json(text.as_bytes()).unwrap();
    let (read, write) = (
        guard(r#"{"scopes":["read"]}"#),
        guard(r#"{"scopes":["write"]}"#),
    );
    let role = guard(r#"{"roles":[8]}"#);
    for provider in providers() {
        let pair = Pair::new(*provider, &[HS256], "audience = \"a\"", &good);
        let bench = Bench::new(*provider, &[HS256], "audience = \"a\"");
        let options = VerifyOptions::default;
        for _ in 0..2 {
            let verdict = bench.verify_with(&good, &options().guard(&read).audience("b"));
            assert_eq!(verdict, Ok(()), "{}", provider.name());
            pair.refuses_with(
                "scope",
                &good,
                &options().guard(&write),
                forbidden(GuardMember::Scopes),
            );
            pair.refuses_with(
                "role",
                &good,
                &options().guard(&role),
                forbidden(GuardMember::Roles),
            );
            pair.refuses_with(
                "audience",
                &good,
                &options().audience("c"),
                invalid(ClaimName::Audience),
            );
            pair.refuses_with(
                "audience before guard",
                &good,
                &options().audience("c").guard(&write),
                invalid(ClaimName::Audience),
            );
        }
        pair.nothing_stuck();
    }
}

#[test]
fn c03_nothing_outlives_exp_key_revocation_or_profile() {
    let name = |provider: &Provider| provider.name();
    let good = token(HS256, key(HS256), K1, claims(r#","iss":"i","jti":"j""#));
    let warm = |provider: &Provider| {
        let bench = Bench::new(*provider, &[HS256], "leeway = \"5s\"");
        let ring = bench.verifier().keys();
        ring.replace_fixed(vec![spec("k1", key(HS256))]).unwrap();
        for cached in [false, true] {
            assert_eq!(bench.cached(&good), Ok(cached), "{}", name(provider));
        }
        bench
    };
    for provider in providers() {
        let bench = warm(provider);
        bench.clock.set(UnixMillis::from_secs(NOW + 605));
        for _ in 0..2 {
            let over = Err(expired(ClaimName::Expiration));
            assert_eq!(bench.verify(&good), over, "{}: exp", name(provider));
        }

        let bench = warm(provider);
        let ring = bench.verifier().keys();
        ring.replace_fixed(vec![spec("k2", other_key(HS256))])
            .unwrap();
        for _ in 0..2 {
            let gone = Err(code(Code::UnknownKey));
            assert_eq!(bench.verify(&good), gone, "{}: key", name(provider));
        }
        ring.replace_fixed(Vec::new()).unwrap();
        assert_eq!(bench.verify(&good), Err(code(Code::UnknownKey)));

        let bench = warm(provider);
        let index = bench.verifier().revocations();
        index
            .revoke_handle(b"j", UnixMillis::from_secs(NOW + 605))
            .unwrap();
        for _ in 0..2 {
            let revoked = Err(code(Code::Revoked));
            assert_eq!(
                bench.verify(&good),
                revoked,
                "{}: revocation",
                name(provider)
            );
        }

        let bench = warm(provider);
        let stale = UnixMillis::from_secs(NOW);
        bench.verifier().keys().set_trust_until(stale);
        for _ in 0..2 {
            let stale = Err(code(Code::KeysUnavailable));
            assert_eq!(bench.verify(&good), stale, "{}: staleness", name(provider));
        }

        // The same profile read anew, with another rule: the old one's memory is no part of it.
        let _bench = warm(provider);
        let anew = Bench::new(*provider, &[HS256], "issuer = \"another\"");
        anew.verifier()
            .keys()
            .replace_fixed(vec![spec("k1", key(HS256))])
            .unwrap();
        for _ in 0..2 {
            let verdict = anew.verify(&good);
            assert_eq!(
                verdict,
                Err(invalid(ClaimName::Issuer)),
                "{}: profile",
                name(provider)
            );
        }
    }
}

#[test]
fn c04_failures_are_not_kept() {
    for provider in providers() {
        let lines = "cache.max_entries = 8\nissuer = \"i\"";
        let good = hs256(claims(r#","iss":"i""#));
        let pair = Pair::new(*provider, &[HS256], lines, &good);
        let flooded = Bench::new(*provider, &[HS256], lines);
        for n in 0..1_000 {
            let more = format!(r#","iss":"i","n":{n}"#);
            let forged = token(HS256, other_key(HS256), header(HS256), claims(&more));
            let verdict = flooded.verify(&forged);
            assert_eq!(
                verdict,
                Err(code(Code::InvalidSignature)),
                "{}",
                provider.name()
            );
            if n % 100 == 0 {
                pair.refuses(n, &forged, code(Code::InvalidSignature));
            }
        }
        let stats = flooded.verifier().cache_stats();
        assert_eq!((stats.inserts, stats.bytes), (0, 0), "{}", provider.name());
        // What is verified and refused by the rules is kept as claims, and refused again by them.
        let foreign = hs256(claims(r#","iss":"x""#));
        pair.refuses("another issuer", foreign, invalid(ClaimName::Issuer));
        pair.nothing_stuck();
    }
}

#[test]
fn c09_the_clock_is_set_by_hours() {
    let hours = |n: i64| UnixMillis::from_secs(NOW + n * 3_600);
    for provider in providers() {
        let name = provider.name();
        let bench = Bench::new(*provider, &[HS256], "");
        let good = hs256(claims(&format!(r#","nbf":{}"#, NOW - 60)));
        assert_eq!(bench.cached(&good), Ok(false), "{name}");
        assert_eq!(bench.cached(&good), Ok(true), "{name}");
        for (to, expected) in [
            (hours(5), Err(expired(ClaimName::Expiration))),
            (hours(-5), Err(too_early(ClaimName::NotBefore))),
            (hours(0), Ok(())),
            (
                UnixMillis::from_millis(i64::MAX - 1),
                Err(expired(ClaimName::Expiration)),
            ),
            (UnixMillis::EPOCH, Err(too_early(ClaimName::NotBefore))),
            (
                UnixMillis::from_millis(i64::MIN),
                Err(too_early(ClaimName::NotBefore)),
            ),
            (hours(0), Ok(())),
        ] {
            bench.clock.set(to);
            for _ in 0..2 {
                assert_eq!(bench.verify(&good), expected, "{name}: at {to:?}");
            }
        }

        // Set back, the cap of a token without exp starts anew from a new verification, and does
        // not run until the clock has caught up.
        let lines = "expiration = \"optional\"\ncache.cap = \"60s\"";
        let bench = Bench::new(*provider, &[HS256], lines);
        let endless = hs256("{}");
        assert_eq!(bench.cached(&endless), Ok(false), "{name}");
        bench.clock.set(hours(-5));
        assert_eq!(
            bench.cached(&endless),
            Ok(false),
            "{name}: older than its entry"
        );
        bench.clock.advance(Duration::from_secs(60));
        assert_eq!(
            bench.cached(&endless),
            Ok(false),
            "{name}: the cap has passed"
        );

        // A revocation does not end because the clock was ahead for a while.
        let bench = Bench::new(*provider, &[HS256], "");
        let good = hs256(claims(r#","jti":"j""#));
        let index = bench.verifier().revocations();
        index.revoke_handle(b"j", hours(1)).unwrap();
        bench.clock.set(hours(24));
        index.purge(100);
        index.revoke_handle(b"k", hours(1)).unwrap();
        bench.clock.set(hours(0));
        assert_eq!(bench.verify(&good), Err(code(Code::Revoked)), "{name}");
    }
}

#[test]
fn c10_key_sets_are_replaced_and_never_merged() {
    for provider in providers() {
        let name = provider.name();
        let bench = Bench::new(*provider, &[HS256], "");
        let ring = bench.verifier().keys();
        let of = |kid: &str, key: &KeyMaterial| {
            let head = format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#);
            token(HS256, key, head, claims(""))
        };
        let (one, two) = (of("k1", key(HS256)), of("k2", other_key(HS256)));
        ring.replace_fixed(vec![spec("k1", key(HS256))]).unwrap();
        assert_eq!(bench.verify(&one), Ok(()), "{name}");
        ring.replace_fixed(vec![spec("k2", other_key(HS256))])
            .unwrap();
        assert_eq!(
            bench.verify(&one),
            Err(code(Code::UnknownKey)),
            "{name}: removed"
        );
        assert_eq!(bench.verify(&two), Ok(()), "{name}");
        // Another key under the same kid, and back.
        ring.replace_fixed(vec![spec("k2", key(HS256))]).unwrap();
        assert_eq!(
            bench.verify(&two),
            Err(code(Code::InvalidSignature)),
            "{name}: replaced"
        );
        assert_eq!(bench.verify(of("k2", key(HS256))), Ok(()), "{name}");
        ring.replace_fixed(vec![spec("k2", other_key(HS256))])
            .unwrap();
        assert_eq!(
            bench.verify(of("k2", key(HS256))),
            Err(code(Code::InvalidSignature)),
            "{name}"
        );
        assert_eq!(bench.verify(&two), Ok(()), "{name}: back");
        // The same key under another kid is another key.
        ring.replace_fixed(vec![spec("k9", other_key(HS256))])
            .unwrap();
        assert_eq!(
            bench.verify(&two),
            Err(code(Code::UnknownKey)),
            "{name}: renamed"
        );
        // A refused set changes nothing.
        let weak = KeyMaterial::Symmetric(bearerd::secret::Secret::new(vec![7; 8]));
        assert!(
            ring.replace_fixed(vec![spec("k1", key(HS256)), spec("k2", &weak)])
                .is_err()
        );
        assert_eq!(bench.verify(&one), Err(code(Code::UnknownKey)), "{name}");
        assert_eq!(ring.current().len(), 1, "{name}");
    }
}

#[test]
fn c11_no_refusal_sticks() {
    for provider in providers() {
        let name = provider.name();
        let bench = Bench::new(*provider, &[HS256], "");
        let later = hs256(claims(&format!(r#","nbf":{},"jti":"j""#, NOW + 60)));
        for _ in 0..2 {
            let early = Err(too_early(ClaimName::NotBefore));
            assert_eq!(bench.verify(&later), early, "{name}");
        }
        bench.clock.advance(Duration::from_secs(60));
        assert_eq!(bench.verify(&later), Ok(()), "{name}: nbf has passed");

        let newcomer = token(
            HS256,
            other_key(HS256),
            r#"{"alg":"HS256","kid":"new"}"#,
            claims(""),
        );
        for _ in 0..2 {
            assert_eq!(
                bench.verify(&newcomer),
                Err(code(Code::UnknownKey)),
                "{name}"
            );
        }
        let ring = bench.verifier().keys();
        ring.replace_fixed(vec![spec("new", other_key(HS256)), spec("old", key(HS256))])
            .unwrap();
        assert_eq!(
            bench.verify(&newcomer),
            Ok(()),
            "{name}: the kid has arrived"
        );

        // The forged one comes first and shares all but its signature with the good one.
        let good = hs256(claims(r#","sub":"ada""#));
        let [head, payload, _] = parts(&good);
        let forged = format!("{head}.{payload}.{}", "A".repeat(43));
        for _ in 0..2 {
            assert_eq!(
                bench.verify(&forged),
                Err(code(Code::InvalidSignature)),
                "{name}"
            );
        }
        assert_eq!(bench.verify(&good), Ok(()), "{name}: after the forged one");
        assert_eq!(
            bench.verify(&forged),
            Err(code(Code::InvalidSignature)),
            "{name}"
        );

        let index = bench.verifier().revocations();
        index.revoke_handle(b"j", UnixMillis::MAX).unwrap();
        assert_eq!(bench.verify(&later), Err(code(Code::Revoked)), "{name}");
        assert!(index.lift(index.handle_key(b"j")));
        assert_eq!(bench.verify(&later), Ok(()), "{name}: lifted");

        ring.set_trust_until(UnixMillis::EPOCH);
        assert_eq!(
            bench.verify(&good),
            Err(code(Code::KeysUnavailable)),
            "{name}"
        );
        ring.set_trust_until(UnixMillis::MAX);
        assert_eq!(bench.verify(&good), Ok(()), "{name}: trusted again");
    }
}
