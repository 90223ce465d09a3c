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
        format!("[profiles.api]\nalgorithms = [\"RS256\"]\n[profiles.api.jwks]\nurl = \"{url}\"\n")
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
