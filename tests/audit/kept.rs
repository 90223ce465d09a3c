//! Acts on what is kept: sessions, personal access tokens, devices, signing keys; and those of the
//! OAuth endpoints.

use serde_json::{Value, json};

use crate::http::Answer;
use crate::world::{CONTROL_TOKEN, SECRET, START, World, start_with};
use crate::{empty, members};

/// `shop:7b52009b64fd0a2a49e6d8a939753077` in base64.
pub(crate) const SHOP: &str = "Basic c2hvcDo3YjUyMDA5YjY0ZmQwYTJhNDllNmQ4YTkzOTc1MzA3Nw==";
const SHOP_HASH: &str = "9c7534de71c5b045ee185ab9538c51c37de4a2994140e8fffc6ef6a7ea569083";

/// A sidecar that keeps everything there is to keep, and records it.
pub(crate) fn world() -> World {
    start_with(|text| {
        let (_, rest) = text.split_once("data_socket = \"").unwrap();
        let (folder, _) = rest.split_once("/data.sock\"").unwrap();
        let folder = folder.to_owned();
        let server = "max_batch = 4";
        let main = "rotation = { grace = \"10s\" }";
        assert!(text.contains(server) && text.contains(main));
        let clients = format!("[{{ id = \"shop\", secret_sha256 = \"{SHOP_HASH}\" }}]");
        let text = text.replacen(server, &format!("{server}\noauth_clients = {clients}"), 1);
        let more = "pat = { prefix = \"main_pat_\" }\ndevices = { trusted_for = \"30d\" }";
        let text = text.replacen(main, &format!("{main}\n{more}"), 1);
        format!(
            r#"{text}
[audit]
file = "{folder}/audit.db"
required = true
[profiles.staff]
algorithms = ["HS256"]
keys = [{{ secret = "{SECRET}", kid = "s1" }}]
sign = {{}}
sessions = {{}}
[profiles.web]
algorithms = ["ES256"]
sign = {{ managed = {{ every = "1d", publish_ahead = "10m" }} }}
"#
        )
    })
}

pub(crate) fn oauth(world: &World, path: &str, body: &str, authorization: &str) -> Answer {
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Authorization", authorization),
    ];
    world.client().ask("POST", path, &headers, body.as_bytes())
}

