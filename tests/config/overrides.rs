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
