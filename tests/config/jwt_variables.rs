use super::*;

fn config<const N: usize>(pairs: [(&str, &str); N]) -> Result<Option<Config>, Fault> {
    Config::from_jwt_environment(&Environment::from(pairs))
}

fn built<const N: usize>(pairs: [(&str, &str); N]) -> Result<Profiles, Fault> {
    let environment = Environment::from(pairs);
    Config::from_jwt_environment(&environment)?
        .expect("JWT_* variables are set")
        .build(&environment, &clock())
}

#[test]
fn are_no_configuration_where_none_is_set() {
    assert!(config([]).unwrap().is_none());
    assert!(
        config([("JWT_SECRET", ""), ("PATH", "/bin")])
            .unwrap()
            .is_none()
    );
    assert!(config([("JWT_COOKIE", "x")]).unwrap().is_none());
}

#[test]
fn make_one_profile_from_a_secret() {
    for pairs in [
        [("JWT_ALGORITHM", "HS256"), ("JWT_SECRET", SECRET)],
        [("JWT_ALGORITHM", ""), ("JWT_SECRET", SECRET)],
    ] {
        let profiles = built(pairs).unwrap();
        let profile = profiles.get(None).unwrap();
        assert_eq!(profile.name(), "default");
        assert_eq!(profile.verifier().keys().algorithms(), [Algorithm::HS256]);
        assert_eq!(profile.issues(), (true, true));
    }
}

#[test]
fn sign_and_read_the_claims_as_they_are_spelled_there() {
    let profiles = built([
        ("JWT_SECRET", SECRET),
        ("JWT_ACCESS_TTL", "3600s"),
        ("JWT_REFRESH_TTL", "1h"),
    ])
    .unwrap();
    let profile = profiles.get(None).unwrap();
    let claims = serde_json::from_str(
        r#"{"sub": "7", "roleId": 4, "vip": true, "teamId": "t1", "deviceId": "d1", "scope": ["a", "b"]}"#,
    )
    .unwrap();
    let pair = profile.sign_pair(&claims, None).unwrap();
    assert_eq!(
        pair.access.expires_at,
        Some(UnixMillis::from_secs(NOW + 3600))
    );
    let guard = bearerd::guard::Guard::from_json(
        br#"{"roles": [4], "vip": true, "team": ["t1"], "device": true, "scopes": ["a"], "token": "access"}"#,
    )
    .unwrap();
    let options = VerifyOptions::default().guard(&guard).device("d1");
    let verified = profile
        .verifier()
        .verify(&pair.access.token, &options)
        .unwrap();
    assert_eq!(verified.kind(), Some(TokenKind::Access));
    assert!(verified.get("tokenType").is_some());
    // A refresh token is for rotation alone, and rotates.
    let reject = profile
        .verifier()
        .verify(&pair.refresh.token, &VerifyOptions::default())
        .unwrap_err();
    assert_eq!(reject.code(), Code::WrongTokenKind);
    let rotated = profile
        .rotate(&pair.refresh.token, &ClaimChange::default(), None)
        .unwrap();
    assert_ne!(rotated.access, pair.access.token);
}

