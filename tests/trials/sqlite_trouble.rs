//! The state's file without room, locked, damaged: row R6.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::time::Duration;

use rusqlite::Connection;
use rustix::process::{Resource, Rlimit, prlimit};
use serde_json::json;

use crate::load::under_load;
use crate::sidecar::{Sidecar, in_file, until};

const PAGE: u64 = 4_096;

/// The file, in a folder of its own.
fn file() -> (tempfile::TempDir, std::path::PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    (folder, file)
}

/// What it answers while it cannot write: verdicts as before, and no promise.
fn takes_no_writes(sidecar: &Sidecar, live: &str, revoked: &str) {
    let (access, refresh) = sidecar.pair("nobody");
    until("it does not revoke", || {
        sidecar.revoke(&access).code() == "STORE_UNAVAILABLE"
    });
    assert_eq!(sidecar.rotate(&refresh).code(), "STORE_UNAVAILABLE");
    assert_eq!(sidecar.verdict(live), "OK");
    assert_eq!(sidecar.verdict(revoked), "REVOKED");
}

fn writes_again(sidecar: &Sidecar) {
    until("it revokes again", || {
        let (access, refresh) = sidecar.pair("another");
        sidecar.revoke(&access).code() == "OK" && sidecar.rotate(&refresh).code() == "OK"
    });
    until("it is ready", || sidecar.is_ready());
}

/// Two tokens, of which one is revoked.
fn two(sidecar: &Sidecar) -> (String, String) {
    let (live, revoked) = (sidecar.pair("live").0, sidecar.pair("revoked").0);
    assert_eq!(sidecar.revoke(&revoked).code(), "OK");
    (live, revoked)
}

/// A full disk, as far as a process can have one for itself: none of its files may grow.
#[test]
fn the_disk_is_full_for_a_while() {
    let (_folder, file) = file();
    let mut sidecar = Sidecar::prepare(&in_file(&file), "rotation = {}").after("trap '' XFSZ");
    sidecar.restart();
    let (live, revoked) = two(&sidecar);
    let mut answered = Vec::new();
    under_load(&[&sidecar], |load| {
        load.refuses(0, &revoked);
        until("it is under load", || load.answered_revocations(0) > 3);
        // The log is what grows; what was written once may be written again.
        let log = fs::metadata(file.with_extension("db-wal")).unwrap().len();
        let roomy = Rlimit {
            current: None,
            maximum: None,
        };
        let full = Rlimit {
            current: Some(log + PAGE),
            ..roomy
        };
        let before = prlimit(Some(sidecar.id()), Resource::Fsize, full).unwrap();
        takes_no_writes(&sidecar, &live, &revoked);
        assert!(sidecar.is_ready(), "who verifies needs no room");
        assert!(
            sidecar.log().contains("check its disk"),
            "{}",
            sidecar.log()
        );
        prlimit(Some(sidecar.id()), Resource::Fsize, before).unwrap();
        writes_again(&sidecar);
        answered = load.answered(0);
    });
    sidecar.kill();
    sidecar.restart();
    assert_eq!(sidecar.verdict(&live), "OK");
    for token in answered {
        assert_eq!(sidecar.verdict(&token), "REVOKED");
    }
}

#[test]
fn a_start_without_room_says_so() {
    let (_folder, file) = file();
    // Room for what it says, and for no database.
    let line = "trap '' XFSZ; ulimit -f 8";
    let mut sidecar = Sidecar::prepare(&in_file(&file), "").after(line);
    let status = sidecar.fails_to_start();
    let log = sidecar.log();
    assert!(!status.success());
    assert!(log.contains("state.db") && log.contains("disk"), "{log}");
}

#[test]
fn another_process_holds_the_lock() {
    let (_folder, file) = file();
    let sidecar = Sidecar::start(&in_file(&file), "rotation = {}");
    let (live, revoked) = two(&sidecar);
    let other = Connection::open(&file).unwrap();
    under_load(&[&sidecar], |load| {
        load.refuses(0, &revoked);
        other.busy_timeout(Duration::from_secs(20)).unwrap();
        other.execute_batch("BEGIN EXCLUSIVE").unwrap();
        takes_no_writes(&sidecar, &live, &revoked);
        assert!(sidecar.is_ready(), "who verifies needs no lock");
        other.execute_batch("ROLLBACK").unwrap();
        writes_again(&sidecar);
    });
    assert!(sidecar.log().contains("locked by another process"));
}

