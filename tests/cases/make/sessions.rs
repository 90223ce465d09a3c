//! Sessions: what their tokens come with, what changes it, and how they end.

use bearerd::crypto::Algorithm;
use bearerd::error::Code;
use serde_json::{Value, json};

use super::FAR;
use super::case::{Ask, Case, kept};
use super::configurations::{hs256, with};
use super::mint::Mint;

/// How long a session lives, in seconds.
const LIFETIME: u64 = 604_800;
/// A name that no sign-in has given out.
const NOBODY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// A profile that signs in, with `more`.
pub(super) fn signing_in(mint: &Mint, more: Value) -> Value {
    let profile = json!({
        "claims": {"kind": {"claim": "tokenType"}},
        "sign": {}, "rotation": {"grace": "1h"}, "sessions": {"lifetime": "7d"},
    });
    hs256(mint, with(profile, more))
}

pub(super) fn configurations(mint: &Mint) -> Vec<(&'static str, Value)> {
    let one = json!({"sessions": {"lifetime": "7d", "max_sessions": 1}});
    let own_names = json!({
        "claims": {"subject": "userId", "kind": {"claim": "tokenType"}, "handle": "session"},
        "sessions": {"lifetime": "7d", "claim": "session"},
    });
    let mut all = vec![
        ("sessions", signing_in(mint, json!({}))),
        ("one session each", signing_in(mint, one)),
        ("sessions by their own names", signing_in(mint, own_names)),
        (
            "no grace",
            signing_in(mint, json!({"rotation": {"grace": "0s"}})),
        ),
        (
            "sessions of others' tokens",
            hs256(mint, json!({"sessions": {}})),
        ),
    ];
    all.extend(super::rights::configurations(mint));
    all
}

pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    vec![
        signed_in(),
        any_attributes(),
        no_attributes(),
        changed(),
        changed_for_all(),
        changed_by_somebody_s_name(),
        not_one(mint),
        signed_elsewhere(),
        somebody_else_s(),
        refused_sign_ins(),
    ]
}

impl Case {
    pub(super) fn signs_in(self, subject: &str, kind: &str, attributes: impl Into<Value>) -> Self {
        let attributes = attributes.into();
        let members = json!({"subject": subject, "kind": kind, "attributes": attributes});
        self.does("sign_in", members, Code::Ok)
    }

    /// A user with a session `s`, an access token `a` and a refresh token `r`.
    pub(super) fn signs_in_ada(self, attributes: Value) -> Self {
        self.signs_in("ada", "pair", attributes).keeping([
            ("sid", "s"),
            ("access", "a"),
            ("refresh", "r"),
        ])
    }

    pub(super) fn ends(self, what: Value, count: u64) -> Self {
        self.does("end_session", what, Code::Ok).count(count)
    }

    pub(super) fn changes(self, what: Value, count: u64) -> Self {
        self.does("change_session", what, Code::Ok).count(count)
    }
}

/// The context of a session that was kept under that name.
pub(super) fn session(sid: &str, attributes: impl Into<Value>) -> Value {
    let attributes = attributes.into();
    json!({"session": {
        "id": kept(sid), "attributes": attributes, "expires_at": {"$ahead": LIFETIME},
    }})
}

pub(super) fn refresh(name: &str) -> Ask {
    Ask::kept(name).guard(json!({"token": "refresh"}))
}

fn signed_in() -> Case {
    let attributes = json!({"team": "red", "level": 3});
    let told = || session("s", attributes.clone());
    let claims = |kind: &str| json!({"sub": "ada", "sid": kept("s"), "tokenType": kind});
    Case::new(
        "session: a sign-in, and what its tokens come with",
        "sessions",
    )
    .signs_in_ada(attributes.clone())
    .asks(
        Ask::kept("a").having(claims("access")).context(told()),
        Code::Ok,
    )
    .asks(
        Ask::bearer("a").having(claims("access")).context(told()),
        Code::Ok,
    )
    .asks(Ask::kept("a").profile("api").context(told()), Code::Ok)
    .asks(Ask::kept("r"), Code::WrongTokenKind)
    .asks(
        refresh("r").having(claims("refresh")).context(told()),
        Code::Ok,
    )
    .asks(refresh("a"), Code::WrongTokenKind)
    .asks(Ask::around("", "a", "A"), Code::InvalidSignature)
    .asks(Ask::around("", "a", "="), Code::Malformed)
    .asks(Ask::kept("a").audience("shop"), Code::InvalidClaim)
}

