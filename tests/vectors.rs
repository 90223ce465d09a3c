//! Tokens of the RFCs and key sets of the large issuers, through whole profiles.
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

use bearerd::base64url;
use bearerd::clock::UnixMillis;
use bearerd::crypto::{Algorithm, KeyMaterial, Provider};
use bearerd::error::{ClaimName, Code, Malformed};
use bearerd::guard::Guard;
use bearerd::jwk::PublicJwk;
use bearerd::keys::remote::KeySink;
use bearerd::verify::VerifyOptions;
use serde_json::{Value, json};

use common::bench::Bench;
use common::forge::{generate, key, token};
use common::providers;
use common::{NOW, code, expired, invalid, malformed};

/// When the example of RFC 7519 §3.1 ends.
const JOE_ENDS: i64 = 1_300_819_380;

fn profile(provider: Provider, algorithm: Algorithm, lines: &str, keys: &str) -> Bench {
    let text = format!(
        "[profiles.api]\nprovider = \"{}\"\nalgorithms = [\"{algorithm}\"]\n{lines}\n\n[[profiles.api.keys]]\n{keys}\n",
        provider.name()
    );
    Bench::from_toml(provider, &text)
}

#[test]
fn examples_of_the_rfcs_through_a_whole_verifier() {
    let vectors: Vec<Value> = serde_json::from_str(include_str!("vectors/jws.json")).unwrap();
    let mut seen = 0;
    for vector in &vectors {
        let (source, compact) = (
            vector["source"].as_str().unwrap(),
            vector["compact"].as_str().unwrap(),
        );
        let algorithm = Algorithm::from_name(vector["alg"].as_str().unwrap()).unwrap();
        for provider in providers()
            .iter()
            .filter(|provider| provider.verifies(algorithm))
        {
            let place = format!("{source}, {}", provider.name());
            let bench = profile(
                *provider,
                algorithm,
                "issuer = \"joe\"",
                &format!("jwk = '{}'", vector["jwk"]),
            );
            bench
                .clock
                .set(UnixMillis::from_millis(JOE_ENDS * 1000 - 1));
            let payload = base64url::decode(compact.split('.').nth(1).unwrap().as_bytes()).unwrap();
            if !payload.starts_with(b"{") {
                // Text is a good JWS and no JWT; that the signature is good shows in the reason.
                for _ in 0..2 {
                    let verdict = bench.verify(compact);
                    assert_eq!(verdict, Err(malformed(Malformed::ClaimsJson)), "{place}");
                }
                let mut forged = compact.to_owned();
                let last = if forged.ends_with('A') { "E" } else { "A" };
                forged.replace_range(forged.len() - 1.., last);
                assert_ne!(
                    bench.verify(&forged),
                    Err(malformed(Malformed::ClaimsJson)),
                    "{place}"
                );
                continue;
            }
            seen += 1;
            let options = VerifyOptions::default();
            for cached in [false, true] {
                let verified = bench.verifier().verify(compact, &options).unwrap();
                assert_eq!(verified.was_cached(), cached, "{place}");
                assert_eq!(verified.issuer().as_deref(), Some("joe"), "{place}");
                assert_eq!(
                    verified.expires_at(),
                    Some(UnixMillis::from_secs(JOE_ENDS)),
                    "{place}"
                );
                assert_eq!(
                    verified.get("http://example.com/is_root"),
                    Some(json!(true)),
                    "{place}"
                );
                assert_eq!(verified.json().as_bytes(), payload, "{place}");
            }
            bench.clock.set(UnixMillis::from_secs(JOE_ENDS));
            for _ in 0..2 {
                let over = Err(expired(ClaimName::Expiration));
                assert_eq!(bench.verify(compact), over, "{place}");
            }
        }
    }
    assert_eq!(seen, 3 * providers().len(), "A.1 to A.3, by each provider");
}

/// What an issuer publishes, and what its access tokens look like.
struct Issuer {
    name: &'static str,
    lines: &'static str,
    /// Of the key that signs; `kid` is added.
    member: Value,
    /// What else stands in its set.
    others: Vec<Value>,
    header: Value,
    claims: Value,
    guard: &'static str,
}

