//! The configuration: strict, total, and clear about what is wrong and where.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bearerd::claims::TokenKind;
use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::config::{Config, Environment, Profiles};
use bearerd::crypto::{Algorithm, KeyMaterial, aws_lc_rs};
use bearerd::error::{Code, Fault};
use bearerd::jwk::{private_key_pem, public_key_pem};
use bearerd::sign::ClaimChange;
use bearerd::verify::VerifyOptions;
use tempfile::TempDir;

const SECRET: &str = "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEM";
const OTHER: &str = "c1Pq0Zr7Yk3Jt9Wm5Xn2Vb8Lh4Gd6Fs0Aa1Ss3Dd5FE";
const NOW: i64 = 1_800_000_000;

fn clock() -> Arc<dyn Clock> {
    Arc::new(ManualClock::at(UnixMillis::from_secs(NOW)))
}

fn parse(text: &str) -> Result<Config, Fault> {
    Config::from_text(text, "app.conf", &Environment::empty())
}

fn build_in(text: &str, environment: &Environment) -> Result<Profiles, Fault> {
    Config::from_text(text, "app.conf", environment)?.build(environment, &clock())
}

fn build(text: &str) -> Result<Profiles, Fault> {
    build_in(text, &Environment::empty())
}

/// The error of a document that must not hold, whole.
#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, Fault>, parts: &[&str]) -> String {
    let fault = result.expect_err("this must be refused");
    assert_eq!(fault.code(), Code::ConfigError, "{}", fault.chain());
    let chain = fault.chain();
    for part in parts {
        assert!(chain.contains(part), "{part:?} is not in: {chain}");
    }
    assert!(!chain.contains('\n'), "more than one line: {chain}");
    assert!(!chain.contains(SECRET), "quotes the secret: {chain}");
    chain
}

fn profile(lines: &str) -> String {
    format!(
        "[profiles.api]\nalgorithms = [\"HS256\"]\n{lines}\n[[profiles.api.keys]]\nsecret_base64url = \"{SECRET}\"\n"
    )
}

mod what_a_document_may_not_say {
    use super::*;

    #[test]
    fn an_unknown_key() {
        refused(
            parse(&profile("isuer = \"https://issuer.example\"")),
            &["app.conf:3:1 (isuer)", "unknown field `isuer`"],
        );
        refused(
            parse(&profile("[profiles.api.sign]\nacces = \"15m\"")),
            &["app.conf:4:1 (acces)", "unknown field `acces`"],
        );
        refused(
            parse(&(profile("") + "[server]\nlisten_on = [\"127.0.0.1:1\"]")),
            &["(listen_on)", "unknown field `listen_on`"],
        );
        refused(
            parse(
                "{\"profiles\": {\"api\": {\n \"algorithms\": [\"HS256\"],\n \"isuer\": \"x\"}}}",
            ),
            &["app.conf:3:", "unknown field `isuer`"],
        );
    }

