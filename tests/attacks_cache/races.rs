//! What changes while a token is being verified.

use super::*;

/// A verifier of one HS256 key named `k1`, with a provider and a clock that can be made to meddle.
struct Stage {
    verifier: Verifier,
    ring: Arc<KeyRing>,
    index: Arc<Revocations>,
    in_signature: Trap,
    in_clock: Trap,
    name: &'static str,
}

impl Stage {
    fn new(provider: Provider) -> Self {
        let (meddler, in_signature) = Meddler::over(provider);
        let ring = KeyRing::new(meddler, &[HS256], KeyStrength::Standard).expect("a ring");
        let ring = Arc::new(ring);
        ring.replace_fixed(vec![spec("k1", key(HS256))])
            .expect("a good key");
        let in_clock = Trap::default();
        let clock: Arc<dyn Clock> = Arc::new(MeddlingClock {
            inner: ManualClock::at(UnixMillis::from_secs(NOW)),
            trap: in_clock.clone(),
        });
        let index = Arc::new(Revocations::new(&[1; 16], 1_000, Arc::clone(&clock)));
        let verifier = Verifier::builder("api", Arc::clone(&ring))
            .clock(clock)
            .revocations(Arc::clone(&index))
            .build()
            .expect("builds");
        Self {
            verifier,
            ring,
            index,
            in_signature,
            in_clock,
            name: provider.name(),
        }
    }

    fn verify(&self, token: &str) -> Result<bool, bearerd::error::Reject> {
        let verified = self.verifier.verify(token, &VerifyOptions::default())?;
        Ok(verified.was_cached())
    }
}

/// A token of its own number, so that none is in the cache.
fn numbered(number: usize) -> String {
    let more = format!(
        r#","sub":"s{number}","jti":"j{number}","family":"f{number}","iat":{}"#,
        NOW - 1
    );
    token(HS256, key(HS256), K1, claims(&more))
}

#[test]
fn c05_revoked_while_it_was_being_verified() {
    let moment = UnixMillis::from_secs(NOW);
    let revoke = move |index: &Revocations, by: usize, number: usize| {
        let (handle, family, subject) = (
            format!("j{number}"),
            format!("f{number}"),
            format!("s{number}"),
        );
        match by {
            0 => index.revoke_handle(handle.as_bytes(), UnixMillis::MAX),
            1 => index.revoke_family(family.as_bytes(), UnixMillis::MAX),
            _ => index.revoke_subject(subject.as_bytes(), moment, UnixMillis::MAX),
        }
        .expect("there is room");
    };
    for provider in providers() {
        let stage = Stage::new(*provider);
        let revoked = Err(code(Code::Revoked));
        for number in 0..12 {
            let (by, when) = (number % 3, number / 3);
            let token = numbered(number);
            let place = format!("{}: {number}", stage.name);
            let index = Arc::clone(&stage.index);
            match when {
                // In the middle of the signature, of a header that is new and one that is known.
                0 | 1 => stage.in_signature.set(move || revoke(&index, by, number)),
                // At the first look at the clock, of a token that is new and one that is cached.
                2 => stage.in_clock.set(move || revoke(&index, by, number)),
                _ => {
                    assert_eq!(stage.verify(&token), Ok(false), "{place}");
                    assert_eq!(stage.verify(&token), Ok(true), "{place}");
                    stage.in_clock.set(move || revoke(&index, by, number));
                }
            }
            assert_eq!(
                stage.verify(&token),
                revoked,
                "{place}: the call it raced with"
            );
            for _ in 0..2 {
                assert_eq!(stage.verify(&token), revoked, "{place}: the next call");
            }
            // What races with a neighbour's revocation is judged by its own.
            let (index, neighbour) = (Arc::clone(&stage.index), numbered(100 + number));
            stage
                .in_signature
                .set(move || revoke(&index, by, 200 + number));
            assert_eq!(stage.verify(&neighbour), Ok(false), "{place}: a neighbour");
            assert_eq!(stage.verify(&neighbour), Ok(true), "{place}: a neighbour");
        }
    }
}

#[test]
fn c06_the_key_was_swapped_while_it_verified() {
    for provider in providers() {
        let stage = Stage::new(*provider);
        let first = || vec![spec("k1", key(HS256))];
        for (number, replacement) in [
            vec![spec("k2", other_key(HS256))],
            vec![spec("k1", other_key(HS256))],
            Vec::new(),
        ]
        .into_iter()
        .enumerate()
        {
            // Of a header that is new to this set, and of one that is known.
            for known in [false, true] {
                let number = number * 10 + usize::from(known);
                stage.ring.replace_fixed(first()).unwrap();
                if known {
                    assert_eq!(stage.verify(&numbered(100 + number)), Ok(false));
                }
                let place = format!("{}: {number}, known header {known}", stage.name);
                let (ring, keys) = (Arc::clone(&stage.ring), replacement.clone());
                stage.in_signature.set(move || {
                    ring.replace_fixed(keys).expect("good keys");
                });
                let token = numbered(number);
                let raced = stage.verify(&token);
                assert_eq!(
                    raced,
                    Err(code(Code::UnknownKey)),
                    "{place}: the call it raced with"
                );
                for _ in 0..2 {
                    assert!(stage.verify(&token).is_err(), "{place}: the next call");
                }
            }
        }

        // A swap that keeps the key changes nothing.
        stage.ring.replace_fixed(first()).unwrap();
        let ring = Arc::clone(&stage.ring);
        let both = vec![spec("k2", other_key(HS256)), spec("k1", key(HS256))];
        stage.in_signature.set(move || {
            ring.replace_fixed(both).expect("good keys");
        });
        let token = numbered(1_000);
        assert_eq!(stage.verify(&token), Ok(false), "{}", stage.name);
        assert_eq!(stage.verify(&token), Ok(true), "{}", stage.name);

        // Away and back again within one verification: the next call settles it.
        let (ring, keys) = (Arc::clone(&stage.ring), first());
        stage.in_signature.set(move || {
            ring.replace_fixed(Vec::new()).expect("no keys");
            ring.replace_fixed(keys).expect("good keys");
        });
        let token = numbered(1_001);
        assert_eq!(
            stage.verify(&token),
            Err(code(Code::UnknownKey)),
            "{}",
            stage.name
        );
        assert_eq!(
            stage.verify(&token),
            Ok(false),
            "{}: anew, with the key anew",
            stage.name
        );
        assert_eq!(stage.verify(&token), Ok(true), "{}", stage.name);
    }
}
