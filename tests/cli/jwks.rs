use super::*;

#[test]
fn what_is_printed_verifies_and_holds_nothing_private() {
    for algorithm in ["RS256", "ES256", "EdDSA"] {
        let desk = Desk::new();
        let pem = desk.path("key.pem");
        bearerd(&["keygen", "--alg", algorithm, "--out", &pem]).run();
        let config = desk.write(
            "key.toml",
            &format!(
                "[profiles.p]\nalgorithms = [\"{algorithm}\"]\n[profiles.p.sign]\n[[profiles.p.keys]]\npem_file = \"{pem}\"\nkid = \"k1\"\n"
            ),
        );
        let token = bearerd(&["token", "sign", "--config", &config, "--claims", "{}"]).good();
        let of_pem = bearerd(&["jwks", "--pem", &pem, "--alg", algorithm, "--kid", "k1"]).good();
        let of_config = bearerd(&["jwks", "--config", &config]).good();
        assert_eq!(of_pem, of_config);
        let set: Value = serde_json::from_str(&of_pem).unwrap();
        let key = set["keys"][0].as_object().unwrap();
        for private in ["d", "p", "q", "dp", "dq", "qi", "k"] {
            assert!(!key.contains_key(private), "{private}");
        }
        let file = desk.write("keys.json", &of_pem);
        let verdict = bearerd(&[
            "token",
            "verify",
            "--jwks",
            &file,
            "--alg",
            algorithm,
            token.trim_end(),
        ]);
        assert_eq!(code(&verdict.verdict(0)), "OK");
        let verdict = bearerd(&["token", "verify", "--pem", &pem, "--alg", algorithm, "-"])
            .input(token.clone());
        assert_eq!(code(&verdict.verdict(0)), "OK");
        // The set from standard input, the token as an argument.
        let verdict = bearerd(&[
            "token",
            "verify",
            "--jwks",
            "-",
            "--alg",
            algorithm,
            token.trim_end(),
        ])
        .input(of_pem);
        assert_eq!(code(&verdict.verdict(0)), "OK");
    }
}

#[test]
fn a_shared_secret_is_refused_with_the_reason() {
    let desk = Desk::new();
    let file = desk.path("key.jwk");
    bearerd(&[
        "keygen", "--alg", "HS256", "--format", "jwk", "--out", &file,
    ])
    .run();
    let secret: Value = serde_json::from_str(&fs::read_to_string(&file).unwrap()).unwrap();
    let err = bearerd(&["jwks", "--jwk", &file]).fails(64, &[&file, "no public half", "everybody"]);
    assert!(!err.contains(secret["k"].as_str().unwrap()));
    let run = bearerd(&["jwks", "--config", &desk.path("app.toml")]).run();
    assert_eq!((run.exit, run.out.as_str()), (64, ""), "{run:?}");
    assert!(
        run.err.contains("\"api\" (HS256)") && run.err.contains("never published"),
        "{run:?}"
    );
    // A secret in a file that should be PEM.
    bearerd(&["jwks", "--pem", &desk.path("secret")]).fails(64, &["no PEM block"]);
}

#[test]
fn a_key_of_another_kind_is_refused() {
    let desk = Desk::new();
    let pem = desk.path("key.pem");
    bearerd(&["keygen", "--alg", "ES256", "--out", &pem]).run();
    bearerd(&["jwks", "--pem", &pem, "--alg", "RS256"])
        .fails(64, &["--alg", "RS256", "another kind"]);
    bearerd(&["jwks", "--pem", &desk.path("missing")]).fails(64, &["missing", "cannot be read"]);
}
