use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use super::*;
use crate::keys::remote::UrlRules;

fn stored() -> Stored {
    Stored {
        document: b"{\"keys\":[\n]}".to_vec(),
        etag: Some("\"a\"".into()),
        fetched_at: UnixMillis::from_secs(1_700_000_000),
    }
}

fn file(directory: &Path, url: &str) -> LastGood {
    let url = JwksUrl::parse(url, UrlRules::default()).unwrap();
    LastGood::new(directory, &url, 1_000)
}

const URL: &str = "https://issuer.example/jwks?token=hunter2";

#[test]
fn what_was_saved_is_loaded() {
    let directory = tempfile::tempdir().unwrap();
    let nested = directory.path().join("a/b");
    let file = file(&nested, URL);
    assert_eq!(file.load().unwrap(), None);
    file.save(&stored()).unwrap();
    file.save(&stored()).unwrap();
    assert_eq!(file.load().unwrap(), Some(stored()));
    assert_eq!(fs::metadata(&file.path).unwrap().mode() & 0o777, 0o600);
    assert_eq!(fs::metadata(&nested).unwrap().mode() & 0o777, 0o700);
    assert_eq!(
        fs::read_dir(&nested).unwrap().count(),
        1,
        "no temporary file stays"
    );
    let text = fs::read_to_string(&file.path).unwrap();
    assert!(!text.contains("hunter2"));
}

#[test]
fn a_loose_file_is_not_read() {
    let directory = tempfile::tempdir().unwrap();
    let file = file(directory.path(), URL);
    file.save(&stored()).unwrap();
    for mode in [0o604, 0o640, 0o602, 0o620] {
        fs::set_permissions(&file.path, fs::Permissions::from_mode(mode)).unwrap();
        assert!(file.load().is_err(), "{mode:o}");
    }
    fs::set_permissions(&file.path, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(file.load().is_ok());

    let elsewhere = directory.path().join("elsewhere");
    fs::rename(&file.path, &elsewhere).unwrap();
    symlink(&elsewhere, &file.path).unwrap();
    assert!(file.load().is_err(), "a link");
    fs::remove_file(&file.path).unwrap();
    fs::create_dir(&file.path).unwrap();
    assert!(file.load().is_err(), "a directory");
}

#[test]
fn a_broken_or_foreign_file_is_not_read() {
    let directory = tempfile::tempdir().unwrap();
    let file = file(directory.path(), URL);
    file.save(&stored()).unwrap();
    let whole = fs::read(&file.path).unwrap();
    for length in 0..whole.len() {
        fs::write(&file.path, &whole[..length]).unwrap();
        assert!(file.load().is_err(), "cut to {length}");
    }
    let mut longer = whole.clone();
    longer.push(b' ');
    fs::write(&file.path, longer).unwrap();
    assert!(file.load().is_err(), "longer than it says");

    let other = LastGood {
        url: "https://other.example/jwks".into(),
        ..self::file(directory.path(), URL)
    };
    fs::write(&file.path, whole).unwrap();
    assert!(other.load().is_err(), "of another address");
    assert!(file.load().is_ok());
}
