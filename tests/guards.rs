//! Guards through profiles with claim names of their own: the verdict of a hit is that of a miss.
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

use bearerd::clock::UnixMillis;
use bearerd::crypto::Algorithm;
use bearerd::error::{ClaimName, Code, GuardMember, Reject};
use bearerd::guard::Guard;
use bearerd::verify::VerifyOptions;

use common::bench::Bench;
use common::forge::{header, key, token};
use common::providers;
use common::{NOW, expired, forbidden, invalid, wrong_kind};

const HS256: Algorithm = Algorithm::HS256;

/// The spellings of a Node service that serves a bot.
const LINES: &str = r#"
claims.role = "roleId"
claims.scope = "permissions"
claims.team = "teamId"
claims.vip = "isVip"
claims.device = "deviceId"
claims.kind = { claim = "tokenType" }
"#;

fn hs256(claims: &str) -> String {
    let comma = if claims.is_empty() { "" } else { "," };
    let payload = format!(r#"{{"exp":{}{comma}{claims}}}"#, NOW + 600);
    token(HS256, key(HS256), header(HS256), payload)
}

fn guard(rule: &str) -> Guard {
    Guard::from_json(rule.as_bytes()).expect("a guard")
}

/// A rule, claims, the request's device, and the verdict.
type Case = (
    &'static str,
    &'static str,
    Option<&'static str>,
    Result<(), Reject>,
);

/// The verdict on a miss, on a first hit and on a second hit of one token: the same.
fn verdict(bench: &Bench, token: &str, options: &VerifyOptions<'_>) -> Result<(), Reject> {
    let miss = bench.verify_with(token, options);
    let index = bench.verifier().cache_stats();
    assert_eq!(index.entries, 1, "{}", bench.provider.name());
    for _ in 0..2 {
        assert_eq!(
            bench.verify_with(token, options),
            miss,
            "{}",
            bench.provider.name()
        );
        let explained = bench.verifier().explain(token, options);
        assert_eq!(explained.verdict, miss, "{}", bench.provider.name());
        assert_eq!(
            explained.explanation.is_some(),
            miss.is_err(),
            "{}",
            bench.provider.name()
        );
    }
    miss
}

#[test]
fn members_by_the_profile_s_own_names() {
    use GuardMember as M;
    let access = |claims: &str| format!(r#""tokenType":"access",{claims}"#);
    let device = Err(Reject::guard(Code::DeviceMismatch, M::Device));
    let no = |member| Err(forbidden(member));
    let cases: Vec<Case> = vec![
        (r#"{"roles":[4]}"#, r#""roleId":4"#, None, Ok(())),
        (r#"{"roles":[4,5]}"#, r#""roleId":5"#, None, Ok(())),
        (
            r#"{"roles":["admin"]}"#,
            r#""roleId":["user","admin"]"#,
            None,
            Ok(()),
        ),
        (r#"{"roles":[4]}"#, r#""roleId":"4""#, None, no(M::Roles)),
        (r#"{"roles":[4]}"#, r#""roleId":40"#, None, no(M::Roles)),
        (r#"{"roles":[4]}"#, r#""roleId":4.5"#, None, no(M::Roles)),
        (r#"{"roles":[4]}"#, r#""role":4"#, None, no(M::Roles)),
        (
            r#"{"roles":[9223372036854775807]}"#,
            r#""roleId":9223372036854775808"#,
            None,
            no(M::Roles),
        ),
        (
            r#"{"scopes":["a","b"]}"#,
            r#""permissions":["b","a","c"]"#,
            None,
            Ok(()),
        ),
        (
            r#"{"scopes":["a","b"]}"#,
            r#""permissions":"b a""#,
            None,
            Ok(()),
        ),
        (
            r#"{"scopes":["a","b"]}"#,
            r#""permissions":"b\u0020a""#,
            None,
            Ok(()),
        ),
        (
            r#"{"scopes":["a","b"]}"#,
            r#""permissions":["a b"]"#,
            None,
            no(M::Scopes),
        ),
        (r#"{"scopes":["a"]}"#, r#""scope":"a""#, None, no(M::Scopes)),
        (
            r#"{"scopes":["a"]}"#,
            r#""permissions":"A""#,
            None,
            no(M::Scopes),
        ),
        (
            r#"{"scopes":["a"]}"#,
            r#""permissions":{"a":true}"#,
            None,
            no(M::Scopes),
        ),
        (
            r#"{"any_scope":["x","a"]}"#,
            r#""permissions":"a""#,
            None,
            Ok(()),
        ),
        (
            r#"{"any_scope":["x"]}"#,
            r#""permissions":"""#,
            None,
            no(M::AnyScope),
        ),
        (r#"{"vip":true}"#, r#""isVip":true"#, None, Ok(())),
        (r#"{"vip":true}"#, r#""isVip":"true""#, None, no(M::Vip)),
        (r#"{"vip":true}"#, r#""vip":true"#, None, no(M::Vip)),
        (r#"{"vip":false}"#, r#""isVip":null"#, None, no(M::Vip)),
        (r#"{"team":true}"#, r#""teamId":7"#, None, Ok(())),
        (r#"{"team":true}"#, r#""teamId":null"#, None, no(M::Team)),
        (r#"{"team":true}"#, r#""teamId":[]"#, None, no(M::Team)),
        (
            r#"{"team":["t1"]}"#,
            r#""teamId":["t2","t1"]"#,
            None,
            Ok(()),
        ),
        (
            r#"{"device":true}"#,
            r#""deviceId":"d1""#,
            Some("d1"),
            Ok(()),
        ),
        (
            r#"{"device":true}"#,
            r#""deviceId":"d1""#,
            Some("d2"),
            device,
        ),
        (r#"{"device":true}"#, r#""deviceId":"d1""#, None, device),
        (r#"{"device":true}"#, r#""deviceId":"""#, Some(""), device),
        (r#"{"device":true}"#, r#""deviceId":1"#, Some("1"), device),
        (
            r#"{"device":true}"#,
            r#""device_id":"d1""#,
            Some("d1"),
            device,
        ),
        (r#"{"not":{"roles":[9]}}"#, r#""roleId":4"#, None, Ok(())),
        (
            r#"{"not":{"roles":[9]}}"#,
            r#""roleId":9"#,
            None,
            no(M::Not),
        ),
        (
            r#"{"not":{"roles":[9]}}"#,
            r#""role":4"#,
            None,
            no(M::Roles),
        ),
        (
            r#"{"not":{"roles":[9]}}"#,
            r#""roleId":9.0"#,
            None,
            no(M::Roles),
        ),
        (
            r#"{"not":{"roles":["x"]}}"#,
            r#""roleId":{"name":"x"}"#,
            None,
            no(M::Roles),
        ),
        (
            r#"{"not":{"scopes":["x"]}}"#,
            r#""permissions":"a\u0020x""#,
            None,
            no(M::Not),
        ),
        (
            r#"{"any":[{"vip":true},{"roles":[4]}]}"#,
            r#""roleId":4"#,
            None,
            Ok(()),
        ),
        (
            r#"{"any":[{"vip":true},{"roles":[4]}]}"#,
            r#""roleId":3"#,
            None,
            no(M::Any),
        ),
        (
            r#"{"all":[{"team":true},{"roles":[4]}]}"#,
            r#""roleId":4,"teamId":1"#,
            None,
            Ok(()),
        ),
        (
            r#"{"roles":[4],"all":[{"team":true}]}"#,
            r#""roleId":4"#,
            None,
            no(M::Team),
        ),
    ];
    for provider in providers() {
        for (rule, claims, device, expected) in &cases {
            let bench = Bench::new(*provider, &[HS256], LINES);
            let guard = guard(rule);
            let mut options = VerifyOptions::default().guard(&guard);
            if let Some(device) = device {
                options = options.device(device);
            }
            let token = hs256(&access(claims));
            let place = format!("{}: {rule} on {claims}", provider.name());
            assert_eq!(verdict(&bench, &token, &options), *expected, "{place}");
            // The guard's refusal is the guard's alone.
            assert_eq!(bench.verify(&token), Ok(()), "{place}");
        }
    }
}

#[test]
fn the_guard_names_the_kind_in_the_profile_s_place() {
    let (refresh, access) = (
        guard(r#"{"token":"refresh"}"#),
        guard(r#"{"token":"access"}"#),
    );
    let nested = guard(r#"{"all":[{"token":"refresh"}]}"#);
    let either = guard(r#"{"any":[{"token":"refresh"},{"token":"access"}]}"#);
    let neither = guard(r#"{"not":{"token":"access"}}"#);
    for provider in providers() {
        for (guard, kind, expected) in [
            (&refresh, "refresh", Ok(())),
            (&refresh, "access", Err(wrong_kind())),
            (&access, "access", Ok(())),
            (&access, "refresh", Err(wrong_kind())),
            (&nested, "refresh", Ok(())),
            (&nested, "access", Err(wrong_kind())),
            // A choice is no demand: the profile's own expectation stands.
            (&either, "access", Ok(())),
            (&either, "refresh", Err(wrong_kind())),
            (&neither, "refresh", Err(wrong_kind())),
            (&neither, "access", Err(forbidden(GuardMember::Not))),
        ] {
            let bench = Bench::new(*provider, &[HS256], LINES);
            let token = hs256(&format!(r#""tokenType":"{kind}""#));
            let options = VerifyOptions::default().guard(guard);
            let place = format!("{}: {guard:?} on {kind}", provider.name());
            assert_eq!(verdict(&bench, &token, &options), expected, "{place}");
        }
    }
}

#[test]
fn a_guard_is_asked_last() {
    let strict = guard(r#"{"roles":[1]}"#);
    for provider in providers() {
        let bench = Bench::new(
            *provider,
            &[HS256],
            "audience = \"a\"\nclaims.kind = { claim = \"kind\" }",
        );
        let options = VerifyOptions::default().guard(&strict);
        let foreign = hs256(r#""kind":"access","aud":"b""#);
        let refresh = hs256(r#""kind":"refresh","aud":"a""#);
        let revoked = hs256(r#""kind":"access","aud":"a","jti":"j""#);
        let index = bench.verifier().revocations();
        index.revoke_handle(b"j", UnixMillis::MAX).unwrap();
        for _ in 0..2 {
            let name = provider.name();
            let verdict = bench.verify_with(&foreign, &options);
            assert_eq!(verdict, Err(invalid(ClaimName::Audience)), "{name}");
            assert_eq!(
                bench.verify_with(&refresh, &options),
                Err(wrong_kind()),
                "{name}"
            );
            let verdict = bench.verify_with(&revoked, &options);
            assert_eq!(verdict, Err(Reject::new(Code::Revoked)), "{name}");
        }
        bench.clock.set(UnixMillis::from_secs(NOW + 600));
        let verdict = bench.verify_with(&revoked, &options);
        assert_eq!(
            verdict,
            Err(expired(ClaimName::Expiration)),
            "{}",
            provider.name()
        );
    }
}

#[test]
fn guards_of_the_configuration_are_the_same_language() {
    let text = format!(
        "[guards.admins]\nroles = [\"admin\"]\nnot = {{ team = [\"t9\"] }}\n\n[profiles.api]\nalgorithms = [\"HS256\"]\n{}",
        common::forge::key_section("api", None, None, key(HS256), false)
    );
    for provider in providers() {
        let bench = Bench::from_toml(*provider, &text);
        let named = bench.profiles.guard("admins").expect("is configured");
        assert_eq!(
            named,
            &guard(r#"{"roles":["admin"],"not":{"team":["t9"]}}"#)
        );
        assert!(bench.profiles.guard("ADMINS").is_none());
        let options = VerifyOptions::default().guard(named);
        for (claims, expected) in [
            (r#""role":"admin","team":"t1""#, Ok(())),
            (
                r#""role":"admin","team":"t9""#,
                Err(forbidden(GuardMember::Not)),
            ),
            (r#""role":"admin""#, Err(forbidden(GuardMember::Team))),
            (
                r#""role":"user","team":"t1""#,
                Err(forbidden(GuardMember::Roles)),
            ),
        ] {
            assert_eq!(
                bench.verify_with(hs256(claims), &options),
                expected,
                "{claims}"
            );
        }
    }
}
