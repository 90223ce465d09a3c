//! Keys as text: JWK, JWK sets, PEM and DER, and shared secrets.
//!
//! Everything here ends in one form, [`KeyMaterial`](crate::crypto::KeyMaterial), and refuses what
//! has two readings. A [`JwkSet`] skips the keys that it cannot use and says why, because issuers
//! publish encryption keys and new algorithms beside the ones that matter; a private key where
//! only public ones belong makes the whole set an error.
//!
//! What is published is a [`PublicJwk`], a type that cannot hold a secret; [`private_jwk`] writes
//! the key files of those who make keys, and nothing else calls it.
//!
//! Documents are checked by [`crate::json`] before anything is taken from them: duplicate members,
//! bad UTF-8 and lone surrogates make the document an error, whichever member they are in. How
//! long a document may be is for the caller to bound.

mod der;
mod error;
mod key;
mod members;
mod pem;
mod private;
mod public;
mod secret;
mod set;

pub use error::{JwkError, KeyProblem, PemError, PemProblem};
pub use key::{Jwk, KeyUsage};
pub use pem::{parse_der, parse_pem, private_key_pem, public_key_pem};
pub use private::private_jwk;
pub use public::{PublicJwk, public_jwks, thumbprint};
pub use secret::{SecretEncoding, SecretError};
pub use set::{Ignored, JwkSet, MAX_KEYS, Trust};