    #[test]
    fn a_key_twice() {
        refused(
            parse(&profile("leeway = \"1s\"\nleeway = \"2s\"")),
            &["app.conf:4:1 (leeway)", "duplicate key"],
        );
        refused(
            parse("{\"profiles\": {\"api\": {\n \"leeway\": 1,\n \"leeway\": 2}}}"),
            &["app.conf:3:", "duplicate"],
        );
        // Two names for one thing after unescaping.
        refused(
            parse(r#"{"profiles": {}, "profile\u0073": {}}"#),
            &["app.conf:1:", "duplicate"],
        );
    }

    #[test]
    fn a_value_of_the_wrong_type() {
        refused(
            parse(&profile("require = \"sub\"")),
            &[
                "app.conf:3:11 (require)",
                "invalid type: string",
                "sequence",
            ],
        );
        refused(
            parse(&profile("issuer = 7")),
            &["app.conf:3:10 (issuer)", "a string or a list of strings"],
        );
        refused(
            parse("{\"profiles\": {\"api\": {\n \"algorithms\": [\"HS256\"],\n \"issuer\": 7}}}"),
            &["app.conf:3:", "(issuer)", "a string or a list of strings"],
        );
        refused(parse(&profile("issuer = []")), &["(issuer)", "is empty"]);
        refused(
            parse(&profile("issuer = [\"\"]")),
            &["(issuer)", "is empty"],
        );
    }

    #[test]
    fn a_span_that_is_none() {
        for span in ["\"15 minutes\"", "\"-1s\"", "-1", "\"1.5h\"", "\"\""] {
            refused(
                parse(&profile(&format!("leeway = {span}"))),
                &["app.conf:3:10 (leeway)", "is not a span of time"],
            );
        }
        refused(
            parse(&profile("[profiles.api.sign]\naccess = \"0s\"")),
            &["app.conf:4:10 (access)", "less than a second"],
        );
        refused(
            parse("{\"profiles\": {\"api\": {\"algorithms\": [\"HS256\"],\n \"leeway\": \"1w\"}}}"),
            &["app.conf:2:", "(leeway)", "is not a span of time"],
        );
    }

    #[test]
    fn an_algorithm_that_is_none() {
        for name in ["none", "hs256", "HS257", ""] {
            let text = format!("[profiles.api]\nalgorithms = [\"{name}\"]\n");
            refused(
                parse(&text),
                &[
                    "app.conf:2:",
                    "(algorithms)",
                    "is not an algorithm",
                    "HS256",
                ],
            );
        }
        refused(
            build("[profiles.api]\nalgorithms = []\n[[profiles.api.keys]]\nsecret = \"x\"\n"),
            &["app.conf", "api", "algorithms"],
        );
    }

    #[test]
    fn a_place_for_tokens_that_is_none() {
        for place in ["query:token", "Bearer", "header:", "cookie:a b"] {
            refused(
                parse(&profile(&format!("token_from = [\"{place}\"]"))),
                &["app.conf:3:", "(token_from)", "is not a place for a token"],
            );
        }
        refused(
            build(&profile("token_from = []")),
            &["app.conf", "api", "token_from is empty"],
        );
    }

    #[test]
    fn a_profile_that_is_not_there() {
        refused(
            build(&("default_profile = \"apo\"\n".to_owned() + &profile(""))),
            &["app.conf: default_profile", "\"apo\"", "there are api"],
        );
        refused(
            build(&(profile("") + "[issuers]\n\"https://issuer.example\" = \"apo\"")),
            &["app.conf: issuers.\"https://issuer.example\"", "\"apo\""],
        );
        refused(
            build("profiles = {}"),
            &["app.conf", "no profile is configured"],
        );
        refused(parse(""), &["app.conf", "missing field `profiles`"]);
    }

    #[test]
    fn a_guard_that_means_nothing() {
        refused(
            parse(&(profile("") + "[guards.g]\nscope = [\"a\"]")),
            &["app.conf:", "scope"],
        );
        refused(
            parse(&(profile("") + "[guards.g]\nscopes = []")),
            &["app.conf:", "scopes"],
        );
    }

    #[test]
    fn what_is_no_document_at_all() {
        refused(parse("[profiles"), &["app.conf:1:"]);
        refused(parse("{\"profiles\": {}"), &["app.conf:1:"]);
        refused(parse("{\"profiles\": {}} x"), &["app.conf:1:"]);
        refused(parse("\u{feff}{}"), &["app.conf"]);
        refused(
            parse(&" ".repeat(5 << 20)),
            &["app.conf", "is it the right file?"],
        );
        let deep = format!(
            "{{\"profiles\": {}1{}}}",
            "[".repeat(9_999),
            "]".repeat(9_999)
        );
        refused(parse(&deep), &["app.conf:1:"]);
    }

    #[test]
    fn a_file_that_cannot_be_read() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("missing.toml");
        let name = missing.display().to_string();
        refused(
            Config::from_file(&missing, &Environment::empty()),
            &[&name, "cannot be read", "No such file"],
        );
        refused(
            Config::from_file(folder.path(), &Environment::empty()),
            &["cannot be read"],
        );
        fs::write(&missing, b"profiles\xff").unwrap();
        refused(
            Config::from_file(&missing, &Environment::empty()),
            &[&name, "is not UTF-8 from byte 8"],
        );
        // A device without an end is read to the limit and no further.
        refused(
            Config::from_file(Path::new("/dev/zero"), &Environment::empty()),
            &["/dev/zero", "is it the right file?"],
        );
    }
}

