use super::*;

#[test]
fn are_not_quoted() {
    let head = "[profiles.api]\nalgorithms = [\"HS256\"]\n";
    for wrong in [
        format!("keys = [\"{SECRET}\"]"),
        format!("keys = \"{SECRET}\""),
        format!("cache = \"{SECRET}\""),
        format!("[[profiles.api.keys]]\nsecret = [\"{SECRET}\"]"),
        format!("[[profiles.api.keys]]\nsecret = {{ text = \"{SECRET}\" }}"),
        format!("[[profiles.api.keys]]\nsecret = {SECRET}"),
        format!("[[profiles.api.keys]]\nsecret = \"{SECRET}"),
        format!("[[profiles.api.keys]]\nsecret_hex = \"{SECRET}\""),
        format!("[[profiles.api.keys]]\npem = \"\"\"\n{SECRET}\n"),
        // Pasted without a key, with and without the padding of base64.
        format!("{SECRET}\n"),
        format!("{SECRET}==\n"),
        format!("{SECRET}=\n"),
    ] {
        let text = format!("{head}{wrong}");
        refused(build(&text), &["app.conf"]);
    }
}

#[test]
fn are_not_quoted_as_json() {
    for keys in [
        format!("[\"{SECRET}\"]"),
        format!("\"{SECRET}\""),
        format!("[{{\"secret\": [\"{SECRET}\"]}}]"),
        format!("[{{\"secret\": \"{SECRET}\", \"secret\": 1}}]"),
        format!("[{{\"secret\": \"{SECRET}}}]"),
        format!("[{{\"jwk\": \"{{\\\"{SECRET}\\\": 1}}\", \"kid\": 7}}]"),
    ] {
        refused(
            build(&format!(
                "{{\"profiles\": {{\"api\": {{\"algorithms\": [\"HS256\"], \"keys\": {keys}}}}}}}"
            )),
            &["app.conf"],
        );
    }
}

#[test]
fn are_not_quoted_as_numbers() {
    for number in ["12345678901234567", "1234567890123.25", "true"] {
        for key in ["secret", "secret_base64url", "jwk"] {
            let toml = format!(
                "[profiles.api]\nalgorithms = [\"HS256\"]\n[[profiles.api.keys]]\n{key} = {number}\n"
            );
            let json = format!(
                "{{\"profiles\": {{\"api\": {{\"algorithms\": [\"HS256\"], \"keys\": [{{\"{key}\": {number}}}]}}}}}}"
            );
            for text in [toml, json] {
                let chain = refused(parse(&text), &["app.conf:", &format!("({key})")]);
                assert!(!chain.contains(number), "{chain}");
            }
        }
    }
}

#[test]
fn are_not_quoted_from_a_variable() {
    for value in [
        format!("[\"{SECRET}\"]"),
        format!("[{{secret = \"{SECRET}\", kind = 1}}]"),
        SECRET.to_owned(),
    ] {
        let environment = Environment::from([("BEARERD_PROFILES__API__KEYS", value.as_str())]);
        refused(
            Config::from_text(&profile(""), "app.conf", &environment),
            &["environment variable BEARERD_PROFILES__API__KEYS"],
        );
    }
}

#[test]
fn are_not_shown_by_debug() {
    let text = format!("{:?}", parse(&profile("")).unwrap());
    assert!(text.contains("SecretText"), "{text}");
    assert!(!text.contains(SECRET), "{text}");
    let environment = Environment::from([("JWT_SECRET", SECRET)]);
    assert!(!format!("{environment:?}").contains(SECRET));
}
