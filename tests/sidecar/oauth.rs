//! The standard endpoints: introspection, revocation, refresh, metadata.

use std::time::Duration;

use bearerd::config::Environment;
use serde_json::{Value, json};

use crate::http::{Answer, Client, Headers};
use crate::world::{CONTROL_TOKEN, START, World, start, start_with, try_start};

const FORM: (&str, &str) = ("Content-Type", "application/x-www-form-urlencoded");
const ENDPOINTS: [&str; 3] = ["/oauth2/introspect", "/oauth2/revoke", "/oauth2/token"];
/// `shop:7b52009b64fd0a2a49e6d8a939753077` in base64.
const SHOP: &str = "Basic c2hvcDo3YjUyMDA5YjY0ZmQwYTJhNDllNmQ4YTkzOTc1MzA3Nw==";
/// `shop:7b52009b64fd0a2a49e6d8a939753078` in base64.
const WRONG: &str = "Basic c2hvcDo3YjUyMDA5YjY0ZmQwYTJhNDllNmQ4YTkzOTc1MzA3OA==";
const SHOP_HASH: &str = "9c7534de71c5b045ee185ab9538c51c37de4a2994140e8fffc6ef6a7ea569083";

fn with_client() -> World {
    start_with(|text| {
        text.replacen(
            "max_batch = 4",
            &format!(
                "max_batch = 4\noauth_issuer = \"https://auth.example/t1\"\n\
                 oauth_clients = [{{ id = \"shop\", secret_sha256 = \"{SHOP_HASH}\" }}]"
            ),
            1,
        )
    })
}

