//! Sessions, personal access tokens and tokens of others, in one profile and in several.

use bearerd::crypto::Algorithm;
use bearerd::error::Code;
use serde_json::{Value, json};

use super::case::{Ask, Case, kept};
use super::configurations::with;
use super::mint::{Mint, ada};
use super::sessions::{refresh, session, signing_in};

pub(super) fn configurations(mint: &Mint) -> Vec<(&'static str, Value)> {
    let rules = json!({"from": "session", "level": "level", "bypass_levels": [0]});
    let pat = json!({"prefix": "api_"});
    let profile = |algorithm: Algorithm, more: Value| {
        let plain = json!({
            "algorithms": [algorithm.name()], "keys": [mint.entry(algorithm)],
            "claims": {"kind": {"claim": "tokenType"}}, "sign": {}, "rotation": {"grace": "1h"},
        });
        with(plain, more)
    };
    let several = json!({
        "default_profile": "main",
        "issuers": {"https://shop.example": "shop"},
        "profiles": {
            "main": profile(Algorithm::HS256, json!({"sessions": {}, "pat": {"prefix": "main_"}})),
            "shop": profile(Algorithm::HS384, json!({
                "issuer": "https://shop.example", "sessions": {}, "pat": {"prefix": "shop_pat_"},
            })),
            "twin": profile(Algorithm::HS256, json!({"sessions": {}})),
            "plain": profile(Algorithm::HS256, json!({})),
            "robots": {"algorithms": [], "pat": {"prefix": "robot_"}},
        },
    });
    vec![
        (
            "every kind of token",
            signing_in(mint, json!({"pat": pat, "permissions": rules})),
        ),
        (
            "signed tokens and pats",
            super::configurations::hs256(mint, json!({"pat": pat})),
        ),
        ("several with sessions and pats", several),
    ]
}

pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    vec![
        every_kind(),
        no_session_of_its_own(),
        beside_signed_ones(mint),
        subjects(mint),
        prefixes(mint),
        issuers(),
        sessions_of_profiles(),
    ]
}

/// Each guard lets its own kind in, and where none asks a refresh token alone is refused.
fn every_kind() -> Case {
    let mut case = Case::new("kinds: each guard, and each kind", "every kind of token")
        .signs_in_ada(json!({"level": 3}))
        .creates(json!({"subject": "ada"}), "p", "id")
        .asks(Ask::kept("a"), Code::Ok)
        .asks(Ask::kept("r"), Code::WrongTokenKind)
        .asks(Ask::kept("p"), Code::Ok);
    for (asked, good) in [("access", "a"), ("refresh", "r"), ("pat", "p")] {
        for name in ["a", "r", "p"] {
            let code = if name == good {
                Code::Ok
            } else {
                Code::WrongTokenKind
            };
            let rule = json!({ "token": asked });
            case = case.asks(Ask::kept(name).guard(rule), code);
        }
    }
    case.does(
        "rotate",
        json!({"refresh": kept("p")}),
        Code::WrongTokenKind,
    )
    .asks(Ask::kept("p"), Code::Ok)
}

/// It belongs to nobody's sign-in: it outlives them, and has nothing of what they carry.
fn no_session_of_its_own() -> Case {
    let told = with(
        session("s", json!({"permissions": ["hr.*"], "level": 0})),
        json!({"permission": {"data_scope": null, "bypass": true}}),
    );
    let read = json!({"permission": "hr.employee.read"});
    Case::new(
        "pat: in a profile whose rights are those of sessions",
        "every kind of token",
    )
    .signs_in_ada(json!({"permissions": ["hr.*"], "level": 0}))
    .creates(
        json!({"subject": "ada", "claims": {"permissions": ["*"], "level": 0}}),
        "p",
        "id",
    )
    .asks(Ask::kept("a").guard(read.clone()).context(told), Code::Ok)
    .asks(Ask::kept("p").context(Value::Null), Code::Ok)
    .asks(Ask::kept("p").guard(read.clone()), Code::Forbidden)
    .asks(
        Ask::kept("p").guard(json!({ "not": read })),
        Code::Forbidden,
    )
    .ends(json!({"subject": "ada"}), 1)
    .asks(Ask::kept("a"), Code::SessionEnded)
    .asks(Ask::kept("p").context(Value::Null), Code::Ok)
    .does(
        "create_pat",
        json!({"subject": "ada", "claims": {"sid": kept("s")}}),
        Code::ValidationError,
    )
}

