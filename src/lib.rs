//! placeholder
#![deny(unsafe_code)]
pub mod base64url;
pub mod clock;
pub mod error;
pub mod json;
pub mod limits;
pub mod secret;
