use super::*;

#[test]
fn a_verdict_is_one_line_and_an_exit_code() {
    let desk = Desk::new();
    let token = desk.sign("{\"sub\":\"ada\"}");
    let verdict = desk.verify(&[&token]).verdict(0);
    assert_eq!(
        (code(&verdict), &verdict["claims"]["sub"]),
        ("OK", &"ada".into())
    );
    let bad = format!("{}A", &token[..token.len() - 1]);
    let bad = if bad == token {
        token.replace("eyJ", "eyI")
    } else {
        bad
    };
    let verdict = desk.verify(&[&bad]).verdict(1);
    assert_ne!(code(&verdict), "OK");
    assert!(verdict["message"].is_string());
    assert!(verdict.get("claims").is_none());
}

#[test]
fn every_option_decides() {
    let desk = Desk::new();
    let token = desk
        .sign("{\"sub\":\"ada\",\"aud\":[\"a\",\"b\"],\"scope\":\"read\",\"device_id\":\"d1\"}");
    let claims = desk.verify(&[&token]).verdict(0)["claims"].clone();
    let (iat, exp) = (
        claims["iat"].as_i64().unwrap(),
        claims["exp"].as_i64().unwrap(),
    );
    let at = |moment: i64| moment.to_string();
    let (before, last, over, soon) = (at(iat - 1), at(exp - 1), at(exp), at(iat + 60));
    let cases: [(&[&str], &str, Value); 21] = [
        (&["--iss", "https://issuer.example"], "OK", Value::Null),
        (
            &["--iss", "x", "--iss", "https://issuer.example"],
            "OK",
            Value::Null,
        ),
        (
            &["--iss", "https://issuer.example/"],
            "INVALID_CLAIM",
            "iss".into(),
        ),
        (&["--aud", "b"], "OK", Value::Null),
        (&["--aud", "B"], "INVALID_CLAIM", "aud".into()),
        (&["--typ", "JWT"], "OK", Value::Null),
        (&["--typ", "at+jwt"], "INVALID_CLAIM", "typ".into()),
        (&["--at", &last], "OK", Value::Null),
        (&["--at", &over], "EXPIRED", "exp".into()),
        (&["--at", &over, "--leeway", "1s"], "OK", Value::Null),
        (&["--at", &before], "NOT_YET_VALID", "iat".into()),
        (&["--at", &before, "--leeway", "1s"], "OK", Value::Null),
        (&["--at", "-5"], "NOT_YET_VALID", "iat".into()),
        (
            &["--at", &soon, "--max-age", "59s"],
            "EXPIRED",
            "iat".into(),
        ),
        (&["--at", &soon, "--max-age", "1d"], "OK", Value::Null),
        (&["--guard", "{\"scopes\":[\"read\"]}"], "OK", Value::Null),
        (
            &["--guard", "{\"scopes\":[\"write\"]}"],
            "FORBIDDEN",
            Value::Null,
        ),
        (
            &["--guard", "{\"device\":true}", "--device", "d1"],
            "OK",
            Value::Null,
        ),
        (
            &["--guard", "{\"device\":true}", "--device", "d2"],
            "DEVICE_MISMATCH",
            Value::Null,
        ),
        (&["--alg", "HS384"], "OK", Value::Null),
        (&["--alg", "HS384,HS512"], "OK", Value::Null),
    ];
    for (more, expected, claim) in cases {
        // Longer hashes want longer secrets.
        let weak = more[0] == "--alg";
        let mut arguments = more.to_vec();
        if weak {
            arguments.push("--allow-weak-keys");
        }
        arguments.push(&token);
        let verdict = desk.verify(&arguments).verdict(i32::from(expected != "OK"));
        assert_eq!(code(&verdict), expected, "{more:?}: {verdict}");
        assert_eq!(verdict["claim"], claim, "{more:?}: {verdict}");
    }
    let secret = desk.path("secret");
    let other = bearerd(&[
        "token",
        "verify",
        "--secret-file",
        &secret,
        "--alg",
        "HS384",
        "--allow-weak-keys",
        &token,
    ]);
    assert_eq!(code(&other.verdict(1)), "UNSUPPORTED_ALG");
    bearerd(&[
        "token",
        "verify",
        "--secret-file",
        &secret,
        "--alg",
        "HS384",
        &token,
    ])
    .fails(64, &["43 bytes", "--allow-weak-keys"]);
    desk.verify(&["--guard", "{\"scope\":[]}", &token])
        .fails(64, &["--guard"]);
}

