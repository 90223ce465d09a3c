//! A refresh token for its successors, once.

use super::*;

#[test]
fn r1_spent_inside_its_grace() {
    for provider in providers() {
        let name = provider.name();
        let bench = rotating(*provider, "rotation.grace = \"10s\"");
        let profile = bench.profile("api");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        let first = rotate(profile, &pair.refresh.token).unwrap();
        for second in [0, 5, 4] {
            bench.clock.advance(Duration::from_secs(second));
            let again = rotate(profile, &pair.refresh.token).unwrap();
            assert_eq!(
                (&again.access, &again.refresh),
                (&first.access, &first.refresh),
                "{name}"
            );
            assert_eq!(again.payload, first.payload, "{name}");
            assert_eq!(
                again.access_expires_at,
                Some(NOW + 900),
                "{name}: the first one's"
            );
        }
        assert!(
            verify(profile, &first.access, TokenKind::Access).is_ok(),
            "{name}"
        );
        assert!(
            rotate(profile, &first.refresh).is_ok(),
            "{name}: nothing is revoked"
        );
    }
}

#[test]
fn r1_spent_outside_its_grace() {
    for provider in providers() {
        let name = provider.name();
        for grace in ["0s", "10s"] {
            let bench = rotating(*provider, &format!("rotation.grace = \"{grace}\""));
            let profile = bench.profile("api");
            let stranger = profile.sign_pair(&ada(), None).unwrap();
            let pair = profile.sign_pair(&ada(), None).unwrap();
            let second = rotate(profile, &pair.refresh.token).unwrap();
            let third = rotate(profile, &second.refresh).unwrap();
            bench.clock.advance(Duration::from_secs(10));
            assert_eq!(
                refused(rotate(profile, &pair.refresh.token)),
                Code::Reused,
                "{name} {grace}"
            );
            // The whole family has ended: what was given out before, and what would be now.
            let revoked = |verdict: Result<Verified, Reject>| {
                assert_eq!(
                    verdict.map(drop),
                    Err(code(Code::Revoked)),
                    "{name} {grace}"
                );
            };
            revoked(verify(profile, &pair.access.token, TokenKind::Access));
            revoked(verify(profile, &second.access, TokenKind::Access));
            revoked(verify(profile, &third.access, TokenKind::Access));
            for refresh in [&pair.refresh.token, &second.refresh, &third.refresh] {
                assert_eq!(
                    refused(rotate(profile, refresh)),
                    Code::Revoked,
                    "{name} {grace}"
                );
            }
            // Another sign-in of the same subject is another family.
            assert!(
                verify(profile, &stranger.access.token, TokenKind::Access).is_ok(),
                "{name}"
            );
            assert!(rotate(profile, &stranger.refresh.token).is_ok(), "{name}");
        }
    }
}

#[test]
fn r1_a_token_without_a_family_founds_one() {
    for provider in providers() {
        let name = provider.name();
        let bench = rotating(*provider, "rotation.grace = \"0s\"");
        let profile = bench.profile("api");
        let payload = format!(
            r#"{{"sub":"ada","tokenType":"refresh","jti":"old","exp":{}}}"#,
            NOW + 600
        );
        let old = token(HS256, key(HS256), header(HS256), payload);
        let second = rotate(profile, &old).unwrap();
        let third = rotate(profile, &second.refresh).unwrap();
        assert_eq!(refused(rotate(profile, &old)), Code::Reused, "{name}");
        for refresh in [&second.refresh, &third.refresh] {
            assert_eq!(
                refused(rotate(profile, refresh)),
                Code::Revoked,
                "{name}: its successor"
            );
        }
        let access = verify(profile, &third.access, TokenKind::Access).map(drop);
        assert_eq!(access, Err(code(Code::Revoked)), "{name}");
        // Without a jti there is nothing to spend.
        let nameless = format!(
            r#"{{"sub":"ada","tokenType":"refresh","exp":{}}}"#,
            NOW + 600
        );
        let nameless = token(HS256, key(HS256), header(HS256), nameless);
        let failure = profile
            .rotate(&nameless, &ClaimChange::default(), None)
            .unwrap_err();
        assert!(
            matches!(failure, Failure::Reject(reject) if reject == invalid(ClaimName::TokenId))
        );
    }
}

