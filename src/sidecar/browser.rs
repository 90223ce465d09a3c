use hyper::header::{ACCESS_CONTROL_REQUEST_METHOD, CONTENT_TYPE, HeaderMap, HeaderName, ORIGIN};
use hyper::http::Method;

use super::answer::Refusal;
use super::oauth_error::OauthError;
use super::service::Plane;
use crate::error::Code;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses what a page of another origin could make a browser send.
///
/// A preflight is refused on both planes, and no answer ever has a CORS header, so a script reads
/// nothing here. The control plane also refuses a foreign `Origin` or `Sec-Fetch-Site`, and wants
/// a JSON content type with every change of state: a form cannot send one. The data plane looks
/// at neither, because a gateway passes the headers of the original request on to it.
///
/// The standard OAuth endpoints take forms, which a page can send without being asked first. They
/// have everything else: the origin, which browsers put on every such form, and credentials that a
/// form cannot bring.
///
/// `host` is what the request called us, `bodyless` that it has no body.
pub(super) fn check(
    plane: Plane,
    method: &Method,
    host: Option<&str>,
    headers: &HeaderMap,
    bodyless: bool,
    taken: Taken,
) -> Result<(), Refusal> {
    if method == Method::OPTIONS
        && (plane == Plane::Control || headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD))
    {
        return Err(Refusal::Code(Code::HostRefused));
    }
    if plane == Plane::Data {
        return Ok(());
    }
    let foreign_origin = headers
        .get_all(ORIGIN)
        .iter()
        .any(|origin| !own(origin.as_bytes(), host));
    let foreign_site = headers
        .get_all(SEC_FETCH_SITE)
        .iter()
        .any(|site| !matches!(site.as_bytes(), b"same-origin" | b"none"));
    if foreign_origin || foreign_site {
        return Err(Refusal::Code(Code::HostRefused));
    }
    let harmless = match *method {
        Method::GET | Method::HEAD => true,
        // Never sent across origins without a preflight.
        Method::DELETE => bodyless,
        _ => false,
    };
    match taken {
        _ if harmless => Ok(()),
        Taken::Json if is(headers, b"application/json") => Ok(()),
        Taken::Json => Err(Refusal::Explained(
            Code::ValidationError,
            "Content-Type must be application/json.",
        )),
        Taken::Form if is(headers, b"application/x-www-form-urlencoded") => Ok(()),
        Taken::Form => Err(Refusal::Oauth(
            OauthError::InvalidRequest,
            "Content-Type must be application/x-www-form-urlencoded.",
        )),
    }
}

/// What a change of state comes as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Json,
    /// On the standard OAuth endpoints.
    Form,
}

/// Whether an origin is the very host that was called. Another port is another origin.
fn own(origin: &[u8], host: Option<&str>) -> bool {
    host.is_some_and(|host| {
        origin
            .strip_prefix(b"http://")
            .is_some_and(|rest| rest.eq_ignore_ascii_case(host.as_bytes()))
    })
}

fn is(headers: &HeaderMap, wanted: &[u8]) -> bool {
    let mut sent = headers.get_all(CONTENT_TYPE).iter();
    let (Some(value), None) = (sent.next(), sent.next()) else {
        return false;
    };
    let essence = value.as_bytes().split(|byte| *byte == b';').next();
    essence.is_some_and(|essence| essence.trim_ascii().eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(
        plane: Plane,
        method: &Method,
        sent: &[(&'static str, &'static str)],
    ) -> Option<&'static str> {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.append(*name, value.parse().unwrap());
        }
        let taken = Taken::Json;
        check(plane, method, Some("localhost:1"), &headers, false, taken)
            .err()
            .map(|refusal| match refusal {
                Refusal::Code(code) | Refusal::Explained(code, _) => code.name(),
                Refusal::BadRequest | Refusal::Oauth(..) => "",
            })
    }

    #[test]
    fn preflights_are_refused_everywhere() {
        let preflight = [("access-control-request-method", "POST")];
        for plane in Plane::ALL {
            assert_eq!(
                ask(plane, &Method::OPTIONS, &preflight),
                Some("HOST_REFUSED")
            );
        }
        assert_eq!(
            ask(Plane::Control, &Method::OPTIONS, &[]),
            Some("HOST_REFUSED")
        );
    }

    #[test]
    fn the_control_plane_knows_its_own_origin_alone() {
        for foreign in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "http://localhost:2"),
            ("origin", "https://localhost:1"),
            ("origin", "http://localhost:1.evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let refused = ask(Plane::Control, &Method::GET, &[foreign]);
            assert_eq!(refused, Some("HOST_REFUSED"), "{foreign:?}");
            assert_eq!(ask(Plane::Data, &Method::GET, &[foreign]), None);
        }
        for own in [
            ("origin", "http://localhost:1"),
            ("sec-fetch-site", "same-origin"),
            ("sec-fetch-site", "none"),
        ] {
            assert_eq!(ask(Plane::Control, &Method::GET, &[own]), None, "{own:?}");
        }
        let second = [
            ("origin", "http://localhost:1"),
            ("origin", "https://evil.example"),
        ];
        assert_eq!(
            ask(Plane::Control, &Method::GET, &second),
            Some("HOST_REFUSED")
        );
    }

    #[test]
    fn a_change_of_state_is_json() {
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            for bad in [
                &[][..],
                &[("content-type", "text/plain")],
                &[("content-type", "application/x-www-form-urlencoded")],
                &[("content-type", "application/jsonp")],
                &[
                    ("content-type", "application/json"),
                    ("content-type", "text/plain"),
                ],
            ] {
                let refused = ask(Plane::Control, &method, bad);
                assert_eq!(refused, Some("VALIDATION_ERROR"), "{method} {bad:?}");
            }
            for good in ["application/json", "Application/JSON ; charset=utf-8"] {
                let sent = [("content-type", good)];
                assert_eq!(ask(Plane::Control, &method, &sent), None);
            }
        }
    }

    #[test]
    fn a_delete_without_a_body_needs_no_content_type() {
        let headers = HeaderMap::new();
        let plane = Plane::Control;
        let ask = |method| check(plane, method, None, &headers, true, Taken::Json);
        assert!(ask(&Method::DELETE).is_ok());
        assert!(ask(&Method::POST).is_err());
    }

    #[test]
    fn a_form_is_taken_where_it_is_due_and_from_no_foreign_page() {
        let ask = |sent: &[(&'static str, &'static str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in sent {
                headers.append(*name, value.parse().unwrap());
            }
            let (plane, post) = (Plane::Control, Method::POST);
            check(
                plane,
                &post,
                Some("localhost:1"),
                &headers,
                false,
                Taken::Form,
            )
            .err()
        };
        let form = ("content-type", "application/x-www-form-urlencoded");
        assert_eq!(ask(&[form]), None);
        for other in ["application/json", "text/plain", "multipart/form-data"] {
            let refused = ask(&[("content-type", other)]);
            assert!(matches!(
                refused,
                Some(Refusal::Oauth(OauthError::InvalidRequest, _))
            ));
        }
        for foreign in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("sec-fetch-site", "cross-site"),
        ] {
            assert_eq!(
                ask(&[form, foreign]),
                Some(Refusal::Code(Code::HostRefused))
            );
        }
    }
}
