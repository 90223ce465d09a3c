use std::fmt;

use zeroize::Zeroizing;

use crate::crypto::Provider;
use crate::error::{Code, Fault, Malformed, Reject};

/// The form of a profile's personal access tokens: `PREFIX`, 43 random characters, 6 of checksum.
///
/// All of it but the prefix is of `0-9A-Za-z`, so that a double click takes the whole of it and a
/// secret scanner finds it by `\bPREFIX[0-9A-Za-z]{49}\b`. 43 of 62 characters are a little more
/// than 256 bits.
///
/// # The checksum
/// The CRC-32 of IEEE 802.3 over prefix and random part, as a number of base 62 with six digits,
/// highest first. It is for typing errors and scanners: it finds every wrong character and every
/// two that were swapped, which a cut hash finds but likely, and anybody can compute it offline. It
/// keeps no attacker out, nor would a key: he who wants a store read can have a token of his own.
///
/// A token has one spelling: another text of the right form is another token.
#[derive(Clone, PartialEq, Eq)]
pub struct PatFormat {
    prefix: Box<str>,
}

const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const RANDOM: usize = 43;
const CHECKSUM: usize = 6;

impl PatFormat {
    /// How many characters follow the prefix.
    pub const TAIL: usize = RANDOM + CHECKSUM;

    /// The form of tokens that begin with `prefix`: 3 to 32 lower-case letters, digits and `_`,
    /// beginning with a letter and ending in `_`.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where it is not of that form, or a JWT could begin so.
    pub fn new(prefix: &str) -> Result<Self, Fault> {
        let bytes = prefix.as_bytes();
        let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'_';
        let [first, second, .., last] = bytes else {
            return Err(wrong(prefix));
        };
        let formed = (3..=32).contains(&bytes.len())
            && first.is_ascii_lowercase()
            && *last == b'_'
            && bytes.iter().all(plain);
        if !formed {
            return Err(wrong(prefix));
        }
        // `{` and the four bits after it, in base64url.
        if *first == b'e'
            && (b'w'..=b'z').contains(second) | second.is_ascii_digit() | (*second == b'_')
        {
            return Err(Fault::config(format!(
                "pat.prefix: {prefix:?} begins as a JWT may; choose another"
            )));
        }
        Ok(Self {
            prefix: prefix.into(),
        })
    }

    /// What every token begins with.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Whether it is meant to be one of these.
    #[inline]
    #[must_use]
    pub fn claims(&self, token: &[u8]) -> bool {
        token.starts_with(self.prefix.as_bytes())
    }

    /// Whether one could be mistaken for one of the other.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.claims(other.prefix.as_bytes()) || other.claims(self.prefix.as_bytes())
    }

    /// Whether a token is of this form, checksum and all.
    ///
    /// # Errors
    /// `MALFORMED`.
    pub fn check(&self, token: &[u8]) -> Result<(), Reject> {
        let refuse = |how| Err(Reject::malformed(how));
        let tail = token.strip_prefix(self.prefix.as_bytes());
        let formed = tail.is_some_and(|tail| {
            tail.len() == Self::TAIL && tail.iter().all(u8::is_ascii_alphanumeric)
        });
        if !formed {
            return refuse(Malformed::PatForm);
        }
        let (body, sum) = token.split_at(token.len() - CHECKSUM);
        if checksum(body) != *sum {
            return refuse(Malformed::PatChecksum);
        }
        Ok(())
    }

    /// A new token.
    ///
    /// # Errors
    /// `INTERNAL` where the system has no randomness.
    pub(super) fn generate(&self, provider: Provider) -> Result<Zeroizing<String>, Fault> {
        let mut token = Zeroizing::new(String::with_capacity(self.prefix.len() + Self::TAIL));
        token.push_str(&self.prefix);
        let whole = self.prefix.len() + RANDOM;
        let mut random = Zeroizing::new([0; 64]);
        while token.len() < whole {
            provider.random(&mut *random).map_err(|error| {
                Fault::new(Code::Internal, "a token could not be made").caused_by(error)
            })?;
            // The four values over 4 × 62 would make some characters likelier than others.
            let even = random.iter().filter(|byte| **byte < 248);
            for byte in even.take(whole - token.len()) {
                token.push(char::from(DIGITS[usize::from(byte % 62)]));
            }
        }
        for digit in checksum(token.as_bytes()) {
            token.push(char::from(digit));
        }
        Ok(token)
    }
}

#[cold]
fn wrong(prefix: &str) -> Fault {
    Fault::config(format!(
        "pat.prefix: {prefix:?} is no prefix; write 3 to 32 lower-case letters, digits and _, the \
         first a letter and the last a _, such as \"acme_pat_\""
    ))
}

fn checksum(text: &[u8]) -> [u8; CHECKSUM] {
    let mut rest = crc32(text);
    let mut digits = [0; CHECKSUM];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

/// A bit at a time: a hundred bytes, and only where a token is not in the cache.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ (0xedb8_8320 * (sum & 1))
        })
    })
}

impl fmt::Debug for PatFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("PatFormat").field(&self.prefix).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_checksum_is_the_one_that_everybody_has() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(checksum(b""), *b"000000");
        let value = checksum(b"123456789").iter().fold(0_u64, |value, digit| {
            let digit = DIGITS.iter().position(|one| one == digit).unwrap();
            value * 62 + digit as u64
        });
        assert_eq!(value, 0xcbf4_3926);
    }

    /// Every character comes at every place, and none is likelier than another.
    #[test]
    fn tokens_are_evenly_random() {
        let format = PatFormat::new("acme_pat_").unwrap();
        let provider = crate::crypto::providers()[0];
        let mut seen = [0_u32; 62];
        for _ in 0..2_000 {
            let token = format.generate(provider).unwrap();
            assert_eq!(format.check(token.as_bytes()), Ok(()));
            let random = &token.as_bytes()[format.prefix().len()..][..RANDOM];
            for byte in random {
                seen[DIGITS.iter().position(|one| one == byte).unwrap()] += 1;
            }
        }
        // 1387 of each are expected, give or take 37.
        assert!(
            seen.iter().all(|count| (1_150..1_650).contains(count)),
            "{seen:?}"
        );
    }
}
