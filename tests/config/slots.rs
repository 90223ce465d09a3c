use super::*;

/// Bindings keep objects by slot: no two profiles share a number.
#[test]
fn the_slots_of_profiles_are_apart() {
    let section = |name: &str, entries: usize| {
        format!(
            "[profiles.{name}]\nalgorithms = [\"HS256\"]\nkeys = [{{ secret_base64url = \"{SECRET}\" }}]\n\
             [profiles.{name}.cache]\nmax_entries = {entries}\n[profiles.{name}.sign]\n"
        )
    };
    let profiles = build(&(section("a", 16) + &section("b", 0) + &section("c", 32))).unwrap();
    let slots = |name| profiles.get(Some(name)).unwrap().verifier().slots();
    assert_eq!(slots("a"), 0..16);
    assert_eq!(slots("b"), 16..16);
    assert_eq!(slots("c"), 16..48);
    assert_eq!(profiles.slots(), 48);
    let claims = serde_json::from_str(r#"{"sub": "ada"}"#).unwrap();
    let signer = profiles.get(Some("a")).unwrap();
    let mut seen = std::collections::BTreeSet::new();
    for _ in 0..200 {
        let token = signer.sign(TokenKind::Access, &claims, None).unwrap().token;
        for name in ["a", "b", "c"] {
            let verifier = profiles.get(Some(name)).unwrap().verifier();
            let options = VerifyOptions::default();
            let verified = verifier.verify(&token, &options).unwrap();
            match verified.slot() {
                Some(slot) => {
                    assert!(slots(name).contains(&slot), "{name}: {slot}");
                    seen.insert(slot);
                    assert!(verifier.verify_cached(&token, &options).is_some());
                }
                None => assert!(verifier.verify_cached(&token, &options).is_none()),
            }
        }
    }
    assert!(seen.len() > 40, "{seen:?}");
}

/// A look-up is as strict as a verification, and makes none.
#[test]
fn a_look_up_alone_verifies_nothing_and_forgives_nothing() {
    let profiles = build(&format!(
        "[profiles.a]\nalgorithms = [\"HS256\"]\nkeys = [{{ secret_base64url = \"{SECRET}\" }}]\n[profiles.a.sign]\n"
    ))
    .unwrap();
    let profile = profiles.get(None).unwrap();
    let claims = serde_json::from_str(r#"{"sub": "ada"}"#).unwrap();
    let signed = profile.sign(TokenKind::Access, &claims, None).unwrap();
    let verifier = profile.verifier();
    let options = VerifyOptions::default();
    let look_up = || {
        let verdict = verifier.verify_cached(&signed.token, &options)?;
        Some(verdict.map_or_else(Reject::code, |_| Code::Ok))
    };
    assert_eq!(look_up(), None);
    assert_eq!(look_up(), None, "nothing was stored by asking");
    assert!(verifier.verify(&signed.token, &options).is_ok());
    assert_eq!(look_up(), Some(Code::Ok));
    let strict = options.audience("https://api.example");
    let verdict = verifier.verify_cached(&signed.token, &strict).unwrap();
    assert_eq!(verdict.unwrap_err().code(), Code::InvalidClaim);
    profile.revoke_handle(&signed.token_id).unwrap();
    assert_eq!(look_up(), Some(Code::Revoked));
    let other = format!(r#"{{"keys": [{{"kty": "oct", "alg": "HS256", "k": "{OTHER}"}}]}}"#);
    profile.replace_keys(&other).unwrap();
    assert_eq!(look_up(), None, "its key has left");
    assert!(verifier.verify(&signed.token, &options).is_err());
}
