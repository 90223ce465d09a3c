use std::fs::{self, OpenOptions};
use std::os::unix::fs::{FileExt, PermissionsExt};

use bearerd::config::Environment;
use serde_json::json;

use crate::part::Part;
use crate::world::{SECRET, await_that, try_start};
use crate::{audited, empty};

/// While another holds the file, a required record fails in time and a mere one waits its turn;
/// neither is lost.
#[test]
fn a_locked_file_stops_what_is_required_and_nothing_else() {
    for required in [true, false] {
        let world = audited(&format!("required = {required}"));
        let revoke = || world.control("/v1/revoke", &json!({"handle": "h"}));
        assert_eq!(revoke().status, 200);
        let mut other = Part::play("hold the lock", &world.audit_file());
        assert_eq!(other.hear().as_deref(), Some("locked"));
        let token = world.token(&json!({}));
        if required {
            assert_eq!(revoke().said(), (503, "STORE_UNAVAILABLE".to_owned()));
            // It is known by now, so nothing is begun that could not be recorded.
            let sign = world.control("/v1/sign", &json!({"kind": "access"}));
            assert_eq!(sign.said(), (503, "STORE_UNAVAILABLE".to_owned()));
            let told = world.tell(&json!({"action": "a"}));
            assert_eq!(told.said(), (503, "STORE_UNAVAILABLE".to_owned()));
        } else {
            assert_eq!(revoke().status, 200);
            assert_eq!(world.tell(&json!({"action": "a"})).status, 200);
            await_that("trouble is told", || {
                world.metric("bearerd_audit_in_trouble{}") > 0.5
            });
        }
        assert_eq!(
            world.verify_token(&token).status,
            200,
            "verification has no part in it"
        );
        assert_eq!(
            world.query(&empty())["total"],
            1,
            "and what is there can be asked"
        );
        let ready = world.client().get("/readyz", &[]);
        assert_eq!(ready.status, 200);
        assert_eq!(
            ready.json()["remarks"][0],
            "the audit log cannot be written"
        );
        other.nudge();
        assert_eq!(other.hear().as_deref(), Some("released"));
        await_that("it goes on", || revoke().status == 200);
        await_that("the trouble is over", || {
            world.metric("bearerd_audit_in_trouble{}") < 0.5
        });
        world.events(&json!({"action": "a"}), 1);
        assert_eq!(world.metric("bearerd_audit_events_dropped_total{}"), 0.0);
    }
}

#[test]
fn a_full_file_takes_nothing_more_and_loses_nothing() {
    let world = audited("required = true\nmax_bytes = 1048576");
    let note = "word ".repeat(700);
    let mut taken = 0;
    let refused = loop {
        let body = json!({"action": "fill", "entity_id": taken.to_string(), "detail": {"n": note}});
        let answer = world.tell(&body);
        if answer.status != 200 {
            break answer;
        }
        taken += 1;
        assert!(taken < 2_000, "no limit");
    };
    assert!(taken > 50, "{taken}");
    assert_eq!(refused.said(), (503, "STORE_UNAVAILABLE".to_owned()));
    assert_eq!(world.query(&empty())["total"], taken);
    assert!(world.audit_file().metadata().unwrap().len() <= 1 << 20);
    let token = world.token(&json!({}));
    assert_eq!(world.verify_token(&token).status, 200);
}

#[test]
fn a_damaged_file_is_said_and_repaired_without_a_restart() {
    let world = audited("required = true");
    for number in 0..200 {
        let body = json!({"action": format!("a{number}"), "detail": {"n": "x ".repeat(300)}});
        assert_eq!(world.tell(&body).status, 200);
    }
    // Nothing is left in the log beside it, which would hide the damage.
    let other = rusqlite::Connection::open(world.audit_file()).unwrap();
    other
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    std::mem::forget(other);
    let good = fs::read(world.audit_file()).unwrap();
    let file = OpenOptions::new()
        .write(true)
        .open(world.audit_file())
        .unwrap();
    for page in 1..good.len() / 4_096 {
        file.write_all_at(&[0x5A; 4_096], page as u64 * 4_096)
            .unwrap();
    }
    let answer = world.tell(&json!({"action": "lost"}));
    assert_eq!(answer.said(), (503, "STORE_UNAVAILABLE".to_owned()));
    let answer = world.control("/v1/audit/options", &empty());
    assert_eq!(answer.said(), (503, "STORE_UNAVAILABLE".to_owned()));
    file.write_all_at(&good, 0).unwrap();
    await_that("it goes on", || {
        world.tell(&json!({"action": "after"})).status == 200
    });
    // What was refused was kept, and is there by now.
    assert_eq!(world.query(&json!({"action": "lost"}))["total"], 1);
}

#[test]
fn a_section_or_a_file_that_cannot_be_is_named_at_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let loose = at("loose.db");
    fs::write(&loose, "").unwrap();
    fs::set_permissions(&loose, fs::Permissions::from_mode(0o644)).unwrap();
    let other = at("other.db");
    fs::write(&other, "").unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o600)).unwrap();
    rusqlite::Connection::open(&other)
        .unwrap()
        .execute_batch("CREATE TABLE t (a)")
        .unwrap();
    let state = at("state.db");
    let file = |path: &std::path::Path| format!("file = \"{}\"", path.display());
    let good = file(&at("audit.db"));
    for (section, about) in [
        (String::new(), "audit.file"),
        (
            "required = true\nstdout = true".to_owned(),
            "audit.required",
        ),
        (format!("{good}\nkeep = \"0s\""), "audit.keep"),
        (format!("{good}\nmax_events = 0"), "audit.max_events"),
        (format!("{good}\nmax_bytes = 5"), "audit.max_bytes"),
        (format!("{good}\nkept = 5"), "kept"),
        (file(&loose), "chmod 600"),
        (file(&other), "another program"),
        (file(&state), "of another purpose"),
        (file(&at("nowhere/audit.db")), "nowhere"),
        (file(folder.path()), "is a folder"),
    ] {
        let text = format!(
            "state = \"sqlite:{}\"\n[server]\nlisten = [\"127.0.0.1:0\"]\n[profiles.p]\n\
             algorithms = [\"HS256\"]\nkeys = [{{ secret = \"{SECRET}\" }}]\n[audit]\n{section}\n",
            state.display()
        );
        let fault = try_start(&text, &Environment::empty()).unwrap_err();
        assert!(
            fault.chain().contains(about),
            "{section}: {}",
            fault.chain()
        );
    }
    let mode = |path: &std::path::Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let world = audited("");
    assert_eq!(mode(&world.audit_file()), 0o600);
}
