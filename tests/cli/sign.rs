use super::*;

#[test]
fn a_pair_is_two_lines_of_the_two_kinds() {
    let desk = Desk::new();
    let config = desk.path("app.toml");
    let sign = |more: &[&str]| {
        let mut arguments = vec![
            "token",
            "sign",
            "--config",
            &config,
            "--claims",
            "{\"sub\":\"ada\"}",
        ];
        arguments.extend(more);
        bearerd(&arguments).good()
    };
    let pair = sign(&["--kind", "pair"]);
    let tokens: Vec<&str> = pair.lines().collect();
    assert_eq!(tokens.len(), 2);
    for (token, kind) in tokens.into_iter().zip(["access", "refresh"]) {
        let verdict = desk.verify(&[token]).verdict(0);
        assert_eq!(verdict["claims"]["kind"], kind);
    }
    let access = sign(&[]);
    assert_eq!(
        desk.verify(&["-"]).input(access).verdict(0)["claims"]["kind"],
        "access"
    );
    let refresh = sign(&["--kind", "refresh", "--profile", "api", "--ttl", "90s"]);
    let claims = &desk.verify(&["-"]).input(refresh.clone()).verdict(0)["claims"];
    assert_eq!(claims["kind"], "refresh");
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        90
    );
    // Where the configuration tells kinds apart, a refresh token is not let in.
    let verdict = bearerd(&["token", "verify", "--config", &config, "-"])
        .input(refresh)
        .verdict(1);
    assert_eq!(
        (code(&verdict), &verdict["claim"]),
        ("WRONG_TOKEN_KIND", &"kind".into())
    );
}

#[test]
fn claims_come_from_an_argument_a_file_or_standard_input() {
    let desk = Desk::new();
    let config = desk.path("app.toml");
    let file = format!("@{}", desk.write("claims.json", "{\"sub\": \"file\"}\n"));
    for (claims, input, subject) in [
        ("{\"sub\":\"argument\"}", "", "argument"),
        (&*file, "", "file"),
        ("-", "{\"sub\":\"input\"}", "input"),
    ] {
        let token = bearerd(&["token", "sign", "--config", &config, "--claims", claims])
            .input(input)
            .good();
        assert_eq!(
            desk.verify(&["-"]).input(token).verdict(0)["claims"]["sub"],
            subject
        );
    }
    let text = fs::read_to_string(&config).unwrap();
    let token = bearerd(&["token", "sign", "--config", "-", "--claims", "{}"])
        .input(text)
        .good();
    assert_eq!(code(&desk.verify(&["-"]).input(token).verdict(0)), "OK");
}

#[test]
fn claims_that_are_none_are_refused() {
    let desk = Desk::new();
    let config = desk.path("app.toml");
    let sign = |claims: &str| bearerd(&["token", "sign", "--config", &config, "--claims", claims]);
    for claims in [
        "",
        "[]",
        "7",
        "{\"a\":1,\"a\":2}",
        "{\"a\":1}x",
        "{'a':1}",
        "{\"a\":NaN}",
    ] {
        sign(claims).fails(64, &["--claims", "not one strict JSON object"]);
    }
    sign("{\"exp\":1}").fails(64, &["\"exp\"", "set by the signer"]);
    sign("{\"kind\":\"access\"}").fails(64, &["\"kind\"", "set by the signer"]);
    sign("@/nowhere/claims").fails(74, &["/nowhere/claims"]);
    sign("-")
        .input(vec![b' '; 1 << 20])
        .fails(64, &["standard input", "right one"]);
    sign("-")
        .input(vec![0xff, 0xfe])
        .fails(64, &["standard input", "UTF-8"]);
    let deep = "[".repeat(20_000) + &"]".repeat(20_000);
    sign("-")
        .input(format!("{{\"a\":{deep}}}"))
        .fails(64, &["not one strict JSON object"]);
    bearerd(&["token", "sign", "--config", "-", "--claims", "-"]).fails(64, &["both"]);
    bearerd(&[
        "token",
        "sign",
        "--config",
        &config,
        "--profile",
        "apo",
        "--claims",
        "{}",
    ])
    .fails(64, &["there are api", "--profile"]);
}

#[test]
fn jwt_variables_are_a_configuration() {
    let desk = Desk::new();
    let token = bearerd(&["token", "sign", "--claims", "{\"roleId\":4}"])
        .env("JWT_SECRET", SECRET)
        .env("JWT_ACCESS_TTL", "1h")
        .good();
    let claims = &desk.verify(&["-"]).input(token).verdict(0)["claims"];
    assert_eq!(
        (&claims["roleId"], &claims["tokenType"]),
        (&4.into(), &"access".into())
    );
    bearerd(&["token", "sign", "--claims", "{}"])
        .env("JWT_SECRET", "dev-secret")
        .fails(64, &["JWT_SECRET", "placeholder"]);
}
