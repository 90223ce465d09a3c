use super::*;

fn lines(run: &Run) -> Vec<(&str, &str)> {
    run.out
        .lines()
        .map(|line| {
            line.split_once(' ')
                .map(|(name, value)| (name, value.trim_start()))
                .unwrap()
        })
        .collect()
}

#[test]
fn it_says_claim_expected_and_actual() {
    let desk = Desk::new();
    let token = desk.sign("{\"sub\":\"ada\",\"aud\":\"orders\"}");
    let secret = desk.path("secret");
    let explain = |more: &[&str], token: &str| {
        let mut arguments = vec![
            "token",
            "explain",
            "--alg",
            "HS256",
            "--secret-file",
            &secret,
        ];
        arguments.extend(more);
        arguments.push("-");
        bearerd(&arguments).input(token).run()
    };
    let run = explain(&[], &token);
    assert_eq!(
        (run.exit, lines(&run)[0]),
        (0, ("verdict", "OK")),
        "{run:?}"
    );
    let run = explain(&["--aud", "billing"], &token);
    assert_eq!(run.exit, 1);
    let said = lines(&run);
    assert_eq!(said[0], ("verdict", "INVALID_CLAIM"));
    assert!(said.contains(&("claim", "aud")), "{run:?}");
    assert!(
        run.out.contains("billing") && run.out.contains("orders"),
        "{run:?}"
    );
    let run = explain(&["--at", "4000000000"], &token);
    assert_eq!(
        (run.exit, lines(&run)[0]),
        (1, ("verdict", "EXPIRED")),
        "{run:?}"
    );
    // Claims that nobody signed are not quoted.
    let mut parts: Vec<&str> = token.split('.').collect();
    let signature = "A".repeat(43);
    parts[2] = &signature;
    let run = explain(&["--aud", "billing"], &parts.join("."));
    assert_eq!(
        (run.exit, lines(&run)[0]),
        (1, ("verdict", "INVALID_SIGNATURE")),
        "{run:?}"
    );
    assert!(!run.out.contains("orders"), "{run:?}");
}

#[test]
fn a_token_cannot_write_to_the_terminal() {
    let desk = Desk::new();
    let secret = desk.path("secret");
    // {"alg":"HS256","kid":"\u001b[2J\u202e"} under a set that has another kid.
    let set = desk.write(
        "keys.json",
        "{\"keys\":[{\"kty\":\"oct\",\"kid\":\"k9\",\"k\":\"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA\"}]}",
    );
    let header = "eyJhbGciOiJIUzI1NiIsImtpZCI6Ilx1MDAxYlsySlx1MjAyZSJ9";
    let token = format!("{header}.e30.{}", "A".repeat(43));
    let run = bearerd(&["token", "explain", "--alg", "HS256", "--jwks", &set, &token]).run();
    assert_eq!(
        (run.exit, lines(&run)[0]),
        (1, ("verdict", "UNKNOWN_KEY")),
        "{run:?}"
    );
    assert!(run.out.contains("\\u{1b}[2J\\u{202e}"), "{run:?}");
    assert!(!run.out.contains(['\u{1b}', '\u{202e}']), "{run:?}");
    let run = bearerd(&[
        "token",
        "explain",
        "--alg",
        "HS256",
        "--secret-file",
        &secret,
        "\u{1b}[2J",
    ])
    .run();
    assert_eq!(lines(&run)[0], ("verdict", "MALFORMED"));
}