#[test]
fn tokens_without_exp_need_a_word() {
    let desk = Desk::new();
    let config = desk.write(
        "ever.toml",
        &format!(
            "[profiles.api]\nalgorithms = [\"HS256\"]\nexpiration = \"optional\"\n[profiles.api.sign]\naccess = \"none\"\n[[profiles.api.keys]]\nsecret = \"{SECRET}\"\n"
        ),
    );
    let token = bearerd(&["token", "sign", "--config", &config, "--claims", "{}"]).good();
    let verdict = desk.verify(&["-"]).input(token.clone()).verdict(1);
    assert_eq!(
        (code(&verdict), &verdict["claim"]),
        ("INVALID_CLAIM", &"exp".into())
    );
    assert_eq!(
        code(
            &desk
                .verify(&["--allow-no-exp", "-"])
                .input(token)
                .verdict(0)
        ),
        "OK"
    );
}

#[test]
fn the_secret_on_the_command_line_works_and_is_warned_of() {
    let desk = Desk::new();
    let secret = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA";
    let config = desk.write(
        "b64.toml",
        &format!(
            "[profiles.api]\nalgorithms = [\"HS256\"]\n[profiles.api.sign]\n[[profiles.api.keys]]\nsecret_base64url = \"{secret}\"\n"
        ),
    );
    let token = bearerd(&["token", "sign", "--config", &config, "--claims", "{}"]).good();
    let verify = |secret: &str| {
        bearerd(&[
            "token",
            "verify",
            "--alg",
            "HS256",
            "--secret-b64url",
            secret,
            token.trim_end(),
        ])
    };
    assert_eq!(code(&verify(secret).verdict(0)), "OK");
    let err = verify("no+base64url").fails(64, &["--secret-b64url", "not base64url"]);
    assert!(!err.contains("no+base64url"));
    let help = bearerd(&["token", "verify", "--help"]).good();
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        help.contains("Every user of this machine can see it"),
        "{help}"
    );
}

#[test]
fn a_secret_may_begin_with_a_hyphen() {
    let desk = Desk::new();
    let secret = "-JQ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEMs";
    let config = desk.write(
        "hyphen.toml",
        &format!(
            "[profiles.api]\nalgorithms = [\"HS256\"]\n[profiles.api.sign]\n[[profiles.api.keys]]\nsecret_base64url = \"{secret}\"\n"
        ),
    );
    let token = bearerd(&["token", "sign", "--config", &config, "--claims", "{}"]).good();
    let run = bearerd(&[
        "token",
        "verify",
        "--secret-b64url",
        secret,
        "--alg",
        "HS256",
        token.trim_end(),
    ]);
    assert_eq!(code(&run.verdict(0)), "OK");
}

#[test]
fn standard_input_loses_one_line_end_and_nothing_else() {
    let desk = Desk::new();
    let token = desk.sign("{}");
    for (input, expected) in [
        (token.clone(), "OK"),
        (format!("{token}\n"), "OK"),
        (format!("{token}\r\n"), "OK"),
        (format!("{token}\n\n"), "MALFORMED"),
        (format!("{token} "), "MALFORMED"),
        (format!("{token} \n"), "MALFORMED"),
        (format!(" {token}"), "MALFORMED"),
        (format!("\n{token}"), "MALFORMED"),
        (format!("\u{feff}{token}"), "MALFORMED"),
        (format!("{token}\0"), "MALFORMED"),
        (format!("{token}\r"), "MALFORMED"),
        (format!("Bearer {token}"), "MALFORMED"),
        (String::new(), "MALFORMED"),
        ("\n".to_owned(), "MALFORMED"),
    ] {
        let verdict = desk
            .verify(&["-"])
            .input(input.clone())
            .verdict(i32::from(expected != "OK"));
        assert_eq!(code(&verdict), expected, "{input:?}");
    }
}

