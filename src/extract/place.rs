use std::fmt;

use crate::error::Reject;

use super::value::{ambiguous, bearer, cookie, missing, one_more, same};

/// The headers of a request, however they are held.
pub trait Headers<'r> {
    /// The values of a header, in order, one for each time that it was sent. `name` is in lower
    /// case.
    fn values(&self, name: &str) -> impl Iterator<Item = &'r [u8]>;
}

/// One place to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// `Authorization: Bearer <token>` (RFC 6750 §2.1). The scheme's case does not matter;
    /// another scheme is no token of ours.
    Bearer,
    /// The whole value of the header of that name, in lower case.
    Header(Box<str>),
    /// The value of the cookie of that name.
    Cookie(Box<str>),
}

/// The places of a profile, in order of preference.
#[derive(Clone, Debug)]
pub struct Places(Vec<Place>);

impl Places {
    /// The places to look at. The order says nothing about which token wins, since two that
    /// differ are refused.
    #[must_use]
    pub fn new(places: Vec<Place>) -> Self {
        Self(places)
    }

    /// The request's one token.
    ///
    /// # Errors
    /// `MISSING_TOKEN` if no place has one, `MALFORMED` if one cannot be read in one way only or
    /// two differ.
    pub fn token<'r>(&self, headers: &impl Headers<'r>) -> Result<&'r str, Reject> {
        let mut found: Option<&'r str> = None;
        for place in &self.0 {
            match (found, place.token(headers)?) {
                (_, None) => {}
                (None, token) => found = token,
                (Some(one), Some(other)) => same(one, other)?,
            }
        }
        found.ok_or_else(missing)
    }
}

impl Places {
    /// The places, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Place> {
        self.0.iter()
    }
}

/// As configuration spells it.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bearer => f.write_str("bearer"),
            Self::Header(name) => write!(f, "header:{name}"),
            Self::Cookie(name) => write!(f, "cookie:{name}"),
        }
    }
}

impl Default for Places {
    fn default() -> Self {
        Self(vec![Place::Bearer])
    }
}

impl Place {
    /// The token in this place, if it has one.
    ///
    /// # Errors
    /// `MALFORMED` if it cannot be read in one way only.
    pub fn token<'r>(&self, headers: &impl Headers<'r>) -> Result<Option<&'r str>, Reject> {
        match self {
            Self::Bearer => {
                let mut sent = headers.values("authorization");
                match (sent.next(), sent.next()) {
                    (None, _) => Ok(None),
                    (Some(value), None) => bearer(value),
                    (Some(_), Some(_)) => Err(ambiguous()),
                }
            }
            Self::Header(name) => headers
                .values(name)
                .filter(|value| !value.is_empty())
                .try_fold(None, one_more),
            Self::Cookie(name) => headers
                .values("cookie")
                .flat_map(|value| cookie(value, name.as_bytes()))
                .try_fold(None, one_more),
        }
    }
}

#[cfg(test)]
mod tests;