fn issuers() -> Vec<Issuer> {
    let chain =
        json!(["MIIDBTCCAe2gAwIBAgIQH4FlYNA+UJlF0G3vy9ZrhTANBgkqhkiG9w0BAQsFADAtMSswKQYDVQQDEyI="]);
    let (issued, ends) = (NOW - 60, NOW + 3_540);
    vec![
        Issuer {
            name: "Google",
            lines: "issuer = [\"https://accounts.google.com\", \"accounts.google.com\"]\naudience = \"1234-app.apps.example\"",
            member: json!({"use": "sig", "alg": "RS256"}),
            others: Vec::new(),
            header: json!({"alg": "RS256", "typ": "JWT"}),
            claims: json!({"iss": "https://accounts.google.com", "azp": "1234-app.apps.example", "aud": "1234-app.apps.example",
                "sub": "110169484474386276334", "email": "ada@example.com", "email_verified": true, "at_hash": "HK6E_P6Dh8Y93mRNtsDB1Q",
                "iat": issued, "exp": ends}),
            guard: r#"{"not":{"scopes":["x"]}}"#,
        },
        Issuer {
            name: "Auth0",
            lines: "issuer = \"https://tenant.auth0.example/\"\naudience = \"https://api.example\"\nclaims.role = \"permissions\"",
            member: json!({"use": "sig", "alg": "RS256", "x5t": "NjVBRjY5MDlCMUIwNzU4RTA2QzZF", "x5c": chain.clone()}),
            others: Vec::new(),
            header: json!({"alg": "RS256", "typ": "JWT"}),
            claims: json!({"iss": "https://tenant.auth0.example/", "sub": "auth0|5f7c8ec7c33c6c004bbafe82",
                "aud": ["https://api.example", "https://tenant.auth0.example/userinfo"], "iat": issued, "exp": ends,
                "azp": "my_client_id", "scope": "openid profile read:orders", "permissions": ["read:orders"]}),
            guard: r#"{"scopes":["read:orders"],"roles":["read:orders"]}"#,
        },
        Issuer {
            name: "Entra ID",
            lines: "issuer = \"https://login.microsoftonline.example/t1/v2.0\"\naudience = \"api-1\"\nclaims.scope = \"scp\"\nclaims.role = \"roles\"\nclaims.team = \"tid\"\nclaims.handle = \"uti\"",
            // No alg: the profile says what the key is for.
            member: json!({"use": "sig", "x5t": "nOo3ZDrODXEK1jKWhXslHR_KXEg", "x5c": chain.clone(), "cloud_instance_name": "microsoftonline.com",
                "issuer": "https://login.microsoftonline.com/{tenantid}/v2.0"}),
            others: Vec::new(),
            header: json!({"typ": "JWT", "alg": "RS256", "x5t": "nOo3ZDrODXEK1jKWhXslHR_KXEg"}),
            claims: json!({"aud": "api-1", "iss": "https://login.microsoftonline.example/t1/v2.0", "iat": issued, "nbf": issued, "exp": ends,
                "aio": "AXQAi", "azp": "c1", "azpacr": "1", "oid": "o1", "rh": "0.A", "roles": ["Orders.Read"], "scp": "access_as_user",
                "sub": "HKZpfaHyWadeOouYlitjrI", "tid": "t1", "uti": "fqiBqXLPj0eQa82S-IYFAA", "ver": "2.0"}),
            guard: r#"{"scopes":["access_as_user"],"roles":["Orders.Read"],"team":["t1"]}"#,
        },
        Issuer {
            name: "Okta",
            lines: "issuer = \"https://org.okta.example/oauth2/default\"\naudience = \"api://default\"\nclaims.scope = \"scp\"",
            member: json!({"alg": "RS256", "use": "sig", "status": "ACTIVE", "created": "2026-01-01T00:00:00.000Z", "_links": {"self": {"href": "x"}}}),
            others: Vec::new(),
            header: json!({"alg": "RS256"}),
            claims: json!({"ver": 1, "jti": "AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE", "iss": "https://org.okta.example/oauth2/default",
                "aud": "api://default", "sub": "ada@example.com", "iat": issued, "exp": ends, "cid": "nmdP1fcyvdVO11AL7ECm", "uid": "00ujmkLgagxeRrAg20g3",
                "scp": ["openid", "email"], "auth_time": issued}),
            guard: r#"{"any_scope":["email"]}"#,
        },
        Issuer {
            name: "Keycloak",
            lines: "issuer = \"https://sso.example/realms/main\"\naudience = \"account\"\nclaims.kind = { claim = \"typ\", access = \"Bearer\", refresh = \"Refresh\" }\nclaims.handle = \"sid\"",
            member: json!({"alg": "RS256", "use": "sig", "x5c": chain.clone(), "x5t": "a", "x5t#S256": "b"}),
            others: vec![
                json!({"alg": "RSA-OAEP", "use": "enc", "kid": "enc-1", "kty": "RSA", "n": "AQAB", "e": "AQAB", "x5c": chain.clone()}),
                json!({"alg": "ES256K", "use": "sig", "kid": "k1", "kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}),
            ],
            header: json!({"alg": "RS256", "typ": "JWT"}),
            claims: json!({"exp": ends, "iat": issued, "auth_time": issued, "jti": "onrtac:5e1", "iss": "https://sso.example/realms/main",
                "aud": "account", "sub": "f:1:ada", "typ": "Bearer", "azp": "web", "sid": "s-1", "acr": "1", "allowed-origins": ["*"],
                "realm_access": {"roles": ["offline_access"]}, "resource_access": {"account": {"roles": ["manage-account"]}},
                "scope": "openid email profile"}),
            guard: r#"{"token":"access","scopes":["email"]}"#,
        },
        Issuer {
            name: "Cognito",
            lines: "issuer = \"https://cognito-idp.eu-1.amazonaws.example/eu-1_pool\"\nclaims.kind = { claim = \"token_use\" }\nclaims.role = \"cognito:groups\"\nrequire = [\"client_id\"]",
            member: json!({"alg": "RS256", "use": "sig"}),
            others: Vec::new(),
            header: json!({"alg": "RS256"}),
            claims: json!({"sub": "aaaa-bbbb", "device_key": "d", "cognito:groups": ["admin"], "token_use": "access",
                "scope": "aws.cognito.signin.user.admin", "auth_time": issued, "iss": "https://cognito-idp.eu-1.amazonaws.example/eu-1_pool",
                "exp": ends, "iat": issued, "jti": "j", "client_id": "c", "username": "ada"}),
            guard: r#"{"roles":["admin"],"token":"access"}"#,
        },
    ]
}

fn published(key: &KeyMaterial, kid: &str, members: &Value) -> Value {
    let public = PublicJwk {
        kid: Some(kid.to_owned()),
        algorithm: None,
        key: key.public().expect("is asymmetric").clone(),
    };
    let mut jwk: Value = serde_json::from_str(&public.to_json()).expect("is JSON");
    let all = jwk.as_object_mut().expect("is an object");
    all.remove("use");
    all.extend(members.as_object().expect("is an object").clone());
    jwk
}

fn with(value: &Value, name: &str, member: Value) -> Value {
    let mut value = value.clone();
    value[name] = member;
    value
}

#[test]
fn tokens_of_the_large_issuers() {
    let algorithm = Algorithm::RS256;
    let (current, next) = (key(algorithm).clone(), generate(algorithm));
    for issuer in issuers() {
        let mut set = vec![
            published(&current, "2026-07", &issuer.member),
            published(&next, "2026-08", &issuer.member),
        ];
        set.extend(issuer.others.clone());
        // What any issuer may add tomorrow.
        set.push(published(
            key(Algorithm::ES256),
            "ec",
            &json!({"use": "sig"}),
        ));
        set.push(json!({"kty": "AKP", "kid": "pq", "alg": "ML-DSA-65", "pub": "AAAA"}));
        let document = json!({ "keys": set, "next": null }).to_string();
        for provider in providers() {
            let place = format!("{}, {}", issuer.name, provider.name());
            let fixed = profile(
                *provider,
                algorithm,
                issuer.lines,
                &format!("jwks = '{document}'"),
            );
            let fetched = profile(
                *provider,
                algorithm,
                issuer.lines,
                &format!(
                    "jwk = '{}'",
                    published(&generate(algorithm), "first", &json!({}))
                ),
            );
            let accepted = fetched
                .verifier()
                .keys()
                .accept(document.as_bytes())
                .unwrap();
            assert_eq!(accepted.keys.get(), 2, "{place}: the others are ignored");
            let guard = Guard::from_json(issuer.guard.as_bytes()).unwrap();
            let strange = Guard::from_json(br#"{"scopes":["never-given"]}"#).unwrap();
            for bench in [&fixed, &fetched] {
                let sign = |key: &KeyMaterial, kid: &str, claims: &Value| {
                    let header = with(&issuer.header, "kid", json!(kid));
                    token(algorithm, key, header.to_string(), claims.to_string())
                };
                let claims = if issuer.guard.contains("not") {
                    with(&issuer.claims, "scope", json!("openid"))
                } else {
                    issuer.claims.clone()
                };
                for (key, kid) in [(&current, "2026-07"), (&next, "2026-08")] {
                    let good = sign(key, kid, &claims);
                    for cached in [false, true] {
                        assert_eq!(bench.cached(&good), Ok(cached), "{place}");
                        let options = VerifyOptions::default();
                        assert_eq!(
                            bench.verify_with(&good, &options.guard(&guard)),
                            Ok(()),
                            "{place}"
                        );
                        let refused = bench
                            .verify_with(&good, &options.guard(&strange))
                            .unwrap_err();
                        assert_eq!(refused.code(), Code::Forbidden, "{place}");
                    }
                }
                for _ in 0..2 {
                    let crossed = sign(&current, "2026-08", &claims);
                    assert_eq!(
                        bench.verify(crossed),
                        Err(code(Code::InvalidSignature)),
                        "{place}"
                    );
                    let unknown = sign(&current, "2026-09", &claims);
                    assert_eq!(
                        bench.verify(unknown),
                        Err(code(Code::UnknownKey)),
                        "{place}"
                    );
                    let foreign = sign(
                        &current,
                        "2026-07",
                        &with(&claims, "iss", json!("https://evil.example")),
                    );
                    assert_eq!(
                        bench.verify(foreign),
                        Err(invalid(ClaimName::Issuer)),
                        "{place}"
                    );
                    if issuer.lines.contains("audience") {
                        let foreign =
                            sign(&current, "2026-07", &with(&claims, "aud", json!("another")));
                        assert_eq!(
                            bench.verify(foreign),
                            Err(invalid(ClaimName::Audience)),
                            "{place}"
                        );
                    }
                }
                let good = sign(&current, "2026-07", &claims);
                bench.clock.set(UnixMillis::from_secs(NOW + 3_540));
                assert_eq!(
                    bench.verify(good),
                    Err(expired(ClaimName::Expiration)),
                    "{place}"
                );
            }
        }
    }
}