mod secrets_in_the_wrong_place {
    use super::*;

    #[test]
    fn are_not_quoted() {
        let head = "[profiles.api]\nalgorithms = [\"HS256\"]\n";
        for wrong in [
            format!("keys = [\"{SECRET}\"]"),
            format!("keys = \"{SECRET}\""),
            format!("cache = \"{SECRET}\""),
            format!("[[profiles.api.keys]]\nsecret = [\"{SECRET}\"]"),
            format!("[[profiles.api.keys]]\nsecret = {{ text = \"{SECRET}\" }}"),
            format!("[[profiles.api.keys]]\nsecret = {SECRET}"),
            format!("[[profiles.api.keys]]\nsecret = \"{SECRET}"),
            format!("[[profiles.api.keys]]\nsecret_hex = \"{SECRET}\""),
            format!("[[profiles.api.keys]]\npem = \"\"\"\n{SECRET}\n"),
            // Pasted without a key, with and without the padding of base64.
            format!("{SECRET}\n"),
            format!("{SECRET}==\n"),
            format!("{SECRET}=\n"),
        ] {
            let text = format!("{head}{wrong}");
            refused(build(&text), &["app.conf"]);
        }
    }

    #[test]
    fn are_not_quoted_as_json() {
        for keys in [
            format!("[\"{SECRET}\"]"),
            format!("\"{SECRET}\""),
            format!("[{{\"secret\": [\"{SECRET}\"]}}]"),
            format!("[{{\"secret\": \"{SECRET}\", \"secret\": 1}}]"),
            format!("[{{\"secret\": \"{SECRET}}}]"),
            format!("[{{\"jwk\": \"{{\\\"{SECRET}\\\": 1}}\", \"kid\": 7}}]"),
        ] {
            refused(
                build(&format!(
                    "{{\"profiles\": {{\"api\": {{\"algorithms\": [\"HS256\"], \"keys\": {keys}}}}}}}"
                )),
                &["app.conf"],
            );
        }
    }

    #[test]
    fn are_not_quoted_as_numbers() {
        for number in ["12345678901234567", "1234567890123.25", "true"] {
            for key in ["secret", "secret_base64url", "jwk"] {
                let toml = format!(
                    "[profiles.api]\nalgorithms = [\"HS256\"]\n[[profiles.api.keys]]\n{key} = {number}\n"
                );
                let json = format!(
                    "{{\"profiles\": {{\"api\": {{\"algorithms\": [\"HS256\"], \"keys\": [{{\"{key}\": {number}}}]}}}}}}"
                );
                for text in [toml, json] {
                    let chain = refused(parse(&text), &["app.conf:", &format!("({key})")]);
                    assert!(!chain.contains(number), "{chain}");
                }
            }
        }
    }

    #[test]
    fn are_not_quoted_from_a_variable() {
        for value in [
            format!("[\"{SECRET}\"]"),
            format!("[{{secret = \"{SECRET}\", kind = 1}}]"),
            SECRET.to_owned(),
        ] {
            let environment = Environment::from([("BEARERD_PROFILES__API__KEYS", value.as_str())]);
            refused(
                Config::from_text(&profile(""), "app.conf", &environment),
                &["environment variable BEARERD_PROFILES__API__KEYS"],
            );
        }
    }

    #[test]
    fn are_not_shown_by_debug() {
        let text = format!("{:?}", parse(&profile("")).unwrap());
        assert!(text.contains("SecretText"), "{text}");
        assert!(!text.contains(SECRET), "{text}");
        let environment = Environment::from([("JWT_SECRET", SECRET)]);
        assert!(!format!("{environment:?}").contains(SECRET));
    }
}

mod keys {
    use super::*;

    fn with_key(algorithms: &str, key: &str) -> String {
        format!("[profiles.api]\nalgorithms = [{algorithms}]\n[[profiles.api.keys]]\n{key}\n")
    }