/// They come back as they were given, at every depth.
fn any_attributes() -> Case {
    let attributes = json!({
        "": null, "numbers": [0, -1, 9_007_199_254_740_991_u64, 0.5], "flags": [true, false],
        "text": "a\"\\\n\u{0}é😀\u{2028}", "é": {"deep": {"er": [[], {}, [{"x": [null]}]]}},
        "sid": "mine", "id": 7, "$name": "$",
    });
    Case::new("session: attributes of every kind", "sessions")
        .signs_in_ada(attributes.clone())
        .asks(Ask::kept("a").context(session("s", attributes)), Code::Ok)
}

fn no_attributes() -> Case {
    Case::new("session: without attributes", "sessions")
        .does(
            "sign_in",
            json!({"subject": "ada", "kind": "access"}),
            Code::Ok,
        )
        .keeping([("sid", "s"), ("access", "a")])
        .asks(Ask::kept("a").context(session("s", json!({}))), Code::Ok)
        .changes(json!({"sid": kept("s"), "set": {"team": "red"}}), 1)
        .asks(
            Ask::kept("a").context(session("s", json!({"team": "red"}))),
            Code::Ok,
        )
}

/// The same token comes with what the session says now, cached or not.
fn changed() -> Case {
    let mut case = Case::new(
        "session: attributes that change under the same token",
        "sessions",
    )
    .signs_in_ada(json!({"team": "red", "level": 3}))
    .asks(
        Ask::kept("a").context(session("s", json!({"team": "red", "level": 3}))),
        Code::Ok,
    );
    for (change, now) in [
        (
            json!({"set": {"level": 4}}),
            json!({"team": "red", "level": 4}),
        ),
        (
            json!({"set": {"team": ["red", "blue"]}, "remove": ["level"]}),
            json!({"team": ["red", "blue"]}),
        ),
        (
            json!({"remove": ["nothing"]}),
            json!({"team": ["red", "blue"]}),
        ),
        (
            json!({"set": {"team": null}, "remove": []}),
            json!({"team": null}),
        ),
        (json!({"remove": ["team"]}), json!({})),
    ] {
        let change = with(change, json!({"sid": kept("s")}));
        case = case.changes(change, 1);
        for ask in [Ask::kept("a"), Ask::bearer("a"), refresh("r")] {
            case = case.asks(ask.context(session("s", now.clone())), Code::Ok);
        }
    }
    case.asks(
        Ask::kept("a").having(json!({"sub": "ada", "sid": kept("s")})),
        Code::Ok,
    )
}

fn changed_for_all() -> Case {
    let red = || json!({"team": "red"});
    Case::new("session: attributes of all sessions of a user", "sessions")
        .signs_in_ada(red())
        .signs_in("ada", "access", json!({"desk": 7}))
        .keeping([("sid", "s2"), ("access", "a2")])
        .signs_in("eve", "access", red())
        .keeping([("sid", "e"), ("access", "b")])
        .asks(Ask::kept("a").context(session("s", red())), Code::Ok)
        .asks(Ask::kept("b").context(session("e", red())), Code::Ok)
        .changes(json!({"subject": "ada", "set": {"team": "blue"}}), 2)
        .asks(
            Ask::kept("a").context(session("s", json!({"team": "blue"}))),
            Code::Ok,
        )
        .asks(
            Ask::kept("a2").context(session("s2", json!({"desk": 7, "team": "blue"}))),
            Code::Ok,
        )
        .asks(Ask::kept("b").context(session("e", red())), Code::Ok)
        .changes(json!({"subject": "Ada", "set": {"team": "green"}}), 0)
        .asks(
            Ask::kept("a").context(session("s", json!({"team": "blue"}))),
            Code::Ok,
        )
}

/// What is nobody's meets nothing, and what cannot be a name is said to be wrong.
fn changed_by_somebody_s_name() -> Case {
    let red = || json!({"team": "red"});
    let set = json!({"team": "blue"});
    Case::new("session: names of sessions that are not there", "sessions")
        .signs_in_ada(red())
        .changes(json!({"sid": NOBODY, "set": set}), 0)
        .ends(json!({"sid": NOBODY}), 0)
        .ends(json!({"subject": "nobody"}), 0)
        .does(
            "change_session",
            json!({"sid": "s", "set": set}),
            Code::ValidationError,
        )
        .does(
            "change_session",
            json!({"sid": {"$": "s", "after": "A"}, "set": set}),
            Code::ValidationError,
        )
        .does(
            "end_session",
            json!({"sid": kept("a")}),
            Code::ValidationError,
        )
        .does(
            "end_session",
            json!({"sid": {"$": "s", "before": " "}}),
            Code::ValidationError,
        )
        .does(
            "end_session",
            json!({"subject": "ada", "except": "s"}),
            Code::ValidationError,
        )
        .asks(Ask::kept("a").context(session("s", red())), Code::Ok)
}

