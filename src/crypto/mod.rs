//! Cryptography behind one value.
//!
//! A [`Provider`] is passed, never looked up: adding the `ring` feature changes nothing until
//! [`ring`](ring()) is handed to a profile. [`Algorithm`] is the one table of algorithms; nothing
//! else in the crate matches on their names. A key is prepared for exactly one algorithm
//! ([`VerifyKey`], [`SignKey`]), so a token cannot choose how a key is used.

mod algorithm;
#[cfg(feature = "aws-lc-rs")]
mod aws_lc_rs;
mod custody;
mod material;
mod provider;
#[cfg(feature = "ring")]
mod ring;
mod rsa;
mod strength;

pub use algorithm::{Algorithm, Curve, KeyFamily};
pub use custody::Custody;
pub use material::{KeyMaterial, PrivateKey, PublicKey};
pub use provider::{CryptoProvider, KeyError, Provider, SignKey, VerifyKey};
pub use rsa::RsaNumbers;
pub use strength::{KeyStrength, check_strength};

/// The default provider: AWS-LC through `aws-lc-rs`.
#[cfg(feature = "aws-lc-rs")]
#[must_use]
pub fn aws_lc_rs() -> Provider {
    &aws_lc_rs::AwsLcRs
}

/// The `ring` provider.
#[cfg(feature = "ring")]
#[must_use]
pub fn ring() -> Provider {
    &ring::Ring
}

/// Every provider that was compiled in, the default first.
#[must_use]
pub fn providers() -> &'static [Provider] {
    &[
        #[cfg(feature = "aws-lc-rs")]
        &aws_lc_rs::AwsLcRs,
        #[cfg(feature = "ring")]
        &ring::Ring,
    ]
}