    #[test]
    fn a_file_that_is_missing_or_is_none_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("key.pem");
        let shown = path.display().to_string();
        for (key, noun) in [
            ("pem_file", "PEM key"),
            ("jwk_file", "JWK"),
            ("jwks_file", "JWK set"),
            ("secret_file", "secret"),
        ] {
            let text = with_key("\"ES256\", \"HS256\"", &format!("{key} = \"{shown}\""));
            refused(
                build(&text),
                &[
                    "app.conf",
                    "\"api\"",
                    &shown,
                    "cannot be read",
                    "No such file",
                ],
            );
            if key != "secret_file" {
                fs::write(&path, "no key").unwrap();
                refused(build(&text), &["\"api\"", &shown, "not a usable", noun]);
                fs::remove_file(&path).unwrap();
            }
        }
    }

    #[test]
    fn one_that_fits_no_algorithm_is_named() {
        let text = with_key(
            "\"RS256\"",
            &format!("secret_base64url = \"{SECRET}\"\nkid = \"k1\""),
        );
        refused(
            build(&text),
            &["\"api\"", "keys[0].secret_base64url", "k1", "RS256"],
        );
    }

    #[test]
    fn one_that_is_too_short_is_named() {
        let short = "8mTn0cWf5yB2xKq";
        let chain = refused(
            build(&with_key("\"HS256\"", &format!("secret = \"{short}\""))),
            &["keys[0].secret", "15 bytes", "32"],
        );
        assert!(!chain.contains(short), "{chain}");
    }

    #[test]
    fn one_in_two_places_or_none_is_refused() {
        let two = format!("secret = \"{SECRET}\"\nsecret_base64url = \"{SECRET}\"");
        for key in [two.as_str(), "kid = \"k1\""] {
            refused(
                build(&with_key("\"HS256\"", key)),
                &["keys[0]", "exactly one place"],
            );
        }
        refused(
            build("[profiles.api]\nalgorithms = [\"HS256\"]\n"),
            &["app.conf", "\"api\"", "no keys"],
        );
    }

    #[test]
    fn what_belongs_to_another_place_is_refused() {
        for stray in ["encoding = \"hex\"", "format = \"secret\""] {
            refused(
                build(&with_key(
                    "\"HS256\"",
                    &format!("secret = \"{SECRET}\"\n{stray}"),
                )),
                &["keys[0]", "leave them out"],
            );
        }
    }

    #[test]
    fn one_from_a_variable() {
        let text = with_key(
            "\"HS256\"",
            "env = \"API_KEY\"\nformat = \"secret\"\nencoding = \"base64url\"",
        );
        refused(build(&text), &["keys[0].env", "API_KEY is not set"]);
        let environment = Environment::from([("API_KEY", SECRET)]);
        assert_eq!(build_in(&text, &environment).unwrap().iter().count(), 1);
        let environment = Environment::from([("API_KEY", "äöü")]);
        refused(build_in(&text, &environment), &["API_KEY", "not base64url"]);
        let text = with_key("\"HS256\"", "env = \"API_KEY\"");
        let environment = Environment::from([("API_KEY", SECRET)]);
        refused(
            build_in(&text, &environment),
            &["keys[0].format", "API_KEY"],
        );
    }

    #[test]
    fn a_placeholder_is_refused_unless_weak_keys_are_allowed() {
        for secret in [
            "dev-secret",
            "my-super-secret-key-of-enough-length",
            "changeme-changeme-changeme-changeme",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            let chain = refused(
                build(&with_key("\"HS256\"", &format!("secret = \"{secret}\""))),
                &["keys[0].secret", "placeholder", "bearerd keygen"],
            );
            assert!(!chain.contains(secret), "{chain}");
            let text = format!(
                "[profiles.api]\nalgorithms = [\"HS256\"]\nallow_weak_keys = true\n[[profiles.api.keys]]\nsecret = \"{secret}\"\n"
            );
            assert!(build(&text).is_ok(), "{secret}");
        }
    }

    #[test]
    fn an_address_that_may_not_be_fetched_is_refused_without_fetching() {
        let text = |url: &str| {
            format!(
                "[profiles.api]\nalgorithms = [\"RS256\"]\n[profiles.api.jwks]\nurl = \"{url}\"\n"
            )
        };
        for url in [
            "http://issuer.example/jwks",
            "file:///etc/passwd",
            "not a url",
        ] {
            let config = parse(&text(url)).unwrap();
            refused(
                config.build_offline(&Environment::empty(), &clock()),
                &["app.conf", "\"api\""],
            );
        }
    }

    #[test]
    fn published_ones_are_not_fetched_offline() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let url = format!(
            "http://127.0.0.1:{}/jwks",
            listener.local_addr().unwrap().port()
        );
        let text = format!(
            "[profiles.api]\nalgorithms = [\"RS256\"]\n[profiles.api.jwks]\nurl = \"{url}\"\nallow_private = true\n"
        );
        let profiles = parse(&text)
            .unwrap()
            .build_offline(&Environment::empty(), &clock())
            .unwrap();
        let api = profiles.get(None).unwrap();
        assert_eq!(api.remote_stats(), None);
        let reject = api
            .verifier()
            .verify("a.b.c", &VerifyOptions::default())
            .unwrap_err();
        assert_eq!(reject.code(), Code::KeysUnavailable);
        let nobody = listener.accept().unwrap_err();
        assert_eq!(nobody.kind(), std::io::ErrorKind::WouldBlock);
    }
}

