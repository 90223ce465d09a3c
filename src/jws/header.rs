use crate::base64url;
use crate::crypto::Algorithm;
use crate::error::{Malformed, Reject};
use crate::json::{self, Bounds, Kind, Member};
use crate::limits::Limits;

/// The JOSE header (RFC 7515 §4), as far as a verifier may listen to it.
///
/// `jwk`, `jku`, `x5u` and `x5c` are not read: a key that a token brings along proves nothing
/// (RFC 8725 §3.10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// `alg`; `None` where it is absent or names nothing in the table, as `none` does.
    pub algorithm: Option<Algorithm>,
    /// `kid`
    pub kid: Option<Box<str>>,
    /// `typ`
    pub typ: Option<Box<str>>,
}

impl Header {
    /// Decodes and parses an encoded header.
    ///
    /// # Errors
    /// `MALFORMED` where it is not strict base64url of one strict JSON object, a member that is
    /// read is of the wrong type, `crit` is present (no extension is understood, RFC 7515
    /// §4.1.11), or the payload is announced as compressed, encrypted or unencoded.
    pub fn decode(encoded: &[u8], limits: &Limits) -> Result<Self, Reject> {
        if encoded.len() > limits.header {
            return Err(Reject::malformed(Malformed::TooLong));
        }
        let text =
            base64url::decode(encoded).map_err(|_| Reject::malformed(Malformed::HeaderEncoding))?;
        let mut header = Self {
            algorithm: None,
            kid: None,
            typ: None,
        };
        let mut wrong = None;
        let bounds = Bounds {
            depth: limits.depth,
            members: limits.members,
        };
        json::scan(&text, bounds, |member| {
            if let Err(how) = header.take(&member, &text) {
                wrong.get_or_insert(how);
            }
        })
        .map_err(|_| Reject::malformed(Malformed::HeaderJson))?;
        match wrong {
            None => Ok(header),
            Some(how) => Err(Reject::malformed(how)),
        }
    }

    fn take(&mut self, member: &Member<'_>, text: &[u8]) -> Result<(), Malformed> {
        let string = || match member.kind {
            Kind::String => Ok(json::unescape(
                &text[member.start..member.end],
                member.escaped,
            )),
            _ => Err(Malformed::HeaderMember),
        };
        match &*member.name {
            b"alg" => self.algorithm = Algorithm::from_name(&string()?),
            b"kid" => self.kid = Some(string()?.into()),
            b"typ" => self.typ = Some(string()?.into()),
            b"crit" => return Err(Malformed::Critical),
            b"b64" if member.kind != Kind::True => return Err(Malformed::Critical),
            b"zip" | b"enc" => return Err(Malformed::HeaderMember),
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Code, Detail};

    fn decode(json: &str) -> Result<Header, Reject> {
        Header::decode(
            base64url::encode(json.as_bytes()).as_bytes(),
            &Limits::default(),
        )
    }

    #[test]
    fn reads_what_a_verifier_may_listen_to() {
        let header = decode(
            r#"{"alg":"ES256","kid":"a\u0062","typ":"at+jwt","jku":"https://evil.example","cty":"x"}"#,
        );
        let expected = Header {
            algorithm: Some(Algorithm::ES256),
            kid: Some("ab".into()),
            typ: Some("at+jwt".into()),
        };
        assert_eq!(header, Ok(expected));
    }

    #[test]
    fn unknown_algorithms_are_none() {
        for json in [
            r#"{"alg":"none"}"#,
            r#"{"alg":"nOnE"}"#,
            r#"{"alg":""}"#,
            "{}",
            r#"{"alg":"HS2560"}"#,
        ] {
            assert_eq!(decode(json).unwrap().algorithm, None, "{json}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (json, how) in [
            (r#"{"alg":1}"#, Malformed::HeaderMember),
            (r#"{"alg":["HS256"]}"#, Malformed::HeaderMember),
            (r#"{"alg":"HS256","kid":7}"#, Malformed::HeaderMember),
            (r#"{"alg":"HS256","typ":null}"#, Malformed::HeaderMember),
            (
                r#"{"alg":"HS256","crit":["b64"],"b64":false}"#,
                Malformed::Critical,
            ),
            (r#"{"alg":"HS256","crit":[]}"#, Malformed::Critical),
            (r#"{"alg":"HS256","crit":"exp"}"#, Malformed::Critical),
            (r#"{"alg":"HS256","b64":false}"#, Malformed::Critical),
            (r#"{"alg":"HS256","zip":"DEF"}"#, Malformed::HeaderMember),
            (r#"{"alg":"dir","enc":"A128GCM"}"#, Malformed::HeaderMember),
            (
                r#"{"alg":"HS256","al\u0067":"none"}"#,
                Malformed::HeaderJson,
            ),
            ("[]", Malformed::HeaderJson),
        ] {
            let reject = decode(json).unwrap_err();
            assert_eq!(
                (reject.code(), reject.detail()),
                (Code::Malformed, Detail::Malformed(how)),
                "{json}"
            );
        }
    }
}
