//! Permissions: the table of `tests/vectors/permissions.json` in process and over HTTP, and what the
//! sidecar makes of them. The guard language is asked the same table by the shared cases.
#![cfg(feature = "server")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of a test fails by panicking"
)]

#[expect(
    dead_code,
    unreachable_pub,
    reason = "each file of tests uses its part"
)]
#[path = "../common/forge.rs"]
mod forge;
#[expect(dead_code, reason = "its own suite uses the rest")]
#[path = "../sidecar/http.rs"]
mod http;
mod over_http;
mod session;
mod table;
mod world;

use bearerd::error::{Code, Reject};
use bearerd::guard::permission::{DataScope, Permission};
use bearerd::guard::{Guard, RequestFacts};
use bearerd::verify::VerifyOptions;
use serde_json::json;

use table::Table;
use world::{document, profiles, token};

fn name(text: &str) -> Permission {
    Permission::new(text).unwrap()
}

#[test]
fn the_table_in_process() {
    let profiles = profiles(&document(&json!({})));
    for row in Table::read().permissions {
        let permission = Permission::new(&row.permission);
        if row.allowed == "invalid" {
            let why = permission.expect_err(&row.case);
            assert!(
                row.permission.len() < 3 || !why.contains(&row.permission),
                "{}",
                row.case
            );
            continue;
        }
        let permission = permission.expect(&row.case);
        let verifier = profiles.get(Some(&row.rules)).unwrap().verifier();
        let token = token(row.claims());
        // The second answer comes from the cache.
        for _ in 0..2 {
            let verified = verifier.verify(&token, &VerifyOptions::default()).unwrap();
            let rights = verified.rights().unwrap();
            assert_eq!(
                rights.allows(&permission),
                row.allowed == "yes",
                "{}",
                row.case
            );
            let scope = rights.data_scope().map(DataScope::as_str);
            match &row.context {
                None => assert_eq!((scope, rights.bypasses()), (None, false), "{}", row.case),
                Some(context) => assert_eq!(
                    (scope, rights.bypasses()),
                    (Some(&*context.data_scope), context.bypass),
                    "{}",
                    row.case
                ),
            }
        }
    }
}

/// What passes for a wildcard elsewhere: each is asked against names that it was meant for.
#[test]
fn g1_a_wildcard_is_a_whole_part_and_nothing_else() {
    let profiles = profiles(&document(&json!({})));
    let verifier = profiles.get(Some("grants")).unwrap().verifier();
    let asked = [
        "hr",
        "hr.employee",
        "hr.employee.update",
        "hr.a.b.c.d.e.f.g",
    ]
    .map(name);
    for grant in [
        "**",
        "hr**",
        "hr*",
        "*hr",
        "h*",
        "hr.emp*",
        "hr.*update",
        "*.*.",
        ".*",
        "*.",
        "..*",
        "hr..*",
        "hr.*.",
        ".hr.*",
        "* ",
        " *",
        "*\t",
        "*\n",
        "*\0",
        "\u{ff0a}",
        "\u{2217}",
        "hr.\u{200b}*",
        "?",
        "hr.?",
        "%",
        "hr.%",
        "#",
        "hr.#",
        "+",
        "hr.+",
        ".*.*",
        "[a-z]*",
        "(*)",
        "{hr,crm}.*",
        "!crm.*",
        "-crm.*",
        "~.*",
        "hr/*",
        "hr:*",
        "hr\\.*",
        "HR.*",
        "Hr.employee.update",
        "\u{ff48}r.*",
        "h\u{0433}.*",
        "hr.*.*.*.*.*.*.*.*",
    ] {
        let claims = json!({"permissions": [grant]}).to_string();
        let verified = verifier
            .verify(token(&claims), &VerifyOptions::default())
            .unwrap();
        for permission in &asked {
            assert!(
                !verified.rights().unwrap().allows(permission),
                "{grant:?} {permission:?}"
            );
        }
    }
}

