use super::*;

#[test]
fn a_profile_has_sessions_where_it_says_so() {
    let profiles = build(&profile("")).unwrap();
    assert!(profiles.get(None).unwrap().sessions().is_none());
    let text = "sessions = { claim = \"session\", lifetime = \"2h\", max_lifetime = \"1d\", max_sessions = 1 }";
    let profiles = build(&profile(text)).unwrap();
    let api = profiles.get(None).unwrap();
    assert_eq!(api.verifier().claim_map().names().session, "session");
    let settings = api.sessions().unwrap().settings();
    let hours = |hours: u64| Duration::from_secs(hours * 3_600);
    assert_eq!(settings.lifetime, hours(2));
    assert_eq!(settings.renew_every, hours(2) / 10);
    assert_eq!(settings.max_lifetime, Some(hours(24)));
    assert_eq!(settings.max_sessions, 1);
}

#[test]
fn sessions_that_cannot_be_meant_are_refused() {
    for (section, part) in [
        ("lifetime = \"10s\"", "sessions.lifetime"),
        (
            "lifetime = \"1h\", renew_every = \"1h\"",
            "sessions.renew_every",
        ),
        (
            "lifetime = \"2h\", max_lifetime = \"1h\"",
            "sessions.max_lifetime",
        ),
        ("max_sessions = 0", "sessions.max_sessions"),
        ("max_sessions = 1001", "sessions.max_sessions"),
        ("claim = \"\"", "claim name is empty"),
        ("lifetme = \"1h\"", "unknown field `lifetme`"),
    ] {
        refused(
            build(&profile(&format!("sessions = {{ {section} }}"))),
            &[part],
        );
    }
}

/// A child of a fork has threads of its own for what it renews.
#[test]
fn sessions_start_again_after_a_fork() {
    let profiles = build(&profile("sessions = {}")).unwrap();
    profiles.after_fork().unwrap();
    let sessions = profiles.get(None).unwrap().sessions().unwrap();
    let session = sessions
        .create("ada", &serde_json::Map::new(), None)
        .unwrap();
    assert!(sessions.end(session.id()).unwrap());
}
