//! Which key and which profile a token is for.

use super::*;

fn ring_of(provider: Provider, algorithms: &[Algorithm], lines: &str, keys: Vec<KeySpec>) -> Bench {
    let bench = Bench::new(provider, algorithms, lines);
    bench
        .verifier()
        .keys()
        .replace_fixed(keys)
        .expect("good keys");
    bench
}

fn spec(kid: Option<&str>, key: &KeyMaterial) -> KeySpec {
    let spec = KeySpec::new("test", key.clone());
    match kid {
        Some(kid) => spec.with_kid(kid),
        None => spec,
    }
}

#[test]
fn k03_two_keys_with_one_kid_and_one_without() {
    let (one, two) = (key(HS256), other_key(HS256));
    let (third, bad) = (generate(HS256), generate(HS256));
    let ec = key(ES256);
    for provider in providers() {
        for turned in [false, true] {
            let mut keys = vec![
                spec(Some("k"), one),
                spec(Some("k"), two),
                spec(None, &third),
                spec(Some("k"), ec),
            ];
            if turned {
                keys.reverse();
            }
            let bench = ring_of(*provider, &[HS256, ES256], "", keys);
            let place = format!("{}, turned {turned}", provider.name());
            let verdict = |token: String| {
                let first = bench.verify(&token);
                assert_eq!(bench.verify(&token), first, "{place}");
                first
            };
            // By alg and kid; where both are the same, in order.
            assert_eq!(verdict(named(HS256, one, "k")), Ok(()), "{place}");
            assert_eq!(verdict(named(HS256, two, "k")), Ok(()), "{place}");
            assert_eq!(verdict(named(ES256, ec, "k")), Ok(()), "{place}");
            // A kid that is a key's is that key's: the nameless one has no say.
            let signature = Err(code(Code::InvalidSignature));
            assert_eq!(verdict(named(HS256, &third, "k")), signature, "{place}");
            // One that is nobody's may be the nameless one's.
            assert_eq!(verdict(named(HS256, &third, "other")), Ok(()), "{place}");
            assert_eq!(verdict(named(HS256, one, "other")), signature, "{place}");
            // Without a kid every key of the algorithm is tried.
            for key in [one, two, &third] {
                assert_eq!(verdict(nameless(HS256, key)), Ok(()), "{place}");
            }
            assert_eq!(verdict(nameless(HS256, &bad)), signature, "{place}");
            assert_eq!(verdict(nameless(ES256, ec)), Ok(()), "{place}");
            let options = bearerd::verify::VerifyOptions::default();
            let token = named(HS256, two, "k");
            let verified = bench.verifier().verify(&token, &options).unwrap();
            assert_eq!(
                (verified.kid(), verified.algorithm()),
                (Some("k"), Some(HS256)),
                "{place}"
            );
        }
    }
}

#[test]
fn k03_policies_for_the_kid() {
    let (one, two) = (key(HS256), other_key(HS256));
    let unknown: Result<(), Reject> = Err(code(Code::UnknownKey));
    for provider in providers() {
        let keys = || vec![spec(Some("a"), one), spec(Some("b"), two)];
        for (policy, absent, right, wrong, strange) in [
            (
                "optional",
                Ok(()),
                Ok(()),
                Err(code(Code::InvalidSignature)),
                unknown,
            ),
            (
                "required",
                unknown,
                Ok(()),
                Err(code(Code::InvalidSignature)),
                unknown,
            ),
            ("ignore", Ok(()), Ok(()), Ok(()), Ok(())),
        ] {
            let bench = ring_of(*provider, &[HS256], &format!("kid = \"{policy}\""), keys());
            let place = format!("{}: {policy}", provider.name());
            for _ in 0..2 {
                assert_eq!(bench.verify(nameless(HS256, one)), absent, "{place}");
                assert_eq!(bench.verify(named(HS256, one, "a")), right, "{place}");
                assert_eq!(bench.verify(named(HS256, one, "b")), wrong, "{place}");
                assert_eq!(bench.verify(named(HS256, one, "c")), strange, "{place}");
            }
        }
    }
}

