//! A token is judged as any other: times, audience, kind, guards, revocation.

use std::time::Duration;

use bearerd::claims::TokenKind;
use bearerd::error::{Code, Reject};
use bearerd::store::{Namespace, Store, StoreKey, Swap};
use bearerd::verify::VerifyOptions;
use serde_json::json;

use crate::stores::{Make, memory, on_every_store};
use crate::world::{DAY, PREFIX, START, World, ada, alone};

on_every_store!(
    r5_an_expired_token,
    r5_an_unknown_token,
    r5_a_store_that_does_not_answer,
);

/// Row R5: at its very end, in the cache and out of it, and for long after it.
fn r5_an_expired_token(make: Make) {
    let world = World::new(make);
    let (warm, cold) = (world.process(), world.process());
    let mut new = ada();
    new.lifetime = Some(Duration::from_secs(60));
    let created = warm.create(new);
    assert_eq!(warm.code(&*created.token), Code::Ok);
    world.clock.advance(Duration::from_millis(59_999));
    assert_eq!(warm.code(&*created.token), Code::Ok);
    world.clock.advance(Duration::from_millis(1));
    for process in [&warm, &cold] {
        for _ in 0..2 {
            assert_eq!(process.code(&*created.token), Code::Expired);
        }
    }
    world.clock.advance(29 * DAY);
    assert_eq!(world.process().code(&*created.token), Code::Expired);
    world.clock.advance(2 * DAY);
    let code = world.process().code(&*created.token);
    assert_eq!(code, Code::InvalidSignature, "its record is gone");
}

/// Row R5: of the right form and nobody's. One read of the store each time, and nothing is kept.
fn r5_an_unknown_token(make: Make) {
    let world = World::new(make);
    let process = world.process();
    // Made by another profile of the same prefix, on another store.
    let elsewhere = World::new(memory).process().create(ada());
    let asked = world.store.calls();
    for time in 1..=3 {
        assert_eq!(process.code(&*elsewhere.token), Code::InvalidSignature);
        assert_eq!(world.store.calls(), asked + time);
    }
    assert_eq!(process.verifier.cache_stats().inserts, 0);
    assert_eq!(process.verifier.pats().unwrap().stats().unknown, 3);
}

/// Row R5: a cached one is judged on, an uncached one is refused in so many words.
fn r5_a_store_that_does_not_answer(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let (known, other) = (process.create(ada()), process.create(ada()));
    assert_eq!(process.code(&*known.token), Code::Ok);
    world.store.set_broken(true);
    assert_eq!(process.code(&*known.token), Code::Ok);
    assert_eq!(process.code(&*other.token), Code::StoreUnavailable);
    assert_eq!(process.verifier.pats().unwrap().stats().failed, 1);
    world.store.set_broken(false);
    assert_eq!(process.code(&*other.token), Code::Ok);
}

#[test]
fn a_token_looks_like_the_profiles_own_claims() {
    let world = World::new(memory);
    let mut names = World::names();
    names.subject = "uid".to_owned();
    names.scope = "scp".to_owned();
    names.role = "roleId".to_owned();
    let process = world.process_with(World::strict(), names, |_| {});
    let mut new = ada();
    new.scopes = vec!["read:a".to_owned(), "write:b".to_owned()];
    new.claims = json!({"roleId": 7, "team": ["x"]})
        .as_object()
        .unwrap()
        .clone();
    new.lifetime = Some(DAY);
    let created = process.create(new);
    let verified = process
        .verifier
        .verify(&*created.token, &VerifyOptions::default())
        .unwrap();
    let claims: serde_json::Value = verified.deserialize().unwrap();
    assert_eq!(
        claims,
        json!({
            "iss": "https://acme.example", "aud": ["api", "web"], "uid": "ada",
            "iat": START.secs(), "exp": START.secs() + 86_400, "jti": created.pat.id,
            "type": "pat", "scp": "read:a write:b", "roleId": 7, "team": ["x"],
        })
    );
    assert_eq!(verified.kind(), Some(TokenKind::Pat));
    assert_eq!((verified.algorithm(), verified.kid()), (None, None));
    assert_eq!(verified.subject().as_deref(), Some("ada"));
    assert!(!verified.was_cached());
    assert!(
        process
            .verifier
            .verify(&*created.token, &VerifyOptions::default())
            .unwrap()
            .was_cached()
    );
}

