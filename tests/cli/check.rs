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
    bearerd(&["check", "--config", &config]).fails(64, &[&config, "\"api\"", "/nowhere/key.pem"]);
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