mod signing {
    use super::*;

    #[test]
    fn a_profile_that_would_refuse_its_own_tokens_is_refused() {
        refused(
            build(&profile("[profiles.api.sign]\naccess = \"none\"")),
            &["\"api\"", "without exp", "expiration = \"optional\""],
        );
    }

    #[test]
    fn rotation_needs_signing_and_a_token_kind() {
        refused(
            build(&profile("[profiles.api.rotation]")),
            &["\"api\"", "[rotation]", "[sign]"],
        );
        refused(
            build(&profile("[profiles.api.rotation]\n[profiles.api.sign]")),
            &["\"api\"", "claims.kind"],
        );
    }

    #[test]
    fn a_key_that_is_not_there_cannot_sign() {
        refused(
            build(&profile("[profiles.api.sign]\nkid = \"k9\"")),
            &["\"api\"", "sign", "k9"],
        );
        refused(
            build(&profile("[profiles.api.sign]\nalgorithm = \"RS256\"")),
            &["\"api\"", "sign"],
        );
    }
}

#[test]
fn json_says_what_toml_says() {
    let toml = format!(
        r#"
        default_profile = "api"
        [profiles.api]
        algorithms = ["HS256", "HS512"]
        issuer = "https://issuer.example"
        audience = ["a", "b"]
        leeway = 30
        max_age = "1d"
        allow_weak_keys = true
        token_from = ["header:X-Token", "cookie:access"]
        claims = {{ role = "roleId", kind = {{ claim = "tokenType" }} }}
        [[profiles.api.keys]]
        kid = "k1"
        secret_base64url = "{SECRET}"
        [profiles.api.sign]
        access = "none"
        [issuers]
        "https://issuer.example" = "api"
        [guards.orders]
        scopes = ["read:orders"]
        [server]
        threads = 2
        "#
    );
    let json = format!(
        r#" {{
        "default_profile": "api",
        "profiles": {{"api": {{
            "algorithms": ["HS256", "HS512"],
            "issuer": "https://issuer.example",
            "audience": ["a", "b"],
            "leeway": 30,
            "max_age": "1d",
            "allow_weak_keys": true,
            "token_from": ["header:X-Token", "cookie:access"],
            "claims": {{"role": "roleId", "kind": {{"claim": "tokenType"}}}},
            "keys": [{{"kid": "k1", "secret_base64url": "{SECRET}"}}],
            "sign": {{"access": "none"}}
        }}}},
        "issuers": {{"https://issuer.example": "api"}},
        "guards": {{"orders": {{"scopes": ["read:orders"]}}}},
        "server": {{"threads": 2}}
        }}"#
    );
    let (toml, json) = (parse(&toml).unwrap(), parse(&json).unwrap());
    assert_eq!(format!("{toml:?}"), format!("{json:?}"));
    assert_eq!(
        toml.profiles["api"].audience.as_ref().unwrap().0,
        ["a", "b"]
    );
}

