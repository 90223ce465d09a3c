use hyper::HeaderMap;

use super::extract::Read;
use crate::error::Fault;
use crate::extract::Place;
use crate::secret::Secret;

/// What opens the control plane over TCP.
///
/// Several tokens may be valid at once, so that one can be replaced without a gap. A presented
/// token is compared with each of them in constant time, and all are compared, whichever fits.
#[derive(Clone, Debug)]
pub struct ControlTokens {
    tokens: Vec<Secret>,
}

impl ControlTokens {
    /// The shortest token, in bytes: what cannot be guessed over a loopback connection.
    pub const SHORTEST: usize = 16;

    /// Takes the tokens over.
    ///
    /// # Errors
    /// `CONFIG_ERROR` if there is none, or one is too short or holds anything but visible ASCII.
    pub fn new(tokens: Vec<Secret>) -> Result<Self, Fault> {
        if tokens.is_empty() {
            return Err(Fault::config("the control plane has no token: set one"));
        }
        for (at, token) in tokens.iter().enumerate() {
            if token.expose().len() < Self::SHORTEST {
                return Err(Fault::config(format!(
                    "control token {at} is shorter than {} bytes: make it longer",
                    Self::SHORTEST
                )));
            }
            if !token.expose().iter().all(u8::is_ascii_graphic) {
                return Err(Fault::config(format!(
                    "control token {at} holds a character that is not visible ASCII: it could not be sent in a header"
                )));
            }
        }
        Ok(Self { tokens })
    }

    /// The tokens themselves, for whoever must not write them down.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        self.tokens.clone()
    }

    /// Whether `Authorization: Bearer` holds one of the tokens.
    #[must_use]
    pub fn admit(&self, headers: &HeaderMap) -> bool {
        let Ok(Some(presented)) = Place::Bearer.token(&Read(headers)) else {
            return false;
        };
        self.tokens.iter().fold(false, |admitted, token| {
            token.matches(presented.as_bytes()) | admitted
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::AUTHORIZATION;

    const TOKEN: &str = "0123456789abcdef0123456789abcdef";
    const OTHER: &str = "fedcba9876543210fedcba9876543210";

    fn admitted(value: &str) -> bool {
        let tokens = [TOKEN, OTHER].map(|token| Secret::new(token.into()));
        let tokens = ControlTokens::new(tokens.into()).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(AUTHORIZATION, value.parse().unwrap());
        tokens.admit(&headers)
    }

    #[test]
    fn either_token_opens() {
        assert!(admitted(&format!("Bearer {TOKEN}")));
        assert!(admitted(&format!("bearer {OTHER}")));
    }

    #[test]
    fn nothing_else_does() {
        for sent in [
            String::new(),
            TOKEN.to_owned(),
            "Bearer".to_owned(),
            format!("Basic {TOKEN}"),
            format!("Bearer {}", &TOKEN[..31]),
            format!("Bearer {TOKEN}0"),
            format!("Bearer {}", TOKEN.to_uppercase()),
            format!("Bearer  {TOKEN}"),
        ] {
            assert!(!admitted(&sent), "{sent}");
        }
    }

    #[test]
    fn weak_tokens_are_refused_and_not_shown() {
        for weak in ["", "hunter2", "sixteen bytes 01"] {
            let refused = ControlTokens::new(vec![Secret::new(weak.into())]).unwrap_err();
            assert!(refused.to_string().starts_with("control token 0"));
            assert!(weak.is_empty() || !refused.to_string().contains(weak));
        }
        assert!(ControlTokens::new(vec![]).is_err());
    }
}