/// Who keeps even readers out.
#[test]
fn a_start_that_finds_the_file_locked_says_so() {
    let (_folder, file) = file();
    Sidecar::start(&in_file(&file), "").kill();
    let other = Connection::open(&file).unwrap();
    other
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; CREATE TABLE x (y)")
        .unwrap();
    let mut sidecar = Sidecar::prepare(&in_file(&file), "");
    assert!(!sidecar.fails_to_start().success());
    let log = sidecar.log();
    assert!(
        log.contains("state.db") && log.contains("locked by another process"),
        "{log}"
    );
    drop(other);
    sidecar.restart();
    assert!(sidecar.is_ready());
}

fn overwrite(file: &Path, at: u64, bytes: &[u8]) {
    let file = fs::OpenOptions::new().write(true).open(file).unwrap();
    file.write_all_at(bytes, at).unwrap();
}

/// A file with many revocations, nothing of it in its log; and the tokens.
fn filled(file: &Path) -> (String, Vec<String>) {
    let mut sidecar = Sidecar::start(&in_file(file), "rotation = {}");
    let live = sidecar.pair("live").0;
    let revoked: Vec<String> = (0..100)
        .map(|number| sidecar.pair(&format!("user {number}")).0)
        .collect();
    for token in &revoked {
        assert_eq!(sidecar.revoke(token).code(), "OK");
    }
    sidecar.stop();
    assert!(!file.with_extension("db-wal").exists(), "ended in order");
    (live, revoked)
}

/// Whatever page it is: either it says so and ends, or it refuses; it never serves by a part of what
/// was revoked.
#[test]
fn a_start_on_a_damaged_file_accepts_nothing_that_was_revoked() {
    let (_folder, file) = file();
    let (live, revoked) = filled(&file);
    let good = fs::read(&file).unwrap();
    let pages = good.len() as u64 / PAGE;
    assert!(pages >= 5, "{pages}");
    let (mut ended, mut refused, mut unharmed) = (0, 0, 0);
    for page in 0..pages {
        fs::write(&file, &good).unwrap();
        overwrite(&file, page * PAGE, &[0x5A; 4_096]);
        let mut sidecar = Sidecar::prepare(&in_file(&file), "");
        let Err(status) = sidecar.try_restart() else {
            for token in &revoked {
                assert_ne!(sidecar.verdict(token), "OK", "page {page}");
            }
            if sidecar.verdict(&live) == "STORE_UNAVAILABLE" {
                assert!(!sidecar.is_ready());
                assert!(sidecar.log().contains("damaged"), "{}", sidecar.log());
                refused += 1;
            } else {
                unharmed += 1;
            }
            sidecar.kill();
            for ending in ["db-wal", "db-shm"] {
                let _ = fs::remove_file(file.with_extension(ending));
            }
            continue;
        };
        let log = sidecar.log();
        assert!(!status.success());
        assert!(log.contains("state.db"), "{log}");
        ended += 1;
    }
    println!(
        "{pages} pages: {ended} starts refused, {refused} serving nothing, {unharmed} unharmed"
    );
    assert!(ended > 0 && refused > 0);
}

#[test]
fn damage_under_a_running_sidecar() {
    let (_folder, file) = file();
    let (live, revoked) = filled(&file);
    let good = fs::read(&file).unwrap();
    let mut sidecar = Sidecar::start(&in_file(&file), "rotation = {}");
    overwrite(&file, 0, &vec![0x5A; good.len()]);
    takes_no_writes(&sidecar, &live, &revoked[0]);
    for token in &revoked {
        assert_eq!(sidecar.verdict(token), "REVOKED", "it knows them");
    }
    assert!(sidecar.log().contains("state.db"), "{}", sidecar.log());
    overwrite(&file, 0, &good);
    writes_again(&sidecar);
    let token = sidecar.pair("later").0;
    assert_eq!(sidecar.revoke(&token).code(), "OK");
    sidecar.kill();
    sidecar.restart();
    for token in revoked.iter().chain([&token]) {
        assert_eq!(sidecar.verdict(token), "REVOKED");
    }
    assert_eq!(sidecar.verdict(&live), "OK");
}

/// A file that was taken away is not begun anew, and what it held stays in force.
#[test]
fn the_file_is_taken_away() {
    let (_folder, file) = file();
    let (live, revoked) = filled(&file);
    let state = format!("{{ store = {}, staleness = \"1s\" }}", in_file(&file));
    let sidecar = Sidecar::start(&state, "rotation = {}");
    let aside = file.with_extension("aside");
    fs::rename(&file, &aside).unwrap();
    takes_no_writes(&sidecar, &live, &revoked[0]);
    assert!(!file.exists());
    let unknown = json!(["revocations of profile main"]);
    until("its time is over", || {
        sidecar.ready().body["missing"] == unknown
    });
    for token in &revoked {
        assert_ne!(sidecar.verdict(token), "OK");
    }
    fs::rename(&aside, &file).unwrap();
    writes_again(&sidecar);
    assert_eq!(sidecar.verdict(&revoked[0]), "REVOKED");
}
