use super::*;
use crate::claims::{ClaimMap, ClaimNames, KindNames};
use crate::limits::Limits;

fn check(rule: &str, claims: &str, device: Option<&str>) -> Result<(), (Code, GuardMember)> {
    let kind = KindNames {
        claim: "tokenType".into(),
        access: "access".into(),
        refresh: "refresh".into(),
    };
    let names = ClaimNames {
        kind: Some(kind),
        ..ClaimNames::default()
    };
    let map = ClaimMap::new(names, &[]).unwrap();
    let claims = Claims::parse(claims.as_bytes().into(), &map, &Limits::default()).unwrap();
    let guard = Guard::from_json(rule.as_bytes()).unwrap();
    guard
        .check(
            &claims,
            &RequestFacts {
                device,
                ..RequestFacts::default()
            },
        )
        .map_err(|reject| match reject.detail() {
            crate::error::Detail::Guard(member) => (reject.code(), member),
            other => panic!("{other:?}"),
        })
}

#[test]
fn members() {
    use GuardMember as M;
    let forbidden = |member| Err((Code::Forbidden, member));
    for (rule, claims, expected) in [
        (r#"{"roles":[4]}"#, r#"{"role":4}"#, Ok(())),
        (r#"{"roles":[4]}"#, r#"{"role":[1,4]}"#, Ok(())),
        (r#"{"roles":["admin",4]}"#, r#"{"role":"admin"}"#, Ok(())),
        (r#"{"roles":["admin"]}"#, r#"{"role":"adm\u0069n"}"#, Ok(())),
        (r#"{"roles":[4]}"#, r#"{"role":"4"}"#, forbidden(M::Roles)),
        (r#"{"roles":[4]}"#, r#"{"role":4.0}"#, forbidden(M::Roles)),
        (r#"{"roles":[4]}"#, r#"{"role":null}"#, forbidden(M::Roles)),
        (
            r#"{"roles":[4]}"#,
            r#"{"role":{"4":4}}"#,
            forbidden(M::Roles),
        ),
        (
            r#"{"roles":["admin"]}"#,
            r#"{"role":"administrator"}"#,
            forbidden(M::Roles),
        ),
        (r#"{"scopes":["a","b"]}"#, r#"{"scope":"a b c"}"#, Ok(())),
        (r#"{"scopes":["a","b"]}"#, r#"{"scope":["b","a"]}"#, Ok(())),
        (
            r#"{"scopes":["a","b"]}"#,
            r#"{"scope":"a"}"#,
            forbidden(M::Scopes),
        ),
        (
            r#"{"scopes":["a"]}"#,
            r#"{"scope":"ab"}"#,
            forbidden(M::Scopes),
        ),
        (
            r#"{"scopes":["a"]}"#,
            r#"{"scope":7}"#,
            forbidden(M::Scopes),
        ),
        (r#"{"any_scope":["x","b"]}"#, r#"{"scope":"a b"}"#, Ok(())),
        (
            r#"{"any_scope":["x"]}"#,
            r#"{"scope":[]}"#,
            forbidden(M::AnyScope),
        ),
        (r#"{"vip":true}"#, r#"{"vip":true}"#, Ok(())),
        (r#"{"vip":true}"#, r#"{"vip":1}"#, forbidden(M::Vip)),
        (r#"{"vip":false}"#, r#"{}"#, forbidden(M::Vip)),
        (r#"{"vip":false}"#, r#"{"vip":false}"#, Ok(())),
        (r#"{"team":true}"#, r#"{"team":"t1"}"#, Ok(())),
        (r#"{"team":true}"#, r#"{"team":""}"#, forbidden(M::Team)),
        (r#"{"team":["t1",7]}"#, r#"{"team":7}"#, Ok(())),
        (r#"{"team":["t1"]}"#, r#"{"team":"t2"}"#, forbidden(M::Team)),
        (
            r#"{"token":"refresh"}"#,
            r#"{"tokenType":"refresh"}"#,
            Ok(()),
        ),
        (
            r#"{"token":"access"}"#,
            r#"{"tokenType":"refresh"}"#,
            Err((Code::WrongTokenKind, M::Token)),
        ),
        (
            r#"{"token":"access"}"#,
            r#"{}"#,
            Err((Code::WrongTokenKind, M::Token)),
        ),
        (
            r#"{"any":[{"roles":[1]},{"vip":true}]}"#,
            r#"{"vip":true}"#,
            Ok(()),
        ),
        (
            r#"{"any":[{"roles":[1]},{"vip":true}]}"#,
            r#"{"role":2}"#,
            forbidden(M::Any),
        ),
        (
            r#"{"all":[{"roles":[1]},{"vip":true}]}"#,
            r#"{"role":1,"vip":true}"#,
            Ok(()),
        ),
        (
            r#"{"all":[{"roles":[1]},{"vip":true}]}"#,
            r#"{"role":1}"#,
            forbidden(M::Vip),
        ),
        (r#"{"not":{"roles":[1]}}"#, r#"{"role":2}"#, Ok(())),
        (
            r#"{"not":{"roles":[1]}}"#,
            r#"{"role":1}"#,
            forbidden(M::Not),
        ),
    ] {
        assert_eq!(check(rule, claims, None), expected, "{rule} on {claims}");
    }
}

#[test]
fn absence_refuses_under_not_too() {
    for (rule, claims) in [
        (r#"{"not":{"roles":[1]}}"#, "{}"),
        (r#"{"not":{"roles":[1],"vip":true}}"#, r#"{"role":2}"#),
        (
            r#"{"not":{"all":[{"roles":[1]},{"team":true}]}}"#,
            r#"{"role":2}"#,
        ),
        (
            r#"{"not":{"any":[{"roles":[1]},{"vip":true}]}}"#,
            r#"{"role":2}"#,
        ),
        (r#"{"not":{"not":{"roles":[1]}}}"#, "{}"),
        (r#"{"not":{"roles":[1]}}"#, r#"{"role":1.0}"#),
        (r#"{"not":{"roles":["a"]}}"#, r#"{"role":{"name":"a"}}"#),
        (r#"{"not":{"roles":["a"]}}"#, r#"{"role":[["a"]]}"#),
        (r#"{"not":{"scopes":["a"]}}"#, r#"{"scope":["b",{"a":1}]}"#),
        (r#"{"not":{"scopes":["a"]}}"#, r#"{"scope":"b\u0020a"}"#),
        (r#"{"not":{"team":["t"]}}"#, r#"{"team":true}"#),
    ] {
        assert!(check(rule, claims, None).is_err(), "{rule} on {claims}");
    }
}

#[test]
fn devices() {
    let mismatch = Err((Code::DeviceMismatch, GuardMember::Device));
    let rule = r#"{"device":true}"#;
    assert_eq!(check(rule, r#"{"device_id":"d1"}"#, Some("d1")), Ok(()));
    assert_eq!(check(rule, r#"{"device_id":"d1"}"#, Some("d2")), mismatch);
    assert_eq!(check(rule, r#"{"device_id":"d1"}"#, None), mismatch);
    assert_eq!(check(rule, r#"{"device_id":""}"#, Some("")), mismatch);
    assert_eq!(check(rule, "{}", Some("d1")), mismatch);
}

#[test]
fn what_is_not_a_guard_is_named() {
    for (rule, named) in [
        ("{}", "empty"),
        ("[]", "guard"),
        (r#"{"role":[4]}"#, "unknown field `role`"),
        (r#"{"roles":[]}"#, "`roles` is an empty list"),
        (r#"{"roles":[true]}"#, "id (integer) or a name"),
        (r#"{"scopes":"a"}"#, "sequence"),
        (r#"{"scopes":["a b"]}"#, "not one scope"),
        (r#"{"team":false}"#, "`team` can only be true"),
        (r#"{"device":false}"#, "`device` can only be true"),
        (r#"{"token":"id"}"#, "`token` is none of"),
        (r#"{"vip":1}"#, "boolean"),
        (r#"{"any":[]}"#, "`any` is an empty list"),
        (r#"{"any":[{}]}"#, "empty"),
        (r#"{"roles":[1],"roles":[2]}"#, "duplicate field `roles`"),
    ] {
        let fault = Guard::from_json(rule.as_bytes()).unwrap_err();
        assert_eq!(fault.code(), Code::ValidationError);
        assert!(fault.chain().contains(named), "{rule}: {}", fault.chain());
    }
    let deep = format!(
        "{}{{\"vip\":true}}{}",
        "{\"not\":".repeat(100),
        "}".repeat(100)
    );
    assert!(
        Guard::from_json(deep.as_bytes())
            .unwrap_err()
            .chain()
            .contains("nested")
    );
}