#[test]
fn k03_ambiguity_is_bounded() {
    let known: Vec<KeyMaterial> = (0..20).map(|_| generate(HS256)).collect();
    for provider in providers() {
        let keys = known.iter().map(|key| spec(Some("same"), key)).collect();
        let bench = ring_of(*provider, &[HS256], "", keys);
        let verdicts: Vec<bool> = known
            .iter()
            .map(|key| bench.verify(named(HS256, key, "same")).is_ok())
            .collect();
        // In order, and no more than eight: the price of a made-up token has a bound.
        let expected: Vec<bool> = (0..20).map(|at| at < 8).collect();
        assert_eq!(verdicts, expected, "{}", provider.name());
    }
}

#[test]
fn k03_names_are_never_joined_by_a_delimiter() {
    // Issuer "a", kid "b:c" and issuer "a:b", kid "c" meet in every joined name.
    let joints = [":", "/", "|", "#", "-", ".", " "];
    for provider in providers() {
        for joint in joints {
            let (longer, kid) = (format!("a{joint}b"), format!("b{joint}c"));
            let mut text = format!("[issuers]\n\"a\" = \"one\"\n{longer:?} = \"two\"\n");
            for (profile, issuer, kid, secret) in [
                ("one", "a", kid.as_str(), key(HS256)),
                ("two", longer.as_str(), "c", other_key(HS256)),
            ] {
                text.push_str(&format!(
                    "\n[profiles.{profile}]\nprovider = \"{}\"\nalgorithms = [\"HS256\"]\nissuer = {issuer:?}\n\
                     claims.kind = {{ claim = \"kind\" }}\nsign.access = \"5m\"\nrotation.grace = \"0s\"\n{}",
                    provider.name(),
                    key_section(profile, Some(kid), None, secret, true)
                ));
            }
            let bench = Bench::from_toml(*provider, &text);
            let make = |issuer: &str, kid: &str, key: &KeyMaterial, kind: &str| {
                let head = format!(r#"{{"alg":"HS256","kid":"{kid}"}}"#);
                let payload = format!(
                    r#"{{"iss":"{issuer}","kind":"{kind}","jti":"j","exp":{}}}"#,
                    NOW + 600
                );
                token(HS256, key, head, payload)
            };
            let verify = |token: &str| {
                let profile = bench
                    .profiles
                    .choose(None, token.as_bytes())
                    .expect("is mapped");
                let options = bearerd::verify::VerifyOptions::default();
                (
                    profile.name().to_owned(),
                    profile.verifier().verify(token, &options).map(drop),
                )
            };
            let place = format!("{} {joint:?}", provider.name());
            for _ in 0..2 {
                let ones = make("a", &kid, key(HS256), "access");
                assert_eq!(verify(&ones), ("one".to_owned(), Ok(())), "{place}");
                let twos = make(&longer, "c", other_key(HS256), "access");
                assert_eq!(verify(&twos), ("two".to_owned(), Ok(())), "{place}");
                let crossed = make(&longer, "c", key(HS256), "access");
                let refused = Err(code(Code::InvalidSignature));
                assert_eq!(verify(&crossed), ("two".to_owned(), refused), "{place}");
                let crossed = make("a", "c", other_key(HS256), "access");
                let refused = Err(code(Code::UnknownKey));
                assert_eq!(verify(&crossed), ("one".to_owned(), refused), "{place}");
            }
            // One and the same jti is spent by each of them on its own.
            for (profile, issuer, kid, secret) in [
                ("one", "a", kid.as_str(), key(HS256)),
                ("two", longer.as_str(), "c", other_key(HS256)),
            ] {
                let refresh = make(issuer, kid, secret, "refresh");
                let rotated =
                    bench
                        .profile(profile)
                        .rotate(&refresh, &ClaimChange::default(), None);
                assert!(rotated.is_ok(), "{place}: {profile}");
            }
        }
    }
}

/// Which profile serves a token is the same whether it is remembered or not, and no other
/// profile's claim names or limits have a say in it.
#[test]
fn k03_the_choice_of_a_profile_is_that_of_the_token_s_issuer() {
    let long = "x".repeat(20_000);
    for provider in providers() {
        let mut text = "default_profile = \"strict\"\n[issuers]\n\"i\" = \"theirs\"\n".to_owned();
        for (profile, lines) in [
            (
                "strict",
                "claims.subject = \"userId\"\nlimits.members = 4\nlimits.depth = 2",
            ),
            (
                "theirs",
                "issuer = \"i\"\nlimits.token = 60000\ncache.max_entry_bytes = 100000",
            ),
        ] {
            text.push_str(&format!(
                "\n[profiles.{profile}]\nprovider = \"{}\"\nalgorithms = [\"HS256\"]\n{lines}\n{}",
                provider.name(),
                key_section(profile, None, None, key(HS256), false)
            ));
        }
        for more in [
            r#""userId":7"#.to_owned(),
            r#""a":[[[1]]]"#.to_owned(),
            r#""a":1,"b":2,"c":3,"d":4"#.to_owned(),
            format!(r#""a":"{long}""#),
            r#""nbf":1,"iss2":"x""#.to_owned(),
        ] {
            let bench = Bench::from_toml(*provider, &text);
            let payload = format!(r#"{{"iss":"\u0069","exp":{},{more}}}"#, NOW + 600);
            let token = token(HS256, key(HS256), header(HS256), payload);
            let place = format!("{}: {}", provider.name(), &more[..more.len().min(40)]);
            let chosen = || {
                bench
                    .profiles
                    .choose(None, token.as_bytes())
                    .unwrap()
                    .name()
                    .to_owned()
            };
            assert_eq!(chosen(), "theirs", "{place}: not seen before");
            let options = bearerd::verify::VerifyOptions::default();
            let verdict = bench
                .profile("theirs")
                .verifier()
                .verify(&token, &options)
                .map(drop);
            assert_eq!(verdict, Ok(()), "{place}");
            assert_eq!(chosen(), "theirs", "{place}: remembered");
        }
        // What names no issuer, or one that is not mapped, or is no token, goes to the default.
        let bench = Bench::from_toml(*provider, &text);
        for other in [
            nameless(HS256, key(HS256)),
            token(HS256, key(HS256), header(HS256), r#"{"iss":["i"]}"#),
            token(HS256, key(HS256), header(HS256), r#"{"iss":"i","iss":"j"}"#),
            token(HS256, key(HS256), header(HS256), r#"{"iss":"I"}"#),
            "a.b".to_owned(),
            String::new(),
        ] {
            let chosen = bench.profiles.choose(None, other.as_bytes()).unwrap();
            assert_eq!(chosen.name(), "strict", "{}: {other}", provider.name());
        }
    }
}

/// The choice looks into the caches of the mapped profiles, and whoever chose goes on to verify:
/// that alone is a hit or a miss.
#[test]
fn a_token_that_chooses_its_profile_is_counted_once() {
    for provider in providers() {
        let names = ["one", "two", "three", "four"];
        let mut text: String = names
            .map(|name| {
                format!(
                    "[profiles.{name}]\nprovider = \"{}\"\nalgorithms = [\"HS256\"]\nissuer = \"{name}\"\n{}\n",
                    provider.name(),
                    key_section(name, None, None, key(HS256), false)
                )
            })
            .concat();
        text.push_str("[issuers]\n");
        text.extend(names.map(|name| format!("{name} = \"{name}\"\n")));
        let bench = Bench::from_toml(*provider, &text);
        let payload = format!(r#"{{"iss":"three","exp":{}}}"#, NOW + 600);
        let token = token(HS256, key(HS256), header(HS256), payload);
        let options = bearerd::verify::VerifyOptions::default();
        for _ in 0..3 {
            let verifier = bench.profiles.verifier(None, token.as_bytes()).unwrap();
            assert_eq!(verifier.name(), "three");
            assert!(verifier.verify(&token, &options).is_ok());
        }
        for name in names {
            let stats = bench.profile(name).verifier().cache_stats();
            let expected = if name == "three" { (2, 1) } else { (0, 0) };
            assert_eq!(
                (stats.hits, stats.misses),
                expected,
                "{}: {name}",
                provider.name()
            );
        }
    }
}