mod overrides {
    use super::*;

    fn overridden<const N: usize>(pairs: [(&str, &str); N]) -> Result<Config, Fault> {
        Config::from_text(
            &profile("leeway = \"1s\""),
            "app.conf",
            &Environment::from(pairs),
        )
    }

    #[test]
    fn set_single_keys_whatever_their_type() {
        let config = overridden([
            ("BEARERD_PROFILES__API__LEEWAY", "30s"),
            ("BEARERD_PROFILES__API__MAX_AGE", "3600"),
            ("BEARERD_PROFILES__API__ISSUER", "12345"),
            ("BEARERD_PROFILES__API__AUDIENCE", "[\"a\", \"b\"]"),
            ("BEARERD_PROFILES__API__ALLOW_WEAK_KEYS", "true"),
            ("BEARERD_PROFILES__API__SIGN__ACCESS", "5m"),
            ("BEARERD_SERVER__THREADS", "2"),
        ])
        .unwrap();
        let api = &config.profiles["api"];
        assert_eq!(api.leeway.unwrap().0.as_secs(), 30);
        assert_eq!(api.max_age.unwrap().0.as_secs(), 3600);
        assert_eq!(api.issuer.as_ref().unwrap().0, ["12345"]);
        assert_eq!(api.audience.as_ref().unwrap().0, ["a", "b"]);
        assert!(api.allow_weak_keys);
        assert!(api.sign.is_some());
        assert_eq!(config.server.threads, Some(2));
    }

    #[test]
    fn apply_to_json_too() {
        let text = format!(
            "{{\"profiles\": {{\"api\": {{\"algorithms\": [\"HS256\"], \"keys\": [{{\"secret\": \"{SECRET}\"}}]}}}}}}"
        );
        let environment = Environment::from([("BEARERD_PROFILES__API__LEEWAY", "30s")]);
        let config = Config::from_text(&text, "app.conf", &environment).unwrap();
        assert_eq!(config.profiles["api"].leeway.unwrap().0.as_secs(), 30);
    }

    #[test]
    fn that_are_wrong_name_their_variable() {
        for (variable, value, why) in [
            (
                "BEARERD_PROFILES__API__LEEWAY",
                "soon",
                "is not a span of time",
            ),
            (
                "BEARERD_PROFILES__API__LEWAY",
                "30s",
                "unknown field `leway`",
            ),
            (
                "BEARERD_PROFILES__API__REQUIRE",
                "[1]",
                "invalid type: integer",
            ),
            ("BEARERD_PROFILES__API__LEEWAY__X", "1", "is not a table"),
            (
                "BEARERD_PROFILES__APO__LEEWAY",
                "30s",
                "missing field `algorithms`",
            ),
            ("BEARERD_LISTEN", "127.0.0.1:1", "unknown field `listen`"),
        ] {
            refused(
                overridden([(variable, value)]),
                &[&format!("environment variable {variable}: "), why],
            );
        }
    }

    #[test]
    fn leave_variables_alone_that_are_no_keys() {
        let config = overridden([
            ("BEARERD_CONFIG", "/etc/app.toml"),
            ("BEARERD_LOG", "debug"),
            ("BEARERD_CONTROL_TOKEN", "t"),
            ("BEARERD_PROFILES__API__LEEWAY", ""),
            ("OTHER", "x"),
        ])
        .unwrap();
        assert_eq!(config.profiles["api"].leeway.unwrap().0.as_secs(), 1);
    }
}

mod jwt_variables {
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
}

fn key_pair(folder: &Path, algorithm: Algorithm) -> (PathBuf, PathBuf) {
    let KeyMaterial::Private(key) = aws_lc_rs().generate(algorithm).unwrap() else {
        panic!("{algorithm} has key pairs");
    };
    let private = folder.join(format!("{algorithm}.pem"));
    let public = folder.join(format!("{algorithm}.pub.pem"));
    fs::write(&private, private_key_pem(&key).unwrap().as_bytes()).unwrap();
    fs::write(&public, public_key_pem(key.public()).unwrap()).unwrap();
    (private, public)
}

