use super::*;

struct TwoFiles {
    folder: TempDir,
    profiles: Profiles,
}

impl TwoFiles {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name).display().to_string();
        fs::write(folder.path().join("a"), SECRET).unwrap();
        fs::write(folder.path().join("b"), SECRET).unwrap();
        let section = |name: &str| {
            format!(
                "[profiles.{name}]\nalgorithms = [\"HS256\"]\n[profiles.{name}.sign]\n[[profiles.{name}.keys]]\n\
                 encoding = \"base64url\"\nsecret_file = \"{}\"\n",
                path(name)
            )
        };
        let profiles = build(&(section("a") + &section("b"))).unwrap();
        Self { folder, profiles }
    }

    fn write(&self, name: &str, secret: &str) {
        fs::write(self.folder.path().join(name), secret).unwrap();
    }

    fn sign(&self, name: &str) -> String {
        let claims = serde_json::from_str(r#"{"sub": "ada"}"#).unwrap();
        let profile = self.profiles.get(Some(name)).unwrap();
        profile
            .sign(TokenKind::Access, &claims, None)
            .unwrap()
            .token
    }

    fn verdict(&self, name: &str, token: &str) -> Code {
        let verifier = self.profiles.get(Some(name)).unwrap().verifier();
        match verifier.verify(token, &VerifyOptions::default()) {
            Ok(_) => Code::Ok,
            Err(reject) => reject.code(),
        }
    }
}

#[test]
fn takes_a_new_file_for_signing_and_verifying() {
    let files = TwoFiles::new();
    let (old, other) = (files.sign("a"), files.sign("b"));
    assert_eq!(files.verdict("a", &old), Code::Ok);
    files.write("a", OTHER);
    assert_eq!(files.verdict("a", &old), Code::Ok, "not before the reload");
    let report = files.profiles.reload_keys().unwrap();
    assert_eq!(
        report.keys,
        [("a".to_owned(), 1), ("b".to_owned(), 1)].into()
    );
    assert_eq!(files.verdict("a", &old), Code::InvalidSignature);
    assert_eq!(files.verdict("b", &other), Code::Ok, "b's key is the same");
    let new = files.sign("a");
    assert_eq!(files.verdict("a", &new), Code::Ok);
    assert_eq!(files.verdict("b", &new), Code::InvalidSignature);
}

#[test]
fn leaves_good_keys_where_one_file_is_bad_and_says_so() {
    for bad in [
        "",
        "no base64url!",
        "c2hvcnQ",
        "ZGV2LXNlY3JldC1kZXYtc2VjcmV0LWRldi1zZWNyZXQtZGV2",
    ] {
        let files = TwoFiles::new();
        let (a, b) = (files.sign("a"), files.sign("b"));
        // a's is good and comes first: all or nothing.
        files.write("a", OTHER);
        files.write("b", bad);
        let path = files.folder.path().join("b").display().to_string();
        refused(
            files.profiles.reload_keys(),
            &["profile \"b\"", "the keys stay as they were", &path],
        );
        assert_eq!(files.verdict("a", &a), Code::Ok);
        assert_eq!(files.verdict("b", &b), Code::Ok);
        assert_eq!(files.verdict("a", &files.sign("a")), Code::Ok);
        assert_eq!(
            files.verdict("b", &files.sign("a")),
            Code::Ok,
            "a signs with its old key"
        );
    }
}

#[test]
fn leaves_good_keys_where_a_file_is_gone() {
    let files = TwoFiles::new();
    let token = files.sign("a");
    fs::remove_file(files.folder.path().join("a")).unwrap();
    refused(
        files.profiles.reload_keys(),
        &["profile \"a\"", "cannot be read"],
    );
    assert_eq!(files.verdict("a", &token), Code::Ok);
    files.write("a", SECRET);
    assert!(files.profiles.reload_keys().is_ok());
    assert_eq!(files.verdict("a", &token), Code::Ok);
}
