use std::fmt;

use base64_simd::STANDARD;

use crate::base64url;
use crate::secret::Secret;

/// How a shared secret is written down.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretEncoding {
    /// The text's own bytes, all of them.
    #[default]
    Text,
    /// base64url without padding, as in a JWK's `k`.
    Base64Url,
    /// base64 with padding, as `openssl rand -base64 32` prints it.
    Base64,
    /// Pairs of hexadecimal digits, as `openssl rand -hex 32` prints them.
    Hex,
}

/// The secret is not written as its encoding has it. Says nothing of its bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SecretError(SecretEncoding);

impl SecretEncoding {
    /// The encoding of that name in a configuration: `text`, `base64url`, `base64`, `hex`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Text, Self::Base64Url, Self::Base64, Self::Hex]
            .into_iter()
            .find(|encoding| encoding.name() == name)
    }

    /// Its name in a configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Base64Url => "base64url",
            Self::Base64 => "base64",
            Self::Hex => "hex",
        }
    }

    /// Reads a secret. Blanks around it are dropped where the encoding has none of its own.
    ///
    /// Whether it is long enough is for [`check_strength`](crate::crypto::check_strength) to say.
    ///
    /// # Errors
    /// [`SecretError`], which names the encoding.
    pub fn decode(self, written: &[u8]) -> Result<Secret, SecretError> {
        let trimmed = written.trim_ascii();
        let bytes = match self {
            Self::Text => Some(written.to_vec()),
            Self::Base64Url => base64url::decode(trimmed).ok(),
            Self::Base64 => STANDARD.decode_to_vec(trimmed).ok(),
            Self::Hex => from_hex(trimmed),
        };
        bytes.map(Secret::new).ok_or(SecretError(self))
    }
}

fn from_hex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|value| u8::try_from(value).ok())
    };
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs
        .iter()
        .map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?))
        .collect()
}

impl fmt::Display for SecretError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the secret is not {}; check it, or name another encoding",
            self.0.name()
        )
    }
}

impl std::error::Error for SecretError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_reads_its_own_and_nothing_else() {
        let read = |encoding: SecretEncoding, text: &str| {
            encoding
                .decode(text.as_bytes())
                .map(|secret| secret.expose().to_vec())
        };
        assert_eq!(read(SecretEncoding::Text, " a\n").unwrap(), b" a\n");
        assert_eq!(
            read(SecretEncoding::Base64Url, "-_8\n").unwrap(),
            [0xfb, 0xff]
        );
        assert_eq!(
            read(SecretEncoding::Base64, "+/8=\n").unwrap(),
            [0xfb, 0xff]
        );
        assert_eq!(read(SecretEncoding::Hex, "fbFF\n").unwrap(), [0xfb, 0xff]);
        for (encoding, text) in [
            (SecretEncoding::Base64Url, "+/8="),
            (SecretEncoding::Base64Url, "-_9"),
            (SecretEncoding::Base64, "-_8"),
            (SecretEncoding::Base64, "+/8"),
            (SecretEncoding::Hex, "fbF"),
            (SecretEncoding::Hex, "fb:ff"),
            (SecretEncoding::Hex, "0xff"),
            (SecretEncoding::Hex, "+1-1"),
        ] {
            assert_eq!(read(encoding, text), Err(SecretError(encoding)), "{text}");
        }
    }
}
