use std::sync::Arc;

use bearerd::claims::TokenKind;
use bearerd::clock::{Clock, SystemClock};
use bearerd::config::{Config, Environment};
use bearerd::guard::{Guard, RequestFacts};
use bearerd::verify::VerifyOptions;

use crate::rounds::{compare, contender};
use crate::tokens::SECRET;

/// One permission among twenty grants, beside a hit of the same token that asks for none.
pub(crate) fn run() {
    let text = format!(
        "[profiles.p]\nalgorithms = [\"HS256\"]\nkeys = [{{ secret_base64url = \"{SECRET}\" }}]\n\
         sign = {{}}\npermissions = {{ modules = \"modules\", bypass_levels = [0] }}\n"
    );
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let none = Environment::empty();
    let profiles = Config::from_text(&text, "bench", &none)
        .and_then(|config| config.build(&none, &clock))
        .unwrap();
    let profile = profiles.get(None).unwrap();
    let verifier = profile.verifier();
    let mut grants: Vec<String> = (0..18)
        .map(|n| format!("module-{n:02}.employee.update"))
        .collect();
    grants.extend(["hr.employee.update".to_owned(), "crm.*.read".to_owned()]);
    let claims = serde_json::json!({
        "sub": "ada", "permissions": grants, "modules": ["finance", "hr", "crm"], "level": 3,
    });
    let token = profile
        .sign(TokenKind::Access, claims.as_object().unwrap(), None)
        .unwrap()
        .token;
    let guard = |rule: &str| Guard::from_json(rule.as_bytes()).unwrap();
    let (exact, wild, not_held) = (
        guard(r#"{"permission":"hr.employee.update"}"#),
        guard(r#"{"permission":"crm.deal.read"}"#),
        guard(r#"{"permission":"hr.employee.delete"}"#),
    );
    let plain = VerifyOptions::default();
    let asking = |guard| verifier.verify(&token, &plain.guard(guard)).is_ok();
    assert!(verifier.verify(&token, &plain).is_ok());
    assert_eq!([&exact, &wild, &not_held].map(asking), [true, true, false]);
    let verified = verifier.verify(&token, &plain).unwrap();
    assert!(verified.was_cached());
    let facts = RequestFacts::default();
    compare(
        "a permission among twenty grants, one thread",
        vec![
            contender("a hit, no guard", || {
                verifier.verify(&token, &plain).is_ok()
            }),
            contender("a hit, the 19th grant", || asking(&exact)),
            contender("a hit, the 20th by its wildcard", || asking(&wild)),
            contender("a hit, refused", || asking(&not_held)),
            contender("the guard alone, the 19th", || {
                verified.check(&exact, &facts).is_ok()
            }),
            contender("the guard alone, the 20th by its wildcard", || {
                verified.check(&wild, &facts).is_ok()
            }),
        ],
    );
}
