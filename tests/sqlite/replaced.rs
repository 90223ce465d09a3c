use std::fs;

use bearerd::error::Code;
use bearerd::store::{Change, Store};

use super::{PATIENT, assert_fault, cursor, folder, key, open, put, since, value};

/// Row R6: a backup that went on differently, past the place where the follower had been.
#[test]
fn a_backup_that_is_put_back_is_a_gap() {
    let folder = folder();
    let (path, backup) = (
        folder.path().join("state.db"),
        folder.path().join("backup.db"),
    );
    let store = open(&path, PATIENT).unwrap();
    put(&store, "before", b"v");
    drop(store);
    fs::copy(&path, &backup).unwrap();

    let store = open(&path, PATIENT).unwrap();
    let early = cursor(&store);
    put(&store, "one", b"v");
    let late = cursor(&store);
    drop(store);
    fs::copy(&backup, &path).unwrap();

    let store = open(&path, PATIENT).unwrap();
    assert!(since(&store, late).gap, "it is behind");
    put(&store, "other", b"v");
    assert!(since(&store, late).gap, "it went on differently");
    put(&store, "more", b"v");
    assert!(since(&store, late).gap, "and further");
    let told = since(&store, early);
    assert!(!told.gap, "that far it is the same past");
    let names = ["other", "more"].map(|name| Change::Written(key(&[name])));
    assert_eq!(told.items, names);
}

#[test]
fn a_file_that_is_replaced_while_in_use_is_noticed() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let path = at("state.db");
    let other = open(&at("other.db"), PATIENT).unwrap();
    put(&other, "theirs", b"v");
    drop(other);

    let store = open(&path, PATIENT).unwrap();
    put(&store, "ours", b"v");
    let place = cursor(&store);

    // Its log would be taken for the new one's.
    fs::rename(&path, at("aside.db")).unwrap();
    fs::copy(at("other.db"), &path).unwrap();
    let fault = store.get(&key(&["ours"])).unwrap_err();
    assert_fault(
        &fault,
        Code::StoreUnavailable,
        &path,
        "remove the files -wal and -shm",
    );

    for ending in ["-wal", "-shm"] {
        fs::remove_file(at(&format!("state.db{ending}"))).unwrap();
    }
    assert_eq!(value(&store, "ours"), None);
    assert_eq!(value(&store, "theirs").as_deref(), Some(&b"v"[..]));
    assert!(since(&store, place).gap);
    put(&store, "ours", b"new");
    drop(store);
    let again = open(&path, PATIENT).unwrap();
    assert_eq!(value(&again, "ours").as_deref(), Some(&b"new"[..]));
}

/// An empty state in place of a lost one would be one in which nothing is revoked.
#[test]
fn a_file_that_vanishes_is_not_made_anew() {
    let folder = folder();
    let at = |name: &str| folder.path().join(name);
    let path = at("state.db");
    let store = open(&path, PATIENT).unwrap();
    put(&store, "one", b"v");
    let endings = ["", "-wal", "-shm"];
    for ending in endings {
        fs::rename(
            at(&format!("state.db{ending}")),
            at(&format!("kept.db{ending}")),
        )
        .unwrap();
    }
    for _ in 0..2 {
        let fault = store.get(&key(&["one"])).unwrap_err();
        assert_fault(
            &fault,
            Code::StoreUnavailable,
            &path,
            "is gone; put it back",
        );
        assert!(store.delete(&key(&["one"])).is_err());
    }
    assert!(!path.exists());
    fs::write(&path, b"").unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
    fs::set_permissions(&path, mode).unwrap();
    let fault = store.get(&key(&["one"])).unwrap_err();
    assert_fault(&fault, Code::StoreUnavailable, &path, "has become empty");
    for ending in endings {
        fs::rename(
            at(&format!("kept.db{ending}")),
            at(&format!("state.db{ending}")),
        )
        .unwrap();
    }
    assert_eq!(value(&store, "one").as_deref(), Some(&b"v"[..]));
    put(&store, "two", b"v");
}