#[test]
fn make_exp_optional_only_where_a_lifetime_is_none() {
    let pairs = [("JWT_SECRET", SECRET), ("JWT_ACCESS_TTL", "none")];
    let profiles = built(pairs).unwrap();
    let profile = profiles.get(None).unwrap();
    let claims = serde_json::from_str(r#"{"sub": "7"}"#).unwrap();
    let signed = profile.sign(TokenKind::Access, &claims, None).unwrap();
    assert_eq!(signed.expires_at, None);
    assert!(
        profile
            .verifier()
            .verify(&signed.token, &VerifyOptions::default())
            .is_ok()
    );
    assert!(!profile.verifier().rules().expiration_required);
    let remarks = config(pairs).unwrap().unwrap().lint();
    assert!(
        remarks
            .iter()
            .any(|(_, remark)| remark.contains("live for ever")),
        "{remarks:?}"
    );

    let profiles = built([("JWT_SECRET", SECRET), ("JWT_ACCESS_TTL", "900")]).unwrap();
    assert!(
        profiles
            .get(None)
            .unwrap()
            .verifier()
            .rules()
            .expiration_required
    );
}

#[test]
fn that_are_wrong_are_named() {
    let short_of = |pairs: [(&str, &str); 3], parts: &[&str]| {
        refused(config(pairs), parts);
    };
    let none = ("X", "");
    short_of(
        [("JWT_ALGORITHM", "HS256"), none, none],
        &["JWT_SECRET", "is not set"],
    );
    for algorithm in ["RS256", "PS384", "ES256", "EdDSA"] {
        short_of(
            [
                ("JWT_ALGORITHM", algorithm),
                ("JWT_PRIVATE_KEY_PATH", "/k"),
                none,
            ],
            &["JWT_PUBLIC_KEY_PATH", "is not set", algorithm],
        );
        short_of(
            [
                ("JWT_ALGORITHM", algorithm),
                ("JWT_PUBLIC_KEY_PATH", "/k"),
                none,
            ],
            &["JWT_PRIVATE_KEY_PATH", "is not set", algorithm],
        );
        short_of(
            [("JWT_ALGORITHM", algorithm), none, none],
            &["JWT_PRIVATE_KEY_PATH"],
        );
    }
    short_of(
        [("JWT_ALGORITHM", "none"), ("JWT_SECRET", SECRET), none],
        &["JWT_ALGORITHM", "is not an algorithm"],
    );
    short_of(
        [
            ("JWT_ALGORITHM", "HS256,RS256"),
            ("JWT_SECRET", SECRET),
            none,
        ],
        &["JWT_ALGORITHM"],
    );
    short_of(
        [
            ("JWT_PRIVATE_KEY_PATH", "/k"),
            ("JWT_PUBLIC_KEY_PATH", "/k"),
            none,
        ],
        &["JWT_ALGORITHM", "is not set"],
    );
    short_of(
        [("JWT_ACCESS_TTL", "15m"), none, none],
        &["JWT_ALGORITHM", "is not set"],
    );
    for span in ["15 m", "1w", "-1", "0", "None", "99999999999999999999d"] {
        short_of(
            [("JWT_SECRET", SECRET), ("JWT_ACCESS_TTL", span), none],
            &["JWT_ACCESS_TTL", span],
        );
        short_of(
            [("JWT_SECRET", SECRET), ("JWT_REFRESH_TTL", span), none],
            &["JWT_REFRESH_TTL", span],
        );
    }
}

#[test]
fn that_would_do_nothing_are_refused() {
    refused(
        config([
            ("JWT_ALGORITHM", "RS256"),
            ("JWT_SECRET", SECRET),
            ("JWT_PRIVATE_KEY_PATH", "/k"),
            ("JWT_PUBLIC_KEY_PATH", "/p"),
        ]),
        &["JWT_SECRET", "of no use to RS256"],
    );
    refused(
        config([
            ("JWT_ALGORITHM", "HS256"),
            ("JWT_SECRET", SECRET),
            ("JWT_PUBLIC_KEY_PATH", "/p"),
        ]),
        &["JWT_PUBLIC_KEY_PATH", "of no use to HS256"],
    );
    refused(
        config([
            ("JWT_SECRET", SECRET),
            ("JWT_ISSUER", "https://issuer.example"),
        ]),
        &["JWT_ISSUER", "is not a variable that is read"],
    );
}

#[test]
fn refuse_placeholders() {
    for secret in ["dev-secret", "dev-secret-dev-secret-dev-secret-dev"] {
        let chain = refused(
            built([("JWT_SECRET", secret)]),
            &["JWT_SECRET", "placeholder", "bearerd keygen"],
        );
        assert!(!chain.contains(secret), "{chain}");
    }
    refused(
        built([("JWT_SECRET", "8mTn0cWf5yB2xKq")]),
        &["JWT_SECRET", "15 bytes"],
    );
}

#[test]
fn take_a_key_pair() {
    let folder = tempfile::tempdir().unwrap();
    for algorithm in [Algorithm::ES256, Algorithm::EdDSA] {
        let (private, public) = key_pair(folder.path(), algorithm);
        let pairs = [
            ("JWT_ALGORITHM", algorithm.name()),
            ("JWT_PRIVATE_KEY_PATH", private.to_str().unwrap()),
            ("JWT_PUBLIC_KEY_PATH", public.to_str().unwrap()),
        ];
        let profiles = built(pairs).unwrap();
        let profile = profiles.get(None).unwrap();
        let claims = serde_json::from_str(r#"{"sub": "7"}"#).unwrap();
        let signed = profile.sign(TokenKind::Access, &claims, None).unwrap();
        assert!(
            profile
                .verifier()
                .verify(&signed.token, &VerifyOptions::default())
                .is_ok()
        );
        fs::remove_file(&public).unwrap();
        refused(built(pairs), &[public.to_str().unwrap(), "cannot be read"]);
    }
}

#[test]
fn are_overridden_like_a_file() {
    let pairs = [
        ("JWT_SECRET", SECRET),
        (
            "BEARERD_PROFILES__DEFAULT__ISSUER",
            "https://issuer.example",
        ),
        ("BEARERD_PROFILES__DEFAULT__ROTATION__REUSE", "stateless"),
    ];
    let config = config(pairs).unwrap().unwrap();
    assert_eq!(
        config.profiles["default"].issuer.as_ref().unwrap().0,
        ["https://issuer.example"]
    );
    refused(
        built([
            ("JWT_SECRET", SECRET),
            ("BEARERD_PROFILES__DEFAULT__ISUER", "x"),
        ]),
        &["BEARERD_PROFILES__DEFAULT__ISUER", "unknown field `isuer`"],
    );
}
