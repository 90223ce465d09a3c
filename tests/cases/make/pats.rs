//! Personal access tokens: made, verified, revoked.

use bearerd::error::Code;
use serde_json::{Value, json};

use super::case::{Ask, Case, kept};
use super::configurations::{hs256, with};
use super::mint::Mint;

pub(super) const PREFIX: &str = "acme_pat_";

pub(super) fn configurations(mint: &Mint) -> Vec<(&'static str, Value)> {
    let pat = json!({"pat": {"prefix": PREFIX}});
    let rules = json!({"permissions": {
        "modules": "modules", "level": "level", "bypass_levels": [0],
        "data_scope": {"all": [1], "project": [2]},
    }});
    let own_names = json!({
        "issuer": "https://issuer.example", "audience": ["api", "shop"],
        "claims": {
            "subject": "userId", "scope": "scp", "role": "roleId",
            "kind": {"claim": "tokenType"},
        },
        "pat": {"prefix": PREFIX, "max_lifetime": "30d"},
    });
    let mut all = vec![
        ("pats", hs256(mint, pat.clone())),
        ("pats with permissions", hs256(mint, with(pat, rules))),
        ("pats by their own names", hs256(mint, own_names)),
        (
            "pats alone",
            json!({"profiles": {"api": {"algorithms": [], "pat": {"prefix": PREFIX}}}}),
        ),
    ];
    all.extend(super::side_by_side::configurations(mint));
    all
}

pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    vec![
        created(),
        own_names(),
        scopes(),
        permissions(),
        alone(mint),
        refused(),
    ]
}

impl Case {
    /// Made of these members, and kept as `name` with its id.
    pub(super) fn creates(self, members: Value, name: &str, id: &str) -> Self {
        self.does("create_pat", members, Code::Ok)
            .keeping([("token", name), ("id", id)])
    }

    pub(super) fn revokes_pats(self, what: Value, count: u64) -> Self {
        self.does("revoke_pat", what, Code::Ok).count(count)
    }
}

fn created() -> Case {
    let members = json!({
        "subject": "ada", "description": "laptop 💻", "scopes": ["read:orders", "write"],
        "claims": {"role": 4, "plan": {"name": "é", "seats": [1, 2]}}, "ttl": "1d",
    });
    let claims = json!({
        "sub": "ada", "jti": kept("id"), "scope": "read:orders write", "role": 4,
        "plan": {"name": "é", "seats": [1, 2]}, "exp": {"$ahead": 86_400},
    });
    let ask = || Ask::kept("p").having(claims.clone()).context(Value::Null);
    Case::new("pat: one, and what it comes with", "pats")
        .creates(members, "p", "id")
        .asks(ask(), Code::Ok)
        .asks(
            Ask::bearer("p").having(claims.clone()).context(Value::Null),
            Code::Ok,
        )
        .asks(ask().profile("api"), Code::Ok)
        .asks(ask().guard(json!({"token": "pat"})), Code::Ok)
        .asks(
            Ask::kept("p").guard(json!({"token": "access"})),
            Code::WrongTokenKind,
        )
        .asks(
            Ask::kept("p").guard(json!({"token": "refresh"})),
            Code::WrongTokenKind,
        )
        .asks(Ask::kept("p").guard(json!({"roles": [4]})), Code::Ok)
        .asks(Ask::kept("p").guard(json!({"roles": [5]})), Code::Forbidden)
        .asks(Ask::kept("p").audience("shop"), Code::InvalidClaim)
}

/// As the profile's signed tokens spell it.
fn own_names() -> Case {
    let claims = json!({
        "iss": "https://issuer.example", "aud": ["api", "shop"], "userId": "ada", "scp": "read",
        "roleId": 9, "tokenType": "pat", "jti": kept("id"), "exp": {"$ahead": 2_592_000},
    });
    let members = json!({"subject": "ada", "scopes": ["read"], "claims": {"roleId": 9}});
    Case::new("pat: by the profile's own names", "pats by their own names")
        .creates(members, "p", "id")
        .asks(Ask::kept("p").having(claims), Code::Ok)
        .asks(Ask::kept("p").audience("shop"), Code::Ok)
        .asks(Ask::kept("p").audience("desk"), Code::InvalidClaim)
        .asks(
            Ask::kept("p").guard(json!({"all": [{"scopes": ["read"]}, {"roles": [9]}]})),
            Code::Ok,
        )
        .does(
            "create_pat",
            json!({"subject": "ada", "ttl": "31d"}),
            Code::ValidationError,
        )
        .does(
            "create_pat",
            json!({"subject": "ada", "ttl": "none"}),
            Code::ValidationError,
        )
        .does(
            "create_pat",
            json!({"subject": "ada", "claims": {"userId": "eve"}}),
            Code::ValidationError,
        )
        .creates(json!({"subject": "ada", "ttl": "1h"}), "short", "id2")
        .asks(
            Ask::kept("short").having(json!({"exp": {"$ahead": 3_600}, "jti": kept("id2")})),
            Code::Ok,
        )
}

