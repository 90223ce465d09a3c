use super::*;

fn with_state(desk: &Desk) -> String {
    let text = fs::read_to_string(desk.path("app.toml")).unwrap();
    let state = desk.path("state.db");
    desk.write("state.toml", &format!("state = \"sqlite:{state}\"\n{text}"))
}

#[test]
fn what_is_revoked_in_the_store_is_refused_by_the_next_to_look() {
    let desk = Desk::new();
    let config = with_state(&desk);
    let verify = |token: &str, exit: i32| {
        let verdict = bearerd(&["token", "verify", "--config", &config, "-"])
            .input(token)
            .verdict(exit);
        code(&verdict).to_owned()
    };
    let revoke = |more: &[&str], input: &str| {
        let mut arguments = vec!["revoke", "--config", &config];
        arguments.extend(more);
        let said = bearerd(&arguments).input(input).good();
        serde_json::from_str::<Value>(&said).unwrap()["revoked"].clone()
    };
    let [token, other, by_handle, by_subject] = [(); 4].map(|()| desk.sign(r#"{"sub": "ada"}"#));
    assert_eq!(verify(&token, 0), "OK");
    assert_eq!(revoke(&["--token", "-"], &token), "handle");
    assert_eq!(verify(&token, 1), "REVOKED");
    assert_eq!(
        revoke(&["--token", "-"], &token),
        "nothing",
        "it was before"
    );
    let claims = bearerd(&["token", "verify", "--config", &config, &by_handle]).verdict(0);
    let id = claims["claims"]["jti"].as_str().unwrap();
    assert_eq!(revoke(&["--handle", id, "--profile", "api"], ""), "handle");
    assert_eq!(verify(&by_handle, 1), "REVOKED");
    assert_eq!(revoke(&["--family", "f"], ""), "family");
    let past = &["--subject", "ada", "--issued-before", "1000"];
    assert_eq!(revoke(past, ""), "subject");
    assert_eq!(verify(&other, 0), "OK");
    assert_eq!(revoke(&["--subject", "ada"], ""), "subject");
    assert_eq!(verify(&other, 1), "REVOKED");
    assert_eq!(verify(&by_subject, 1), "REVOKED");
}

#[test]
fn what_cannot_be_revoked_is_said() {
    let desk = Desk::new();
    let config = with_state(&desk);
    let revoke = |more: &[&str]| {
        let mut arguments = vec!["revoke", "--config", &config];
        arguments.extend(more);
        bearerd(&arguments)
    };
    revoke(&[]).fails(64, &["--token"]);
    revoke(&["--handle", "h", "--subject", "s"]).fails(64, &["cannot be used with"]);
    revoke(&["--handle", "h", "--issued-before", "1"]).fails(64, &["--handle"]);
    revoke(&["--handle", "h", "--profile", "no"]).fails(64, &["--profile"]);
    let forged = format!("{}x", desk.sign("{}"));
    revoke(&["--token", "-"])
        .input(forged)
        .fails(1, &["nothing was revoked"]);
    let app = desk.path("app.toml");
    bearerd(&["revoke", "--config", &app, "--handle", "h"]).fails(64, &["in memory"]);
}
