//! Rights that are a session's, not a token's.

use bearerd::config::{Profiles, SignIn, SignInTokens};
use bearerd::error::{Code, Reject};
use bearerd::guard::{Guard, RequestFacts};
use bearerd::verify::VerifyOptions;
use serde_json::{Map, Value, json};

use crate::name;
use crate::world::{document, profiles};

fn world() -> Profiles {
    let mut document = document(&json!({}));
    let levels = &mut document["profiles"]["levels"];
    levels["sessions"] = json!({});
    levels["sign"] = json!({});
    levels["permissions"]["from"] = "session".into();
    profiles(&document)
}

fn members(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(members) => members,
        other => panic!("{other} is no object"),
    }
}

#[test]
fn g4_a_session_s_rights_are_not_the_token_s_to_name() {
    let profiles = world();
    let profile = profiles.get(Some("levels")).unwrap();
    let mut wanted = SignIn::new("ada");
    wanted.tokens = SignInTokens::Access;
    wanted.attributes = members(json!({"permissions": ["hr.*"], "modules": ["hr"], "level": 3}));
    // What the token says of itself counts for nothing.
    wanted.claims = members(json!({"permissions": ["*"], "modules": ["*"], "level": 0}));
    let opened = profile.sign_in(&wanted).unwrap();
    let token = opened.access.unwrap().token;
    let guard = Guard::from_json(br#"{"permission":"hr.employee.update"}"#).unwrap();
    let other = Guard::from_json(br#"{"permission":"crm.deal.read"}"#).unwrap();
    let ask = |guard: &Guard| {
        let options = VerifyOptions::default().guard(guard);
        let verdict = profile.verifier().verify(&token, &options);
        verdict.map(drop).map_err(Reject::code)
    };
    for _ in 0..2 {
        assert_eq!((ask(&guard), ask(&other)), (Ok(()), Err(Code::Forbidden)));
    }
    let verified = profile
        .verifier()
        .verify(&token, &VerifyOptions::default())
        .unwrap();
    let rights = verified.rights().unwrap();
    assert_eq!(
        (rights.bypasses(), rights.data_scope().unwrap().as_str()),
        (false, "group")
    );
    assert!(rights.allows(&name("hr.a")) && !rights.allows(&name("crm.a")));
    let held = verified.hold();
    let facts = RequestFacts::default();
    assert!(held.check(&guard, &facts).is_ok() && held.check(&other, &facts).is_err());

    // A change takes effect on the next call, in both directions.
    let sessions = profile.sessions().unwrap();
    let id = opened.session.id();
    let change = |set: Value, remove: &[&str]| {
        let remove: Vec<String> = remove.iter().map(|name| (*name).to_owned()).collect();
        assert!(
            sessions
                .change_attributes(id, &members(set), &remove)
                .unwrap()
                .is_some()
        );
    };
    change(
        json!({"permissions": ["crm.*"], "modules": ["crm"], "level": 1}),
        &[],
    );
    assert_eq!((ask(&guard), ask(&other)), (Err(Code::Forbidden), Ok(())));
    let verified = profile
        .verifier()
        .verify(&token, &VerifyOptions::default())
        .unwrap();
    assert_eq!(
        verified.rights().unwrap().data_scope().unwrap().as_str(),
        "all"
    );
    change(json!({}), &["permissions", "level"]);
    let not = Guard::from_json(br#"{"not":{"permission":"crm.deal.read"}}"#).unwrap();
    assert_eq!(
        (ask(&other), ask(&not)),
        (Err(Code::Forbidden), Err(Code::Forbidden))
    );
    assert!(sessions.end(id).unwrap());
    assert_eq!(ask(&other), Err(Code::SessionEnded));
}
