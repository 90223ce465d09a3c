//! What is signed: claims, lifetimes, keys.

use super::*;

#[test]
fn every_algorithm_signs_what_it_verifies() {
    for provider in providers() {
        for algorithm in Algorithm::all().filter(|algorithm| provider.signs(*algorithm)) {
            let place = format!("{} {algorithm}", provider.name());
            let bench = issuer_of(
                *provider,
                algorithm,
                "issuer = \"i\"\naudience = [\"a\", \"b\"]\nsign.access = \"15m\"",
            );
            let profile = bench.profile("api");
            assert_eq!(profile.issues(), (true, false), "{place}");
            let signed = profile.sign(TokenKind::Access, &ada(), None).unwrap();
            let options = VerifyOptions::default();
            let verified = profile.verifier().verify(&signed.token, &options).unwrap();
            assert_eq!(verified.algorithm(), Some(algorithm), "{place}");
            assert_eq!(verified.kid(), Some("k1"), "{place}");
            assert_eq!(verified.subject().as_deref(), Some("ada"), "{place}");
            assert_eq!(verified.issuer().as_deref(), Some("i"), "{place}");
            assert_eq!(verified.get("aud"), Some(json!(["a", "b"])), "{place}");
            assert_eq!(
                verified.token_id().as_deref(),
                Some(&*signed.token_id),
                "{place}"
            );
            assert_eq!(
                verified.issued_at(),
                Some(UnixMillis::from_secs(NOW)),
                "{place}"
            );
            assert_eq!(verified.expires_at(), signed.expires_at, "{place}");
            assert_eq!(
                verified.expires_at(),
                Some(UnixMillis::from_secs(NOW + 900)),
                "{place}"
            );
            assert_eq!(verified.get("scope"), Some(json!(["read"])), "{place}");
            assert!(!format!("{signed:?}").contains(&signed.token), "{place}");
            drop(verified);
            bench.clock.advance(Duration::from_secs(900));
            let over = Err(expired(ClaimName::Expiration));
            assert_eq!(bench.verify(&signed.token), over, "{place}");
        }
    }
}

#[test]
fn what_the_signer_sets_cannot_be_overridden() {
    for provider in providers() {
        let bench = rotating(*provider, "issuer = \"i\"\naudience = \"a\"\n");
        let profile = bench.profile("api");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        for name in [
            "iss",
            "aud",
            "iat",
            "nbf",
            "exp",
            "jti",
            "tokenType",
            "family",
        ] {
            for value in [json!(1), json!("x"), Value::Null] {
                let place = format!("{}: {name} {value}", provider.name());
                let mut claims = ada();
                claims.insert(name.to_owned(), value.clone());
                let faults = [
                    profile.sign(TokenKind::Access, &claims, None).map(drop),
                    profile.sign(TokenKind::Refresh, &claims, None).map(drop),
                    profile.sign_pair(&claims, None).map(drop),
                ];
                for fault in faults {
                    let fault = fault.unwrap_err();
                    assert_eq!(fault.code(), Code::ValidationError, "{place}");
                    assert!(fault.to_string().contains(name), "{place}: {fault}");
                }
                let mut set = ClaimChange::default();
                set.set.insert(name.to_owned(), value);
                let mut remove = ClaimChange::default();
                remove.remove.push(name.to_owned());
                for change in [set, remove] {
                    let failure = profile
                        .rotate(&pair.refresh.token, &change, None)
                        .unwrap_err();
                    assert_eq!(failure.code(), Code::ValidationError, "{place}");
                    assert!(failure.to_string().contains(name), "{place}: {failure}");
                }
            }
        }
        // None of these attempts has spent the token.
        assert!(
            rotate(profile, &pair.refresh.token).is_ok(),
            "{}",
            provider.name()
        );
    }
}