/// A longer or shorter name never passes for the one that was granted.
#[test]
fn g1_names_are_compared_whole() {
    let profiles = profiles(&document(&json!({})));
    let verifier = profiles.get(Some("grants")).unwrap().verifier();
    let claims = json!({"permissions": ["hr.employee.update", "crm.*", "a.*.c"]}).to_string();
    let verified = verifier
        .verify(token(&claims), &VerifyOptions::default())
        .unwrap();
    let rights = verified.rights().unwrap();
    for allowed in ["hr.employee.update", "crm.a", "crm.a.b.c.d.e.f.g", "a.b.c"] {
        assert!(rights.allows(&name(allowed)), "{allowed}");
    }
    for refused in [
        "hr.employee.updat",
        "hr.employee.updatee",
        "hr.employee",
        "hr.employee.update.all",
        "x.hr.employee.update",
        "hr.employee-update",
        "hr_employee.update",
        "crm",
        "crma.b",
        "crm_a.b",
        "a.c",
        "a.b.b.c",
        "a.b.c.d",
        "a.b",
        "b.b.c",
    ] {
        assert!(!rights.allows(&name(refused)), "{refused}");
    }
}

/// Nothing is allowed, and nothing is denied for certain, by what is absent or cannot be read.
#[test]
fn g2_absence_refuses_with_not_and_without() {
    let profiles = profiles(&document(&json!({})));
    for (profile, claims) in [
        ("none", r#"{"permissions":["*"],"subordinates":true}"#),
        ("grants", "{}"),
        ("grants", r#"{"permissions":null}"#),
        ("grants", r#"{"permissions":{"hr.read":true}}"#),
        ("grants", r#"{"permissions":["hr.*.","crm.read"]}"#),
        ("modules", r#"{"permissions":["*"]}"#),
        ("modules", r#"{"permissions":["*"],"modules":["hr "]}"#),
        (
            "levels",
            r#"{"permissions":["crm.*"],"modules":["hr"],"level":[1]}"#,
        ),
    ] {
        let verifier = profiles.get(Some(profile)).unwrap().verifier();
        let token = token(claims);
        let verified = verifier.verify(&token, &VerifyOptions::default()).unwrap();
        for rule in [
            json!({"permission": "hr.read"}),
            json!({"any_permission": ["hr.read", "hr.write"]}),
            json!({"permission": ["hr.read", "hr.write"]}),
            json!({"subordinates": false}),
            json!({"headquarters": true}),
            json!({"project": true}),
            json!({"position": ["p"]}),
        ] {
            for rule in [rule.clone(), json!({"not": rule})] {
                let guard = Guard::from_value(rule.clone()).unwrap();
                let options = VerifyOptions::default().guard(&guard);
                let refused = verifier
                    .verify(&token, &options)
                    .map(drop)
                    .map_err(Reject::code);
                assert_eq!(refused, Err(Code::Forbidden), "{profile} {claims} {rule}");
                let facts = RequestFacts::default();
                assert!(verified.check(&guard, &facts).is_err());
            }
        }
    }
}

/// Claims alone hold no rights, whatever they say.
#[test]
fn g2_a_guard_that_is_asked_without_rights_refuses() {
    let profiles = profiles(&document(&json!({})));
    let verifier = profiles.get(Some("grants")).unwrap().verifier();
    let verified = verifier
        .verify(token(r#"{"permissions":["*"]}"#), &VerifyOptions::default())
        .unwrap();
    let facts = RequestFacts::default();
    for rule in [
        r#"{"permission":"hr.read"}"#,
        r#"{"not":{"permission":"hr.read"}}"#,
    ] {
        let guard = Guard::from_json(rule.as_bytes()).unwrap();
        assert!(guard.check(verified.claims(), &facts).is_err(), "{rule}");
    }
    let guard = Guard::from_json(br#"{"permission":"hr.read"}"#).unwrap();
    assert!(verified.check(&guard, &facts).is_ok());
    assert!(verified.hold().check(&guard, &facts).is_ok());
}

/// The rights of a token count among its cache entry's bytes.
#[test]
fn rights_are_part_of_what_an_entry_weighs() {
    let grants: Vec<String> = (0..60).map(|n| format!("module{n}.sub.action")).collect();
    let token = token(json!({"permissions": grants}).to_string());
    let bytes = token.len() * 2 + 700;
    for (profile, kept) in [("none", true), ("grants", false)] {
        let mut document = document(&json!({}));
        document["profiles"][profile]["cache"] = json!({"max_entry_bytes": bytes});
        let profiles = profiles(&document);
        let verifier = profiles.get(Some(profile)).unwrap().verifier();
        for _ in 0..2 {
            assert!(verifier.verify(&token, &VerifyOptions::default()).is_ok());
        }
        let again = verifier.verify(&token, &VerifyOptions::default()).unwrap();
        assert_eq!(again.was_cached(), kept, "{profile}");
    }
}