mod reload {
    use super::*;

    struct TwoFiles {
        folder: TempDir,
        profiles: Profiles,
    }

    impl TwoFiles {
        fn new() -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = |name: &str| folder.path().join(name).display().to_string();
            fs::write(folder.path().join("a"), SECRET).unwrap();
            fs::write(folder.path().join("b"), SECRET).unwrap();
            let section = |name: &str| {
                format!(
                    "[profiles.{name}]\nalgorithms = [\"HS256\"]\n[profiles.{name}.sign]\n[[profiles.{name}.keys]]\n\
                     encoding = \"base64url\"\nsecret_file = \"{}\"\n",
                    path(name)
                )
            };
            let profiles = build(&(section("a") + &section("b"))).unwrap();
            Self { folder, profiles }
        }

        fn write(&self, name: &str, secret: &str) {
            fs::write(self.folder.path().join(name), secret).unwrap();
        }

        fn sign(&self, name: &str) -> String {
            let claims = serde_json::from_str(r#"{"sub": "ada"}"#).unwrap();
            let profile = self.profiles.get(Some(name)).unwrap();
            profile
                .sign(TokenKind::Access, &claims, None)
                .unwrap()
                .token
        }

        fn verdict(&self, name: &str, token: &str) -> Code {
            let verifier = self.profiles.get(Some(name)).unwrap().verifier();
            match verifier.verify(token, &VerifyOptions::default()) {
                Ok(_) => Code::Ok,
                Err(reject) => reject.code(),
            }
        }
    }

    #[test]
    fn takes_a_new_file_for_signing_and_verifying() {
        let files = TwoFiles::new();
        let (old, other) = (files.sign("a"), files.sign("b"));
        assert_eq!(files.verdict("a", &old), Code::Ok);
        files.write("a", OTHER);
        assert_eq!(files.verdict("a", &old), Code::Ok, "not before the reload");
        let report = files.profiles.reload_keys().unwrap();
        assert_eq!(
            report.keys,
            [("a".to_owned(), 1), ("b".to_owned(), 1)].into()
        );
        assert_eq!(files.verdict("a", &old), Code::InvalidSignature);
        assert_eq!(files.verdict("b", &other), Code::Ok, "b's key is the same");
        let new = files.sign("a");
        assert_eq!(files.verdict("a", &new), Code::Ok);
        assert_eq!(files.verdict("b", &new), Code::InvalidSignature);
    }

    #[test]
    fn leaves_good_keys_where_one_file_is_bad_and_says_so() {
        for bad in [
            "",
            "no base64url!",
            "c2hvcnQ",
            "ZGV2LXNlY3JldC1kZXYtc2VjcmV0LWRldi1zZWNyZXQtZGV2",
        ] {
            let files = TwoFiles::new();
            let (a, b) = (files.sign("a"), files.sign("b"));
            // a's is good and comes first: all or nothing.
            files.write("a", OTHER);
            files.write("b", bad);
            let path = files.folder.path().join("b").display().to_string();
            refused(
                files.profiles.reload_keys(),
                &["profile \"b\"", "the keys stay as they were", &path],
            );
            assert_eq!(files.verdict("a", &a), Code::Ok);
            assert_eq!(files.verdict("b", &b), Code::Ok);
            assert_eq!(files.verdict("a", &files.sign("a")), Code::Ok);
            assert_eq!(
                files.verdict("b", &files.sign("a")),
                Code::Ok,
                "a signs with its old key"
            );
        }
    }

    #[test]
    fn leaves_good_keys_where_a_file_is_gone() {
        let files = TwoFiles::new();
        let token = files.sign("a");
        fs::remove_file(files.folder.path().join("a")).unwrap();
        refused(
            files.profiles.reload_keys(),
            &["profile \"a\"", "cannot be read"],
        );
        assert_eq!(files.verdict("a", &token), Code::Ok);
        files.write("a", SECRET);
        assert!(files.profiles.reload_keys().is_ok());
        assert_eq!(files.verdict("a", &token), Code::Ok);
    }
}

