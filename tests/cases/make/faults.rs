use bearerd::crypto::Algorithm;
use bearerd::error::Code;
use serde_json::json;

use super::case::{Ask, Case};
use super::mint::{Mint, ada};

/// What is wrong with the call, or with us, and not with the token.
pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let good = mint.hs256(ada());
    let rules = [
        json!({}),
        json!({"role": ["admin"]}),
        json!({"roles": []}),
        json!({"roles": "admin"}),
        json!({"roles": [true]}),
        json!({"scopes": ["a b"]}),
        json!({"scopes": [""]}),
        json!({"vip": 1}),
        json!({"team": false}),
        json!({"device": false}),
        json!({"token": "id"}),
        json!({"any": []}),
        json!({"any": [{}]}),
        json!({"not": {"Roles": [1]}}),
        json!({"roles": [1], "scope": ["a"]}),
    ];
    let mut wrong = Case::new("fault: a rule that is none", "guards").accepts(&good);
    for rule in rules {
        wrong = wrong.asks(Ask::token(&good).guard(rule), Code::ValidationError);
    }
    let mut nobody =
        Case::new("fault: a guard or profile that nobody configured", "guards").accepts(&good);
    for name in ["nobody", "Admins", "admins ", "admin"] {
        nobody = nobody.asks(Ask::token(&good).guard(name), Code::ValidationError);
    }
    for name in ["nobody", "API", "api "] {
        nobody = nobody.asks(Ask::token(&good).profile(name), Code::ValidationError);
    }
    vec![
        wrong.accepts(&good),
        nobody.accepts(&good),
        Case::new("fault: keys that were never loaded", "unreachable keys")
            .refuses(mint.token(Algorithm::RS256, ada()), Code::KeysUnavailable)
            .refuses("x", Code::KeysUnavailable)
            .asks(
                Ask::header(
                    &format!("Bearer {}", mint.token(Algorithm::RS256, ada()).text),
                    None,
                ),
                Code::KeysUnavailable,
            ),
    ]
}
