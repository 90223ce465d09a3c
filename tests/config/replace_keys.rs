use super::*;

fn set(secret: &str, more: &str) -> String {
    format!(r#"{{"keys": [{{"kty": "oct", "alg": "HS256", "k": "{secret}"{more}}}]}}"#)
}

fn one_profile(sign: &str) -> Profiles {
    build(&format!(
        "[profiles.a]\nalgorithms = [\"HS256\"]\n{sign}[[profiles.a.keys]]\nsecret_base64url = \"{SECRET}\"\n"
    ))
    .unwrap()
}

fn signed(profiles: &Profiles) -> String {
    let claims = serde_json::from_str(r#"{"sub": "ada"}"#).unwrap();
    let profile = profiles.get(None).unwrap();
    profile
        .sign(TokenKind::Access, &claims, None)
        .unwrap()
        .token
}

fn verdict(profiles: &Profiles, token: &str) -> Code {
    let verifier = profiles.get(None).unwrap().verifier();
    match verifier.verify(token, &VerifyOptions::default()) {
        Ok(_) => Code::Ok,
        Err(reject) => reject.code(),
    }
}

#[test]
fn tokens_of_keys_that_left_are_refused_and_new_ones_signed() {
    let profiles = one_profile("[profiles.a.sign]\n");
    let old = signed(&profiles);
    assert_eq!(verdict(&profiles, &old), Code::Ok);
    let profile = profiles.get(None).unwrap();
    assert_eq!(profile.replace_keys(&set(OTHER, "")).unwrap(), 1);
    assert_eq!(verdict(&profiles, &old), Code::InvalidSignature);
    let new = signed(&profiles);
    assert_eq!(verdict(&profiles, &new), Code::Ok);
    // What is configured still counts for a reload.
    let _ = profiles.reload_keys().unwrap();
    assert_eq!(verdict(&profiles, &old), Code::Ok);
    assert_eq!(verdict(&profiles, &new), Code::InvalidSignature);
}

#[test]
fn a_set_that_cannot_be_used_changes_nothing() {
    let profiles = one_profile("[profiles.a.sign]\n");
    let old = signed(&profiles);
    let profile = profiles.get(None).unwrap();
    for (text, why) in [
        (String::new(), "the new key set: not a usable JWK set"),
        ("{}".to_owned(), "the new key set: not a usable JWK set"),
        (r#"{"keys": []}"#.to_owned(), "holds no key"),
        (set("c2hvcnQ", ""), "looks like a placeholder"),
        (set(OTHER, r#", "key_ops": ["verify"]"#), "no key can sign"),
    ] {
        let fault = profile.replace_keys(&text).unwrap_err();
        assert_eq!(fault.code(), Code::ConfigError);
        let chain = fault.chain();
        assert!(chain.contains(why), "{chain}");
        assert!(!chain.contains(OTHER), "{chain}");
        assert_eq!(verdict(&profiles, &old), Code::Ok);
        assert_eq!(verdict(&profiles, &signed(&profiles)), Code::Ok);
    }
}

/// A profile that only verifies takes a set that only verifies.
#[test]
fn a_set_to_verify_with_is_enough_for_a_profile_that_does_not_sign() {
    let (signs, verifies) = (one_profile("[profiles.a.sign]\n"), one_profile(""));
    let profile = verifies.get(None).unwrap();
    let token = signed(&signs);
    assert_eq!(verdict(&verifies, &token), Code::Ok);
    let only = r#", "key_ops": ["verify"]"#;
    profile.replace_keys(&set(OTHER, only)).unwrap();
    assert_eq!(verdict(&verifies, &token), Code::InvalidSignature);
    profile.replace_keys(&set(SECRET, only)).unwrap();
    assert_eq!(verdict(&verifies, &token), Code::Ok);
}