fn done(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn text(body: &Value, name: &str) -> String {
    body[name].as_str().unwrap().to_owned()
}

impl World {
    /// The act that was recorded last, without what every event has.
    fn last(&self) -> Value {
        members(
            &self.query(&json!({"limit": 1}))["events"][0],
            &["action", "entity", "entity_id", "profile", "detail"],
        )
    }

    fn total(&self) -> u64 {
        self.query(&empty())["total"].as_u64().unwrap()
    }
}

fn act(action: &str, on: (&str, &str), profile: &str, detail: &Value) -> Value {
    json!({
        "action": action, "entity": on.0, "entity_id": on.1, "profile": profile, "detail": detail,
    })
}

#[test]
fn sessions_are_recorded_by_their_sid_and_without_what_they_carry() {
    let world = world();
    let ask = |path: &str, mut body: Value| {
        body["profile"] = "staff".into();
        done(&world.control(path, &body))
    };
    let body = json!({"subject": "ada", "kind": "access", "attributes": {"salary": 70_000}});
    let sid = text(&ask("/v1/sessions", body.clone()), "sid");
    let detail = json!({"subject": "ada", "kind": "access"});
    assert_eq!(
        world.last(),
        act("session.open", ("session", &sid), "staff", &detail)
    );
    let kept = text(&ask("/v1/sessions", body), "sid");
    ask(
        "/v1/sessions/attributes",
        json!({"sid": sid, "set": {"salary": 80_000}, "remove": ["team"]}),
    );
    let detail = json!({"set": ["salary"], "removed": ["team"], "changed": 1});
    assert_eq!(
        world.last(),
        act("session.attributes", ("session", &sid), "staff", &detail)
    );
    ask(
        "/v1/sessions/attributes",
        json!({"subject": "ada", "set": {"level": 2}}),
    );
    let detail = json!({"set": ["level"], "removed": [], "changed": 2});
    assert_eq!(
        world.last(),
        act("session.attributes", ("subject", "ada"), "staff", &detail)
    );
    ask(
        "/v1/sessions/end",
        json!({"subject": "ada", "except": kept}),
    );
    let detail = json!({"ended": 1, "all_but_one": true});
    assert_eq!(
        world.last(),
        act("session.end", ("subject", "ada"), "staff", &detail)
    );
    ask("/v1/sessions/end", json!({"sid": kept}));
    let detail = json!({"ended": 1, "all_but_one": false});
    assert_eq!(
        world.last(),
        act("session.end", ("session", &kept), "staff", &detail)
    );
    assert_eq!(world.query(&json!({"text": "80000"}))["total"], 0);
    // What asks, and what was refused, is no act.
    let before = world.total();
    ask("/v1/sessions/get", json!({"sid": sid}));
    ask("/v1/sessions/list", json!({"subject": "ada"}));
    let wrong = json!({"profile": "staff", "sid": "x"});
    assert_eq!(world.control("/v1/sessions/end", &wrong).status, 422);
    assert_eq!(world.total(), before);
}

#[test]
fn personal_access_tokens_are_recorded_by_their_id() {
    let world = world();
    let create = || {
        let body = json!({"subject": "ada", "description": "laptop", "ttl": "1d"});
        let created = done(&world.control("/v1/pats", &body));
        (text(&created, "token"), text(&created, "id"))
    };
    let revoke = |body: &Value| done(&world.control("/v1/pats/revoke", body));
    let (token, id) = create();
    let detail = json!({"subject": "ada", "expires_at": START + 86_400});
    assert_eq!(
        world.last(),
        act("pat.create", ("pat", &id), "main", &detail)
    );
    for revoked in [1, 0] {
        revoke(&json!({"token": token}));
        let detail = json!({"revoked": revoked});
        assert_eq!(
            world.last(),
            act("pat.revoke", ("pat", &id), "main", &detail)
        );
    }
    let (_, id) = create();
    revoke(&json!({"id": id}));
    assert_eq!(
        world.last(),
        act("pat.revoke", ("pat", &id), "main", &json!({"revoked": 1}))
    );
    create();
    revoke(&json!({"subject": "ada"}));
    assert_eq!(
        world.last(),
        act(
            "pat.revoke",
            ("subject", "ada"),
            "main",
            &json!({"revoked": 1})
        )
    );
    let before = world.total();
    for refused in [json!({"id": token}), json!({"token": "x"}), json!({})] {
        assert!(world.control("/v1/pats/revoke", &refused).status >= 400);
    }
    done(&world.control("/v1/pats/list", &json!({"subject": "ada"})));
    assert_eq!(world.total(), before);
}

#[test]
fn devices_are_recorded_by_their_id() {
    let world = world();
    let device = json!({"subject": "ada", "ip": "192.0.2.7", "user_agent": "x/1"});
    let trust = || text(&done(&world.control("/v1/devices/trust", &device)), "id");
    let forget = |body: &Value| done(&world.control("/v1/devices/forget", body));
    let id = trust();
    let subject = json!({"subject": "ada"});
    assert_eq!(
        world.last(),
        act("device.trust", ("device", &id), "main", &subject)
    );
    done(&world.control("/v1/devices/check", &device));
    done(&world.control("/v1/devices/list", &subject));
    forget(&json!({"subject": "ada", "id": id}));
    let detail = json!({"subject": "ada", "forgotten": 1});
    assert_eq!(
        world.last(),
        act("device.forget", ("device", &id), "main", &detail)
    );
    trust();
    forget(&subject);
    assert_eq!(
        world.last(),
        act(
            "device.forget",
            ("subject", "ada"),
            "main",
            &json!({"forgotten": 1})
        )
    );
    assert_eq!(world.total(), 4);
}

#[test]
fn orders_about_keys_are_recorded() {
    let world = world();
    let order = |verb: &str, body: &Value| {
        let answer = done(&world.control(&format!("/v1/keys/{verb}"), body));
        let kid = text(&answer, "kid");
        let action = format!("keys.{verb}");
        assert_eq!(
            world.last(),
            act(&action, ("key", &kid), "web", &empty()),
            "{verb}"
        );
        kid
    };
    let kid = order("stage", &empty());
    order("activate", &json!({"kid": kid, "force": true}));
    order("stage", &empty());
    order("retire", &json!({"force": true}));
    order("revoke", &json!({"kid": kid}));
    let before = world.total();
    assert_eq!(
        world
            .control("/v1/keys/revoke", &json!({"kid": "nobody"}))
            .status,
        422
    );
    let mut control = crate::http::Client::unix(&world.control_socket);
    assert_eq!(control.get("/v1/keys", &[]).status, 200);
    assert_eq!(world.total(), before);
}

/// As the native ones, and with the client's name: it is no holder of the control token.
#[test]
fn acts_of_oauth_clients_are_recorded_under_their_names() {
    let world = world();
    let (access, refresh) = world.pair(&json!({"sub": "ada"}));
    let grant = format!("grant_type=refresh_token&refresh_token={refresh}");
    let called = || world.query(&json!({"limit": 1}))["events"][0]["caller"].clone();
    assert_eq!(oauth(&world, "/oauth2/token", &grant, SHOP).status, 200);
    assert_eq!(
        world.last(),
        act("token.rotate", ("subject", "ada"), "main", &empty())
    );
    assert_eq!(called(), "oauth-client:shop");
    let form = format!("token={access}");
    let bearer = format!("Bearer {CONTROL_TOKEN}");
    assert_eq!(oauth(&world, "/oauth2/revoke", &form, &bearer).status, 200);
    let last = world.last();
    assert_eq!(last["action"], "token.revoke");
    assert_eq!(last["detail"], json!({"subject": "ada", "by": "handle"}));
    assert_eq!(called(), "control-token");
    let before = world.total();
    for (path, form) in [
        ("/oauth2/revoke", "token=x"),
        ("/oauth2/introspect", &*form),
        ("/oauth2/token", "grant_type=refresh_token&refresh_token=x"),
    ] {
        oauth(&world, path, form, SHOP);
    }
    assert_eq!(world.total(), before);
    // A refresh token that somebody stole.
    world.clock.advance(std::time::Duration::from_secs(60));
    assert_eq!(oauth(&world, "/oauth2/token", &grant, SHOP).status, 400);
    let stolen = world.one(&json!({"action": "reject.reused"}));
    assert_eq!(stolen["actor"], "ada");
}
