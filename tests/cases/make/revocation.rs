use bearerd::crypto::Algorithm;
use bearerd::error::Code;
use serde_json::{Value, json};

use super::case::{Ask, Case};
use super::mint::{Mint, Token};
use super::{FAR, ISSUED};

pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    vec![
        by_handle(mint),
        before_it_was_seen(mint),
        handles_in_any_spelling(mint),
        by_subject(mint),
        by_subject_until_now(mint),
        by_subject_without_iat(mint),
        by_token(mint),
        by_a_token_that_does_not_verify(mint),
        by_a_token_of_another_profile(mint),
        by_a_mapped_handle(mint),
        by_a_refresh_token(mint),
        of_one_profile_alone(mint),
        order(mint),
    ]
}

fn token(mint: &Mint, claims: Value) -> Token {
    let mut claims = claims;
    claims["exp"] = FAR.into();
    mint.hs256(claims.to_string())
}

/// The next call sees it, cached or not, and others are as good as before.
fn by_handle(mint: &Mint) -> Case {
    let (one, same) = (
        token(mint, json!({"jti": "j1", "sub": "ada"})),
        token(mint, json!({"jti": "j1", "sub": "eve"})),
    );
    let (other, none) = (
        token(mint, json!({"jti": "j2", "sub": "ada"})),
        token(mint, json!({"sub": "j1"})),
    );
    Case::new("revoked: by handle", "hs256")
        .accepts(&one)
        .accepts(&other)
        .accepts(&none)
        .revokes(json!({"handle": "j1"}), Code::Ok)
        .refuses(&one, Code::Revoked)
        .refuses(&same, Code::Revoked)
        .asks(
            Ask::header(&format!("Bearer {}", one.text), None),
            Code::Revoked,
        )
        .asks(Ask::token(&one).profile("api"), Code::Revoked)
        .accepts(&other)
        .accepts(&none)
}

fn before_it_was_seen(mint: &Mint) -> Case {
    Case::new("revoked: before the token was seen", "hs256")
        .revokes(json!({"handle": "j1"}), Code::Ok)
        .refuses(token(mint, json!({"jti": "j1"})), Code::Revoked)
        .accepts(&token(mint, json!({"jti": "j11"})))
        .accepts(&token(mint, json!({"jti": "J1"})))
        .accepts(&token(mint, json!({"jti": ""})))
}