fn beside_signed_ones(mint: &Mint) -> Case {
    let signed = mint.hs256(ada());
    let guard = json!({"token": "pat"});
    Case::new("pat: beside signed tokens", "signed tokens and pats")
        .asks(Ask::token(&signed).context(Value::Null), Code::Ok)
        .creates(json!({"subject": "ada"}), "p", "id")
        .asks(Ask::kept("p").context(Value::Null), Code::Ok)
        .asks(Ask::kept("p").guard(guard.clone()), Code::Ok)
        .asks(Ask::token(&signed).guard(guard), Code::WrongTokenKind)
        .accepts(&signed)
        .revokes_pats(json!({"id": kept("id")}), 1)
        .asks(Ask::kept("p"), Code::Revoked)
        .accepts(&signed)
}

/// What is revoked for a subject is revoked whatever form it has, and what is revoked of the one
/// form alone is not of the other.
fn subjects(mint: &Mint) -> Case {
    let signed = mint.hs256(ada());
    Case::new(
        "pat: one subject's tokens of both forms",
        "signed tokens and pats",
    )
    .creates(json!({"subject": "ada"}), "p", "id")
    .creates(json!({"subject": "ada"}), "second", "id2")
    .accepts(&signed)
    .asks(Ask::kept("p"), Code::Ok)
    .asks(Ask::kept("second"), Code::Ok)
    .revokes_pats(json!({"token": kept("p")}), 1)
    .asks(Ask::kept("p"), Code::Revoked)
    .asks(Ask::kept("second"), Code::Ok)
    .accepts(&signed)
    .revokes_pats(json!({"subject": "ada"}), 1)
    .asks(Ask::kept("second"), Code::Revoked)
    .accepts(&signed)
    .creates(json!({"subject": "ada"}), "third", "id3")
    .asks(Ask::kept("third"), Code::Ok)
    .revokes(json!({"subject": "ada"}), Code::Ok)
    .asks(Ask::kept("third"), Code::Revoked)
    .refuses(&signed, Code::Revoked)
}

/// The prefix says whose a token is, and a profile that is named takes its own alone.
fn prefixes(mint: &Mint) -> Case {
    let create = |profile: &str| json!({"subject": "ada", "profile": profile});
    let mut case = Case::new(
        "several: personal access tokens by their prefixes",
        "several with sessions and pats",
    );
    let all = ["main", "shop", "robots"];
    for profile in all {
        case = case.creates(create(profile), profile, &format!("id of {profile}"));
    }
    case = case.does("create_pat", create("twin"), Code::ValidationError);
    for name in all {
        case = case.asks(Ask::kept(name), Code::Ok);
        for profile in ["main", "shop", "robots", "twin"] {
            let code = if profile == name {
                Code::Ok
            } else {
                Code::Malformed
            };
            case = case.asks(Ask::kept(name).profile(profile), code);
        }
    }
    let shop = json!({"iss": "https://shop.example"});
    case.asks(Ask::kept("shop").having(shop), Code::Ok)
        .asks(
            Ask::token(&mint.hs256(ada())).profile("robots"),
            Code::UnsupportedAlg,
        )
        // An id is its profile's.
        .revokes_pats(json!({"id": kept("id of shop")}), 0)
        .revokes_pats(json!({"subject": "ada", "profile": "robots"}), 1)
        .asks(Ask::kept("robots"), Code::Revoked)
        .asks(Ask::kept("shop"), Code::Ok)
        .revokes_pats(json!({"token": kept("shop")}), 1)
        .asks(Ask::kept("shop"), Code::Revoked)
        .does(
            "revoke_pat",
            json!({"token": kept("main"), "profile": "shop"}),
            Code::Malformed,
        )
        .asks(Ask::kept("main"), Code::Ok)
        .revokes_pats(json!({"id": kept("id of main"), "profile": "main"}), 1)
        .asks(Ask::kept("main"), Code::Revoked)
}

