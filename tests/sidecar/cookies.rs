//! A refresh token that is kept in a cookie: what the application relays, and what cannot be
//! configured.

use bearerd::config::Environment;
use serde_json::{Value, json};

use crate::world::{SECRET, World, start, start_with, try_start};

fn with(cookie: &str) -> World {
    start_with(|text| {
        let rotation = "rotation = { grace = \"10s\" }";
        assert!(text.contains(rotation));
        text.replacen(
            rotation,
            &format!("{rotation}\nrefresh_cookie = {{ {cookie} }}"),
            1,
        )
    })
}

fn cookie_of(body: &Value) -> (String, String, Vec<String>) {
    let text = body["set_cookie"].as_str().unwrap().to_owned();
    let mut parts = text.split("; ");
    let (name, value) = parts.next().unwrap().split_once('=').unwrap();
    (
        name.to_owned(),
        value.to_owned(),
        parts.map(str::to_owned).collect(),
    )
}

#[test]
fn sign_in_rotation_and_sign_out_bring_the_cookie() {
    let world = with("name = \"__Host-refresh\"");
    let body = json!({"kind": "pair", "claims": {"sub": "u1"}});
    let signed = world.control("/v1/sign", &body).json();
    let (name, value, attributes) = cookie_of(&signed);
    assert_eq!(name, "__Host-refresh");
    assert_eq!(value, signed["refresh"].as_str().unwrap());
    let week = format!("Max-Age={}", 7 * 86_400);
    assert_eq!(
        attributes,
        ["Path=/", "HttpOnly", "SameSite=Lax", &*week, "Secure"]
    );

    world.clock.advance(std::time::Duration::from_secs(60));
    let rotate = json!({"refresh": value});
    let rotated = world.control("/v1/rotate", &rotate).json();
    let (_, next, attributes) = cookie_of(&rotated);
    assert_eq!(next, rotated["refresh"].as_str().unwrap());
    assert_ne!(next, value);
    assert!(attributes.contains(&week), "{attributes:?}");
    // A repeated answer says what is left of the token by now.
    world.clock.advance(std::time::Duration::from_secs(5));
    let (_, again, attributes) = cookie_of(&world.control("/v1/rotate", &rotate).json());
    assert_eq!(again, next);
    let left = format!("Max-Age={}", 7 * 86_400 - 5);
    assert!(attributes.contains(&left), "{attributes:?}");

    for body in [
        json!({"token": next}),
        json!({"handle": "h"}),
        json!({"subject": "u1"}),
    ] {
        let out = world.control("/v1/revoke", &body).json();
        let (name, value, attributes) = cookie_of(&out);
        assert_eq!((&*name, &*value), ("__Host-refresh", ""));
        let expected = [
            "Path=/",
            "HttpOnly",
            "SameSite=Lax",
            "Max-Age=0",
            "Expires=Thu, 01 Jan 1970 00:00:00 GMT",
            "Secure",
        ];
        assert_eq!(attributes, expected);
    }
    // An access token is in no cookie, and what failed brings none.
    let access = world.control("/v1/sign", &json!({"kind": "access"})).json();
    assert_eq!(access.get("set_cookie"), None);
    let refused = world.control("/v1/rotate", &json!({"refresh": next}));
    assert_eq!(refused.status, 401);
    assert_eq!(refused.json().get("set_cookie"), None);
    let alone = world
        .control("/v1/sign", &json!({"kind": "refresh"}))
        .json();
    assert_eq!(cookie_of(&alone).1, alone["refresh"].as_str().unwrap());
}

#[test]
fn a_session_brings_the_cookie_and_takes_it_away() {
    let world = with("name = \"__Host-refresh\" }\nsessions = { lifetime = \"7d\"");
    let open = |kind: &str| {
        let body = json!({"subject": "u1", "kind": kind});
        world.control("/v1/sessions", &body).json()
    };
    let opened = open("pair");
    let (name, value, _) = cookie_of(&opened);
    assert_eq!(name, "__Host-refresh");
    assert_eq!(value, opened["refresh"].as_str().unwrap());
    for kind in ["access", "none"] {
        assert_eq!(open(kind).get("set_cookie"), None);
    }
    let end = |body: Value| world.control("/v1/sessions/end", &body).json();
    let sid = &opened["sid"];
    let others = end(json!({"subject": "u1", "except": sid}));
    assert_eq!(others, json!({"ended": 2}));
    for body in [json!({"sid": sid}), json!({"subject": "u1"})] {
        let (name, value, attributes) = cookie_of(&end(body));
        assert_eq!((&*name, &*value), ("__Host-refresh", ""));
        assert!(attributes.contains(&"Max-Age=0".to_owned()));
    }
}

