//! `[profiles.NAME.permissions]`: strict, and clear about what could never match.

use super::*;

fn section(lines: &str) -> String {
    profile(&format!("[profiles.api.permissions]\n{lines}\n"))
}

#[test]
fn a_whole_section_is_read() {
    let text = section(
        r#"
        grants = "rights"
        modules = "dept"
        level = "positionLevel"
        position = "post"
        subordinates = "reports"
        headquarters = "hq"
        project = "projects"
        team = "group"
        bypass_levels = [0, "root"]
        data_scope = { all = [1, "chief"], project = [2], group = [3], self = [4] }
        "#,
    );
    let profiles = build(&text).unwrap();
    let verifier = profiles.get(None).unwrap().verifier();
    let rights = |claims: &str| verifier.permissions().unwrap().rights(claims.as_bytes());
    let scope = |claims: &str| rights(claims).data_scope().unwrap().as_str();
    assert!(rights(r#"{"positionLevel":"root"}"#).bypasses());
    assert_eq!(scope(r#"{"positionLevel":"chief"}"#), "all");
    assert_eq!(scope(r#"{"positionLevel":2}"#), "project");
    assert_eq!(scope("[]"), "self");
}

#[test]
fn without_levels_there_is_no_scope() {
    let profiles = build(&section("")).unwrap();
    let rules = profiles
        .get(None)
        .unwrap()
        .verifier()
        .permissions()
        .unwrap();
    let rights = rules.rights(br#"{"permissions":["*"],"level":1}"#);
    assert_eq!((rights.data_scope(), rights.bypasses()), (None, false));
    let none = build(&profile("")).unwrap();
    assert!(none.get(None).unwrap().verifier().permissions().is_none());
}

#[test]
fn what_could_never_match_is_refused() {
    for (lines, parts) in [
        ("bypass_levels = []", &["bypass_levels is empty"][..]),
        ("bypass_levels = [true]", &["id (integer) or a name"]),
        ("bypass_levels = [1.5]", &["id (integer) or a name"]),
        ("data_scope = {}", &["data_scope names no level"]),
        (
            "data_scope = { all = [1], self = [1] }",
            &["level 1", "twice"],
        ),
        (
            "data_scope = { all = [\"a\", \"a\"] }",
            &["level \"a\"", "twice"],
        ),
        ("data_scope = { own = [1] }", &["own"]),
        ("data_scope = { everything = [1] }", &["everything"]),
        ("level = \"l\"", &["level is named and means nothing"]),
        ("grants = \"\"", &["grants is empty"]),
        ("modules = \"\"", &["modules is empty"]),
        (
            "grants = \"modules\"\nmodules = \"modules\"",
            &["\"modules\"", "both"],
        ),
        ("position = \"level\"", &["level", "position", "both"]),
        ("from = \"session\"", &["read from sessions", "[sessions]"]),
        ("from = \"both\"", &["from"]),
        ("grant = \"x\"", &["grant"]),
        ("grants = [\"a\"]", &["string"]),
    ] {
        let result = build(&section(lines));
        refused(result, parts);
    }
}

#[test]
fn a_guard_that_no_token_could_meet_is_remarked() {
    let remark = |text: &str| {
        let lint = parse(text).unwrap().lint();
        lint.iter()
            .any(|(profile, remark)| profile == "api" && remark.contains("[permissions]"))
    };
    let guard = "[guards.staff]\nany = [{ permission = \"hr.read\" }, { vip = true }]\n";
    assert!(remark(&format!("{}{guard}", profile(""))));
    assert!(!remark(&format!("{}{guard}", section(""))));
    assert!(!remark(&profile("")));
    let fault = parse(&format!(
        "{}[guards.staff]\npermission = \"hr.*\"\n",
        section("")
    ));
    refused(fault, &["wildcards belong into grants"]);
}
