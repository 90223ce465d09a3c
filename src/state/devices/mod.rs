//! Trusted devices: from where a subject has signed in before, and need not prove more.
//!
//! A device is a [`Fingerprint`]: a SHA-256 over subject, address and user agent. It proves nothing
//! by itself, since who knows the three can send them; it spares a second factor to those who have
//! the first. The store keeps the hash, when the device was trusted, and a description of the
//! application's choice; neither address nor user agent.
//!
//! One entry a device, which ends by itself: a store wipes it as it does whatever has expired.

mod fingerprint;
mod register;

pub use fingerprint::Fingerprint;
pub use register::{DevicePage, TrustedDevice, TrustedDevices};