/// A profile's audiences are its tokens', and no others; its rules on age and `typ` are about
/// signed tokens.
#[test]
fn audience_age_and_type() {
    let world = World::new(memory);
    let process = world.process_with(World::strict(), World::names(), |_| {});
    let created = process.create(ada());
    let audience = |audience| {
        process.code_of(
            &*created.token,
            &VerifyOptions::default().audience(audience),
        )
    };
    for _ in 0..2 {
        assert_eq!(audience("api"), Code::Ok);
        assert_eq!(audience("web"), Code::Ok);
        for other in ["", "ap", "API", "api\0", "other"] {
            assert_eq!(audience(other), Code::InvalidClaim);
        }
    }
    world.clock.advance(400 * DAY);
    assert_eq!(
        process.code(&*created.token),
        Code::StoreUnavailable,
        "nothing was heard for long"
    );
    let later = world.process_with(World::strict(), World::names(), |_| {});
    assert_eq!(
        later.code(&*created.token),
        Code::Ok,
        "far older than max_age"
    );
}

#[test]
fn kinds_are_told_apart() {
    let world = World::new(memory);
    for names in [World::names(), bearerd::claims::ClaimNames::default()] {
        let process = world.process_with(World::strict(), names, |_| {});
        let token = process.create(ada()).token;
        for _ in 0..2 {
            assert_eq!(process.code(&*token), Code::Ok);
            let kind = |kind| process.code_of(&*token, &VerifyOptions::default().kind(kind));
            assert_eq!(kind(TokenKind::Pat), Code::Ok);
            assert_eq!(kind(TokenKind::Access), Code::WrongTokenKind);
            assert_eq!(kind(TokenKind::Refresh), Code::WrongTokenKind);
            assert_eq!(process.guarded(&token, r#"{"token": "pat"}"#), Code::Ok);
            assert_eq!(
                process.guarded(&token, r#"{"token": "access"}"#),
                Code::WrongTokenKind
            );
            assert_eq!(
                process.guarded(&token, r#"{"token": "refresh"}"#),
                Code::WrongTokenKind
            );
            let either = r#"{"any": [{"token": "access"}, {"token": "pat"}]}"#;
            assert_eq!(process.guarded(&token, either), Code::Ok);
            assert_eq!(
                process.guarded(&token, r#"{"not": {"token": "pat"}}"#),
                Code::Forbidden
            );
            assert_eq!(
                process.guarded(&token, r#"{"not": {"token": "access"}}"#),
                Code::Ok
            );
        }
    }
}

#[test]
fn guards_hold_as_for_any_token() {
    let (_, process) = alone();
    let mut new = ada();
    new.scopes = vec!["read".to_owned()];
    new.claims = json!({"role": ["editor"], "vip": true, "device_id": "d1"})
        .as_object()
        .unwrap()
        .clone();
    let token = process.create(new).token;
    let bare = process.create(ada()).token;
    for _ in 0..2 {
        for (rule, code) in [
            (r#"{"scopes": ["read"]}"#, Code::Ok),
            (r#"{"scopes": ["read", "write"]}"#, Code::Forbidden),
            (r#"{"any_scope": ["write", "read"]}"#, Code::Ok),
            (r#"{"roles": ["editor"]}"#, Code::Ok),
            (r#"{"roles": ["admin"]}"#, Code::Forbidden),
            (r#"{"vip": true}"#, Code::Ok),
            (r#"{"device": true}"#, Code::DeviceMismatch),
        ] {
            assert_eq!(process.guarded(&token, rule), code, "{rule}");
        }
        assert_eq!(
            process.guarded(&bare, r#"{"scopes": ["read"]}"#),
            Code::Forbidden
        );
        assert_eq!(
            process.guarded(&bare, r#"{"not": {"scopes": ["read"]}}"#),
            Code::Forbidden
        );
    }
}

/// A token of the same text under another profile is another token.
#[test]
fn profiles_share_nothing() {
    let (world, process) = alone();
    let created = process.create(ada());
    let mut settings = bearerd::state::pats::PatSettings::new(
        bearerd::state::pats::PatFormat::new(PREFIX).unwrap(),
    );
    settings.max_lifetime = None;
    let other = bearerd::state::pats::PatStore::new(
        "other",
        settings,
        world.store.clone(),
        bearerd::crypto::providers()[0],
        world.clock.clone(),
    );
    let verdict = other.find(created.token.as_bytes()).map(|_| ());
    assert_eq!(verdict, Err(Reject::new(Code::InvalidSignature)));
}

/// Row R5: the record's name has half of the hash; the other half counts as well.
#[test]
fn r5_the_whole_hash_is_compared() {
    let (world, process) = alone();
    let (one, other) = (process.create(ada()), process.create(ada()));
    let record = |id: &str| {
        let parts: [&[u8]; 2] = [b"web", id.as_bytes()];
        let key = StoreKey::new(Namespace::new("pat"), &parts).unwrap();
        let entry = world.store.get(&key).unwrap().unwrap();
        (key, entry)
    };
    let (key, entry) = record(&one.pat.id);
    let (_, foreign) = record(&other.pat.id);
    let value = foreign.value.expose();
    let swap = world
        .store
        .compare_and_swap(&key, entry.version, value, entry.expires);
    assert!(matches!(swap, Ok(Swap::Stored(_))));
    assert_eq!(process.code(&*one.token), Code::InvalidSignature);
    assert_eq!(process.code(&*other.token), Code::Ok);
    // Nor is a record that nobody here wrote taken for one.
    let (key, entry) = record(&one.pat.id);
    for broken in [
        "",
        "{}",
        "null",
        "{\"sha256\":\"\",\"sub\":\"root\",\"created\":0}",
    ] {
        let version = record(&one.pat.id).1.version;
        let swap = world
            .store
            .compare_and_swap(&key, version, broken.as_bytes(), entry.expires);
        assert!(matches!(swap, Ok(Swap::Stored(_))));
        assert_eq!(
            process.code(&*one.token),
            Code::StoreUnavailable,
            "{broken}"
        );
    }
}

/// What the operator is told, in words; what of the token is quoted is its claims.
#[test]
fn explains_why() {
    let (world, process) = alone();
    let mut new = ada();
    new.lifetime = Some(DAY);
    let created = process.create(new);
    let explain =
        |options: &VerifyOptions<'_>| process.verifier.explain(&*created.token, options).to_json();
    assert!(explain(&VerifyOptions::default()).contains("\"code\":\"OK\""));
    let guard = bearerd::guard::Guard::from_json(br#"{"scopes": ["x"]}"#).unwrap();
    let text = explain(&VerifyOptions::default().guard(&guard));
    assert!(
        text.contains("FORBIDDEN") && text.contains("\"claim\":\"scope\""),
        "{text}"
    );
    world.clock.advance(DAY);
    let text = explain(&VerifyOptions::default());
    assert!(
        text.contains("EXPIRED") && text.contains("\"claim\":\"exp\""),
        "{text}"
    );
    let text = process
        .verifier
        .explain("acme_pat_x", &VerifyOptions::default())
        .to_json();
    assert!(
        text.contains("not of the form of a personal access token"),
        "{text}"
    );
    assert!(!text.contains(&created.token[PREFIX.len()..]));
}
