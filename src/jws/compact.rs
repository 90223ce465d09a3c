use memchr::{memchr, memrchr};

use crate::error::{Malformed, Reject};
use crate::limits::Limits;

/// A compact JWS, split and not yet decoded.
#[derive(Clone, Copy, Debug)]
pub struct Compact<'a> {
    /// What the signature is over: header and payload with the dot between them.
    pub signing_input: &'a [u8],
    /// The encoded header
    pub header: &'a [u8],
    /// The encoded payload
    pub payload: &'a [u8],
    /// The encoded signature; may be empty, which no key verifies.
    pub signature: &'a [u8],
}

impl<'a> Compact<'a> {
    /// Splits a token into its three parts.
    ///
    /// # Errors
    /// `MALFORMED` where the token is over the limits or not of the form `a.b.c` with a header and
    /// a payload. A JWE, with its five parts, is one such (RFC 7516 §9).
    #[inline]
    pub fn split(token: &'a [u8], limits: &Limits) -> Result<Self, Reject> {
        if token.len() > limits.token {
            return Err(Reject::malformed(Malformed::TooLong));
        }
        let (Some(first), Some(last)) = (memchr(b'.', token), memrchr(b'.', token)) else {
            return Err(Reject::malformed(Malformed::Parts));
        };
        let header = &token[..first];
        let payload = token.get(first + 1..last).unwrap_or_default();
        if header.is_empty() || payload.is_empty() || memchr(b'.', payload).is_some() {
            return Err(Reject::malformed(Malformed::Parts));
        }
        if header.len() > limits.header {
            return Err(Reject::malformed(Malformed::TooLong));
        }
        Ok(Self {
            signing_input: &token[..last],
            header,
            payload,
            signature: &token[last + 1..],
        })
    }
}
