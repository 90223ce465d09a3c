//! The shared cases, `tests/vectors/cases.json`: written here, replayed here against the library
//! and over HTTP, and replayed by every other language in its own tests.
//!
//! `BLESS=1 cargo test --test cases` writes the file anew; `tests/vectors/README.md` has its format.
#![cfg(feature = "server")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a helper of a test fails by panicking"
)]

mod act;
#[expect(dead_code, reason = "its own suite uses the rest")]
#[path = "../sidecar/http.rs"]
mod client;
mod file;
#[expect(
    dead_code,
    unreachable_pub,
    reason = "each file of tests uses its part"
)]
#[path = "../common/forge.rs"]
mod forge;
mod in_rust;
mod judge;
mod kept;
mod make;
mod over_http;
#[path = "../common/provider.rs"]
mod provider;
mod stateful;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use bearerd::error::Code;

use file::{Case, Vectors};
use kept::{Kept, MISSING};

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/cases.json")
}

fn committed() -> String {
    fs::read_to_string(path()).unwrap_or_default()
}

#[test]
fn the_file_is_what_the_description_says() {
    let (before, blesses) = (
        committed(),
        std::env::vars().any(|(name, value)| name == "BLESS" && value == "1"),
    );
    let made = make::file(&before);
    if blesses {
        fs::write(path(), &made).unwrap();
        return;
    }
    let differs = before
        .lines()
        .zip(made.lines())
        .position(|(old, new)| old != new)
        .map_or(before.lines().count().min(made.lines().count()), |at| at)
        + 1;
    assert!(
        before == made,
        "tests/vectors/cases.json differs from its description from line {differs} on; \
         if that is meant, run with BLESS=1"
    );
}

#[test]
fn the_file_covers_what_it_is_for() {
    let vectors = Vectors::parse(&committed());
    let names: BTreeSet<&str> = vectors
        .cases
        .iter()
        .map(|case| case.name.as_str())
        .collect();
    assert_eq!(names.len(), vectors.cases.len(), "two cases share a name");
    let used: BTreeSet<&str> = vectors
        .cases
        .iter()
        .map(|case| case.configuration.as_str())
        .collect();
    let known: BTreeSet<&str> = vectors.configurations.keys().map(String::as_str).collect();
    assert_eq!(
        used, known,
        "configurations that are used, and that are there"
    );
    let codes: BTreeSet<u16> = vectors
        .cases
        .iter()
        .flat_map(|case| &case.steps)
        .map(|step| step.code.number())
        .collect();
    let verdicts = [
        Code::Ok,
        Code::MissingToken,
        Code::Malformed,
        Code::UnsupportedAlg,
        Code::UnknownKey,
        Code::KeysUnavailable,
        Code::InvalidSignature,
        Code::Expired,
        Code::NotYetValid,
        Code::InvalidClaim,
        Code::Forbidden,
        Code::DeviceMismatch,
        Code::WrongTokenKind,
        Code::Revoked,
        Code::SessionEnded,
        Code::Reused,
        Code::ValidationError,
    ];
    assert_eq!(codes, verdicts.map(Code::number).into());
    let offline: Vec<&str> = vectors
        .cases
        .iter()
        .filter(|case| !case.http)
        .map(|case| case.name.as_str())
        .collect();
    assert!(
        offline.len() <= 6,
        "too many cases stay off HTTP: {offline:?}"
    );
    for case in &vectors.cases {
        assert_eq!(case.http, case.why.is_none(), "{}: say why", case.name);
        steps_make_sense(case);
    }
    let steps = || vectors.cases.iter().flat_map(|case| &case.steps);
    let acts: BTreeSet<&str> = steps().map(|step| step.name.as_str()).collect();
    assert_eq!(
        acts,
        [
            "authorization",
            "change_session",
            "create_pat",
            "end_session",
            "revoke",
            "revoke_pat",
            "rotate",
            "sign",
            "sign_in",
            "verify",
        ]
        .into()
    );
    let stateful = vectors.cases.iter().filter(|case| case.state).count();
    assert!(stateful >= 40, "{stateful} cases with state");
    let told: Vec<_> = steps().filter_map(|step| step.context.as_ref()).collect();
    for noun in ["session", "permission"] {
        let count = told.iter().filter(|told| told.get(noun).is_some()).count();
        assert!(count >= 20, "{count} contexts tell of a {noun}");
    }
    assert!(told.iter().any(|told| told.is_null()));
}

/// What a replayer may rely on without looking.
fn steps_make_sense(case: &Case) {
    let (mut kept, name) = (Kept::default(), &case.name);
    let mut stateful = false;
    for step in &case.steps {
        let act = step.act(&kept);
        stateful |= act.is_stateful();
        let given = kept.fill(&step.given).to_string();
        assert!(!given.contains(MISSING), "{name}: {given}");
        let ok = step.code == Code::Ok;
        let expects = step.claims.is_some() || step.claims_have.is_some() || step.context.is_some();
        assert!(
            !expects || (step.verifies() && ok),
            "{name}: claims or context beside {}",
            step.code
        );
        assert!(
            step.keeps.is_empty() || (act.is_stateful() && ok),
            "{name}: keeps what no answer has"
        );
        for (member, name) in &step.keeps {
            let answer = serde_json::json!({ member: "kept" });
            kept.keep(&answer, member, name).unwrap();
        }
        let counted = matches!(
            step.name.as_str(),
            "end_session" | "change_session" | "revoke_pat"
        );
        assert_eq!(
            step.count.is_some(),
            counted && ok,
            "{name}: {} counts",
            step.name
        );
    }
    assert_eq!(case.state, stateful, "{name}: state");
}

#[test]
fn the_library_gives_the_verdicts() {
    let vectors = Vectors::parse(&committed());
    for provider in provider::providers() {
        let (mut left_out, mut wrong) = (Vec::new(), Vec::new());
        for case in &vectors.cases {
            let document = &vectors.configurations[&case.configuration];
            match in_rust::Replay::of(document, *provider) {
                Some(replay) => wrong.extend(replay.run(case)),
                None => left_out.push(case.name.as_str()),
            }
        }
        let expected: &[&str] = match provider.name() {
            // It has no P-521.
            "ring" => &["algorithm: ES512"],
            _ => &[],
        };
        assert_eq!(left_out, expected, "{}", provider.name());
        assert!(
            wrong.is_empty(),
            "{} are wrong:\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
}

#[test]
fn the_sidecar_gives_the_verdicts_over_http() {
    let vectors = Vectors::parse(&committed());
    let mut wrong = Vec::new();
    for case in vectors.cases.iter().filter(|case| case.http) {
        let replay = over_http::Replay::of(&vectors.configurations[&case.configuration]);
        wrong.extend(replay.run(case));
    }
    assert!(
        wrong.is_empty(),
        "{} are wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
