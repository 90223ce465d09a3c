//! placeholder
#![deny(unsafe_code)]
pub mod base64url;
pub mod clock;
pub mod crypto;
pub mod error;
pub mod limits;
pub mod secret;
