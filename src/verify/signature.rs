use std::sync::Arc;

use crate::base64url;
use crate::error::{Code, Malformed, Reject};
use crate::jws::Compact;
use crate::keys::PreparedKey;

#[inline]
pub(super) fn decode_payload(compact: &Compact<'_>) -> Result<Vec<u8>, Reject> {
    let mut payload = Vec::with_capacity(base64url::decoded_length(compact.payload.len()));
    base64url::decode_append(compact.payload, &mut payload)
        .map_err(|_| Reject::malformed(Malformed::ClaimsEncoding))?;
    Ok(payload)
}

/// The first of the candidates that made the signature.
#[inline]
pub(super) fn check_signature<'k>(
    compact: &Compact<'_>,
    candidates: &'k [Arc<PreparedKey>],
) -> Result<&'k Arc<PreparedKey>, Reject> {
    match base64url::decoded_length(compact.signature.len()) {
        // Those of HMAC and of the common curves.
        0..=64 => check_decoded(compact, candidates, &mut [0; 64]),
        // RSA of 8192 bits makes the longest signature that any key here can verify.
        65..=1024 => check_decoded(compact, candidates, &mut [0; 1024]),
        _ => match base64url::decode(compact.signature) {
            Ok(_) => Err(Reject::new(Code::InvalidSignature)),
            Err(_) => Err(Reject::malformed(Malformed::SignatureEncoding)),
        },
    }
}

#[inline]
fn check_decoded<'k>(
    compact: &Compact<'_>,
    candidates: &'k [Arc<PreparedKey>],
    buffer: &mut [u8],
) -> Result<&'k Arc<PreparedKey>, Reject> {
    let signature = base64url::decode_into(compact.signature, buffer)
        .map_err(|_| Reject::malformed(Malformed::SignatureEncoding))?;
    candidates
        .iter()
        .find(|key| key.verify(compact.signing_input, signature))
        .ok_or(Reject::new(Code::InvalidSignature))
}
