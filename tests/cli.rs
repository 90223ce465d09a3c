//! The binary as its users meet it: every verb, exit codes, hostile input, and no secret in any
//! output.

#![cfg(feature = "server")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

const SECRET: &str = "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEM";
const VERBS: [&[&str]; 10] = [
    &[],
    &["dev"],
    &["serve"],
    &["check"],
    &["keygen"],
    &["jwks"],
    &["token"],
    &["token", "sign"],
    &["token", "verify"],
    &["token", "explain"],
];

/// What a run gave. Whatever it was, it holds no secret, and its errors hold no token.
#[derive(Debug)]
struct Run {
    exit: i32,
    out: String,
    err: String,
}

struct Bearerd {
    command: Command,
    input: Vec<u8>,
}

fn bearerd(arguments: &[&str]) -> Bearerd {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bearerd"));
    command.env_clear().args(arguments);
    Bearerd {
        command,
        input: Vec::new(),
    }
}

impl Bearerd {
    fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    fn input(mut self, input: impl Into<Vec<u8>>) -> Self {
        self.input = input.into();
        self
    }

    fn run(mut self) -> Run {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let input = std::mem::take(&mut self.input);
        // It may end without having read everything.
        let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
        let output = child.wait_with_output().unwrap();
        writer.join().unwrap();
        let run = Run {
            exit: output.status.code().expect("no signal ends it"),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        };
        assert!(
            !run.out.contains(SECRET) && !run.err.contains(SECRET),
            "a secret: {run:?}"
        );
        assert!(!run.err.contains("eyJ"), "a token: {run:?}");
        run
    }

    #[track_caller]
    fn good(self) -> String {
        let run = self.run();
        assert_eq!((run.exit, run.err.as_str()), (0, ""), "{run:?}");
        run.out
    }

    /// Its one line of JSON.
    #[track_caller]
    fn verdict(self, exit: i32) -> Value {
        let run = self.run();
        assert_eq!((run.exit, run.err.as_str()), (exit, ""), "{run:?}");
        assert_eq!(run.out.matches('\n').count(), 1, "{run:?}");
        serde_json::from_str(&run.out).unwrap()
    }

    /// Its complaint: one line, and at most one more with a hint.
    #[track_caller]
    fn fails(self, exit: i32, parts: &[&str]) -> String {
        let run = self.run();
        assert_eq!((run.exit, run.out.as_str()), (exit, ""), "{run:?}");
        let lines: Vec<&str> = run.err.lines().collect();
        assert!(lines[0].starts_with("bearerd: "), "{run:?}");
        assert!(lines.len() <= 2, "{run:?}");
        assert!(
            lines.get(1).is_none_or(|line| line.starts_with("hint: ")),
            "{run:?}"
        );
        for part in parts {
            assert!(run.err.contains(part), "{part:?} is not in {run:?}");
        }
        run.err
    }
}

/// A folder with a configuration that signs and verifies, its secret and its keys.
struct Desk {
    folder: TempDir,
}

impl Desk {
    fn new() -> Self {
        let desk = Self {
            folder: tempfile::tempdir().unwrap(),
        };
        desk.write("secret", &format!("{SECRET}\n"));
        desk.write(
            "app.toml",
            &format!(
                "[profiles.api]\nalgorithms = [\"HS256\"]\nissuer = \"https://issuer.example\"\n\
                 claims = {{ kind = {{ claim = \"kind\" }} }}\n\
                 [profiles.api.sign]\naccess = \"15m\"\n[[profiles.api.keys]]\nkid = \"k1\"\nsecret = \"{SECRET}\"\n"
            ),
        );
        desk
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    fn write(&self, name: &str, text: &str) -> String {
        fs::write(self.folder.path().join(name), text).unwrap();
        self.path(name)
    }

    fn sign(&self, claims: &str) -> String {
        let config = self.path("app.toml");
        let out = bearerd(&["token", "sign", "--config", &config, "--claims", claims]).good();
        out.trim_end().to_owned()
    }

    /// `token verify` with the secret of the configuration.
    fn verify(&self, more: &[&str]) -> Bearerd {
        let secret = self.path("secret");
        let mut arguments = vec![
            "token",
            "verify",
            "--alg",
            "HS256",
            "--secret-file",
            &secret,
        ];
        arguments.extend(more);
        bearerd(&arguments)
    }
}

fn code(verdict: &Value) -> &str {
    verdict["code"].as_str().unwrap()
}

mod usage {
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
}

mod keygen {
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
}

mod jwks {
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
            let of_pem =
                bearerd(&["jwks", "--pem", &pem, "--alg", algorithm, "--kid", "k1"]).good();
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
        let err =
            bearerd(&["jwks", "--jwk", &file]).fails(64, &[&file, "no public half", "everybody"]);
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
        bearerd(&["jwks", "--pem", &desk.path("missing")])
            .fails(64, &["missing", "cannot be read"]);
    }
}

