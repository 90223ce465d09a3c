//! Profiles beside each other, and bounds.

use super::*;

/// Profiles that rotate, all with one secret, told apart by their names alone.
fn tenants(provider: Provider, names: &[&str]) -> Bench {
    let mut text = String::new();
    for name in names {
        text.push_str(&format!(
            "[profiles.{name:?}]\nprovider = \"{}\"\nalgorithms = [\"HS256\"]\nclaims.kind = {{ claim = \"kind\" }}\n\
             sign.access = \"5m\"\nrotation.grace = \"0s\"\n",
            provider.name()
        ));
        text.push_str(&key_section(
            &format!("{name:?}"),
            None,
            None,
            key(HS256),
            true,
        ));
    }
    Bench::from_toml(provider, &text)
}

#[test]
fn c07_one_tenant_s_entry_never_answers_another() {
    // Names that meet where they are joined to handles by any delimiter.
    let names = ["a", "a:b", "a/b", "a|b", "a.b", "a\\b"];
    for provider in providers() {
        let bench = tenants(*provider, &names);
        let options = VerifyOptions::default();
        let change = ClaimChange::default();
        for handle in ["j", "b:j", "b/j", "b|j", "b.j"] {
            let refresh = hs256(claims(&format!(r#","kind":"refresh","jti":"{handle}""#)));
            let access = hs256(claims(&format!(r#","kind":"access","jti":"{handle}""#)));
            for name in names {
                let profile = bench.profile(name);
                let place = format!("{}: {name} {handle}", provider.name());
                let verified = profile.verifier().verify(&access, &options).unwrap();
                assert!(!verified.was_cached(), "{place}: seen by others alone");
                assert!(
                    profile.rotate(&refresh, &change, None).is_ok(),
                    "{place}: spent by others alone"
                );
            }
            for name in names {
                let profile = bench.profile(name);
                let place = format!("{}: {name} {handle}", provider.name());
                let index = profile.verifier().revocations();
                index
                    .revoke_handle(handle.as_bytes(), UnixMillis::MAX)
                    .unwrap();
                let own = profile.verifier().verify(&access, &options).map(drop);
                assert_eq!(own, Err(code(Code::Revoked)), "{place}");
                for other in names.iter().filter(|other| **other > name) {
                    let theirs = bench.profile(other).verifier().verify(&access, &options);
                    assert!(
                        theirs.unwrap().was_cached(),
                        "{place}: {other} revoked nothing"
                    );
                }
                assert!(index.lift(index.handle_key(handle.as_bytes())));
            }
        }
    }
}

#[test]
fn c08_every_map_is_bounded() {
    for provider in providers() {
        let name = provider.name();
        let bench = Bench::new(
            *provider,
            &[HS256],
            "cache.max_entries = 64\ncache.max_bytes = 50000",
        );
        let verifier = bench.verifier();
        for n in 0..3_000 {
            let subject = claims(&format!(
                r#","sub":"{n}","jti":"{n}","family":"{n}","iss":"{n}""#
            ));
            assert_eq!(bench.verify(hs256(subject)), Ok(()), "{name}");
            let stats = verifier.cache_stats();
            assert!(
                stats.entries <= 64 && stats.bytes <= 50_000,
                "{name}: {stats:?}"
            );
        }
        // Made-up key ids and headers leave nothing behind at all.
        let before = verifier.cache_stats();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        verifier.keys().on_unknown_kid(move |_| {
            count.fetch_add(1, Ordering::Relaxed);
        });
        for n in 0..3_000 {
            let head = format!(r#"{{"alg":"HS256","kid":"{n}"}}"#);
            let verdict = bench.verify(token(HS256, key(HS256), head, claims("")));
            assert_eq!(verdict, Err(code(Code::UnknownKey)), "{name}");
        }
        let after = verifier.cache_stats();
        assert_eq!(
            (before.entries, before.bytes),
            (after.entries, after.bytes),
            "{name}"
        );
        assert_eq!(asked.load(Ordering::Relaxed), 3_000, "{name}");

        // A cache of no size is no cache, and verification none the worse.
        for none in [
            "cache.max_entries = 0",
            "cache.max_entries = 8\ncache.max_bytes = 0",
        ] {
            let bench = Bench::new(*provider, &[HS256], none);
            for _ in 0..3 {
                assert_eq!(bench.cached(hs256(claims(""))), Ok(false), "{name}: {none}");
            }
            assert_eq!(bench.verifier().cache_stats().bytes, 0, "{name}: {none}");
        }

        // Revocations: what does not fit is a fault, and what is listed stays listed.
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(UnixMillis::from_secs(NOW)));
        let index = Revocations::new(&[1; 16], 100, clock);
        for n in 0..100_u32 {
            index
                .revoke_family(&n.to_be_bytes(), UnixMillis::MAX)
                .unwrap();
        }
        let full = index
            .revoke_family(b"one more", UnixMillis::MAX)
            .unwrap_err();
        assert_eq!(full.code(), Code::StoreUnavailable);
        assert_eq!(index.len(), 100);
        assert_eq!(CacheConfig::default().max_entries, 65_536);
    }
}
