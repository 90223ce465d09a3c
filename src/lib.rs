//! placeholder
#![deny(unsafe_code)]
pub mod base64url;
pub mod clock;
// crypto lands with its providers
pub mod error;
pub mod limits;
pub mod secret;
pub mod state;
pub mod store;
