//! Rotation within a session.

use bearerd::error::Code;
use serde_json::json;

use super::case::{Ask, Case, kept};
use super::sessions::{refresh, session};

pub(super) fn cases() -> Vec<Case> {
    vec![within(), refused(), reused()]
}

/// The new pair is of the same session, and the old access token is as good as before.
fn within() -> Case {
    let red = || session("s", json!({"team": "red"}));
    let blue = || session("s", json!({"team": "blue"}));
    let claims = |plan: &str| json!({"sub": "ada", "sid": kept("s"), "plan": plan});
    Case::new("rotation: within a session", "sessions")
        .does(
            "sign_in",
            json!({
                "subject": "ada", "kind": "pair", "attributes": {"team": "red"},
                "claims": {"plan": "free", "old": true},
            }),
            Code::Ok,
        )
        .keeping([("sid", "s"), ("access", "a"), ("refresh", "r")])
        .does("rotate", json!({"refresh": kept("r")}), Code::Ok)
        .keeping([("access", "a2"), ("refresh", "r2")])
        .asks(
            Ask::kept("a2").having(claims("free")).context(red()),
            Code::Ok,
        )
        .asks(
            refresh("r2").having(claims("free")).context(red()),
            Code::Ok,
        )
        .asks(Ask::kept("a").context(red()), Code::Ok)
        .does(
            "rotate",
            json!({"refresh": kept("r2"), "set": {"plan": "paid"}, "remove": ["old"]}),
            Code::Ok,
        )
        .keeping([("access", "a3"), ("refresh", "r3")])
        .changes(json!({"sid": kept("s"), "set": {"team": "blue"}}), 1)
        .asks(
            Ask::kept("a3").having(claims("paid")).context(blue()),
            Code::Ok,
        )
        .asks(
            Ask::kept("a2").having(claims("free")).context(blue()),
            Code::Ok,
        )
        .ends(json!({"sid": kept("s")}), 1)
        .asks(Ask::kept("a3"), Code::SessionEnded)
        .asks(refresh("r3"), Code::SessionEnded)
        .does("rotate", json!({"refresh": kept("r3")}), Code::SessionEnded)
}

fn refused() -> Case {
    let rotate = |name: &str| json!({"refresh": kept(name)});
    Case::new("rotation: what is refused spends nothing", "sessions")
        .signs_in_ada(json!({}))
        .does("rotate", rotate("a"), Code::WrongTokenKind)
        .does(
            "rotate",
            json!({"refresh": kept("r"), "set": {"sid": "s"}}),
            Code::ValidationError,
        )
        .does(
            "rotate",
            json!({"refresh": kept("r"), "remove": ["sid"]}),
            Code::ValidationError,
        )
        .does(
            "rotate",
            json!({"refresh": kept("r"), "set": {"jti": "j1"}}),
            Code::ValidationError,
        )
        .does(
            "rotate",
            json!({"refresh": {"$": "r", "after": "."}}),
            Code::Malformed,
        )
        .does("rotate", rotate("r"), Code::Ok)
        .keeping([("refresh", "r2")])
        // Within the grace, for clients race.
        .does("rotate", rotate("r"), Code::Ok)
        .keeping([("refresh", "again")])
        .does("rotate", rotate("again"), Code::Ok)
        .does("rotate", rotate("r2"), Code::Ok)
        .asks(Ask::kept("a"), Code::Ok)
}

/// Whoever presents a spent one may have stolen it: its session is over.
fn reused() -> Case {
    let rotate = |name: &str| json!({"refresh": kept(name)});
    Case::new("rotation: a spent token ends the session", "no grace")
        .signs_in_ada(json!({}))
        .signs_in("ada", "access", json!({}))
        .keeping([("access", "other")])
        .does("rotate", rotate("r"), Code::Ok)
        .keeping([("access", "a2"), ("refresh", "r2")])
        .asks(Ask::kept("a2"), Code::Ok)
        .does("rotate", rotate("r"), Code::Reused)
        .asks(Ask::kept("a2"), Code::Revoked)
        .asks(Ask::kept("a"), Code::Revoked)
        .does("rotate", rotate("r2"), Code::Revoked)
        .ends(json!({"sid": kept("s")}), 0)
        .asks(Ask::kept("other"), Code::Ok)
}
