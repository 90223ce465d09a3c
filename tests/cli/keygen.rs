use super::*;

const ALGORITHMS: [&str; 6] = ["HS256", "HS512", "RS256", "ES256", "ES512", "EdDSA"];

#[test]
fn every_key_signs_and_verifies() {
    for algorithm in ALGORITHMS {
        let desk = Desk::new();
        let formats: &[&str] = if algorithm.starts_with("HS") {
            &["jwk", "base64url"]
        } else {
            &["jwk", "pem"]
        };
        for format in formats {
            let file = desk.path(&format!("key.{format}"));
            let run = bearerd(&[
                "keygen", "--alg", algorithm, "--out", &file, "--format", format,
            ])
            .run();
            assert_eq!((run.exit, run.out.as_str()), (0, ""), "{run:?}");
            assert!(run.err.contains(&file), "{run:?}");
            let mode = fs::metadata(&file).unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o600);
            let key = match *format {
                "base64url" => format!("secret_file = \"{file}\"\nencoding = \"base64url\""),
                format => format!("{format}_file = \"{file}\""),
            };
            let config = desk.write(
                "key.toml",
                &format!(
                    "[profiles.p]\nalgorithms = [\"{algorithm}\"]\n[profiles.p.sign]\n[[profiles.p.keys]]\n{key}\n"
                ),
            );
            let token = bearerd(&[
                "token",
                "sign",
                "--config",
                &config,
                "--claims",
                "{\"sub\":\"ada\"}",
            ])
            .good();
            let verdict = bearerd(&["token", "verify", "--config", &config, "-"])
                .input(token)
                .verdict(0);
            assert_eq!(verdict["claims"]["sub"], "ada", "{algorithm} {format}");
        }
    }
}

#[test]
fn nothing_is_ever_overwritten() {
    let desk = Desk::new();
    let file = desk.write("key.pem", "precious");
    let hint = "never overwritten";
    bearerd(&["keygen", "--alg", "ES256", "--out", &file]).fails(74, &[&file, hint]);
    assert_eq!(fs::read_to_string(&file).unwrap(), "precious");
    // A link to nowhere is not followed either.
    let link = desk.path("link.pem");
    symlink(desk.path("elsewhere"), &link).unwrap();
    bearerd(&["keygen", "--alg", "ES256", "--out", &link]).fails(74, &[&link, hint]);
    assert!(!Path::new(&desk.path("elsewhere")).exists());
    bearerd(&["keygen", "--alg", "ES256", "--out", "/nowhere/key.pem"])
        .fails(74, &["/nowhere/key.pem", "directory"]);
}

#[test]
fn a_file_name_cannot_break_the_line() {
    bearerd(&[
        "keygen",
        "--alg",
        "ES256",
        "--out",
        "/nowhere/a\nhint: b\u{1b}[2J",
    ])
    .fails(74, &["a\\nhint: b\\u{1b}[2J"]);
}

#[test]
fn keys_differ_and_carry_their_names() {
    let make = |more: &[&str]| {
        let mut arguments = vec!["keygen", "--alg", "ES256", "--format", "jwk"];
        arguments.extend(more);
        serde_json::from_str::<Value>(&bearerd(&arguments).good()).unwrap()
    };
    let (one, other) = (
        make(&["--kid", "k \"1\""]),
        make(&["--kid-from-thumbprint"]),
    );
    assert_eq!(
        (&one["kid"], &one["alg"]),
        (&"k \"1\"".into(), &"ES256".into())
    );
    assert_eq!(other["kid"].as_str().unwrap().len(), 43);
    assert_ne!(one["d"], other["d"]);
    assert!(make(&[]).get("kid").is_none());
}

#[test]
fn what_a_format_cannot_say_is_refused() {
    for (arguments, part) in [
        (
            &["--alg", "HS256", "--format", "pem"][..],
            "PEM has no form",
        ),
        (
            &["--alg", "ES256", "--format", "base64url"],
            "shared secrets",
        ),
        (&["--alg", "ES256", "--kid", "k1"], "no room for a name"),
        (
            &["--alg", "ES256", "--kid-from-thumbprint"],
            "no room for a name",
        ),
        (
            &["--alg", "HS256", "--format", "jwk", "--kid-from-thumbprint"],
            "way to guess",
        ),
    ] {
        let desk = Desk::new();
        let file = desk.path("key");
        let mut all = vec!["keygen", "--out", &file];
        all.extend(arguments);
        bearerd(&all).fails(64, &[part]);
        assert!(!Path::new(&file).exists());
    }
}
