use super::*;

#[test]
fn an_unknown_key() {
    refused(
        parse(&profile("isuer = \"https://issuer.example\"")),
        &["app.conf:3:1 (isuer)", "unknown field `isuer`"],
    );
    refused(
        parse(&profile("[profiles.api.sign]\nacces = \"15m\"")),
        &["app.conf:4:1 (acces)", "unknown field `acces`"],
    );
    refused(
        parse(&(profile("") + "[server]\nlisten_on = [\"127.0.0.1:1\"]")),
        &["(listen_on)", "unknown field `listen_on`"],
    );
    refused(
        parse("{\"profiles\": {\"api\": {\n \"algorithms\": [\"HS256\"],\n \"isuer\": \"x\"}}}"),
        &["app.conf:3:", "unknown field `isuer`"],
    );
}

#[test]
fn a_key_twice() {
    refused(
        parse(&profile("leeway = \"1s\"\nleeway = \"2s\"")),
        &["app.conf:4:1 (leeway)", "duplicate key"],
    );
    refused(
        parse("{\"profiles\": {\"api\": {\n \"leeway\": 1,\n \"leeway\": 2}}}"),
        &["app.conf:3:", "duplicate"],
    );
    // Two names for one thing after unescaping.
    refused(
        parse(r#"{"profiles": {}, "profile\u0073": {}}"#),
        &["app.conf:1:", "duplicate"],
    );
}

#[test]
fn a_value_of_the_wrong_type() {
    refused(
        parse(&profile("require = \"sub\"")),
        &[
            "app.conf:3:11 (require)",
            "invalid type: string",
            "sequence",
        ],
    );
    refused(
        parse(&profile("issuer = 7")),
        &["app.conf:3:10 (issuer)", "a string or a list of strings"],
    );
    refused(
        parse("{\"profiles\": {\"api\": {\n \"algorithms\": [\"HS256\"],\n \"issuer\": 7}}}"),
        &["app.conf:3:", "(issuer)", "a string or a list of strings"],
    );
    refused(parse(&profile("issuer = []")), &["(issuer)", "is empty"]);
    refused(
        parse(&profile("issuer = [\"\"]")),
        &["(issuer)", "is empty"],
    );
}

#[test]
fn a_span_that_is_none() {
    for span in ["\"15 minutes\"", "\"-1s\"", "-1", "\"1.5h\"", "\"\""] {
        refused(
            parse(&profile(&format!("leeway = {span}"))),
            &["app.conf:3:10 (leeway)", "is not a span of time"],
        );
    }
    refused(
        parse(&profile("[profiles.api.sign]\naccess = \"0s\"")),
        &["app.conf:4:10 (access)", "less than a second"],
    );
    refused(
        parse("{\"profiles\": {\"api\": {\"algorithms\": [\"HS256\"],\n \"leeway\": \"1w\"}}}"),
        &["app.conf:2:", "(leeway)", "is not a span of time"],
    );
}

#[test]
fn an_algorithm_that_is_none() {
    for name in ["none", "hs256", "HS257", ""] {
        let text = format!("[profiles.api]\nalgorithms = [\"{name}\"]\n");
        refused(
            parse(&text),
            &[
                "app.conf:2:",
                "(algorithms)",
                "is not an algorithm",
                "HS256",
            ],
        );
    }
    refused(
        build("[profiles.api]\nalgorithms = []\n[[profiles.api.keys]]\nsecret = \"x\"\n"),
        &["app.conf", "api", "algorithms"],
    );
}

#[test]
fn a_place_for_tokens_that_is_none() {
    for place in ["query:token", "Bearer", "header:", "cookie:a b"] {
        refused(
            parse(&profile(&format!("token_from = [\"{place}\"]"))),
            &["app.conf:3:", "(token_from)", "is not a place for a token"],
        );
    }
    refused(
        build(&profile("token_from = []")),
        &["app.conf", "api", "token_from is empty"],
    );
}

#[test]
fn a_profile_that_is_not_there() {
    refused(
        build(&("default_profile = \"apo\"\n".to_owned() + &profile(""))),
        &["app.conf: default_profile", "\"apo\"", "there are api"],
    );
    refused(
        build(&(profile("") + "[issuers]\n\"https://issuer.example\" = \"apo\"")),
        &["app.conf: issuers.\"https://issuer.example\"", "\"apo\""],
    );
    refused(
        build("profiles = {}"),
        &["app.conf", "no profile is configured"],
    );
    refused(parse(""), &["app.conf", "missing field `profiles`"]);
}

#[test]
fn a_guard_that_means_nothing() {
    refused(
        parse(&(profile("") + "[guards.g]\nscope = [\"a\"]")),
        &["app.conf:", "scope"],
    );
    refused(
        parse(&(profile("") + "[guards.g]\nscopes = []")),
        &["app.conf:", "scopes"],
    );
}

#[test]
fn what_is_no_document_at_all() {
    refused(parse("[profiles"), &["app.conf:1:"]);
    refused(parse("{\"profiles\": {}"), &["app.conf:1:"]);
    refused(parse("{\"profiles\": {}} x"), &["app.conf:1:"]);
    refused(parse("\u{feff}{}"), &["app.conf"]);
    refused(
        parse(&" ".repeat(5 << 20)),
        &["app.conf", "is it the right file?"],
    );
    let deep = format!(
        "{{\"profiles\": {}1{}}}",
        "[".repeat(9_999),
        "]".repeat(9_999)
    );
    refused(parse(&deep), &["app.conf:1:"]);
}

#[test]
fn a_file_that_cannot_be_read() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("missing.toml");
    let name = missing.display().to_string();
    refused(
        Config::from_file(&missing, &Environment::empty()),
        &[&name, "cannot be read", "No such file"],
    );
    refused(
        Config::from_file(folder.path(), &Environment::empty()),
        &["cannot be read"],
    );
    fs::write(&missing, b"profiles\xff").unwrap();
    refused(
        Config::from_file(&missing, &Environment::empty()),
        &[&name, "is not UTF-8 from byte 8"],
    );
    // A device without an end is read to the limit and no further.
    refused(
        Config::from_file(Path::new("/dev/zero"), &Environment::empty()),
        &["/dev/zero", "is it the right file?"],
    );
}
