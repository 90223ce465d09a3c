use super::*;

fn remarks(text: &str) -> Vec<String> {
    let all = parse(text).unwrap().lint();
    assert!(all.iter().all(|(profile, _)| profile == "api"));
    all.into_iter().map(|(_, remark)| remark).collect()
}

#[test]
fn says_what_is_not_checked() {
    let all = remarks(&profile("")).join("\n");
    for part in ["check iss", "check aud", "check typ", "access from refresh"] {
        assert!(all.contains(part), "{part:?} is not in {all}");
    }
}

#[test]
fn is_silent_where_everything_is() {
    let text = profile(
        "issuer = \"i\"\naudience = \"a\"\ntype = \"at+jwt\"\nclaims = { kind = { claim = \"k\" } }",
    );
    assert_eq!(remarks(&text), [""; 0]);
}

#[test]
fn says_what_is_risky() {
    for (lines, part) in [
        ("expiration = \"optional\"", "live for ever"),
        (
            "expiration = \"optional\"\nmax_age = \"1d\"",
            "up to max_age",
        ),
        ("allow_weak_keys = true", "weak keys"),
        (
            "[profiles.api.rotation]\nreuse = \"stateless\"",
            "without detecting reuse",
        ),
        (
            "[profiles.api.jwks]\nurl = \"http://i\"\nallow_http = true",
            "plain HTTP",
        ),
        (
            "[profiles.api.jwks]\nurl = \"https://i\"",
            "no copy of fetched keys",
        ),
    ] {
        let all = remarks(&profile(lines));
        assert!(
            all.iter().any(|remark| remark.contains(part)),
            "{part:?} is not in {all:?}"
        );
        assert!(
            !remarks(&profile(""))
                .iter()
                .any(|remark| remark.contains(part)),
            "{part}"
        );
    }
}
