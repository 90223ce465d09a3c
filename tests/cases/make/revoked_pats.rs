//! Personal access tokens that are revoked, one by one or together.

use bearerd::error::Code;
use serde_json::json;

use super::case::{Ask, Case, kept};

pub(super) fn cases() -> Vec<Case> {
    vec![
        revoked_by_id(),
        revoked_by_token(),
        revoked_with_its_subject(),
        revoked_as_any_token(),
    ]
}

fn revoked_by_id() -> Case {
    Case::new("pat: revoked by its id", "pats")
        .creates(json!({"subject": "ada"}), "p", "id")
        .creates(json!({"subject": "ada"}), "other", "id2")
        .asks(Ask::kept("p"), Code::Ok)
        .asks(Ask::kept("other"), Code::Ok)
        .revokes_pats(json!({"id": kept("id")}), 1)
        .asks(Ask::kept("p"), Code::Revoked)
        .asks(Ask::bearer("p"), Code::Revoked)
        .asks(
            Ask::kept("p").guard(json!({"scopes": ["none"]})),
            Code::Revoked,
        )
        .asks(Ask::kept("other"), Code::Ok)
        .revokes_pats(json!({"id": kept("id")}), 0)
        .revokes_pats(json!({"id": "0".repeat(32)}), 0)
        .does(
            "revoke_pat",
            json!({"id": kept("other")}),
            Code::ValidationError,
        )
        .does(
            "revoke_pat",
            json!({"id": {"$": "id2", "after": "0"}}),
            Code::ValidationError,
        )
        .asks(
            Ask::kept("other").having(json!({"jti": kept("id2")})),
            Code::Ok,
        )
}

/// Before anybody has verified it, and after.
fn revoked_by_token() -> Case {
    Case::new("pat: revoked at hand", "pats")
        .creates(json!({"subject": "ada"}), "p", "id")
        .creates(json!({"subject": "ada"}), "new", "id2")
        .creates(json!({"subject": "ada"}), "other", "id3")
        .asks(Ask::kept("p"), Code::Ok)
        .does(
            "revoke_pat",
            json!({"token": {"$": "p", "after": "0"}}),
            Code::Malformed,
        )
        .asks(Ask::kept("p"), Code::Ok)
        .revokes_pats(json!({"token": kept("p")}), 1)
        .revokes_pats(json!({"token": kept("new")}), 1)
        .asks(Ask::kept("p"), Code::Revoked)
        .asks(Ask::kept("new"), Code::Revoked)
        .revokes_pats(json!({"token": kept("p")}), 0)
        .asks(Ask::kept("other"), Code::Ok)
}

fn revoked_with_its_subject() -> Case {
    Case::new("pat: revoked with all of its subject", "pats")
        .creates(json!({"subject": "ada"}), "p", "id")
        .creates(json!({"subject": "ada"}), "second", "id2")
        .creates(json!({"subject": "ada"}), "third", "id3")
        .creates(json!({"subject": "eve"}), "other", "id4")
        .asks(Ask::kept("p"), Code::Ok)
        .asks(Ask::kept("other"), Code::Ok)
        .revokes_pats(json!({"id": kept("id3")}), 1)
        .revokes_pats(json!({"subject": "Ada"}), 0)
        .asks(Ask::kept("p"), Code::Ok)
        .revokes_pats(json!({"subject": "ada"}), 2)
        .asks(Ask::kept("p"), Code::Revoked)
        .asks(Ask::kept("second"), Code::Revoked)
        .asks(Ask::kept("third"), Code::Revoked)
        .asks(Ask::kept("other"), Code::Ok)
        .revokes_pats(json!({"subject": "ada"}), 0)
        .creates(json!({"subject": "ada"}), "next", "id5")
        .asks(Ask::kept("next"), Code::Ok)
}

/// What revokes signed tokens revokes these.
fn revoked_as_any_token() -> Case {
    Case::new("pat: revoked as any token is", "pats")
        .creates(json!({"subject": "ada"}), "p", "id")
        .creates(json!({"subject": "ada"}), "second", "id2")
        .creates(json!({"subject": "ada"}), "third", "id3")
        .creates(json!({"subject": "eve"}), "other", "id4")
        .asks(Ask::kept("p"), Code::Ok)
        .asks(Ask::kept("second"), Code::Ok)
        .revokes(json!({"token": kept("p")}), Code::Ok)
        .asks(Ask::kept("p"), Code::Revoked)
        .revokes(json!({"handle": kept("id2")}), Code::Ok)
        .asks(Ask::kept("second"), Code::Revoked)
        .asks(Ask::kept("third"), Code::Ok)
        .revokes(json!({"subject": "ada"}), Code::Ok)
        .asks(Ask::kept("third"), Code::Revoked)
        .asks(Ask::kept("other"), Code::Ok)
}
