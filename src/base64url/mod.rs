//! base64url as RFC 7515 §2 has it, and nothing else.
//!
//! One spelling a value: no padding, no white space, no `+` or `/`, zero trailing bits. The claims
//! cache leans on this: two strings never name one token.

use base64_simd::{Out, URL_SAFE_NO_PAD};

/// The input is not strict base64url.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotBase64Url;

impl std::fmt::Display for NotBase64Url {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("not strict base64url (no padding, no white space, zero trailing bits)")
    }
}

impl std::error::Error for NotBase64Url {}

/// Decodes into a new buffer.
///
/// # Errors
/// [`NotBase64Url`] for any second spelling of a value.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, NotBase64Url> {
    URL_SAFE_NO_PAD
        .decode_to_vec(text)
        .map_err(|_| NotBase64Url)
}

/// Decodes at the end of `buffer`.
///
/// # Errors
/// [`NotBase64Url`], leaving `buffer` as it was.
#[inline]
pub fn decode_append(text: &[u8], buffer: &mut Vec<u8>) -> Result<(), NotBase64Url> {
    let start = buffer.len();
    buffer.resize(start + decoded_length(text.len()), 0);
    let done = URL_SAFE_NO_PAD
        .decode(text, Out::from_slice(&mut buffer[start..]))
        .map(|bytes| bytes.len());
    match done {
        Ok(length) => {
            buffer.truncate(start + length);
            Ok(())
        }
        Err(_) => {
            buffer.truncate(start);
            Err(NotBase64Url)
        }
    }
}

/// Decodes into a buffer on the stack and returns the part that was filled.
///
/// # Errors
/// [`NotBase64Url`], also where `buffer` is too small.
#[inline]
pub fn decode_into<'a>(text: &[u8], buffer: &'a mut [u8]) -> Result<&'a [u8], NotBase64Url> {
    if decoded_length(text.len()) > buffer.len() {
        return Err(NotBase64Url);
    }
    URL_SAFE_NO_PAD
        .decode(text, Out::from_slice(buffer))
        .map(|bytes| &*bytes)
        .map_err(|_| NotBase64Url)
}

/// The most bytes that `length` characters decode to.
#[must_use]
pub const fn decoded_length(length: usize) -> usize {
    length / 4 * 3 + (length % 4) * 3 / 4
}

/// Encodes into a new string.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode_to_string(bytes)
}

/// Encodes at the end of `text`.
pub fn encode_append(bytes: &[u8], text: &mut String) {
    URL_SAFE_NO_PAD.encode_append(bytes, text);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every string over this alphabet up to five characters either fails or is the one spelling
    /// of what it decodes to.
    #[test]
    fn one_spelling_a_value() {
        let alphabet = b"AQgwBZ_-+/= \n\0";
        let mut strings: Vec<Vec<u8>> = vec![vec![]];
        for _ in 0..5 {
            let mut longer = Vec::new();
            for string in &strings {
                for byte in alphabet {
                    let mut next = string.clone();
                    next.push(*byte);
                    longer.push(next);
                }
            }
            for string in &longer {
                if let Ok(bytes) = decode(string) {
                    assert_eq!(encode(&bytes).as_bytes(), string);
                }
                let mut buffer = vec![7];
                assert_eq!(
                    decode_append(string, &mut buffer).is_ok(),
                    decode(string).is_ok()
                );
                assert_eq!(buffer[0], 7);
            }
            strings = longer;
            strings.truncate(20_000);
        }
    }

    #[test]
    fn long_inputs_are_strict_too() {
        let bytes: Vec<u8> = (0..1000).map(|n| u8::try_from(n % 251).unwrap()).collect();
        for length in [64, 65, 66, 100, 101, 997] {
            let text = encode(&bytes[..length]);
            assert_eq!(decode(text.as_bytes()).unwrap(), &bytes[..length]);
            for bad in ["=", " ", "\n", "+", "/", "\0", "é"] {
                for at in [0, 31, 32, text.len() - 1] {
                    let mut broken = text.clone();
                    broken.insert_str(at, bad);
                    assert_eq!(
                        decode(broken.as_bytes()),
                        Err(NotBase64Url),
                        "{bad:?} at {at}"
                    );
                }
            }
            if length % 3 != 0 {
                let mut twin = text.into_bytes();
                let last = twin.last_mut().unwrap();
                *last += 1;
                assert_eq!(decode(&twin), Err(NotBase64Url));
            }
        }
    }
}
