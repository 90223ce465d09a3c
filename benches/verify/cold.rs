use bearerd::claims::TokenKind;
use bearerd::crypto::{Algorithm, KeyMaterial, KeyStrength, Provider, providers};
use bearerd::secret::Secret;
use bearerd::verify::VerifyOptions;

use crate::Statistics;
use crate::rounds::{Contender, compare, contender};
use crate::tokens::{SECRET, Turn, claims, many, profiles, sign};

/// Rows 1 and 2: a whole verification without a cache against the bare primitive of the same
/// provider over the same bytes. Row 17: signing.
pub(crate) fn run(rsa: &str, statistics: &mut Statistics) {
    for provider in providers().iter().copied() {
        let all = profiles(provider.name(), rsa, 0);
        let (hs, rs) = (all.get(Some("hs")).unwrap(), all.get(Some("rs")).unwrap());
        let options = VerifyOptions::default();
        for (algorithm, profile, long) in [
            (Algorithm::HS256, hs, false),
            (Algorithm::RS256, rs, false),
            (Algorithm::RS256, rs, true),
        ] {
            let list: Vec<String> = if long {
                (0..64).map(|n| sign(profile, n, true)).collect()
            } else {
                many(profile, 64)
            };
            let key = bare(provider, algorithm, rsa);
            let parts: Vec<(Vec<u8>, Vec<u8>)> = list.iter().map(|token| split(token)).collect();
            for (token, (message, signature)) in list.iter().zip(&parts) {
                assert!(key.verify(message, signature));
                assert!(!key.verify(&message[1..], signature));
                assert!(
                    !profile
                        .verifier()
                        .verify(token, &options)
                        .unwrap()
                        .was_cached()
                );
            }
            let (message, _) = list[0].rsplit_once('.').unwrap();
            let (_, signature) = list[1].rsplit_once('.').unwrap();
            let forged = format!("{message}.{signature}");
            assert!(profile.verifier().verify(&forged, &options).is_err());
            let (mut one, mut two) = (Turn::new(), Turn::new());
            let contenders: Vec<Contender<'_>> = vec![
                contender("the bare primitive, key prepared", || {
                    let (message, signature) = one.next(&parts);
                    key.verify(message, signature)
                }),
                contender("bearerd, no cache, claims checked", || {
                    profile.verifier().verify(two.next(&list), &options).is_ok()
                }),
            ];
            let title = format!(
                "cold {algorithm} on {}, tokens of {} characters",
                provider.name(),
                list[0].len()
            );
            compare(&title, contenders);
            let mut turn = Turn::new();
            let name = format!(
                "cold/{algorithm}{}/{}",
                if long { "-long" } else { "" },
                provider.name()
            );
            statistics.bench(&name, || {
                profile
                    .verifier()
                    .verify(turn.next(&list), &options)
                    .is_ok()
            });
        }
        for (algorithm, profile) in [(Algorithm::HS256, hs), (Algorithm::RS256, rs)] {
            let key = provider
                .sign_key(
                    algorithm,
                    &material(provider, algorithm, rsa),
                    KeyStrength::Standard,
                )
                .unwrap();
            let claims = claims(7, false);
            let claims = claims.as_object().unwrap();
            let signed = profile.sign(TokenKind::Access, claims, None).unwrap().token;
            assert!(profile.verifier().verify(&signed, &options).is_ok());
            let (message, _) = split(&signed);
            compare(
                &format!("sign {algorithm} on {}", provider.name()),
                vec![
                    contender("the bare primitive", || {
                        let mut signature = Vec::with_capacity(256);
                        key.sign(&message, &mut signature).unwrap();
                        signature
                    }),
                    contender("bearerd", || {
                        profile.sign(TokenKind::Access, claims, None).unwrap()
                    }),
                ],
            );
        }
    }
}

fn bare(
    provider: Provider,
    algorithm: Algorithm,
    rsa: &str,
) -> Box<dyn bearerd::crypto::VerifyKey> {
    provider
        .verify_key(
            algorithm,
            &material(provider, algorithm, rsa),
            KeyStrength::Standard,
        )
        .unwrap()
}

fn material(provider: Provider, algorithm: Algorithm, rsa: &str) -> KeyMaterial {
    match algorithm {
        Algorithm::HS256 => KeyMaterial::Symmetric(Secret::new(
            bearerd::base64url::decode(SECRET.as_bytes()).unwrap(),
        )),
        _ => bearerd::jwk::parse_pem(rsa.as_bytes(), provider)
            .unwrap()
            .remove(0),
    }
}

fn split(token: &str) -> (Vec<u8>, Vec<u8>) {
    let (message, signature) = token.rsplit_once('.').unwrap();
    (
        message.as_bytes().to_vec(),
        bearerd::base64url::decode(signature.as_bytes()).unwrap(),
    )
}
