use std::fmt;
use std::net::IpAddr;

use crate::crypto::Provider;
use crate::error::{Code, Fault};
use crate::store::StoreKey;

/// The name of a device: a SHA-256 over subject, address and user agent, as 64 hexadecimal digits.
///
/// Hashed are, each after its length as eight bytes, the highest first: the domain
/// `bearerd trusted device 1`, the subject, the four or sixteen bytes of the address, and the user
/// agent. So no two triples give the same bytes, nor do these serve any other purpose. An IPv4
/// address in IPv6's clothes (RFC 4291 §2.5.5.2) is the IPv4 address.
#[derive(Clone, PartialEq, Eq)]
pub struct Fingerprint(Box<str>);

const DOMAIN: &[u8] = b"bearerd trusted device 1";

impl Fingerprint {
    /// The longest user agent, in bytes.
    pub const MAX_USER_AGENT: usize = 4_096;

    /// The fingerprint of a device.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where the subject is empty or too long, or the user agent is too long.
    pub fn of(
        provider: Provider,
        subject: &str,
        address: IpAddr,
        user_agent: &str,
    ) -> Result<Self, Fault> {
        check_subject(subject)?;
        if user_agent.len() > Self::MAX_USER_AGENT {
            return Err(invalid(format!(
                "user_agent: is over {} bytes",
                Self::MAX_USER_AGENT
            )));
        }
        let (v4, v6);
        let address: &[u8] = match address.to_canonical() {
            IpAddr::V4(address) => {
                v4 = address.octets();
                &v4
            }
            IpAddr::V6(address) => {
                v6 = address.octets();
                &v6
            }
        };
        let mut bytes = Vec::with_capacity(128 + subject.len() + user_agent.len());
        for part in [DOMAIN, subject.as_bytes(), address, user_agent.as_bytes()] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        let hash = provider.sha256(&bytes);
        let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self(digits.into()))
    }

    /// The fingerprint of that text.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where it is not 64 hexadecimal digits in lower case.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if text.len() == 64 && text.bytes().all(digit) {
            return Ok(Self(text.into()));
        }
        Err(invalid(
            "is no id of a trusted device, which has 64 hexadecimal digits".to_owned(),
        ))
    }

    /// Its digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

pub(super) fn check_subject(subject: &str) -> Result<(), Fault> {
    if subject.is_empty() || subject.len() > StoreKey::MAX_PART {
        return Err(invalid(format!(
            "subject: must be of 1 to {} bytes",
            StoreKey::MAX_PART
        )));
    }
    Ok(())
}

#[cold]
pub(super) fn invalid(message: String) -> Fault {
    Fault::new(Code::ValidationError, message)
}

/// Not its digits: who has them can try out addresses.
impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fingerprint(…)")
    }
}
