//! Keys are read again while tokens are verified, and kept where others cannot read them.

use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use bearerd::config::Environment;
use serde_json::json;

use crate::world::{SECRET, await_that, new_pem, start, try_start, write_private};

#[test]
fn a_reload_takes_good_files_and_refuses_bad_ones() {
    let world = start();
    let reload = || world.control("/v1/keys/reload", &json!({}));
    let old = world.token_for("es", &json!({}), "15m");
    assert_eq!(world.verify_token(&old).status, 200);
    let answer = reload();
    assert_eq!(answer.json(), json!({"keys": {"es": 1, "main": 1}}));
    assert_eq!(world.verify_token(&old).status, 200);
    for bad in [
        "",
        "not a key",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ] {
        write_private(&world.es_file, bad);
        let answer = reload();
        assert_eq!(answer.said(), (422, "VALIDATION_ERROR".to_owned()));
        assert!(answer.message().contains("es.pem"), "{}", answer.message());
        assert_eq!(world.verify_token(&old).status, 200, "the keys stay");
    }
    std::fs::remove_file(&world.es_file).unwrap();
    assert_eq!(reload().status, 422);
    assert_eq!(world.verify_token(&old).status, 200);
    write_private(&world.es_file, &new_pem());
    assert_eq!(reload().status, 200);
    assert_eq!(
        world.verify_token(&old).code(),
        "INVALID_SIGNATURE",
        "its key has gone"
    );
    let body = world
        .control("/v1/sign", &json!({"kind": "access", "profile": "es"}))
        .json();
    assert_eq!(
        world.verify_token(body["access"].as_str().unwrap()).status,
        200
    );
    assert_eq!(
        world.metric("bearerd_reloads_total{result=\"failure\"}"),
        4.0
    );
    assert_eq!(
        world.metric("bearerd_reloads_total{result=\"success\"}"),
        2.0
    );
}

#[test]
fn s08_reloads_under_load_lose_nothing() {
    let world = start();
    let tokens = [
        world.token(&json!({})),
        world.token_for("es", &json!({}), "15m"),
    ];
    let good = std::fs::read_to_string(&world.es_file).unwrap();
    let (done, served) = (AtomicBool::new(false), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut client = world.client();
                while !done.load(Ordering::Relaxed) {
                    for token in &tokens {
                        let answer = client.post("/v1/verify", &[], &json!({ "token": token }));
                        assert_eq!(answer.status, 200, "{answer:?}");
                        served.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
        for round in 0..40 {
            let before = served.load(Ordering::Relaxed);
            let is_bad = round % 2 == 1;
            write_private(&world.es_file, if is_bad { "broken" } else { &good });
            assert_eq!(world.app().reload_keys().is_err(), is_bad);
            await_that("tokens are verified between reloads", || {
                served.load(Ordering::Relaxed) > before + 16
            });
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(
        world.metric("bearerd_reloads_total{result=\"failure\"}"),
        20.0
    );
    assert_eq!(
        world.metric("bearerd_reloads_total{result=\"success\"}"),
        20.0
    );
    assert_eq!(world.metric("bearerd_panics_total{plane=\"data\"}"), 0.0);
}

#[test]
fn s10_a_key_file_that_others_may_read_is_refused_where_so_configured() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key");
    let public = {
        let pair = rcgen::KeyPair::generate().unwrap();
        pair.public_key_pem()
    };
    let start = |key: &str, loose: &str, mode: u32| {
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
        let text = format!(
            "[server]\nlisten = [\"127.0.0.1:0\"]\n[profiles.p]\nalgorithms = [\"HS256\", \"ES256\"]\n\
             {loose}\nkeys = [{{ {key} = \"{}\" }}]\n",
            path.display()
        );
        try_start(&text, &Environment::empty()).map(|sidecar| {
            sidecar.drain().cut();
            let _ = sidecar.wait().unwrap();
        })
    };
    const REFUSE: &str = "loose_permissions = \"refuse\"";
    for (key, text) in [("secret_file", SECRET.to_owned()), ("pem_file", new_pem())] {
        write_private(&path, &text);
        for mode in [0o640, 0o604, 0o644, 0o666] {
            let fault = start(key, REFUSE, mode).unwrap_err();
            let why = fault.chain();
            assert!(why.contains("chmod 600") && why.contains("/key"), "{why}");
            start(key, "", mode).unwrap();
            start(key, "loose_permissions = \"warn\"", mode).unwrap();
        }
        for mode in [0o600, 0o400] {
            start(key, REFUSE, mode).unwrap();
        }
    }
    // What is public may be read by all.
    write_private(&path, &public);
    start("pem_file", REFUSE, 0o644).unwrap();
    let fault = start("pem_file", "loose_permissions = \"ignore\"", 0o600).unwrap_err();
    assert!(
        fault.chain().contains("loose_permissions"),
        "{}",
        fault.chain()
    );
}