#[test]
fn hostile_input_is_rejected_in_bounded_memory() {
    let desk = Desk::new();
    for input in [
        vec![b'a'; 64 << 20],
        vec![b'\n'; 8 << 20],
        vec![b'.'; 1 << 20],
        (0..=255).cycle().take(1 << 20).collect(),
        vec![0xff; 64],
    ] {
        let verdict = desk.verify(&["-"]).input(input).verdict(1);
        assert_eq!(code(&verdict), "MALFORMED");
    }
    // An address space that the input does not fit in: it is not read whole.
    let output = Command::new("sh")
        .args([
            "-c",
            "ulimit -v 500000; head -c 3000000000 /dev/zero | \"$@\"",
            "sh",
        ])
        .arg(env!("CARGO_BIN_EXE_bearerd"))
        .args([
            "token",
            "verify",
            "--alg",
            "HS256",
            "--secret-file",
            &desk.path("secret"),
            "--lines",
        ])
        .output()
        .unwrap();
    let out = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(1), "{out} {:?}", output.stderr);
    assert_eq!(out.lines().count(), 1);
}

#[test]
fn claims_of_several_lines_stay_on_one() {
    let desk = Desk::new();
    let config = desk.path("app.toml");
    let claims = "{\"a\": \"x\\ny\\u001b\\u009b\\u2028\u{202e}\",\n\n\"b\": [1,\n 2]}";
    let token = bearerd(&["token", "sign", "--config", &config, "--claims", claims]).good();
    let run = desk.verify(&["-"]).input(token).run();
    assert!(
        run.out
            .trim_end()
            .chars()
            .all(|c| !c.is_control() && c != '\u{202e}'),
        "{run:?}"
    );
    let verdict: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(verdict["claims"]["a"], "x\ny\u{1b}\u{9b}\u{2028}\u{202e}");
}

#[test]
fn lines_get_a_line_each_in_order() {
    let desk = Desk::new();
    let token = desk.sign("{\"sub\":\"ada\"}");
    let all = |input: String| {
        let run = desk.verify(&["--lines"]).input(input).run();
        assert_eq!(run.err, "");
        let codes: Vec<String> = run
            .out
            .lines()
            .map(|line| code(&serde_json::from_str(line).unwrap()).to_owned())
            .collect();
        (run.exit, codes)
    };
    assert_eq!(all(String::new()), (0, vec![]));
    assert_eq!(
        all(format!("{token}\n{token}\r\n{token}")),
        (0, vec!["OK".to_owned(); 3])
    );
    let huge = "a".repeat(1 << 20);
    let (exit, codes) = all(format!("{token}\n{huge}\n\n{token} \nx\n{token}"));
    assert_eq!(exit, 1);
    assert_eq!(
        codes,
        [
            "OK",
            "MALFORMED",
            "MALFORMED",
            "MALFORMED",
            "MALFORMED",
            "OK"
        ]
    );
    desk.verify(&["--lines", &token])
        .fails(64, &["--lines", "cannot be used with"]);
}

#[test]
fn standard_input_holds_one_thing() {
    let desk = Desk::new();
    let token = desk.sign("{}");
    let secret = || {
        bearerd(&[
            "token",
            "verify",
            "--alg",
            "HS256",
            "--secret-file",
            "-",
            &token,
        ])
    };
    for end in ["", "\n", "\r\n"] {
        let verdict = secret().input(format!("{SECRET}{end}")).verdict(0);
        assert_eq!(code(&verdict), "OK", "{end:?}");
    }
    let verdict = secret().input(format!("{SECRET}\n\n")).verdict(1);
    assert_eq!(code(&verdict), "INVALID_SIGNATURE");
    for key in ["--jwks", "--pem", "--secret-file"] {
        for token in ["-", "--lines"] {
            bearerd(&["token", "verify", "--alg", "HS256", key, "-", token]).fails(64, &["both"]);
        }
    }
    bearerd(&["token", "verify", "--config", "-", "-"]).fails(64, &["both"]);
}

