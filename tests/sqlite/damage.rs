use std::fs::{self, OpenOptions};
use std::os::unix::fs::FileExt;
use std::path::Path;

use bearerd::clock::UnixMillis;
use bearerd::error::Code;
use bearerd::store::{SqliteStore, Store};

use super::{PATIENT, folder, key, open, put, value};

const ENTRIES: u32 = 2_000;
const PAGE: u64 = 4_096;

fn filled(path: &Path) -> SqliteStore {
    let store = open(path, PATIENT).unwrap();
    for number in 0..ENTRIES / 20 {
        put(&store, &format!("{number:06}"), &[b'v'; 600]);
    }
    store
}

fn overwrite(path: &Path, at: u64, bytes: &[u8]) {
    let file = OpenOptions::new().write(true).open(path).unwrap();
    file.write_all_at(bytes, at).unwrap();
}

/// Every call is answered, rightly or with a fault that names the file; how many faults?
fn faults(store: &SqliteStore, path: &Path) -> usize {
    let mut faults = 0;
    let mut note = |fault: bearerd::error::Fault| {
        assert_eq!(fault.code(), Code::StoreUnavailable, "{fault:?}");
        assert!(
            fault.to_string().contains(path.to_str().unwrap()),
            "{fault:?}"
        );
        faults += 1;
    };
    for number in 0..ENTRIES / 20 {
        match store.get(&key(&[&format!("{number:06}")])) {
            Ok(entry) => assert_eq!(entry.unwrap().value.expose(), [b'v'; 600]),
            Err(fault) => note(fault),
        }
    }
    if let Err(fault) = store.scan(&key(&[]), None, 1_000) {
        note(fault);
    }
    if let Err(fault) = store.put_if_absent(&key(&["new"]), b"v", UnixMillis::MAX) {
        note(fault);
    }
    if let Err(fault) = store.changes(None, std::time::Duration::ZERO) {
        note(fault);
    }
    faults
}

/// Row R6: whole pages that a disk gave back as something else.
#[test]
fn a_damaged_file_is_a_fault_and_no_answer() {
    let folder = folder();
    let good = folder.path().join("good.db");
    drop(filled(&good));
    let pages = good.metadata().unwrap().len() / PAGE;
    assert!(pages > 10);
    let mut seen = 0;
    for page in 0..pages {
        for garbage in [vec![0; 4_096], vec![0xFF; 4_096], vec![0x5A; 4_096]] {
            let path = folder.path().join("state.db");
            fs::copy(&good, &path).unwrap();
            overwrite(&path, page * PAGE, &garbage);
            match open(&path, PATIENT) {
                Ok(store) => seen += faults(&store, &path),
                Err(fault) => {
                    let text = fault.chain();
                    assert!(text.contains(path.to_str().unwrap()), "{text}");
                    seen += 1;
                }
            }
            for ending in ["", "-wal", "-shm"] {
                let _ = fs::remove_file(folder.path().join(format!("state.db{ending}")));
            }
        }
    }
    assert!(seen > 0);
}

/// Row R6: damage under a running process, and repair: it goes on without a restart.
#[test]
fn a_store_outlives_its_damage() {
    let folder = folder();
    let path = folder.path().join("state.db");
    let store = filled(&path);
    // Nothing is left in the log, which would hide the damage.
    store.purge(0).unwrap();
    drop(store);
    let good = fs::read(&path).unwrap();
    let store = open(&path, PATIENT).unwrap();
    for page in 1..good.len() as u64 / PAGE {
        overwrite(&path, page * PAGE, &[0x5A; 4_096]);
    }
    let fault = (0..ENTRIES / 20)
        .find_map(|number| store.get(&key(&[&format!("{number:06}")])).err())
        .expect("every page is damaged");
    assert_eq!(fault.code(), Code::StoreUnavailable);
    assert!(fault.to_string().contains("damaged"), "{fault}");
    assert!(
        store
            .put_if_absent(&key(&["new"]), b"v", UnixMillis::MAX)
            .is_err()
    );
    overwrite(&path, 0, &good);
    for number in 0..ENTRIES / 20 {
        assert!(value(&store, &format!("{number:06}")).is_some());
    }
    put(&store, "new", b"v");
}