/// Signed well, and of no session that was ever opened.
fn not_one(mint: &Mint) -> Case {
    let token = |claims: Value| {
        let claims = with(claims, json!({"exp": FAR}));
        mint.hs256(claims.to_string())
    };
    let mut case = Case::new(
        "session: tokens that name none",
        "sessions of others' tokens",
    );
    for (claims, code) in [
        (json!({"sub": "ada"}), Code::InvalidClaim),
        (json!({"sub": "ada", "sid": 7}), Code::InvalidClaim),
        (json!({"sub": "ada", "sid": null}), Code::InvalidClaim),
        (json!({"sid": NOBODY}), Code::InvalidClaim),
        (json!({"sub": "ada", "sid": NOBODY}), Code::SessionEnded),
        (json!({"sub": "ada", "sid": ""}), Code::SessionEnded),
        (json!({"sub": "ada", "sid": "s"}), Code::SessionEnded),
        (
            json!({"sub": "ada", "sid": format!("{NOBODY}A")}),
            Code::SessionEnded,
        ),
        (
            json!({"sub": "ada", "sid": NOBODY.replacen('A', "=", 1)}),
            Code::SessionEnded,
        ),
    ] {
        case = case.refuses(token(claims), code);
    }
    let expired = mint.hs256(format!(r#"{{"sub":"ada","sid":"{NOBODY}","exp":1}}"#));
    let strange = mint.token(
        Algorithm::HS384,
        json!({"sub": "ada", "sid": NOBODY, "exp": FAR}).to_string(),
    );
    case.refuses(expired, Code::Expired)
        .refuses(strange, Code::UnsupportedAlg)
}

/// A sign-in that signs nothing: whoever signs puts the sid in.
fn signed_elsewhere() -> Case {
    let sign = |claims: Value| json!({"kind": "access", "claims": claims});
    Case::new("session: tokens that are signed elsewhere", "sessions")
        .signs_in("ada", "none", json!({"team": "red"}))
        .keeping([("sid", "s")])
        .does(
            "sign",
            sign(json!({"sub": "ada", "sid": kept("s"), "role": 4})),
            Code::Ok,
        )
        .keeping([("access", "a")])
        .asks(
            Ask::kept("a")
                .having(json!({"sub": "ada", "sid": kept("s"), "role": 4}))
                .context(session("s", json!({"team": "red"}))),
            Code::Ok,
        )
        // What the profile itself would refuse is not signed.
        .does("sign", sign(json!({"sub": "ada"})), Code::ValidationError)
        .does(
            "sign",
            sign(json!({"sub": "ada", "sid": {"$": "s", "after": "A"}})),
            Code::Ok,
        )
        .keeping([("access", "wrong")])
        .asks(Ask::kept("wrong"), Code::SessionEnded)
        .does(
            "sign",
            json!({"kind": "refresh", "claims": {"sub": "ada", "sid": kept("s")}}),
            Code::Ok,
        )
        .keeping([("refresh", "r")])
        .asks(
            refresh("r").context(session("s", json!({"team": "red"}))),
            Code::Ok,
        )
        .ends(json!({"sid": kept("s")}), 1)
        .asks(Ask::kept("a"), Code::SessionEnded)
        .asks(refresh("r"), Code::SessionEnded)
}

/// A session is its subject's: another subject's token does not get in by it.
fn somebody_else_s() -> Case {
    let sign = |sub: &str| json!({"kind": "access", "claims": {"sub": sub, "sid": kept("s")}});
    Case::new("session: of somebody else", "sessions")
        .signs_in_ada(json!({"team": "red"}))
        .signs_in("eve", "access", json!({}))
        .keeping([("access", "b")])
        .does("sign", sign("eve"), Code::Ok)
        .keeping([("access", "forged")])
        .asks(Ask::kept("forged"), Code::SessionEnded)
        .asks(Ask::kept("a"), Code::Ok)
        .asks(Ask::kept("forged"), Code::SessionEnded)
        .does("sign", sign("Ada"), Code::Ok)
        .keeping([("access", "spelled")])
        .asks(Ask::kept("spelled"), Code::SessionEnded)
        .asks(Ask::kept("b"), Code::Ok)
}

fn refused_sign_ins() -> Case {
    let sign_in = |more: Value| with(json!({"subject": "ada", "kind": "access"}), more);
    let mut case =
        Case::new("session: sign-ins that are refused", "sessions").signs_in_ada(json!({}));
    for more in [
        json!({"claims": {"sub": "eve"}}),
        json!({"claims": {"sid": NOBODY}}),
        json!({"claims": {"jti": "j1"}}),
        json!({"claims": {"tokenType": "refresh"}}),
        json!({"profile": "nobody"}),
        json!({"attributes": {"long": "x".repeat(4_097)}}),
    ] {
        case = case.does("sign_in", sign_in(more), Code::ValidationError);
    }
    case.asks(Ask::kept("a"), Code::Ok)
        .ends(json!({"subject": "ada"}), 1)
}