#[test]
fn keys_that_are_none_are_named() {
    let desk = Desk::new();
    let junk = desk.folder.path().join("junk");
    fs::write(&junk, (0..=255).cycle().take(4_096).collect::<Vec<u8>>()).unwrap();
    let junk = junk.display().to_string();
    for key in ["--jwks", "--pem"] {
        let verify =
            |file: &str| bearerd(&["token", "verify", "--alg", "RS256", key, file, "a.b.c"]);
        verify(&junk).fails(64, &[&junk, "not a usable"]);
        verify(&desk.path("missing")).fails(64, &["missing", "cannot be read"]);
        verify("-")
            .input("junk")
            .fails(64, &["standard input", "not a usable"]);
    }
    let set = desk.write("keys.json", "{\"keys\": []}");
    bearerd(&["token", "verify", "--alg", "RS256", "--jwks", &set, "a.b.c"])
        .fails(64, &[&set, "no key that can be used"]);
}

#[test]
fn a_configuration_decides_by_itself() {
    let desk = Desk::new();
    let config = desk.path("app.toml");
    let token = desk.sign("{\"aud\":\"orders\"}");
    let verify = |more: &[&str]| {
        let mut arguments = vec!["token", "verify", "--config", &config];
        arguments.extend(more);
        arguments.push(&token);
        bearerd(&arguments)
    };
    assert_eq!(code(&verify(&["--profile", "api"]).verdict(0)), "OK");
    assert_eq!(code(&verify(&["--aud", "orders"]).verdict(0)), "OK");
    assert_eq!(
        code(&verify(&["--aud", "other"]).verdict(1)),
        "INVALID_CLAIM"
    );
    assert_eq!(code(&verify(&["--at", "4000000000"]).verdict(1)), "EXPIRED");
    verify(&["--profile", "apo"]).fails(64, &["no profile has that name", "there are api"]);
    verify(&["--alg", "HS256"]).fails(64, &["--alg", "--config"]);
    verify(&["--iss", "x"]).fails(64, &["--iss", "--config"]);
    verify(&["--aud", "a", "--aud", "b"]).fails(64, &["--aud"]);
}

/// An issuer that answers one request with its keys.
fn issuer(document: String) -> (String, std::thread::JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/jwks", listener.local_addr().unwrap());
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 4_096];
        let _ = stream.read(&mut request).unwrap();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{document}",
            document.len()
        )
        .unwrap();
    });
    (address, thread)
}

#[test]
fn published_keys_are_fetched_for_a_configuration() {
    let desk = Desk::new();
    let pem = desk.path("key.pem");
    bearerd(&["keygen", "--alg", "ES256", "--out", &pem]).run();
    let config = desk.write(
        "issuer.toml",
        &format!("[profiles.p]\nalgorithms = [\"ES256\"]\n[profiles.p.sign]\n[[profiles.p.keys]]\npem_file = \"{pem}\"\n"),
    );
    let token = bearerd(&["token", "sign", "--config", &config, "--claims", "{}"]).good();
    let (url, thread) = issuer(bearerd(&["jwks", "--pem", &pem]).good());
    let profile = |url: &str| {
        format!(
            "[profiles.p]\nalgorithms = [\"ES256\"]\n[profiles.p.jwks]\nurl = \"{url}\"\nallow_private = true\n"
        )
    };
    let config = desk.write("remote.toml", &profile(&url));
    let verdict = bearerd(&["token", "verify", "--config", &config, "-"])
        .input(token.clone())
        .verdict(0);
    assert_eq!(code(&verdict), "OK");
    thread.join().unwrap();
    // Nobody listens there any more.
    bearerd(&["token", "verify", "--config", &config, "-"])
        .input(token)
        .fails(74, &["\"p\"", "could not be fetched", "curl"]);
    // And a check does not ask.
    let out = bearerd(&["check", "--config", &config]).good();
    assert!(out.contains(&url) && out.contains("when served"), "{out}");
}