#[test]
fn a_profile_without_a_cookie_brings_none() {
    let world = start();
    let signed = world.control("/v1/sign", &json!({"kind": "pair"})).json();
    assert_eq!(signed.get("set_cookie"), None);
    let rotated = world.control("/v1/rotate", &json!({"refresh": signed["refresh"]}));
    assert_eq!(rotated.json().get("set_cookie"), None);
    let revoked = world.control("/v1/revoke", &json!({"handle": "h"}));
    assert_eq!(revoked.json(), json!({"revoked": "handle"}));
}

#[test]
fn the_cookie_is_secure_unless_the_profile_and_the_request_say_otherwise() {
    let sign = |world: &World, https: Value| {
        let body = json!({"kind": "pair", "https": https});
        world.control("/v1/sign", &body)
    };
    let secure = |world: &World, https: Value| {
        let (_, _, attributes) = cookie_of(&sign(world, https).json());
        attributes.contains(&"Secure".to_owned())
    };
    let auto = with(
        "name = \"r\", secure = \"auto\", path = \"/auth\", domain = \".shop.example\", \
         same_site = \"strict\"",
    );
    assert!(secure(&auto, Value::Null));
    assert!(secure(&auto, true.into()));
    assert!(!secure(&auto, false.into()));
    let out = json!({"handle": "h", "https": false});
    let (_, _, attributes) = cookie_of(&auto.control("/v1/revoke", &out).json());
    assert_eq!(
        attributes[..4],
        [
            "Path=/auth",
            "Domain=shop.example",
            "HttpOnly",
            "SameSite=Strict"
        ]
    );
    assert!(!attributes.contains(&"Secure".to_owned()));
    let always = with("name = \"r\", same_site = \"none\"");
    assert!(secure(&always, false.into()));
    let answer = sign(&always, "no".into());
    assert_eq!(answer.said(), (422, "VALIDATION_ERROR".to_owned()));
    assert!(answer.message().starts_with("https: "));
}

#[test]
fn a_token_without_an_end_is_kept_until_the_browser_is_closed() {
    let world = start_with(|text| {
        text.replacen(
            "sign = { access = \"15m\", refresh = \"7d\" }",
            "expiration = \"optional\"\nmax_age = \"90d\"\nrefresh_cookie = { name = \"r\" }\n\
             sign = { access = \"15m\", refresh = \"none\" }",
            1,
        )
    });
    let signed = world.control("/v1/sign", &json!({"kind": "pair"})).json();
    let (_, _, attributes) = cookie_of(&signed);
    assert_eq!(attributes, ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"]);
}

#[test]
fn cookies_that_no_browser_would_keep_or_that_say_more_are_refused_at_the_start() {
    for (cookie, about) in [
        ("name = \"\"", "refresh_cookie.name"),
        ("name = \"a b\"", "refresh_cookie.name"),
        ("name = \"a=b\"", "refresh_cookie.name"),
        ("name = \"a;b\"", "refresh_cookie.name"),
        ("name = \"a\\r\\nX-Evil: 1\"", "refresh_cookie.name"),
        ("name = \"r\", path = \"auth\"", "refresh_cookie.path"),
        (
            "name = \"r\", path = \"/; Domain=evil.example\"",
            "refresh_cookie.path",
        ),
        (
            "name = \"r\", path = \"/\\r\\nX-Evil: 1\"",
            "refresh_cookie.path",
        ),
        ("name = \"r\", path = \"/\\u00e9\"", "refresh_cookie.path"),
        ("name = \"r\", domain = \"\"", "refresh_cookie.domain"),
        ("name = \"r\", domain = \"a..b\"", "refresh_cookie.domain"),
        (
            "name = \"r\", domain = \"a.b; Secure\"",
            "refresh_cookie.domain",
        ),
        ("name = \"r\", domain = \"a.b:80\"", "refresh_cookie.domain"),
        ("name = \"r\", same_site = \"Lax\"", "Lax"),
        (
            "name = \"r\", same_site = \"none\", secure = \"auto\"",
            "refresh_cookie.same_site",
        ),
        ("name = \"r\", secure = false", "in the clear"),
        ("name = \"r\", secure = \"yes\"", "in the clear"),
        ("name = \"r\", http_only = false", "http_only"),
        ("name = \"__Host-r\", path = \"/auth\"", "__Host-"),
        ("name = \"__Host-r\", domain = \"a.b\"", "__Host-"),
        ("name = \"__host-r\", domain = \"a.b\"", "__Host-"),
        ("name = \"__Host-r\", secure = \"auto\"", "secure = true"),
        ("name = \"__Secure-r\", secure = \"auto\"", "secure = true"),
    ] {
        let text = format!(
            "[server]\nlisten = [\"127.0.0.1:0\"]\n[profiles.p]\nalgorithms = [\"HS256\"]\n\
             keys = [{{ secret = \"{SECRET}\" }}]\nrefresh_cookie = {{ {cookie} }}\n"
        );
        let fault = try_start(&text, &Environment::empty()).unwrap_err();
        assert!(fault.chain().contains(about), "{cookie}: {}", fault.chain());
    }
}