mod sign {
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
        let sign =
            |claims: &str| bearerd(&["token", "sign", "--config", &config, "--claims", claims]);
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
}

mod verify {
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
        let token = desk.sign(
            "{\"sub\":\"ada\",\"aud\":[\"a\",\"b\"],\"scope\":\"read\",\"device_id\":\"d1\"}",
        );
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
                bearerd(&["token", "verify", "--alg", "HS256", key, "-", token])
                    .fails(64, &["both"]);
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
}

mod explain {
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
}

mod check {
    use super::*;

    #[test]
    fn a_good_configuration_is_told_with_what_it_does_not_check() {
        let desk = Desk::new();
        let out = bearerd(&["check", "--config", &desk.path("app.toml")]).good();
        for part in ["api", "HS256 kid \"k1\"", "does not check aud", "signs"] {
            assert!(out.contains(part), "{part:?} is not in {out}");
        }
        assert!(!out.contains("does not check iss"), "{out}");
        let text = fs::read_to_string(desk.path("app.toml")).unwrap();
        assert_eq!(bearerd(&["check", "--config", "-"]).input(text).good(), out);
        let by_variable = bearerd(&["check"]).env("BEARERD_CONFIG", &desk.path("app.toml"));
        assert_eq!(by_variable.good(), out);
        let strict = bearerd(&["check", "--config", &desk.path("app.toml")])
            .env("BEARERD_PROFILES__API__AUDIENCE", "orders")
            .good();
        assert!(!strict.contains("does not check aud"), "{strict}");
    }

    #[test]
    fn a_typo_names_file_line_and_key() {
        let desk = Desk::new();
        let file = desk.write(
            "typo.toml",
            "[profiles.api]\nalgorithms = [\"HS256\"]\nisuer = \"x\"\n",
        );
        bearerd(&["check", "--config", &file]).fails(64, &[&format!("{file}:3:1 (isuer)")]);
        bearerd(&["check", "--config", &desk.path("missing")])
            .fails(64, &["missing", "cannot be read"]);
        bearerd(&["check", "--config", "-"])
            .input("[profiles")
            .fails(64, &["standard input:1:"]);
        bearerd(&["check", "--config", "-"])
            .input(vec![0xff])
            .fails(64, &["standard input", "UTF-8"]);
        bearerd(&["check", "--config", &desk.path("app.toml")])
            .env("BEARERD_PROFILES__API__LEWAY", "1s")
            .fails(64, &["BEARERD_PROFILES__API__LEWAY", "unknown field"]);
    }

    #[test]
    fn keys_are_read() {
        let desk = Desk::new();
        let config = desk.write(
            "key.toml",
            "[profiles.api]\nalgorithms = [\"ES256\"]\n[[profiles.api.keys]]\npem_file = \"/nowhere/key.pem\"\n",
        );
        bearerd(&["check", "--config", &config])
            .fails(64, &[&config, "\"api\"", "/nowhere/key.pem"]);
    }

    #[test]
    fn jwt_variables_are_checked() {
        let out = bearerd(&["check"]).env("JWT_SECRET", SECRET).good();
        assert!(out.contains("default") && out.contains("rotates"), "{out}");
        bearerd(&["check"])
            .env("JWT_ALGORITHM", "RS256")
            .env("JWT_PUBLIC_KEY_PATH", "/k")
            .fails(64, &["JWT_PRIVATE_KEY_PATH", "is not set"]);
        bearerd(&["check"]).fails(64, &["no configuration"]);
    }

    #[test]
    fn published_keys_are_not_asked_for() {
        let desk = Desk::new();
        let issuer = TcpListener::bind("127.0.0.1:0").unwrap();
        issuer.set_nonblocking(true).unwrap();
        let url = format!("http://{}/jwks", issuer.local_addr().unwrap());
        // Many profiles, so that a fetch that is begun has the time to knock.
        let profile = |at: u32| {
            format!(
                "[profiles.p{at}]\nalgorithms = [\"RS256\"]\n[profiles.p{at}.jwks]\nurl = \"{url}\"\nallow_private = true\n"
            )
        };
        let config = desk.write("remote.toml", &(0..20).map(profile).collect::<String>());
        let out = bearerd(&["check", "--config", &config]).good();
        assert_eq!(
            out.matches(&format!("fetched from {url} when served"))
                .count(),
            20,
            "{out}"
        );
        let nobody = issuer.accept().unwrap_err();
        assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
    }

    #[test]
    fn a_query_is_not_shown() {
        let desk = Desk::new();
        let config = desk.write(
            "remote.toml",
            &format!("[profiles.p]\nalgorithms = [\"RS256\"]\n[profiles.p.jwks]\nurl = \"https://issuer.example/jwks?key={SECRET}\"\n"),
        );
        let out = bearerd(&["check", "--config", &config]).good();
        assert!(
            out.contains("https://issuer.example/jwks when served"),
            "{out}"
        );
    }
}