#[test]
fn every_token_is_its_own() {
    for provider in providers() {
        let bench = rotating(*provider, "");
        let profile = bench.profile("api");
        let (mut ids, mut families, mut tokens) =
            (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for _ in 0..50 {
            let pair = profile.sign_pair(&ada(), None).unwrap();
            let access = verify(profile, &pair.access.token, TokenKind::Access).unwrap();
            let refresh = verify(profile, &pair.refresh.token, TokenKind::Refresh).unwrap();
            assert_eq!(access.family(), refresh.family());
            families.insert(access.family().unwrap().into_owned());
            ids.extend([pair.access.token_id, pair.refresh.token_id]);
            tokens.extend([pair.access.token, pair.refresh.token]);
        }
        assert_eq!((ids.len(), families.len(), tokens.len()), (100, 50, 100));
        assert!(ids.iter().all(|id| id.len() >= 22), "128 bits");
    }
}

#[test]
fn lifetimes() {
    let ends = |seconds| Some(UnixMillis::from_secs(NOW + seconds));
    for provider in providers() {
        let name = provider.name();
        let lines = format!("{KIND}sign.access = \"90s\"\nsign.refresh = \"2h\"\n");
        let bench = issuer(*provider, &lines);
        let profile = bench.profile("api");
        let sign = |kind, lifetime| profile.sign(kind, &ada(), lifetime).unwrap().expires_at;
        assert_eq!(sign(TokenKind::Access, None), ends(90), "{name}");
        assert_eq!(sign(TokenKind::Refresh, None), ends(7_200), "{name}");
        let hour = Some(Lifetime::For(Duration::from_secs(3_600)));
        assert_eq!(sign(TokenKind::Access, hour), ends(3_600), "{name}");
        let pair = profile.sign_pair(&ada(), hour).unwrap();
        assert_eq!(pair.access.expires_at, ends(3_600), "{name}");
        assert_eq!(
            pair.refresh.expires_at,
            ends(7_200),
            "{name}: the access token's alone"
        );
        let forever = Some(Lifetime::For(Duration::MAX));
        let refused = profile
            .sign(TokenKind::Access, &ada(), forever)
            .unwrap_err();
        assert_eq!(
            refused.code(),
            Code::ValidationError,
            "{name}: past every date that a verifier reads, and no panic"
        );

        // In the middle of a second the end is rounded against the token.
        bench.clock.set(UnixMillis::from_millis(NOW * 1000 + 999));
        assert_eq!(sign(TokenKind::Access, None), ends(90), "{name}");

        let endless = "expiration = \"optional\"\nmax_age = \"1h\"\nsign.access = \"none\"\nsign.refresh = \"none\"\n";
        let bench = issuer(*provider, &format!("{KIND}{endless}"));
        let pair = bench.profile("api").sign_pair(&ada(), None).unwrap();
        assert_eq!(pair.access.expires_at, None, "{name}");
        let verified = verify(bench.profile("api"), &pair.access.token, TokenKind::Access).unwrap();
        assert_eq!(verified.get("exp"), None, "{name}");
        drop(verified);
        bench.clock.advance(Duration::from_secs(3_600));
        let old = Err(expired(ClaimName::IssuedAt));
        assert_eq!(
            bench.verify(&pair.access.token),
            old,
            "{name}: capped by its age"
        );
    }
    let endless = "[profiles.api]\nalgorithms = [\"HS256\"]\nsign.access = \"none\"\n";
    let text = format!(
        "{endless}{}",
        key_section("api", None, None, key(HS256), true)
    );
    let environment = Environment::empty();
    let config = Config::from_text(&text, "test", &environment).unwrap();
    let clock: Arc<dyn bearerd::clock::Clock> = Arc::new(bearerd::clock::SystemClock);
    let fault = config.build(&environment, &clock).unwrap_err();
    assert!(fault.chain().contains("expiration"), "{}", fault.chain());
}

#[test]
fn a_profile_that_does_not_sign_says_so() {
    for provider in providers() {
        let bench = Bench::new(*provider, &[HS256], KIND);
        let profile = bench.profile("api");
        assert_eq!(profile.issues(), (false, false));
        let fault = profile.sign(TokenKind::Access, &ada(), None).unwrap_err();
        assert_eq!(fault.code(), Code::ValidationError);
        assert!(fault.to_string().contains("profiles.api.sign"), "{fault}");
        let signs = issuer(*provider, "sign.access = \"1m\"");
        let failure = signs
            .profile("api")
            .rotate("a.b.c", &ClaimChange::default(), None)
            .unwrap_err();
        assert_eq!(failure.code(), Code::ValidationError);
        assert!(
            failure.to_string().contains("profiles.api.rotation"),
            "{failure}"
        );
    }
}

#[test]
fn a_public_key_cannot_sign() {
    for provider in providers() {
        let algorithm = Algorithm::ES256;
        assert!(matches!(key(algorithm), KeyMaterial::Private(_)));
        let text = format!(
            "[profiles.api]\nprovider = \"{}\"\nalgorithms = [\"ES256\"]\nsign.access = \"1m\"\n{}",
            provider.name(),
            key_section("api", Some("k1"), None, key(algorithm), false)
        );
        let environment = Environment::empty();
        let config = Config::from_text(&text, "test", &environment).unwrap();
        let clock: Arc<dyn bearerd::clock::Clock> = Arc::new(bearerd::clock::SystemClock);
        let fault = config.build(&environment, &clock).unwrap_err();
        assert_eq!(fault.code(), Code::ConfigError);
        assert!(
            fault.chain().contains("no key can sign"),
            "{}",
            fault.chain()
        );
    }
}

#[test]
fn a_claim_carries_one_thing_alone() {
    for provider in providers() {
        for (clash, is_one) in [
            ("family = \"tokenType\"", false),
            ("founded = \"tokenType\"", false),
            ("family = \"f\"\nclaims.founded = \"f\"", false),
            ("family = \"f\"\nclaims.founded = \"g\"", true),
        ] {
            let text = format!(
                "[profiles.api]\nprovider = \"{}\"\nalgorithms = [\"HS256\"]\n{KIND}claims.{clash}\n\
                 sign.access = \"15m\"\nrotation.family_lifetime = \"30d\"\nrotation.reuse = \"detect\"\n{}",
                provider.name(),
                key_section("api", Some("k1"), None, key(HS256), true)
            );
            let clock: Arc<dyn bearerd::clock::Clock> = Arc::new(bearerd::clock::SystemClock);
            let none = Environment::empty();
            let config = Config::from_text(&text, "test", &none).unwrap();
            let built = config.build(&none, &clock);
            let why = built.err().map(|fault| fault.chain()).unwrap_or_default();
            assert_eq!(why.is_empty(), is_one, "{clash}: {why}");
            assert!(is_one || why.contains("cannot carry two"), "{clash}: {why}");
        }
    }
}