fn form(pairs: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(name);
        text.push('=');
        for byte in value.bytes() {
            if byte.is_ascii_alphanumeric() || b"-._".contains(&byte) {
                text.push(char::from(byte));
            } else {
                text.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    text
}

/// Asks as the client `shop`, over TCP.
fn ask(world: &World, path: &str, pairs: &[(&str, &str)]) -> Answer {
    let body = form(pairs);
    let headers = [FORM, ("Authorization", SHOP)];
    let answer = world.client().ask("POST", path, &headers, body.as_bytes());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("pragma"), Some("no-cache"));
    assert_eq!(answer.header("content-type"), Some("application/json"));
    answer
}

fn introspect(world: &World, token: &str) -> Value {
    let answer = ask(world, "/oauth2/introspect", &[("token", token)]);
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()
}

fn refresh(world: &World, token: &str, more: &[(&str, &str)]) -> Answer {
    let mut pairs = vec![("grant_type", "refresh_token"), ("refresh_token", token)];
    pairs.extend_from_slice(more);
    ask(world, "/oauth2/token", &pairs)
}

fn refused(answer: &Answer, error: &str) {
    assert_eq!(answer.status, 400, "{answer:?}");
    let body = answer.json();
    assert_eq!(body["error"], error, "{body}");
    assert!(body["error_description"].is_string(), "{body}");
}

#[test]
fn a_good_token_is_active_and_described() {
    let world = with_client();
    let token = world.token(&json!({
        "sub": "u7", "scope": "read write", "client_id": "app", "username": "ada",
        "note": "not for everybody",
    }));
    let told = introspect(&world, &token);
    let jti = told["jti"].as_str().unwrap().to_owned();
    assert_eq!(
        told,
        json!({
            "active": true, "scope": "read write", "client_id": "app", "username": "ada",
            "token_type": "Bearer", "exp": START + 900, "iat": START, "sub": "u7",
            "aud": "api", "iss": "https://main.example", "jti": jti,
        })
    );
    // A list of scopes becomes one string; an unknown hint and parameter are passed over.
    let listed = world.token(&json!({"scope": ["a", "b"]}));
    let pairs = [
        ("token", &*listed),
        ("token_type_hint", "saml"),
        ("x", "y"),
        ("z", ""),
    ];
    let told = ask(&world, "/oauth2/introspect", &pairs).json();
    assert_eq!(told["scope"], "a b");
    let (_, refresh) = world.pair(&json!({"sub": "u7"}));
    let told = introspect(&world, &refresh);
    assert_eq!(told["active"], true);
    assert_eq!(told.get("token_type"), None);
}

#[test]
fn of_a_token_that_is_not_good_nothing_is_said() {
    let world = with_client();
    let good = world.token(&json!({}));
    let revoked = world.token(&json!({}));
    assert_eq!(
        world
            .control("/v1/revoke", &json!({"token": revoked}))
            .status,
        200
    );
    let (_, spent) = world.pair(&json!({"sub": "u1"}));
    assert_eq!(refresh(&world, &spent, &[]).status, 200);
    let cut = &good[..good.len() - 2];
    let es = world.token_for("es", &json!({"iss": "https://nobody.example"}), "15m");
    for token in [
        "x",
        "a.b.c",
        cut,
        &revoked,
        &spent,
        &es,
        &world.token(&json!({"aud": "other"})),
        &world.token(&json!({"iss": "https://evil.example"})),
        "eyJhbGciOiJub25lIn0.e30.",
        "\u{0}",
        "\u{e9}",
    ] {
        let body = ask(&world, "/oauth2/introspect", &[("token", token)]);
        assert_eq!(body.text(), r#"{"active":false}"#);
    }
    world.clock.advance(Duration::from_secs(900));
    assert_eq!(introspect(&world, &good), json!({"active": false}));
}

#[test]
fn a_revocation_holds_and_an_unknown_token_is_no_error() {
    let world = with_client();
    let revoke = |token: &str, more: &[(&str, &str)]| {
        let mut pairs = vec![("token", token)];
        pairs.extend_from_slice(more);
        ask(&world, "/oauth2/revoke", &pairs)
    };
    let token = world.token(&json!({}));
    for _ in 0..2 {
        let hint = [("token_type_hint", "refresh_token")];
        assert_eq!(revoke(&token, &hint).status, 200);
        assert_eq!(world.verify_token(&token).code(), "REVOKED");
    }
    let (access, refresh_token) = world.pair(&json!({"sub": "u1"}));
    assert_eq!(revoke(&refresh_token, &[]).status, 200);
    assert_eq!(world.verify_token(&access).code(), "REVOKED");
    refused(&refresh(&world, &refresh_token, &[]), "invalid_grant");
    for token in ["x", "a.b.c", &access[..access.len() - 3]] {
        assert_eq!(revoke(token, &[]).status, 200, "{token}");
    }
    let nameless = world.token_for("es", &json!({"jti": null}), "15m");
    assert_eq!(revoke(&nameless, &[]).status, 200);
    refused(&ask(&world, "/oauth2/revoke", &[]), "invalid_request");
}

#[test]
fn a_token_without_a_handle_cannot_be_revoked_by_itself() {
    let world = start_with(|text| {
        text.replace(
            r#"claims = { kind = { claim = "kind" } }"#,
            r#"claims = { kind = { claim = "kind" }, handle = "sid" }"#,
        )
    });
    let token = world.token(&json!({}));
    let answer = Client::unix(&world.control_socket).ask(
        "POST",
        "/oauth2/revoke",
        &[FORM],
        form(&[("token", &token)]).as_bytes(),
    );
    refused(&answer, "unsupported_token_type");
    assert_eq!(world.verify_token(&token).status, 200);
}

#[test]
fn a_refresh_token_is_exchanged_for_a_pair() {
    let world = with_client();
    let (_, first) = world.pair(&json!({"sub": "u1", "scope": "read write"}));
    let answer = refresh(&world, &first, &[]);
    assert_eq!(answer.status, 200, "{answer:?}");
    let body = answer.json();
    let mut members: Vec<&str> = body
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    members.sort_unstable();
    let expected = [
        "access_token",
        "expires_in",
        "refresh_token",
        "scope",
        "token_type",
    ];
    assert_eq!(members, expected);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 900);
    assert_eq!(body["scope"], "read write");
    let access = body["access_token"].as_str().unwrap();
    assert_eq!(world.verify_token(access).json()["claims"]["sub"], "u1");
    // Spent, within the grace and after it.
    world.clock.advance(Duration::from_secs(5));
    let again = refresh(&world, &first, &[]).json();
    assert_eq!(again["access_token"], access);
    assert_eq!(again["expires_in"], 895);
    world.clock.advance(Duration::from_secs(6));
    refused(&refresh(&world, &first, &[]), "invalid_grant");
    let second = body["refresh_token"].as_str().unwrap();
    refused(&refresh(&world, second, &[]), "invalid_grant");
}

#[test]
fn a_scope_may_only_become_narrower_and_that_of_the_refresh_token_stays() {
    let world = with_client();
    for granted in [json!("read write admin"), json!(["read", "write", "admin"])] {
        let (_, first) = world.pair(&json!({"sub": "u1", "scope": granted}));
        for wider in [
            "read other",
            "other",
            "READ",
            "reads",
            " ",
            "read\u{a0}write",
        ] {
            refused(
                &refresh(&world, &first, &[("scope", wider)]),
                "invalid_scope",
            );
        }
        // What was refused has spent nothing. One without a value counts as absent.
        let body = refresh(&world, &first, &[("scope", "write read")]).json();
        assert_eq!(body["scope"], "write read");
        let access = body["access_token"].as_str().unwrap();
        let claims = &world.verify_token(access).json()["claims"];
        assert_eq!(claims["scope"].is_array(), granted.is_array());
        let second = body["refresh_token"].as_str().unwrap();
        let body = refresh(&world, second, &[("scope", "")]).json();
        assert_eq!(body["scope"], "read write admin");
    }
    let (_, without) = world.pair(&json!({"sub": "u1"}));
    refused(
        &refresh(&world, &without, &[("scope", "read")]),
        "invalid_scope",
    );
}

#[test]
fn what_is_wrong_with_a_request_is_said_in_the_rfcs_words() {
    let world = with_client();
    let (access, good) = world.pair(&json!({"sub": "u1"}));
    let token = |pairs: &[(&str, &str)]| ask(&world, "/oauth2/token", pairs);
    refused(&token(&[]), "invalid_request");
    refused(&token(&[("refresh_token", &good)]), "invalid_request");
    refused(
        &token(&[("grant_type", "refresh_token")]),
        "invalid_request",
    );
    refused(
        &token(&[("grant_type", "refresh_token"), ("refresh_token", "")]),
        "invalid_request",
    );
    for grant in [
        "password",
        "client_credentials",
        "authorization_code",
        "Refresh_token",
    ] {
        refused(&token(&[("grant_type", grant)]), "unsupported_grant_type");
    }
    for bad in ["x", &access, &good[..good.len() - 3]] {
        refused(&refresh(&world, bad, &[]), "invalid_grant");
    }
    // A profile that does not rotate.
    let es = world.token_for("es", &json!({"kind": "refresh"}), "15m");
    refused(&refresh(&world, &es, &[]), "unsupported_grant_type");
    let twice = [
        ("grant_type", "refresh_token"),
        ("grant_type", "refresh_token"),
    ];
    refused(&token(&twice), "invalid_request");
    for path in ENDPOINTS {
        for body in [
            &b"token=%FF"[..],
            b"token=a&token=a",
            b"token=\xff",
            &[b'&'; 1_000],
        ] {
            let headers = [FORM, ("Authorization", SHOP)];
            let answer = world.client().ask("POST", path, &headers, body);
            refused(&answer, "invalid_request");
        }
        let many: String = (0..100).map(|at| format!("p{at}=1&")).collect();
        let headers = [FORM, ("Authorization", SHOP)];
        let answer = world.client().ask("POST", path, &headers, many.as_bytes());
        refused(&answer, "invalid_request");
        let headers = [
            FORM,
            ("Authorization", SHOP),
            ("X-Bearerd-Profile", "nobody"),
        ];
        let body = form(&[
            ("token", "x"),
            ("grant_type", "refresh_token"),
            ("refresh_token", "x"),
        ]);
        let answer = world.client().ask("POST", path, &headers, body.as_bytes());
        refused(&answer, "invalid_request");
        let get = world.client().get(path, &[("Authorization", SHOP)]);
        assert_eq!(get.status, 405);
    }
    // Nothing of all this has spent the token.
    world.clock.advance(Duration::from_secs(60));
    assert_eq!(refresh(&world, &good, &[]).status, 200);
}

#[test]
fn s06_only_a_client_or_the_operator_is_answered() {
    let world = with_client();
    let operator = format!("Bearer {CONTROL_TOKEN}");
    let data_token = format!("Bearer {}", world.token(&json!({})));
    let body = form(&[("token", "x"), ("grant_type", "x")]);
    let shop_in_body = form(&[
        ("token", "x"),
        ("client_id", "shop"),
        ("client_secret", "7b52009b64fd0a2a49e6d8a939753077"),
    ]);
    for path in ENDPOINTS {
        let ask = |value: Option<&str>, body: &str| {
            let mut headers = vec![FORM];
            headers.extend(value.map(|value| ("Authorization", value)));
            world.client().ask("POST", path, &headers, body.as_bytes())
        };
        for (value, body) in [
            (None, &body),
            (None, &shop_in_body),
            (Some(WRONG), &body),
            (Some("Basic"), &body),
            (Some("Basic c2hvcA=="), &body),
            (Some("Bearer x"), &body),
            (Some(&*data_token), &body),
        ] {
            let answer = ask(value, body);
            assert_eq!(answer.status, 401, "{path} {value:?}");
            assert_eq!(answer.json()["error"], "invalid_client");
            let challenges: Vec<&[u8]> = answer
                .headers
                .iter()
                .filter(|(name, _)| name == "www-authenticate")
                .map(|(_, value)| value.as_slice())
                .collect();
            assert_eq!(challenges.len(), 2);
            assert!(challenges[0].starts_with(b"Basic realm="));
        }
        for value in [SHOP, &operator] {
            assert_ne!(ask(Some(value), &body).status, 401, "{path}");
        }
        let twice: Headers<'_> = &[FORM, ("Authorization", SHOP), ("Authorization", SHOP)];
        let answer = world.client().ask("POST", path, twice, body.as_bytes());
        assert_eq!(answer.status, 401);
        // Who may open the control socket is the operator; the data socket has none of this.
        let answer =
            Client::unix(&world.control_socket).ask("POST", path, &[FORM], body.as_bytes());
        assert!([200, 400].contains(&answer.status));
        let headers = [FORM, ("Authorization", &*operator)];
        let answer = Client::unix(&world.data_socket).ask("POST", path, &headers, body.as_bytes());
        assert_eq!(answer.status, 404);
    }
    // A client's secret opens nothing else.
    for path in [
        "/v1/sign",
        "/v1/revoke",
        "/v1/rotate",
        "/v1/explain",
        "/v1/keys/reload",
    ] {
        let headers = [
            ("Content-Type", "application/json"),
            ("Authorization", SHOP),
        ];
        let answer = world.client().ask("POST", path, &headers, b"{}");
        assert_eq!(answer.said(), (401, "UNAUTHORIZED".to_owned()), "{path}");
    }
}

#[test]
fn s04_a_form_of_a_foreign_page_reaches_no_oauth_endpoint() {
    let world = with_client();
    let token = world.token(&json!({}));
    let body = form(&[("token", &token)]);
    for path in ENDPOINTS {
        let ask = |more: Headers<'_>| {
            // A browser may add credentials that it keeps, so they are there.
            let mut headers = vec![("Authorization", SHOP)];
            headers.extend_from_slice(more);
            let answer = world.client().ask("POST", path, &headers, body.as_bytes());
            assert!(
                !answer
                    .headers
                    .iter()
                    .any(|(name, _)| name.starts_with("access-control-"))
            );
            answer
        };
        for foreign in [
            ("Origin", "https://evil.example"),
            ("Origin", "null"),
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Site", "same-site"),
            ("Host", "evil.example"),
        ] {
            assert_eq!(ask(&[FORM, foreign]).status, 403, "{path} {foreign:?}");
        }
        for kind in ["text/plain", "multipart/form-data", "application/json"] {
            refused(&ask(&[("Content-Type", kind)]), "invalid_request");
        }
        refused(&ask(&[]), "invalid_request");
        // JSON stays the rule everywhere else.
        let operator = format!("Bearer {CONTROL_TOKEN}");
        let headers = [FORM, ("Authorization", &*operator)];
        let answer = world
            .client()
            .ask("POST", "/v1/revoke", &headers, body.as_bytes());
        assert_eq!(answer.said(), (422, "VALIDATION_ERROR".to_owned()));
    }
    assert_eq!(world.verify_token(&token).status, 200);
}

