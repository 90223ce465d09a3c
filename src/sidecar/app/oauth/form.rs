use std::collections::HashMap;

use super::Refused;
use crate::sidecar::oauth_error::OauthError;

/// The parameters of a request (`application/x-www-form-urlencoded`).
///
/// As RFC 6749 §3.1 and §3.2 have it: one without a value counts as absent, one that nobody knows
/// is passed over, and none may be there twice.
#[derive(Debug)]
pub(super) struct Form(HashMap<String, String>);

impl Form {
    /// More than any endpoint knows.
    const MOST: usize = 64;

    pub(super) fn parse(body: &[u8]) -> Result<Self, Refused> {
        let wrong = |what: &str| Err(Refused::new(OauthError::InvalidRequest, what));
        let mut parameters = HashMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            // What is no UTF-8 was replaced, and two texts would look like one.
            if [&name, &value].iter().any(|text| text.contains('\u{fffd}')) {
                return wrong("The form is not UTF-8.");
            }
            if parameters.len() == Self::MOST {
                return wrong("The form has too many parameters.");
            }
            if parameters
                .insert(name.into_owned(), value.into_owned())
                .is_some()
            {
                return wrong("A parameter is there more than once.");
            }
        }
        parameters.retain(|_, value| !value.is_empty());
        Ok(Self(parameters))
    }

    pub(super) fn take(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    pub(super) fn required(&mut self, name: &str) -> Result<String, Refused> {
        self.take(name).ok_or_else(|| {
            Refused::new(
                OauthError::InvalidRequest,
                format!("The parameter {name} is missing."),
            )
        })
    }
}