/// The `iss` that a sign-in put in chooses the profile.
fn issuers() -> Case {
    let sign_in = json!({
        "subject": "ada", "kind": "pair", "profile": "shop", "attributes": {"cart": 3},
    });
    let told = || session("s", json!({"cart": 3}));
    Case::new(
        "several: sessions of a profile that iss names",
        "several with sessions and pats",
    )
    .does("sign_in", sign_in, Code::Ok)
    .keeping([("sid", "s"), ("access", "a"), ("refresh", "r")])
    .asks(
        Ask::kept("a")
            .having(json!({"iss": "https://shop.example", "sid": kept("s")}))
            .context(told()),
        Code::Ok,
    )
    .asks(Ask::kept("a").profile("shop").context(told()), Code::Ok)
    .asks(Ask::kept("a").profile("main"), Code::UnsupportedAlg)
    .asks(Ask::kept("a").profile("robots"), Code::UnsupportedAlg)
    .does("rotate", json!({"refresh": kept("r")}), Code::Ok)
    .keeping([("access", "a2"), ("refresh", "r2")])
    .asks(Ask::kept("a2").context(told()), Code::Ok)
    .does(
        "rotate",
        json!({"refresh": kept("r2"), "profile": "main"}),
        Code::UnsupportedAlg,
    )
    // The default profile has no such session.
    .ends(json!({"sid": kept("s")}), 0)
    .asks(Ask::kept("a"), Code::Ok)
    .ends(json!({"sid": kept("s"), "profile": "shop"}), 1)
    .asks(Ask::kept("a"), Code::SessionEnded)
    .asks(refresh("r2"), Code::SessionEnded)
}

/// The same key does not make one profile's session the other's.
fn sessions_of_profiles() -> Case {
    let subject = |profile: &str| json!({"subject": "ada", "profile": profile});
    Case::new(
        "several: a session is its profile's",
        "several with sessions and pats",
    )
    .signs_in_ada(json!({"n": 1}))
    .does(
        "sign_in",
        with(
            subject("twin"),
            json!({"kind": "access", "attributes": {"n": 2}}),
        ),
        Code::Ok,
    )
    .keeping([("sid", "s2"), ("access", "a2")])
    .asks(
        Ask::kept("a").context(session("s", json!({"n": 1}))),
        Code::Ok,
    )
    .asks(Ask::kept("a").profile("twin"), Code::SessionEnded)
    .asks(Ask::kept("a2"), Code::SessionEnded)
    .asks(
        Ask::kept("a2")
            .profile("twin")
            .context(session("s2", json!({"n": 2}))),
        Code::Ok,
    )
    // Where there are no sessions, a sid is a claim like others.
    .asks(
        Ask::kept("a")
            .profile("plain")
            .having(json!({"sid": kept("s")}))
            .context(Value::Null),
        Code::Ok,
    )
    .does(
        "sign_in",
        with(subject("plain"), json!({"kind": "access"})),
        Code::ValidationError,
    )
    .changes(with(subject("twin"), json!({"set": {"n": 3}})), 1)
    .asks(
        Ask::kept("a").context(session("s", json!({"n": 1}))),
        Code::Ok,
    )
    .ends(subject("twin"), 1)
    .asks(Ask::kept("a2").profile("twin"), Code::SessionEnded)
    .asks(Ask::kept("a"), Code::Ok)
    .ends(subject("main"), 1)
    .asks(Ask::kept("a"), Code::SessionEnded)
    .asks(Ask::kept("a").profile("plain"), Code::Ok)
}