fn handles_in_any_spelling(mint: &Mint) -> Case {
    let escaped = mint.hs256(format!(r#"{{"jti":"a\u0062\/\ud83d\ude00","exp":{FAR}}}"#));
    let odd = ["a:b", "*", "a b", "{x}", "a\nb", "\0", "é"];
    let mut case = Case::new("revoked: handles in any spelling", "hs256").accepts(&escaped);
    for handle in odd {
        case = case.accepts(&token(mint, json!({ "jti": handle })));
    }
    case = case
        .revokes(json!({"handle": "ab/😀"}), Code::Ok)
        .refuses(&escaped, Code::Revoked);
    for handle in odd {
        case = case
            .revokes(json!({ "handle": handle }), Code::Ok)
            .refuses(token(mint, json!({ "jti": handle })), Code::Revoked);
    }
    case.accepts(&token(mint, json!({"jti": "e\u{301}"})))
        .accepts(&token(mint, json!({"jti": "a:c"})))
}

/// Everything issued before the watermark, and nothing after.
fn by_subject(mint: &Mint) -> Case {
    let issued = |sub: &str, at: i64| token(mint, json!({"sub": sub, "iat": at}));
    let (before, at, after) = (
        issued("ada", ISSUED - 1),
        issued("ada", ISSUED),
        issued("ada", ISSUED + 1),
    );
    let other = issued("eve", ISSUED - 1);
    Case::new("revoked: by subject, what was issued before", "hs256")
        .accepts(&before)
        .accepts(&at)
        .accepts(&after)
        .accepts(&other)
        .revokes(json!({"subject": "ada", "issued_before": ISSUED}), Code::Ok)
        .refuses(&before, Code::Revoked)
        .accepts(&at)
        .accepts(&after)
        .accepts(&other)
        // An earlier watermark lowers nothing, a later one raises it.
        .revokes(json!({"subject": "ada", "issued_before": 1}), Code::Ok)
        .refuses(&before, Code::Revoked)
        .accepts(&at)
        .revokes(
            json!({"subject": "ada", "issued_before": ISSUED + 1}),
            Code::Ok,
        )
        .refuses(&at, Code::Revoked)
        .accepts(&after)
        .accepts(&other)
}

fn by_subject_until_now(mint: &Mint) -> Case {
    let issued = |sub: &str| token(mint, json!({"sub": sub, "iat": ISSUED}));
    Case::new("revoked: by subject, up to now", "hs256")
        .accepts(&issued("ada"))
        .accepts(&issued("eve"))
        .revokes(json!({"subject": "ada"}), Code::Ok)
        .refuses(issued("ada"), Code::Revoked)
        .accepts(&issued("eve"))
        .accepts(&issued("ADA"))
}

/// What does not say when it was issued is void under any watermark.
fn by_subject_without_iat(mint: &Mint) -> Case {
    let undated = token(mint, json!({"sub": "ada"}));
    Case::new("revoked: by subject, a token without iat", "hs256")
        .accepts(&undated)
        .revokes(json!({"subject": "ada", "issued_before": 1}), Code::Ok)
        .refuses(&undated, Code::Revoked)
        .accepts(&token(mint, json!({"sub": "ada", "iat": ISSUED})))
}

fn by_token(mint: &Mint) -> Case {
    let (one, same) = (
        token(mint, json!({"jti": "j1", "n": 1})),
        token(mint, json!({"jti": "j1", "n": 2})),
    );
    let other = token(mint, json!({"jti": "j2"}));
    Case::new("revoked: by token", "hs256")
        .accepts(&one)
        .accepts(&same)
        .accepts(&other)
        .revokes(json!({"token": one.text}), Code::Ok)
        .refuses(&one, Code::Revoked)
        .refuses(&same, Code::Revoked)
        .accepts(&other)
        .revokes(json!({"token": other.text}), Code::Ok)
        .refuses(&other, Code::Revoked)
}

/// Who cannot show a good token revokes nothing; one that is over needs no revocation.
fn by_a_token_that_does_not_verify(mint: &Mint) -> Case {
    let good = token(mint, json!({"jti": "j1"}));
    let over = mint.hs256("{\"jti\":\"j1\",\"exp\":1}");
    let nameless = token(mint, json!({"sub": "ada"}));
    Case::new("revoked: by a token that does not verify", "hs256")
        .accepts(&good)
        .revokes(
            json!({"token": good.with(2, |_| "AAAA".to_owned())}),
            Code::InvalidSignature,
        )
        .revokes(json!({"token": "x"}), Code::Malformed)
        .revokes(
            json!({"token": good.text.replacen('e', "\u{165}", 1)}),
            Code::Malformed,
        )
        .revokes(json!({"token": over.text}), Code::Ok)
        .revokes(json!({"token": nameless.text}), Code::ValidationError)
        .accepts(&good)
        .accepts(&nameless)
}

/// The token's own `iss` chooses whose it is, as it does for verification.
fn by_a_token_of_another_profile(mint: &Mint) -> Case {
    let partner = json!({"iss": "https://partner.example", "jti": "j1", "exp": FAR}).to_string();
    let partner = mint.token(Algorithm::HS384, partner);
    let main = token(mint, json!({"jti": "j1"}));
    Case::new("revoked: by a token of a profile that iss names", "several")
        .accepts(&partner)
        .accepts(&main)
        .revokes(json!({"token": partner.text}), Code::Ok)
        .refuses(&partner, Code::Revoked)
        .accepts(&main)
}

fn by_a_mapped_handle(mint: &Mint) -> Case {
    let access = token(
        mint,
        json!({"userId": "u1", "sub": "s1", "tokenType": "access", "jti": "j1", "iat": ISSUED}),
    );
    let refresh = token(
        mint,
        json!({"userId": "u1", "tokenType": "refresh", "jti": "j2", "familyId": "f1", "iat": ISSUED}),
    );
    let renewal = || Ask::token(&refresh).guard("renewal");
    Case::new(
        "revoked: by claims of the issuer's own names",
        "claim names",
    )
    .accepts(&access)
    .asks(renewal(), Code::Ok)
    .revokes(json!({"subject": "s1"}), Code::Ok)
    .accepts(&access)
    .revokes(json!({"subject": "u1", "issued_before": ISSUED}), Code::Ok)
    .accepts(&access)
    .revokes(json!({"subject": "u1"}), Code::Ok)
    .refuses(&access, Code::Revoked)
    .asks(renewal(), Code::Revoked)
}

/// With a refresh token goes all that descends from its sign-in, and with an access token it alone.
fn by_a_refresh_token(mint: &Mint) -> Case {
    let token = |kind: &str, handle: &str, family: &str| {
        token(
            mint,
            json!({"tokenType": kind, "jti": handle, "familyId": family}),
        )
    };
    let (one, two) = (token("access", "j1", "f1"), token("access", "j2", "f1"));
    let (refresh, other) = (token("refresh", "j3", "f1"), token("access", "j4", "f2"));
    let nameless = mint.hs256(format!(
        r#"{{"tokenType":"refresh","familyId":"f2","exp":{FAR}}}"#
    ));
    Case::new(
        "revoked: by a refresh token, with its family",
        "claim names",
    )
    .accepts(&one)
    .accepts(&two)
    .accepts(&other)
    .revokes(json!({"token": one.text}), Code::Ok)
    .refuses(&one, Code::Revoked)
    .accepts(&two)
    .asks(Ask::token(&refresh).guard("renewal"), Code::Ok)
    .revokes(json!({"token": refresh.text}), Code::Ok)
    .refuses(&two, Code::Revoked)
    .asks(Ask::token(&refresh).guard("renewal"), Code::Revoked)
    .accepts(&other)
    .revokes(json!({"token": nameless.text}), Code::Ok)
    .refuses(&other, Code::Revoked)
}

fn of_one_profile_alone(mint: &Mint) -> Case {
    let partner = json!({"iss": "https://partner.example", "jti": "j1", "sub": "ada", "exp": FAR})
        .to_string();
    let partner = mint.token(Algorithm::HS384, partner);
    let main = token(mint, json!({"jti": "j1", "sub": "ada"}));
    Case::new("revoked: of the default profile alone", "several")
        .accepts(&partner)
        .accepts(&main)
        .revokes(json!({"handle": "j1"}), Code::Ok)
        .revokes(json!({"subject": "ada"}), Code::Ok)
        .refuses(&main, Code::Revoked)
        .accepts(&partner)
}

/// Rules, kind, revocation, guard.
fn order(mint: &Mint) -> Case {
    let revoked = token(
        mint,
        json!({"jti": "j1", "tokenType": "access", "roleId": 1}),
    );
    let refresh = token(mint, json!({"jti": "j1", "tokenType": "refresh"}));
    let over = mint.hs256("{\"jti\":\"j1\",\"tokenType\":\"access\",\"exp\":1}");
    Case::new(
        "revoked: after the rules and the kind, before the guard",
        "claim names",
    )
    .revokes(json!({"handle": "j1"}), Code::Ok)
    .refuses(&revoked, Code::Revoked)
    .asks(Ask::token(&revoked).guard("staff"), Code::Revoked)
    .refuses(&over, Code::Expired)
    .refuses(&refresh, Code::WrongTokenKind)
    .asks(Ask::token(&revoked).audience("shop"), Code::InvalidClaim)
    .refuses(
        revoked.with(2, |_| "AAAA".to_owned()),
        Code::InvalidSignature,
    )
}
