use std::fmt;

use crate::json::Kind;

use super::error::write_place;
use super::key::kid_of;
use super::members::Members;
use super::{Jwk, JwkError, KeyProblem};

/// The most keys a set may have, used or not.
pub const MAX_KEYS: usize = 1_000;

/// Where a set comes from, and so which keys belong in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// Published: public keys alone. One private or symmetric key makes the set an error, because
    /// it is not private any more.
    Public,
    /// Our own configuration: private and symmetric keys too.
    Private,
}

/// The usable keys of a JWK set, in order.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JwkSet {
    /// The keys that may sign or verify. Two may share a `kid`.
    pub keys: Vec<Jwk>,
    /// The others.
    pub ignored: Vec<Ignored>,
}

/// A key that was not used, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Ignored {
    /// Its place in the set, from 0
    pub position: usize,
    /// Its `kid`, where it has one
    pub kid: Option<String>,
    /// What keeps it from being used
    pub reason: KeyProblem,
}

impl JwkSet {
    /// Parses a JWK set (RFC 7517 §5). Members beside `keys` are ignored.
    ///
    /// # Errors
    /// For a document that is not strict JSON, has no array `keys`, has more than [`MAX_KEYS`], or
    /// holds a private or symmetric key where `trust` says public. A set without a usable key is
    /// no error: what it leaves to do is the caller's to say.
    pub fn parse(document: &[u8], trust: Trust) -> Result<Self, JwkError> {
        let members = Members::scan(document).map_err(JwkError::Json)?;
        let elements = members.array("keys").ok_or(JwkError::NotASet)?;
        let mut set = Self {
            keys: Vec::new(),
            ignored: Vec::new(),
        };
        for (position, (kind, text)) in elements.enumerate() {
            if position == MAX_KEYS {
                return Err(JwkError::TooManyKeys { most: MAX_KEYS });
            }
            set.take(position, kind, text, trust)?;
        }
        Ok(set)
    }

    fn take(
        &mut self,
        position: usize,
        kind: Kind,
        text: &[u8],
        trust: Trust,
    ) -> Result<(), JwkError> {
        if kind != Kind::Object {
            let reason = KeyProblem::NotAnObject;
            self.ignored.push(Ignored {
                position,
                kid: None,
                reason,
            });
            return Ok(());
        }
        let members = Members::scan(text).map_err(JwkError::Json)?;
        match Jwk::from_members(&members, trust) {
            Ok(key) => self.keys.push(key),
            Err(problem @ KeyProblem::PrivateInPublicSet) => {
                let kid = kid_of(&members);
                return Err(JwkError::Key {
                    position: Some(position),
                    kid,
                    problem,
                });
            }
            Err(reason) => {
                self.ignored.push(Ignored {
                    position,
                    kid: kid_of(&members),
                    reason,
                });
            }
        }
        Ok(())
    }
}

impl fmt::Display for Ignored {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_place(f, Some(self.position), self.kid.as_deref())?;
        write!(f, " is not used: {}", self.reason)
    }
}