#[test]
fn metadata_names_the_endpoints_under_the_issuer() {
    const PATH: &str = "/.well-known/oauth-authorization-server";
    let world = with_client();
    let answer = world.client().get(PATH, &[]);
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let told = answer.json();
    assert_eq!(told["issuer"], "https://auth.example/t1");
    for (name, path) in [
        ("token_endpoint", "/oauth2/token"),
        ("introspection_endpoint", "/oauth2/introspect"),
        ("revocation_endpoint", "/oauth2/revoke"),
        ("jwks_uri", "/.well-known/jwks.json"),
    ] {
        assert_eq!(told[name], format!("https://auth.example/t1{path}"));
    }
    assert_eq!(told["grant_types_supported"], json!(["refresh_token"]));
    assert_eq!(told["response_types_supported"], json!([]));
    assert_eq!(
        told["token_endpoint_auth_methods_supported"],
        json!(["client_secret_basic"])
    );
    assert_eq!(start().client().get(PATH, &[]).status, 404);
}

#[test]
fn clients_and_issuers_that_cannot_be_are_refused_at_the_start() {
    let refused = |server: &str, control: bool, about: &str| {
        let text = format!(
            "[server]\nlisten = [\"127.0.0.1:0\"]\n{server}\n[profiles.p]\nalgorithms = [\"HS256\"]\n\
             keys = [{{ secret = \"{}\" }}]\n",
            crate::world::SECRET
        );
        let token = [("BEARERD_CONTROL_TOKEN", CONTROL_TOKEN)];
        let environment = if control {
            Environment::from(token)
        } else {
            Environment::empty()
        };
        let fault = try_start(&text, &environment).unwrap_err();
        assert!(fault.chain().contains(about), "{server}: {}", fault.chain());
        fault.chain()
    };
    let client = |id: &str, hash: &str| {
        format!("oauth_clients = [{{ id = \"{id}\", secret_sha256 = \"{hash}\" }}]")
    };
    refused(&client("shop", SHOP_HASH), false, "control_token_file");
    for id in ["", "a:b", "a b", "\\u00e9"] {
        refused(&client(id, SHOP_HASH), true, "server.oauth_clients: id");
    }
    for hash in [
        "",
        "my-plain-secret",
        &SHOP_HASH[1..],
        &SHOP_HASH.replace('6', "g"),
    ] {
        let said = refused(&client("shop", hash), true, "client \"shop\"");
        assert!(hash.is_empty() || !said.contains(hash));
    }
    let twice = format!(
        "[[server.oauth_clients]]\nid = \"a\"\nsecret_sha256 = \"{SHOP_HASH}\"\n\
         [[server.oauth_clients]]\nid = \"a\"\nsecret_sha256 = \"{SHOP_HASH}\""
    );
    refused(&twice, true, "twice");
    for issuer in [
        "",
        "auth.example",
        "http://auth.example",
        "https://",
        "https://auth.example?x",
        "https://auth.example/#x",
        "https://user@auth.example",
        "ftp://auth.example",
    ] {
        refused(
            &format!("oauth_issuer = \"{issuer}\""),
            true,
            "server.oauth_issuer",
        );
    }
}
