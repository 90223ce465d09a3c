use super::*;

const SEAL: &str = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";

/// A configuration whose keys are made here, with its state at `place`.
fn with_keys(desk: &Desk, place: &str) -> String {
    let seal = desk.write("seal", &format!("{SEAL}\n"));
    fs::set_permissions(&seal, fs::Permissions::from_mode(0o600)).unwrap();
    desk.write(
        "keys.toml",
        &format!(
            "state = \"{place}\"\n[profiles.web]\nalgorithms = [\"ES256\"]\n\
             [profiles.web.sign]\naccess = \"15m\"\nrefresh = \"15m\"\n\
             managed = {{ publish_ahead = \"1s\", seal_file = \"{seal}\" }}\n"
        ),
    )
}

fn sqlite(desk: &Desk) -> String {
    format!("sqlite:{}", desk.path("state.db"))
}

fn listed(text: &str) -> Vec<(String, String)> {
    assert!(!text.contains(SEAL) && !text.contains("\"d\""), "{text}");
    let of = |line: &str| {
        let key: Value = serde_json::from_str(line).unwrap();
        assert_eq!(key["profile"], "web");
        let text = |name: &str| key[name].as_str().unwrap().to_owned();
        (text("kid"), text("state"))
    };
    text.lines().map(of).collect()
}

#[test]
fn keys_are_rotated_beside_whoever_serves() {
    let desk = Desk::new();
    let config = with_keys(&desk, &sqlite(&desk));
    let keys = |verb: &str, more: &[&str]| {
        let mut arguments = vec!["keys", verb, "--config", &config];
        arguments.extend(more);
        bearerd(&arguments)
    };
    assert_eq!(keys("list", &[]).good(), "", "nothing is made by looking");
    let first = listed(&keys("stage", &[]).good()).remove(0).0;
    // It signs as soon as others can have heard of it.
    let mut active = Vec::new();
    for _ in 0..2_000 {
        active = listed(&keys("list", &[]).good());
        if active[0].1 == "active" {
            break;
        }
    }
    assert_eq!(active, [(first.clone(), "active".to_owned())]);
    let sign = ["token", "sign", "--config", &config, "--claims", "{}"];
    let token = bearerd(&sign).good();
    let verify = ["token", "verify", "--config", &config, "-"];
    let verified = || bearerd(&verify).input(token.clone());
    assert_eq!(code(&verified().verdict(0)), "OK");
    let jwks = bearerd(&["jwks", "--config", &config]).good();
    assert!(jwks.contains(&first), "{jwks}");
    assert!(!jwks.contains("\"d\""), "{jwks}");

    let staged = listed(&keys("stage", &["--profile", "web"]).good());
    let second = staged[1].0.clone();
    assert_eq!(staged[1].1, "staged");
    keys("activate", &[]).fails(64, &["publish_ahead", "force"]);
    keys("stage", &[]).fails(64, &["staged already"]);
    let after = listed(&keys("activate", &["--kid", &second, "--force"]).good());
    assert_eq!(after[0], (first.clone(), "retiring".to_owned()));
    assert_eq!(after[1], (second.clone(), "active".to_owned()));
    assert_eq!(code(&verified().verdict(0)), "OK", "it still verifies");
    keys("retire", &[]).fails(64, &["stage a key first"]);
    let after = listed(&keys("revoke", &["--kid", &first]).good());
    assert_eq!(after[1], (first, "revoked".to_owned()));
    assert_eq!(code(&verified().verdict(1)), "UNKNOWN_KEY");
    keys("revoke", &["--kid", "nobody"]).fails(64, &["no such key"]);
    keys("list", &["--profile", "nobody"]).fails(64, &["no profile has that name"]);
}

#[test]
fn a_store_in_memory_has_nothing_to_change() {
    let desk = Desk::new();
    let config = with_keys(&desk, "memory");
    for arguments in [
        &["keys", "list", "--config", &config][..],
        &["keys", "stage", "--config", &config],
        &["revoke", "--config", &config, "--handle", "h"],
        &["token", "sign", "--config", &config, "--claims", "{}"],
    ] {
        bearerd(arguments).fails(64, &["in memory", "control plane", "sqlite:FILE"]);
    }
    let check = bearerd(&["check", "--config", &config]).good();
    assert!(check.contains("made here and kept sealed"), "{check}");
    assert!(check.contains("1 s before it signs"), "{check}");
}

#[test]
fn keys_on_a_server_must_be_sealed() {
    let desk = Desk::new();
    let config = with_keys(&desk, "redis://127.0.0.1:1");
    let text = fs::read_to_string(&config).unwrap();
    let managed = text.lines().last().unwrap();
    for (instead, part) in [
        ("managed = {}", "unsealed = true"),
        ("managed = { seal_env = \"NOWHERE\" }", "NOWHERE"),
        ("managed = { seal_file = \"/nowhere\" }", "/nowhere"),
        (
            "managed = { every = \"10m\", unsealed = true }",
            "publish_ahead",
        ),
        ("managed = { keep = \"1m\", unsealed = true }", "keep"),
        (
            "managed = { algorithm = \"RS256\", unsealed = true }",
            "algorithm",
        ),
        ("kid = \"k\"\nmanaged = { unsealed = true }", "sign.kid"),
    ] {
        let config = desk.write("wrong.toml", &text.replace(managed, instead));
        bearerd(&["check", "--config", &config]).fails(64, &[part]);
    }
    let open = text.replace(managed, "managed = { unsealed = true }");
    let config = desk.write("open.toml", &open);
    bearerd(&["check", "--config", &config]).good();
    let both = managed
        .replace("seal_file = \"", "seal_file = [\"")
        .replace("\" }", "\", \"/nowhere\"] }");
    let config = desk.write("two.toml", &text.replace(managed, &both));
    bearerd(&["check", "--config", &config]).fails(64, &["/nowhere"]);
    let short = desk.write("short", "c2hvcnQ");
    fs::set_permissions(&short, fs::Permissions::from_mode(0o600)).unwrap();
    let wrong = format!("managed = {{ seal_file = \"{short}\" }}");
    let config = desk.write("wrong.toml", &text.replace(managed, &wrong));
    bearerd(&["check", "--config", &config]).fails(64, &["32"]);
    fs::set_permissions(desk.path("seal"), fs::Permissions::from_mode(0o644)).unwrap();
    let config = desk.write("loose.toml", &text);
    bearerd(&["check", "--config", &config]).fails(64, &["chmod 600"]);
}
