use super::*;

struct Sent<'a>(&'a [(&'static str, &'a [u8])]);

impl<'r> Headers<'r> for Sent<'r> {
    fn values(&self, name: &str) -> impl Iterator<Item = &'r [u8]> {
        self.0
            .iter()
            .filter(move |(sent, _)| *sent == name)
            .map(|(_, value)| *value)
    }
}

fn ask(places: &[Place], sent: &[(&'static str, &[u8])]) -> Result<String, &'static str> {
    Places::new(places.to_vec())
        .token(&Sent(sent))
        .map(str::to_owned)
        .map_err(|reject| reject.code().name())
}

fn custom() -> Place {
    Place::Header("x-token".into())
}

fn sid() -> Place {
    Place::Cookie("sid".into())
}

#[test]
fn the_scheme_is_any_case() {
    for value in [&b"Bearer a.b.c"[..], b"bearer a.b.c", b"BEARER a.b.c"] {
        assert_eq!(
            ask(&[Place::Bearer], &[("authorization", value)]),
            Ok("a.b.c".to_owned())
        );
    }
}

#[test]
fn no_token_is_missing() {
    for value in [
        &b""[..],
        b"Bearer",
        b"Bearer ",
        b"Basic x",
        b"x",
        b"Bearerx y",
        b"Bearer=x",
    ] {
        assert_eq!(
            ask(&[Place::Bearer], &[("authorization", value)]),
            Err("MISSING_TOKEN"),
            "{value:?}"
        );
    }
    assert_eq!(ask(&[Place::Bearer], &[]), Err("MISSING_TOKEN"));
    assert_eq!(
        ask(&[], &[("authorization", b"Bearer x")]),
        Err("MISSING_TOKEN")
    );
}

#[test]
fn what_reads_in_two_ways_is_malformed() {
    for value in [
        &b"Bearer  x"[..],
        b"Bearer\tx",
        b"Bearer x y",
        b"Bearer x\ty",
        b"Bearer x ",
        b"Bearer x, Bearer y",
        b"Bearer \xc3\xa9",
        b"Bearer \xff",
    ] {
        assert_eq!(
            ask(&[Place::Bearer], &[("authorization", value)]),
            Err("MALFORMED"),
            "{value:?}"
        );
    }
}

#[test]
fn two_authorization_headers_are_malformed_even_if_equal() {
    for second in [&b"Bearer x"[..], b"Bearer y", b"Basic x"] {
        let sent = [
            ("authorization", &b"Bearer x"[..]),
            ("authorization", second),
        ];
        assert_eq!(ask(&[Place::Bearer], &sent), Err("MALFORMED"));
    }
}

#[test]
fn a_header_holds_the_token_and_nothing_else() {
    let ask = |sent: &[(&'static str, &[u8])]| ask(&[custom()], sent);
    assert_eq!(ask(&[("x-token", b"t")]), Ok("t".to_owned()));
    assert_eq!(ask(&[("x-token", b"")]), Err("MISSING_TOKEN"));
    assert_eq!(ask(&[("x-token", b"Bearer t")]), Err("MALFORMED"));
    assert_eq!(
        ask(&[("x-token", b"t"), ("x-token", b"t")]),
        Ok("t".to_owned())
    );
    assert_eq!(
        ask(&[("x-token", b"t"), ("x-token", b"u")]),
        Err("MALFORMED")
    );
}

#[test]
fn a_cookie_is_found_by_its_whole_name() {
    let ask = |sent: &[(&'static str, &[u8])]| ask(&[sid()], sent);
    for value in [
        &b"sid=t"[..],
        b"a=b; sid=t; c=d",
        b"a=b;sid=t",
        b"sid=\"t\"",
        b"sid=; sid=t",
        b"sid=t; sid=t",
    ] {
        assert_eq!(ask(&[("cookie", value)]), Ok("t".to_owned()), "{value:?}");
    }
    for value in [
        &b"sid="[..],
        b"xsid=t",
        b"SID=t",
        b"sidx=t",
        b"sid",
        b"a=sid=t",
    ] {
        assert_eq!(ask(&[("cookie", value)]), Err("MISSING_TOKEN"), "{value:?}");
    }
    for value in [&b"sid=t; sid=u"[..], b"sid=t u", b"sid=\xff"] {
        assert_eq!(ask(&[("cookie", value)]), Err("MALFORMED"), "{value:?}");
    }
    assert_eq!(
        ask(&[("cookie", b"sid=t"), ("cookie", b"sid=u")]),
        Err("MALFORMED")
    );
}

#[test]
fn two_places_must_agree() {
    let places = [custom(), Place::Bearer, sid()];
    let bearer = ("authorization", &b"Bearer t"[..]);
    assert_eq!(ask(&places, &[bearer]), Ok("t".to_owned()));
    assert_eq!(
        ask(&places, &[bearer, ("x-token", b"t"), ("cookie", b"sid=t")]),
        Ok("t".to_owned())
    );
    assert_eq!(ask(&places, &[bearer, ("x-token", b"u")]), Err("MALFORMED"));
    assert_eq!(
        ask(&places, &[bearer, ("cookie", b"sid=u")]),
        Err("MALFORMED")
    );
    assert_eq!(
        ask(
            &places,
            &[("authorization", b"Basic u"), ("cookie", b"sid=t")]
        ),
        Ok("t".to_owned())
    );
}
