use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;

use bearerd::error::Code;

use super::{PATIENT, assert_fault, folder, open, put, value};

fn refused(path: &Path, what: &str) {
    let fault = open(path, PATIENT).unwrap_err();
    assert_fault(&fault, Code::ConfigError, path, what);
}

#[test]
fn the_file_is_its_owners_alone() {
    let folder = folder();
    let path = folder.path().join("state.db");
    let store = open(&path, PATIENT).unwrap();
    put(&store, "one", b"v");
    let mut seen = 0;
    for entry in fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().mode() & 0o777, 0o600, "{entry:?}");
        seen += 1;
    }
    assert_eq!(seen, 3, "the database, its log and the index of that");
}

#[test]
fn what_is_no_file_of_ours_is_refused() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let fault = open(&at("missing/state.db"), PATIENT).unwrap_err();
    assert!(fault.to_string().contains("missing") && fault.to_string().contains("create it"));
    refused(folder.path(), "is a folder");
    assert!(open(Path::new("/"), PATIENT).is_err());
    assert!(open(Path::new(""), PATIENT).is_err());

    drop(open(&at("state.db"), PATIENT).unwrap());
    symlink(at("state.db"), at("link.db")).unwrap();
    refused(&at("link.db"), "symbolic link");
    symlink(at("nowhere"), at("dangling.db")).unwrap();
    refused(&at("dangling.db"), "symbolic link");
    assert!(!at("nowhere").exists());

    fs::hard_link(at("state.db"), at("second.db")).unwrap();
    refused(&at("state.db"), "hard link");
    fs::remove_file(at("second.db")).unwrap();

    for mode in [0o604, 0o640, 0o602, 0o620, 0o610] {
        fs::set_permissions(at("state.db"), Permissions::from_mode(mode)).unwrap();
        refused(&at("state.db"), "chmod 600");
    }
    fs::set_permissions(at("state.db"), Permissions::from_mode(0o600)).unwrap();
    for beside in ["state.db-wal", "state.db-shm", "state.db-journal"] {
        fs::write(at(beside), b"planted").unwrap();
        fs::set_permissions(at(beside), Permissions::from_mode(0o666)).unwrap();
        let fault = open(&at("state.db"), PATIENT).unwrap_err();
        assert!(fault.to_string().contains(beside), "{fault}");
        fs::remove_file(at(beside)).unwrap();
    }
    open(&at("state.db"), PATIENT).unwrap();
}

/// Names that SQLite itself would take for something else.
#[test]
fn a_name_is_a_name() {
    let folder = folder();
    for name in ["file:x?mode=memory", ":memory:", "a b%20c?d#e", "é"] {
        let path = folder.path().join(name);
        let store = open(&path, PATIENT).unwrap();
        put(&store, "one", b"v");
        assert!(path.is_file());
        assert_eq!(
            value(&open(&path, PATIENT).unwrap(), "one").as_deref(),
            Some(&b"v"[..])
        );
    }
}

fn foreign(path: &Path, sql: &str) -> Vec<u8> {
    let other = rusqlite::Connection::open(path).unwrap();
    other.execute_batch(sql).unwrap();
    drop(other);
    fs::set_permissions(path, Permissions::from_mode(0o600)).unwrap();
    fs::read(path).unwrap()
}

#[test]
fn the_database_of_another_is_left_alone() {
    let folder = folder();
    let cases = [
        ("tables.db", "CREATE TABLE theirs (x)", "another program"),
        ("marked.db", "PRAGMA application_id = 7", "another program"),
        ("versioned.db", "PRAGMA user_version = 7", "another program"),
        (
            "newer.db",
            "PRAGMA application_id = 0x62727264; PRAGMA user_version = 2",
            "newer bearerd",
        ),
        (
            "older.db",
            "PRAGMA application_id = 0x62727264",
            "no bearerd writes",
        ),
    ];
    for (name, sql, what) in cases {
        let path = folder.path().join(name);
        let before = foreign(&path, sql);
        refused(&path, what);
        assert_eq!(fs::read(&path).unwrap(), before, "{name} was touched");
    }
    let text = folder.path().join("text.db");
    fs::write(&text, "x".repeat(10_000)).unwrap();
    fs::set_permissions(&text, Permissions::from_mode(0o600)).unwrap();
    let fault = open(&text, PATIENT).unwrap_err();
    assert_fault(&fault, Code::StoreUnavailable, &text, "no SQLite database");
}
