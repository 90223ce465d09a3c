//! How sessions end, and what does not end them.

use bearerd::error::Code;
use serde_json::json;

use super::case::{Ask, Case, kept};
use super::sessions::{refresh, session};

pub(super) fn cases() -> Vec<Case> {
    vec![
        ended_by_sid(),
        ended_by_subject(),
        ended_but_one(),
        one_each(),
        revoked_alone(),
        revoked_with_its_family(),
        revoked_with_its_subject(),
        revoked_by_its_name(),
    ]
}

fn ended_by_sid() -> Case {
    Case::new("session: ended by its sid", "sessions")
        .signs_in_ada(json!({"n": 1}))
        .signs_in("ada", "access", json!({"n": 2}))
        .keeping([("sid", "s2"), ("access", "a2")])
        .asks(Ask::kept("a"), Code::Ok)
        .asks(refresh("r"), Code::Ok)
        .ends(json!({"sid": kept("s")}), 1)
        .asks(Ask::kept("a"), Code::SessionEnded)
        .asks(Ask::bearer("a"), Code::SessionEnded)
        .asks(refresh("r"), Code::SessionEnded)
        .asks(
            Ask::kept("a").guard(json!({"roles": ["nobody"]})),
            Code::SessionEnded,
        )
        .asks(Ask::kept("r"), Code::WrongTokenKind)
        .does("rotate", json!({"refresh": kept("r")}), Code::SessionEnded)
        .ends(json!({"sid": kept("s")}), 0)
        .changes(json!({"sid": kept("s"), "set": {"n": 3}}), 0)
        .asks(Ask::kept("a"), Code::SessionEnded)
        .asks(
            Ask::kept("a2").context(session("s2", json!({"n": 2}))),
            Code::Ok,
        )
}

fn ended_by_subject() -> Case {
    Case::new("session: ended with all of a user", "sessions")
        .signs_in_ada(json!({}))
        .signs_in("ada", "access", json!({}))
        .keeping([("access", "a2")])
        .signs_in("eve", "access", json!({}))
        .keeping([("access", "b")])
        .asks(Ask::kept("a"), Code::Ok)
        .asks(Ask::kept("b"), Code::Ok)
        .ends(json!({"subject": "ada"}), 2)
        .asks(Ask::kept("a"), Code::SessionEnded)
        .asks(Ask::kept("a2"), Code::SessionEnded)
        .asks(refresh("r"), Code::SessionEnded)
        .asks(Ask::kept("b"), Code::Ok)
        .ends(json!({"subject": "ada"}), 0)
        .signs_in("ada", "access", json!({"again": true}))
        .keeping([("sid", "s3"), ("access", "a3")])
        .asks(
            Ask::kept("a3").context(session("s3", json!({"again": true}))),
            Code::Ok,
        )
        .asks(Ask::kept("a"), Code::SessionEnded)
}

fn ended_but_one() -> Case {
    Case::new("session: ended but for one", "sessions")
        .signs_in_ada(json!({}))
        .signs_in("ada", "access", json!({"n": 2}))
        .keeping([("sid", "s2"), ("access", "a2")])
        .signs_in("ada", "access", json!({}))
        .keeping([("access", "a3")])
        .asks(Ask::kept("a3"), Code::Ok)
        .ends(json!({"subject": "ada", "except": kept("s2")}), 2)
        .asks(Ask::kept("a"), Code::SessionEnded)
        .asks(Ask::kept("a3"), Code::SessionEnded)
        .asks(
            Ask::kept("a2").context(session("s2", json!({"n": 2}))),
            Code::Ok,
        )
}