fn scopes() -> Case {
    let mut case = Case::new("pat: guards over its scopes", "pats")
        .creates(
            json!({"subject": "ada", "scopes": ["read:orders", "a!#[]~"]}),
            "p",
            "id",
        )
        .creates(json!({"subject": "ada"}), "bare", "id2")
        .asks(
            Ask::kept("p").having(json!({"scope": "read:orders a!#[]~"})),
            Code::Ok,
        );
    for (rule, with, without) in [
        (json!({"scopes": ["read:orders"]}), true, false),
        (json!({"scopes": ["read:orders", "a!#[]~"]}), true, false),
        (json!({"scopes": ["read:orders", "write"]}), false, false),
        (json!({"scopes": ["read"]}), false, false),
        (json!({"scopes": ["READ:ORDERS"]}), false, false),
        (json!({"any_scope": ["write", "read:orders"]}), true, false),
        (json!({"any_scope": ["write"]}), false, false),
        (json!({"not": {"scopes": ["write"]}}), true, false),
        (json!({"not": {"scopes": ["read:orders"]}}), false, false),
        (
            json!({"token": "pat", "scopes": ["read:orders"]}),
            true,
            false,
        ),
    ] {
        for (name, holds) in [("p", with), ("bare", without)] {
            let code = if holds { Code::Ok } else { Code::Forbidden };
            case = case.asks(Ask::kept(name).guard(rule.clone()), code);
        }
    }
    case
}

fn permissions() -> Case {
    let claims = |level: u64| json!({"permissions": ["hr.*"], "modules": ["hr"], "level": level});
    let told =
        |scope: &str, bypass: bool| json!({"permission": {"data_scope": scope, "bypass": bypass}});
    let (read, deal) = (
        json!({"permission": "hr.employee.read"}),
        json!({"permission": "crm.deal.read"}),
    );
    let mut case = Case::new(
        "pat: permissions of its claims, and their context",
        "pats with permissions",
    );
    for (level, scope, bypass) in [(2, "project", false), (0, "all", true), (7, "self", false)] {
        let (name, id) = (format!("p{level}"), format!("id{level}"));
        let other = if bypass { Code::Ok } else { Code::Forbidden };
        case = case
            .creates(
                json!({"subject": "ada", "claims": claims(level)}),
                &name,
                &id,
            )
            .asks(
                Ask::kept(&name)
                    .having(claims(level))
                    .context(told(scope, bypass)),
                Code::Ok,
            )
            .asks(
                Ask::kept(&name)
                    .guard(read.clone())
                    .context(told(scope, bypass)),
                Code::Ok,
            )
            .asks(Ask::kept(&name).guard(deal.clone()), other);
    }
    case.creates(json!({"subject": "ada"}), "bare", "id")
        .asks(Ask::kept("bare").context(told("self", false)), Code::Ok)
        .asks(Ask::kept("bare").guard(read.clone()), Code::Forbidden)
        .asks(
            Ask::kept("bare").guard(json!({ "not": read })),
            Code::Forbidden,
        )
}

/// A profile that takes nothing that is signed.
fn alone(mint: &Mint) -> Case {
    let signed = mint.hs256(super::mint::ada());
    let unsigned = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEiLCJleHAiOjQxMDI0NDQ4MDB9.";
    Case::new("pat: a profile of these alone", "pats alone")
        .refuses(&signed, Code::UnsupportedAlg)
        .creates(json!({"subject": "ada", "scopes": ["read"]}), "p", "id")
        .asks(
            Ask::kept("p")
                .having(json!({"sub": "ada", "jti": kept("id"), "scope": "read"}))
                .context(Value::Null),
            Code::Ok,
        )
        .refuses(&signed, Code::UnsupportedAlg)
        .refuses(unsigned, Code::UnsupportedAlg)
        .refuses("x", Code::Malformed)
        .refuses("", Code::Malformed)
        .asks(Ask::bearer("p"), Code::Ok)
        .does(
            "sign",
            json!({"kind": "access", "claims": {"sub": "ada"}}),
            Code::ValidationError,
        )
        .does(
            "sign_in",
            json!({"subject": "ada", "kind": "none"}),
            Code::ValidationError,
        )
        .revokes_pats(json!({"id": kept("id")}), 1)
        .asks(Ask::kept("p"), Code::Revoked)
}

fn refused() -> Case {
    let mut case = Case::new("pat: wishes that are refused", "pats");
    for wish in [
        json!({"scopes": ["a b"]}),
        json!({"scopes": [""]}),
        json!({"scopes": ["\""]}),
        json!({"scopes": ["é"]}),
        json!({"scopes": ["x".repeat(257)]}),
        json!({"description": "x".repeat(513)}),
        json!({"claims": {"sub": "eve"}}),
        json!({"claims": {"exp": 1}}),
        json!({"claims": {"jti": "j1"}}),
        json!({"claims": {"scope": "write"}}),
        json!({"claims": {"long": "x".repeat(4_097)}}),
        json!({"ttl": "soon"}),
        json!({"ttl": "0s"}),
        json!({"profile": "nobody"}),
    ] {
        let wish = with(wish, json!({"subject": "ada"}));
        case = case.does("create_pat", wish, Code::ValidationError);
    }
    case.does(
        "create_pat",
        json!({"subject": "x".repeat(513)}),
        Code::ValidationError,
    )
    .revokes_pats(json!({"subject": "ada"}), 0)
    .creates(json!({"subject": "ada", "ttl": "none"}), "p", "id")
    .asks(Ask::kept("p"), Code::Ok)
}