mod lint {
    use super::*;

    fn remarks(text: &str) -> Vec<String> {
        let all = parse(text).unwrap().lint();
        assert!(all.iter().all(|(profile, _)| profile == "api"));
        all.into_iter().map(|(_, remark)| remark).collect()
    }

    #[test]
    fn says_what_is_not_checked() {
        let all = remarks(&profile("")).join("\n");
        for part in ["check iss", "check aud", "check typ", "access from refresh"] {
            assert!(all.contains(part), "{part:?} is not in {all}");
        }
    }

    #[test]
    fn is_silent_where_everything_is() {
        let text = profile(
            "issuer = \"i\"\naudience = \"a\"\ntype = \"at+jwt\"\nclaims = { kind = { claim = \"k\" } }",
        );
        assert_eq!(remarks(&text), [""; 0]);
    }

    #[test]
    fn says_what_is_risky() {
        for (lines, part) in [
            ("expiration = \"optional\"", "live for ever"),
            (
                "expiration = \"optional\"\nmax_age = \"1d\"",
                "up to max_age",
            ),
            ("allow_weak_keys = true", "weak keys"),
            (
                "[profiles.api.rotation]\nreuse = \"stateless\"",
                "without detecting reuse",
            ),
            (
                "[profiles.api.jwks]\nurl = \"http://i\"\nallow_http = true",
                "plain HTTP",
            ),
            (
                "[profiles.api.jwks]\nurl = \"https://i\"",
                "no copy of fetched keys",
            ),
        ] {
            let all = remarks(&profile(lines));
            assert!(
                all.iter().any(|remark| remark.contains(part)),
                "{part:?} is not in {all:?}"
            );
            assert!(
                !remarks(&profile(""))
                    .iter()
                    .any(|remark| remark.contains(part)),
                "{part}"
            );
        }
    }
}

/// A signing key whose public half is another's would start, and refuse its own tokens.
#[test]
fn halves_of_two_keys_are_refused_at_start() {
    let (private, public) = other_halves();
    let directory = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = directory.path().join(name);
        fs::write(&path, text).unwrap();
        path.display().to_string()
    };
    let environment = Environment::from([
        ("JWT_ALGORITHM", "ES256"),
        ("JWT_PRIVATE_KEY_PATH", &file("private.pem", &private)),
        ("JWT_PUBLIC_KEY_PATH", &file("public.pem", &public)),
    ]);
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(UnixMillis::EPOCH));
    let config = Config::from_jwt_environment(&environment).unwrap().unwrap();
    let fault = config.build(&environment, &clock).unwrap_err();
    assert!(
        fault.chain().contains("the public key that belongs to it"),
        "{}",
        fault.chain()
    );
}

fn other_halves() -> (String, String) {
    let make = || match aws_lc_rs().generate(Algorithm::ES256) {
        Ok(KeyMaterial::Private(key)) => key,
        other => panic!("{other:?}"),
    };
    let private = private_key_pem(&make()).unwrap().to_string();
    (private, public_key_pem(make().public()).unwrap())
}

/// Variables come in the order of their names; what they say together counts.
#[test]
fn overrides_that_hold_only_together_are_taken() {
    let text = "[profiles.api]\nalgorithms = [\"RS256\"]\n";
    let environment = Environment::from([
        ("BEARERD_PROFILES__API__JWKS__ALLOW_HTTP", "true"),
        (
            "BEARERD_PROFILES__API__JWKS__URL",
            "http://issuer.example/jwks",
        ),
    ]);
    let config = Config::from_text(text, "bearerd.toml", &environment).unwrap();
    let jwks = config.profiles["api"].jwks.as_ref().unwrap();
    assert!(jwks.allow_http && jwks.url == "http://issuer.example/jwks");
    let alone = Environment::from([("BEARERD_PROFILES__API__JWKS__ALLOW_HTTP", "true")]);
    let fault = Config::from_text(text, "bearerd.toml", &alone).unwrap_err();
    assert!(
        fault
            .chain()
            .contains("BEARERD_PROFILES__API__JWKS__ALLOW_HTTP"),
        "{}",
        fault.chain()
    );
}