fn one_each() -> Case {
    Case::new(
        "session: the oldest ends where there are too many",
        "one session each",
    )
    .signs_in_ada(json!({"n": 1}))
    .signs_in("eve", "access", json!({}))
    .keeping([("access", "b")])
    .asks(
        Ask::kept("a").context(session("s", json!({"n": 1}))),
        Code::Ok,
    )
    .signs_in("ada", "access", json!({"n": 2}))
    .keeping([("sid", "s2"), ("access", "a2")])
    .asks(Ask::kept("a"), Code::SessionEnded)
    .asks(refresh("r"), Code::SessionEnded)
    .asks(
        Ask::kept("a2").context(session("s2", json!({"n": 2}))),
        Code::Ok,
    )
    .asks(Ask::kept("b"), Code::Ok)
    .ends(json!({"sid": kept("s")}), 0)
    .asks(Ask::kept("a2"), Code::Ok)
}

/// A token is revoked by its own jti: its session goes on, with all others of it.
fn revoked_alone() -> Case {
    Case::new("session: a token that is revoked, not ended", "sessions")
        .signs_in_ada(json!({"team": "red"}))
        .asks(Ask::kept("a"), Code::Ok)
        .revokes(json!({"token": kept("a")}), Code::Ok)
        .asks(Ask::kept("a"), Code::Revoked)
        .asks(Ask::bearer("a"), Code::Revoked)
        .asks(
            refresh("r").context(session("s", json!({"team": "red"}))),
            Code::Ok,
        )
        .does("rotate", json!({"refresh": kept("r")}), Code::Ok)
        .keeping([("access", "a2")])
        .asks(
            Ask::kept("a2").context(session("s", json!({"team": "red"}))),
            Code::Ok,
        )
        .ends(json!({"sid": kept("s")}), 1)
        .asks(Ask::kept("a"), Code::Revoked)
        .asks(Ask::kept("a2"), Code::SessionEnded)
}

fn revoked_with_its_family() -> Case {
    Case::new("session: revoked by its refresh token", "sessions")
        .signs_in_ada(json!({}))
        .signs_in("ada", "access", json!({}))
        .keeping([("access", "a2")])
        .asks(Ask::kept("a"), Code::Ok)
        .revokes(json!({"token": kept("r")}), Code::Ok)
        .asks(refresh("r"), Code::Revoked)
        .asks(Ask::kept("a"), Code::Revoked)
        .ends(json!({"sid": kept("s")}), 0)
        .asks(Ask::kept("a2"), Code::Ok)
}

fn revoked_with_its_subject() -> Case {
    Case::new("session: revoked with its subject", "sessions")
        .signs_in_ada(json!({}))
        .signs_in("eve", "access", json!({}))
        .keeping([("access", "b")])
        .asks(Ask::kept("a"), Code::Ok)
        .revokes(json!({"subject": "ada", "issued_before": 1}), Code::Ok)
        .asks(Ask::kept("a"), Code::Ok)
        .revokes(json!({"subject": "ada"}), Code::Ok)
        .asks(Ask::kept("a"), Code::Revoked)
        .asks(refresh("r"), Code::Revoked)
        .ends(json!({"subject": "ada"}), 0)
        .asks(Ask::kept("b"), Code::Ok)
}

/// Where the handle is the session, revoking the one ends the other.
fn revoked_by_its_name() -> Case {
    let names = json!({"userId": "ada", "session": kept("s"), "tokenType": "access"});
    Case::new(
        "session: revoked by its name",
        "sessions by their own names",
    )
    .signs_in_ada(json!({"team": "red"}))
    .signs_in("ada", "access", json!({}))
    .keeping([("sid", "s2"), ("access", "a2")])
    .asks(
        Ask::kept("a")
            .having(names)
            .context(session("s", json!({"team": "red"}))),
        Code::Ok,
    )
    .revokes(json!({"handle": kept("s")}), Code::Ok)
    .asks(Ask::kept("a"), Code::Revoked)
    .asks(refresh("r"), Code::Revoked)
    .ends(json!({"sid": kept("s")}), 0)
    .asks(Ask::kept("a2").context(session("s2", json!({}))), Code::Ok)
    .revokes(json!({"token": kept("a2")}), Code::Ok)
    .asks(Ask::kept("a2"), Code::Revoked)
    .ends(json!({"sid": kept("s2")}), 0)
}