#[test]
fn r2_tokens_of_the_wrong_kind() {
    for provider in providers() {
        for mode in ["detect", "stateless"] {
            let lines = format!("{KIND}sign.access = \"15m\"\nrotation.reuse = \"{mode}\"\n");
            let bench = issuer(*provider, &lines);
            let profile = bench.profile("api");
            let place = format!("{} {mode}", provider.name());
            let pair = profile.sign_pair(&ada(), None).unwrap();
            for _ in 0..2 {
                let failure = profile
                    .rotate(&pair.access.token, &ClaimChange::default(), None)
                    .unwrap_err();
                assert!(
                    matches!(failure, Failure::Reject(reject) if reject == wrong_kind()),
                    "{place}"
                );
                assert_eq!(
                    bench.verify(&pair.refresh.token),
                    Err(wrong_kind()),
                    "{place}"
                );
                assert_eq!(bench.verify(&pair.access.token), Ok(()), "{place}");
            }
            let unmarked = format!(r#"{{"sub":"ada","jti":"x","exp":{}}}"#, NOW + 600);
            let unmarked = token(HS256, key(HS256), header(HS256), unmarked);
            assert_eq!(
                refused(rotate(profile, &unmarked)),
                Code::WrongTokenKind,
                "{place}"
            );
            assert!(rotate(profile, &pair.refresh.token).is_ok(), "{place}");
        }
    }
}

#[test]
fn r2_what_no_profile_would_take_is_not_rotated() {
    for provider in providers() {
        let bench = rotating(*provider, "issuer = \"i\"\n");
        let profile = bench.profile("api");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        let mut forged = pair.refresh.token.clone();
        forged.replace_range(forged.len() - 8.., "AAAAAAAA");
        assert_eq!(refused(rotate(profile, &forged)), Code::InvalidSignature);
        assert_eq!(refused(rotate(profile, "")), Code::Malformed);
        let foreign = format!(
            r#"{{"iss":"x","tokenType":"refresh","jti":"1","exp":{}}}"#,
            NOW + 600
        );
        let foreign = token(HS256, key(HS256), header(HS256), foreign);
        assert_eq!(refused(rotate(profile, &foreign)), Code::InvalidClaim);
        let index = profile.verifier().revocations();
        let id = pair.refresh.token_id.as_bytes();
        index.revoke_handle(id, UnixMillis::MAX).unwrap();
        assert_eq!(refused(rotate(profile, &pair.refresh.token)), Code::Revoked);
        assert!(index.lift(index.handle_key(id)));
        bench.clock.advance(Duration::from_secs(7 * 86_400));
        assert_eq!(
            refused(rotate(profile, &pair.refresh.token)),
            Code::Expired,
            "{}",
            provider.name()
        );
    }
}

#[test]
fn r3_one_successor_of_64_at_once() {
    for provider in providers() {
        let name = provider.name();
        for round in 0..4 {
            let bench = rotating(*provider, "rotation.grace = \"10s\"");
            let profile = bench.profile("api");
            let pair = profile.sign_pair(&ada(), None).unwrap();
            let start = Arc::new(Barrier::new(64));
            let threads: Vec<_> = (0..64)
                .map(|_| {
                    let (start, profile) = (Arc::clone(&start), Arc::clone(profile));
                    let refresh = pair.refresh.token.clone();
                    thread::spawn(move || {
                        start.wait();
                        rotate(&profile, &refresh).map(|rotated| (rotated.access, rotated.refresh))
                    })
                })
                .collect();
            let answers: Vec<_> = threads
                .into_iter()
                .map(|thread| thread.join().unwrap())
                .collect();
            let successors: BTreeSet<_> = answers.into_iter().map(Result::unwrap).collect();
            assert_eq!(successors.len(), 1, "{name}, round {round}");
            let (access, refresh) = successors.first().unwrap();
            assert!(verify(profile, access, TokenKind::Access).is_ok(), "{name}");
            assert!(rotate(profile, refresh).is_ok(), "{name}");
        }
    }
}

#[test]
fn r3_without_a_grace_one_of_64_is_the_first() {
    for provider in providers() {
        let bench = rotating(*provider, "rotation.grace = \"0s\"");
        let profile = bench.profile("api");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        let start = Arc::new(Barrier::new(64));
        let threads: Vec<_> = (0..64)
            .map(|_| {
                let (start, profile) = (Arc::clone(&start), Arc::clone(profile));
                let refresh = pair.refresh.token.clone();
                thread::spawn(move || {
                    start.wait();
                    rotate(&profile, &refresh)
                })
            })
            .collect();
        let answers: Vec<_> = threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect();
        let given: Vec<_> = answers.iter().flatten().collect();
        assert_eq!(given.len(), 1, "{}", provider.name());
        // The others are reuse, or found the family revoked by reuse; the one successor is void.
        for code in answers.iter().filter_map(|answer| answer.as_ref().err()) {
            assert!(
                [Code::Reused, Code::Revoked].contains(code),
                "{}: {code}",
                provider.name()
            );
        }
        assert_eq!(refused(rotate(profile, &given[0].refresh)), Code::Revoked);
    }
}

#[test]
fn r4_a_family_that_was_revoked_stays_so() {
    for provider in providers() {
        let bench = rotating(*provider, "rotation.grace = \"10s\"");
        let profile = bench.profile("api");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        let second = rotate(profile, &pair.refresh.token).unwrap();
        let index = profile.verifier().revocations();
        let family = verify(profile, &second.access, TokenKind::Access)
            .unwrap()
            .family()
            .unwrap()
            .into_owned();
        index
            .revoke_family(family.as_bytes(), UnixMillis::MAX)
            .unwrap();
        // Inside the grace, too: the reply is not repeated to what has ended.
        for refresh in [&pair.refresh.token, &second.refresh] {
            assert_eq!(
                refused(rotate(profile, refresh)),
                Code::Revoked,
                "{}",
                provider.name()
            );
        }
    }
}

#[test]
fn a_rotation_may_change_claims() {
    for provider in providers() {
        let name = provider.name();
        let bench = rotating(*provider, "rotation.grace = \"0s\"");
        let profile = bench.profile("api");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        let change = |set: Value, remove: &[&str]| ClaimChange {
            set: values(set),
            remove: remove.iter().map(|name| (*name).to_owned()).collect(),
            ..ClaimChange::default()
        };
        for (refused, named) in [
            (change(json!({"sub": "eve"}), &[]), "sub"),
            (change(json!({"sub": "ada"}), &[]), "sub"),
            (change(json!({}), &["sub"]), "sub"),
            (change(json!({"roleId": 5}), &["roleId"]), "roleId"),
        ] {
            let failure = profile
                .rotate(&pair.refresh.token, &refused, None)
                .unwrap_err();
            assert_eq!(failure.code(), Code::ValidationError, "{name}");
            assert!(failure.to_string().contains(named), "{name}: {failure}");
        }
        let change = change(
            json!({"roleId": 5, "new": {"a": [1]}}),
            &["scope", "never there"],
        );
        let hour = Some(Lifetime::For(Duration::from_secs(3_600)));
        let rotated = profile.rotate(&pair.refresh.token, &change, hour).unwrap();
        assert_eq!(rotated.access_expires_at, Some(NOW + 3_600), "{name}");
        assert_eq!(
            Value::Object(rotated.payload.clone()),
            json!({"sub": "ada", "roleId": 5, "new": {"a": [1]}})
        );
        for (token, kind) in [
            (&rotated.access, TokenKind::Access),
            (&rotated.refresh, TokenKind::Refresh),
        ] {
            let verified = verify(profile, token, kind).unwrap();
            assert_eq!(verified.get("roleId"), Some(json!(5)), "{name}");
            assert_eq!(verified.get("scope"), None, "{name}");
            assert_eq!(verified.get("new"), Some(json!({"a": [1]})), "{name}");
            assert_eq!(verified.subject().as_deref(), Some("ada"), "{name}");
        }
        // What was changed is inherited from then on.
        let third = rotate(profile, &rotated.refresh).unwrap();
        assert_eq!(third.payload, rotated.payload, "{name}");
        assert_eq!(
            third.access_expires_at,
            Some(NOW + 900),
            "{name}: the profile's again"
        );
        assert!(!format!("{third:?}").contains(&third.access), "{name}");
    }
}

#[test]
fn a_rotated_token_is_its_own() {
    for provider in providers() {
        let bench = rotating(*provider, "");
        let profile = bench.profile("api");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        let mut ids: BTreeSet<String> = [pair.access.token_id, pair.refresh.token_id].into();
        let mut refresh = pair.refresh.token;
        let family = verify(profile, &pair.access.token, TokenKind::Access)
            .unwrap()
            .family()
            .unwrap()
            .into_owned();
        for round in 1..=10 {
            bench.clock.advance(Duration::from_secs(60));
            let rotated = rotate(profile, &refresh).unwrap();
            for (token, kind) in [
                (&rotated.access, TokenKind::Access),
                (&rotated.refresh, TokenKind::Refresh),
            ] {
                let verified = verify(profile, token, kind).unwrap();
                assert!(
                    ids.insert(verified.token_id().unwrap().into_owned()),
                    "{}",
                    provider.name()
                );
                assert_eq!(
                    verified.family().as_deref(),
                    Some(&*family),
                    "{}",
                    provider.name()
                );
                assert_eq!(
                    verified.issued_at(),
                    Some(UnixMillis::from_secs(NOW + round * 60))
                );
            }
            refresh = rotated.refresh;
        }
    }
}

#[test]
fn stateless_rotation_remembers_nothing() {
    for provider in providers() {
        let name = provider.name();
        let lines = format!("{KIND}sign.access = \"15m\"\nrotation.reuse = \"stateless\"\n");
        let bench = issuer(*provider, &lines);
        let profile = bench.profile("api");
        assert_eq!(profile.issues(), (true, true), "{name}");
        let pair = profile.sign_pair(&ada(), None).unwrap();
        let first = rotate(profile, &pair.refresh.token).unwrap();
        bench.clock.advance(Duration::from_secs(60));
        let second = rotate(profile, &pair.refresh.token).unwrap();
        assert_ne!(first.refresh, second.refresh, "{name}");
        for rotated in [&first, &second] {
            assert!(
                verify(profile, &rotated.access, TokenKind::Access).is_ok(),
                "{name}"
            );
            assert!(
                !rotated.payload.contains_key("family"),
                "{name}: no families here"
            );
        }
        // A claim that is only called so is the caller's, and a change to it is made.
        let claims = values(json!({"sub": "ada", "family": "Lovelace"}));
        let pair = profile.sign_pair(&claims, None).unwrap();
        let mut change = ClaimChange::default();
        change.set.insert("family".to_owned(), json!("King"));
        let rotated = profile.rotate(&pair.refresh.token, &change, None).unwrap();
        let verified = verify(profile, &rotated.access, TokenKind::Access).unwrap();
        assert_eq!(verified.get("family"), Some(json!("King")), "{name}");
    }
}
