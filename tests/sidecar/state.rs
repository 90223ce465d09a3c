//! State in a file: what one sidecar did holds for the one after it, and for the one beside it.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::world::{World, start_with};

const LIMIT: Duration = Duration::from_secs(1);

fn with_state(file: &Path) -> World {
    start_with(|text| format!("state = \"sqlite:{}\"\n{text}", file.display()))
}

/// Asks until the answer is as wanted, for as long as the others may take to hear of it.
#[expect(
    clippy::disallowed_methods,
    reason = "what another sidecar takes is measured"
)]
fn until(what: &str, wanted: impl Fn() -> bool) -> Duration {
    let start = Instant::now();
    while !wanted() {
        assert!(start.elapsed() < LIMIT, "{what}: not within {LIMIT:?}");
    }
    start.elapsed()
}

#[test]
fn what_was_revoked_stays_revoked_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let before = with_state(&file);
    let (token, other) = (before.token(&json!({})), before.token(&json!({})));
    let by_subject = before.token(&json!({"sub": "mallory"}));
    let (access, refresh) = before.pair(&json!({"sub": "u9"}));
    for body in [
        json!({"token": token}),
        json!({"token": refresh}),
        json!({"subject": "mallory"}),
    ] {
        assert_eq!(before.control("/v1/revoke", &body).status, 200);
    }
    drop(before);
    let after = with_state(&file);
    for revoked in [&token, &access, &by_subject] {
        let answer = after.verify_token(revoked);
        assert_eq!(answer.said(), (401, "REVOKED".to_owned()));
    }
    assert_eq!(after.verify_token(&other).status, 200);
}

#[test]
fn a_refresh_token_that_was_spent_is_spent_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let before = with_state(&file);
    let (_, refresh) = before.pair(&json!({"sub": "u9"}));
    let rotate = |world: &World| world.control("/v1/rotate", &json!({"refresh": refresh}));
    let first = rotate(&before);
    assert_eq!(first.status, 200);
    drop(before);
    let after = with_state(&file);
    let again = rotate(&after);
    assert_eq!(
        (again.status, again.json()),
        (200, first.json()),
        "within the grace, the same successor"
    );
    after.clock.advance(Duration::from_secs(11));
    // The clock has jumped past what the index was good for; the follower sees to it.
    until("heard from the store", || {
        let answer = rotate(&after);
        let heard = answer.status != 503;
        assert!(!heard || answer.said() == (401, "REUSED".to_owned()));
        heard
    });
    let successor = first.json()["access"].as_str().unwrap().to_owned();
    let answer = after.verify_token(&successor);
    assert_eq!(answer.said(), (401, "REVOKED".to_owned()));
}

#[test]
fn a_sidecar_refuses_what_the_one_beside_it_revoked() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let (here, there) = (with_state(&file), with_state(&file));
    let mut slowest = Duration::ZERO;
    for _ in 0..20 {
        let token = here.token(&json!({}));
        for world in [&here, &there] {
            assert_eq!(world.verify_token(&token).status, 200);
        }
        let answer = here.control("/v1/revoke", &json!({"token": token}));
        assert_eq!(answer.status, 200);
        assert_eq!(
            here.verify_token(&token).said(),
            (401, "REVOKED".to_owned())
        );
        let took = until("refused beside", || {
            there.verify_token(&token).status != 200
        });
        let answer = there.verify_token(&token);
        assert_eq!(answer.said(), (401, "REVOKED".to_owned()));
        slowest = slowest.max(took);
    }
    assert!(slowest < LIMIT);
}

/// Where the file cannot be used, nothing is served.
#[test]
fn a_file_that_is_none_of_ours_is_no_state() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    crate::world::write_private(
        &file,
        "this is a letter to the editor, and no database at all",
    );
    let text = crate::world::configuration(folder.path());
    crate::world::write_private(
        &folder.path().join("control.token"),
        crate::world::CONTROL_TOKEN,
    );
    crate::world::write_private(&folder.path().join("es.pem"), &crate::world::new_pem());
    let none = bearerd::config::Environment::empty();
    let text = format!("state = \"sqlite:{}\"\n{text}", file.display());
    let fault = crate::world::try_start(&text, &none).unwrap_err();
    assert!(fault.chain().contains("state.db"), "{}", fault.chain());
}
