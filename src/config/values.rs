use std::fmt;
use std::time::Duration;

use serde::de::{self, Deserialize, Deserializer, Visitor};
use zeroize::Zeroizing;

use crate::clock::parse_span;
use crate::crypto::Algorithm;
use crate::extract::Place;
use crate::sign::Lifetime;

/// A span of time: `"15m"`, `"90s"`, or a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Duration);

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = deserializer.deserialize_any(SpanText)?;
        parse_span(&text).map(Self).map_err(de::Error::custom)
    }
}

impl<'de> Deserialize<'de> for Lifetime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer
            .deserialize_any(SpanText)?
            .parse()
            .map_err(de::Error::custom)
    }
}

struct SpanText;

impl Visitor<'_> for SpanText {
    type Value = String;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a span of time such as \"15m\" or 900")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
        Ok(text.to_owned())
    }

    fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<String, E> {
        Ok(seconds.to_string())
    }

    fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<String, E> {
        Ok(seconds.to_string())
    }
}

/// One string, or a list of them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OneOrMany(pub Vec<String>);

impl<'de> Deserialize<'de> for OneOrMany {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Strings;
        impl<'de> Visitor<'de> for Strings {
            type Value = Vec<String>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string or a list of strings")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(vec![text.to_owned()])
            }

            fn visit_seq<A: de::SeqAccess<'de>>(
                self,
                mut list: A,
            ) -> Result<Self::Value, A::Error> {
                let mut strings = Vec::new();
                while let Some(text) = list.next_element::<String>()? {
                    strings.push(text);
                }
                Ok(strings)
            }
        }
        let strings = deserializer.deserialize_any(Strings)?;
        if strings.is_empty() || strings.iter().any(String::is_empty) {
            return Err(de::Error::custom(
                "is empty; name a value, or leave the key out",
            ));
        }
        Ok(Self(strings))
    }
}

impl<'de> Deserialize<'de> for Algorithm {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| {
            let known: Vec<&str> = Self::all().map(Self::name).collect();
            de::Error::custom(format!(
                "{name:?} is not an algorithm; choose from {}",
                known.join(", ")
            ))
        })
    }
}

/// Text that is a secret: errors about its type do not quote it, `Debug` does not show it.
#[derive(Clone)]
pub struct SecretText(pub Zeroizing<String>);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretText")
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl Visitor<'_> for Text {
            type Value = String;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<String, E> {
                Ok(text.to_owned())
            }

            // serde's own message would quote the value.
            fn visit_i64<E: de::Error>(self, _: i64) -> Result<String, E> {
                Err(E::custom("a secret must be a string; put it in quotes"))
            }

            fn visit_u64<E: de::Error>(self, _: u64) -> Result<String, E> {
                Err(E::custom("a secret must be a string; put it in quotes"))
            }

            fn visit_f64<E: de::Error>(self, _: f64) -> Result<String, E> {
                Err(E::custom("a secret must be a string; put it in quotes"))
            }
        }
        deserializer
            .deserialize_any(Text)
            .map(|text| Self(Zeroizing::new(text)))
    }
}

/// Where a profile looks for its token in a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenPlace {
    /// `Authorization: Bearer` (RFC 6750 §2.1), written `"bearer"`
    Bearer,
    /// A header that holds nothing but the token, written `"header:X-Token"`
    Header(String),
    /// A cookie, written `"cookie:access_token"`
    Cookie(String),
}

impl TokenPlace {
    pub(super) fn place(&self) -> Place {
        match self {
            Self::Bearer => Place::Bearer,
            Self::Header(name) => Place::Header(name.to_ascii_lowercase().into()),
            Self::Cookie(name) => Place::Cookie(name.as_str().into()),
        }
    }
}

impl<'de> Deserialize<'de> for TokenPlace {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let named = |name: &str| {
            (!name.is_empty() && name.bytes().all(is_name_byte)).then(|| name.to_owned())
        };
        let place = match text.split_once(':') {
            None if text == "bearer" => Some(Self::Bearer),
            Some(("header", name)) => named(name).map(Self::Header),
            Some(("cookie", name)) => named(name).map(Self::Cookie),
            _ => None,
        };
        place.ok_or_else(|| {
            de::Error::custom(format!(
                "{text:?} is not a place for a token; write \"bearer\", \"header:NAME\" or \"cookie:NAME\""
            ))
        })
    }
}

/// A `token` of RFC 9110 §5.6.2.
pub(super) fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}
