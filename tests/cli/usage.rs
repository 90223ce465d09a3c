use super::*;

#[test]
fn every_verb_has_help_that_ends_with_an_example() {
    for verb in VERBS {
        let mut arguments = verb.to_vec();
        arguments.push("--help");
        let help = bearerd(&arguments).good();
        let (_, example) = help.split_once("\nExample:\n").unwrap();
        let command = format!("  bearerd {}", verb.join(" "));
        assert!(
            example.starts_with(command.trim_end()),
            "{verb:?}: {example}"
        );
    }
}

#[test]
fn the_version_is_said() {
    let version = bearerd(&["--version"]).good();
    assert_eq!(version, format!("bearerd {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn wrong_arguments_exit_64_and_point_to_help() {
    let wrong: [&[&str]; 18] = [
        &[],
        &["token"],
        &["help"],
        &["serv"],
        &["dev", "--listen", "nowhere"],
        &["dev", "now"],
        &["serve", "--confg", "app.toml"],
        &["check", "--config"],
        &["keygen"],
        &["keygen", "--alg", "none"],
        &["keygen", "--alg", "hs256"],
        &["keygen", "--alg", "ES256", "--kid", ""],
        &["jwks"],
        &["token", "verify", "--alg", "HS256", "x"],
        &["token", "verify", "--secret-file", "s", "x"],
        &["token", "verify", "--secret-file", "s", "--alg", "HS256"],
        &[
            "token",
            "verify",
            "--secret-file",
            "s",
            "--alg",
            "HS256",
            "--leeway",
            "soon",
            "x",
        ],
        &[
            "token",
            "verify",
            "--secret-file",
            "s",
            "--alg",
            "HS256",
            "--iss",
            "",
            "x",
        ],
    ];
    for arguments in wrong {
        bearerd(arguments).fails(64, &["hint: see `bearerd", "--help`"]);
    }
}

#[test]
fn no_complaint_repeats_a_token_or_a_secret() {
    let token = "eyJhbGciOiJIUzI1NiJ9.e30.c2ln";
    let wrong: [&[&str]; 11] = [
        &[token],
        &["token", token],
        &["token", "verify", token],
        &[
            "token",
            "verify",
            "--alg",
            "HS256",
            "--secret-b64url",
            SECRET,
            token,
            token,
        ],
        &[
            "token", "verify", "--alg", "HS256", "--secret", SECRET, token,
        ],
        &[
            "token",
            "verify",
            "--alg",
            "HS256",
            &format!("--secret={SECRET}"),
            token,
        ],
        &[
            "token",
            "verify",
            "--alg",
            SECRET,
            "--secret-b64url",
            SECRET,
            token,
        ],
        &[
            "token",
            "verify",
            "--alg",
            "HS256",
            "--secret-b64url",
            &format!("{SECRET}="),
            token,
        ],
        &[
            "token",
            "verify",
            "--alg",
            "HS256",
            "--secret-b64url",
            SECRET,
            "--guard",
            SECRET,
            token,
        ],
        &[
            "token", "sign", "--config", "/nowhere", "--claims", "{}", SECRET,
        ],
        &[
            "token",
            "verify",
            "--alg",
            "RS256",
            "--secret-b64url",
            SECRET,
            token,
        ],
    ];
    for arguments in wrong {
        bearerd(arguments).fails(64, &[]);
    }
}

#[test]
fn what_cannot_be_written_exits_74() {
    let full = || Stdio::from(File::options().write(true).open("/dev/full").unwrap());
    for arguments in [&["--help"][..], &["keygen", "--alg", "HS256"]] {
        let output = Command::new(env!("CARGO_BIN_EXE_bearerd"))
            .args(arguments)
            .stdout(full())
            .output()
            .unwrap();
        let err = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(74), "{err}");
        assert!(err.starts_with("bearerd: standard output: "), "{err}");
    }
    // Errors that nobody hears are errors still.
    let status = Command::new(env!("CARGO_BIN_EXE_bearerd"))
        .arg("nonsense")
        .stderr(full())
        .status()
        .unwrap();
    assert_eq!(status.code(), Some(64));
}

#[test]
fn serving_needs_a_good_configuration() {
    bearerd(&["serve"]).fails(64, &["no configuration", "--config", "BEARERD_CONFIG"]);
    bearerd(&["serve", "--config", "/nowhere/app.toml"]).fails(64, &["/nowhere/app.toml"]);
    bearerd(&["serve"])
        .env("BEARERD_CONFIG", "/nowhere/app.toml")
        .fails(64, &["/nowhere/app.toml"]);
    bearerd(&["serve"])
        .env("JWT_ALGORITHM", "RS256")
        .env("JWT_PRIVATE_KEY_PATH", "/k")
        .fails(64, &["JWT_PUBLIC_KEY_PATH"]);
}
