//! Creating: what is refused, what is kept and what is not.

use std::time::Duration;

use bearerd::clock::UnixMillis;
use bearerd::error::Code;
use bearerd::state::pats::NewPat;
use bearerd::store::{Namespace, Page, Store, StoreKey};
use serde_json::{Value, json};

use crate::stores::{Make, on_every_store};
use crate::world::{DAY, START, World, ada, alone};

on_every_store!(
    a_token_is_good_as_soon_as_it_is_created,
    r5_the_store_never_holds_the_token,
);

fn a_token_is_good_as_soon_as_it_is_created(make: Make) {
    let world = World::new(make);
    let (one, other) = (world.process(), world.process());
    let created = one.create(ada());
    for process in [&other, &one] {
        assert_eq!(process.code(&*created.token), Code::Ok);
    }
    let pat = one.pats.get(&created.pat.id).unwrap().unwrap();
    assert_eq!(pat, created.pat);
    assert_eq!(pat.created_at, START);
    assert_ne!(*one.create(ada()).token, *created.token);
}

/// Row R5: who reads the whole store finds neither the token nor a piece of it.
fn r5_the_store_never_holds_the_token(make: Make) {
    let world = World::new(make);
    let process = world.process();
    // No hexadecimal text has it by chance.
    let mut new = NewPat::of("hidden-subject");
    new.description = "a laptop".to_owned();
    let created = process.create(new);
    assert_eq!(process.code(&*created.token), Code::Ok);
    process.uses.write_all();
    let random = &created.token["acme_pat_".len()..][..12];
    let mut seen = 0;
    for namespace in [Namespace::new("pat"), Namespace::new("pat-of")] {
        let prefix = StoreKey::new(namespace, &[]).unwrap();
        for (key, entry) in world.store.scan(&prefix, None, Page::MAX).unwrap().items {
            let value = String::from_utf8(entry.value.expose().to_vec()).unwrap();
            assert!(!key.as_str().contains(random) && !value.contains(random));
            seen += 1;
        }
    }
    assert_eq!(seen, 2);
    for shown in [
        format!("{created:?}"),
        format!("{:?}", process.pats),
        format!("{:?}", process.verifier),
        format!("{:?}", process.uses),
    ] {
        assert!(
            !shown.contains(random) && !shown.contains("laptop"),
            "{shown}"
        );
        assert!(!shown.contains("hidden"), "{shown}");
    }
}

/// What is wrong is named, and nothing is written.
#[test]
fn wrong_drafts_are_refused_by_name() {
    let (world, process) = alone();
    let asked = world.store.calls();
    let claims = |value: Value| value.as_object().unwrap().clone();
    let with = |change: &dyn Fn(&mut NewPat)| {
        let mut new = ada();
        change(&mut new);
        new
    };
    let cases = [
        ("subject", with(&|new| new.subject = String::new())),
        ("subject", with(&|new| new.subject = "s".repeat(513))),
        (
            "description",
            with(&|new| new.description = "d".repeat(513)),
        ),
        ("scopes", with(&|new| new.scopes = vec![String::new()])),
        ("scopes", with(&|new| new.scopes = vec!["a b".to_owned()])),
        ("scopes", with(&|new| new.scopes = vec!["a\"b".to_owned()])),
        ("scopes", with(&|new| new.scopes = vec!["é".to_owned()])),
        ("scopes", with(&|new| new.scopes = vec!["s".repeat(257)])),
        (
            "scopes",
            with(&|new| new.scopes = vec!["s".to_owned(); 129]),
        ),
        (
            "ttl",
            with(&|new| new.lifetime = Some(Duration::from_millis(999))),
        ),
        ("ttl", with(&|new| new.lifetime = Some(Duration::MAX))),
        (
            "claims",
            with(&|new| new.claims = claims(json!({"x": "y".repeat(4_096)}))),
        ),
        (
            "claims",
            with(&|new| new.claims = claims(json!({"sub": "root"}))),
        ),
        (
            "claims",
            with(&|new| new.claims = claims(json!({"iss": "me"}))),
        ),
        (
            "claims",
            with(&|new| new.claims = claims(json!({"aud": "all"}))),
        ),
        (
            "claims",
            with(&|new| new.claims = claims(json!({"exp": 1e300}))),
        ),
        (
            "claims",
            with(&|new| new.claims = claims(json!({"nbf": 0}))),
        ),
        (
            "claims",
            with(&|new| new.claims = claims(json!({"iat": 0}))),
        ),
        (
            "claims",
            with(&|new| new.claims = claims(json!({"jti": "x"}))),
        ),
        (
            "claims",
            with(&|new| new.claims = claims(json!({"scope": "admin"}))),
        ),
        (
            "claims",
            with(&|new| new.claims = claims(json!({"family": "x"}))),
        ),
    ];
    for (member, new) in cases {
        let fault = process.try_create(new).unwrap_err();
        assert_eq!(fault.code(), Code::ValidationError);
        assert!(
            fault.to_string().starts_with(&format!("{member}: ")),
            "{fault}"
        );
    }
    assert_eq!(world.store.calls(), asked);
}

#[test]
fn a_lifetime_is_the_callers_or_the_profiles_longest() {
    let world = World::new(crate::stores::memory);
    let names = World::names();
    let process = world.process_with(World::strict(), names, |settings| {
        settings.max_lifetime = Some(30 * DAY);
    });
    let mut new = ada();
    assert_eq!(
        process.create(new.clone()).pat.expires_at,
        Some(START.plus(30 * DAY))
    );
    new.lifetime = Some(DAY);
    assert_eq!(
        process.create(new.clone()).pat.expires_at,
        Some(START.plus(DAY))
    );
    new.lifetime = Some(31 * DAY);
    let fault = process.try_create(new).unwrap_err();
    assert_eq!(fault.code(), Code::ValidationError);
    let free = world.process();
    assert_eq!(free.create(ada()).pat.expires_at, None);
}

/// A claim that the profile requires must be given, since nobody could use the token otherwise.
#[test]
fn what_the_profile_would_refuse_is_not_created() {
    let (_, process) = alone();
    // A watermark of this very second voids what is created in it.
    let log_until = START.plus(DAY);
    let index = process.verifier.revocations();
    index
        .revoke_subject(b"ada", UnixMillis::from_secs(START.secs() + 1), log_until)
        .unwrap();
    let fault = process.try_create(ada()).unwrap_err();
    assert_eq!(fault.code(), Code::ValidationError);
    assert!(fault.to_string().contains("try again"), "{fault}");
    assert!(process.try_create(NewPat::of("bob")).is_ok());
}

/// Hostile subjects stay apart, and come back as they were.
#[test]
fn subjects_of_any_text_stay_apart() {
    let (_, process) = alone();
    let subjects = [
        "a",
        "a/",
        "a/b",
        "a%2Fb",
        "*",
        "a:b",
        "{a}",
        "a\nb",
        "\0",
        "ä",
        "a\"b\\",
        "../a",
        " a ",
        "\u{202e}a",
    ];
    let long = "s".repeat(512);
    let subjects: Vec<&str> = subjects.into_iter().chain([long.as_str()]).collect();
    for subject in &subjects {
        let created = process.create(NewPat::of(*subject));
        let verified = process
            .verifier
            .verify(&*created.token, &Default::default())
            .unwrap();
        assert_eq!(verified.subject().as_deref(), Some(*subject));
    }
    for subject in &subjects {
        let listed = process.pats.list(subject, None, 100).unwrap().pats;
        assert_eq!(listed.len(), 1, "{subject:?}");
        assert_eq!(listed[0].subject, *subject);
    }
}
