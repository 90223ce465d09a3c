use crate::claims::TokenKind;
use crate::clock::UnixMillis;
use crate::error::{Code, Fault};
use crate::sign::Failure;
use crate::verify::VerifyOptions;

use super::Profile;

/// By what a token was revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revoked {
    /// It has expired or was revoked already: there was nothing to do.
    Nothing,
    /// Its handle
    Handle,
    /// Its family: all that descends from its sign-in
    Family,
}

impl Revoked {
    /// The name, as HTTP bodies spell it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Handle => "handle",
            Self::Family => "family",
        }
    }
}

impl Profile {
    /// Voids every token of this handle, from the next call on.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where it is empty, `STORE_UNAVAILABLE` where nothing more can be listed.
    pub fn revoke_handle(&self, handle: &str) -> Result<(), Fault> {
        not_empty("handle", handle)?;
        let revocations = self.verifier().revocations();
        revocations.revoke_handle(handle.as_bytes(), UnixMillis::MAX)
    }

    /// Voids every token of this refresh family.
    ///
    /// # Errors
    /// As [`revoke_handle`](Self::revoke_handle).
    pub fn revoke_family(&self, family: &str) -> Result<(), Fault> {
        not_empty("family", family)?;
        let revocations = self.verifier().revocations();
        revocations.revoke_family(family.as_bytes(), UnixMillis::MAX)
    }

    /// Voids what this subject was issued before `issued_before`; by default all of it up to and
    /// including this second, since `iat` has whole seconds.
    ///
    /// # Errors
    /// As [`revoke_handle`](Self::revoke_handle).
    pub fn revoke_subject(
        &self,
        subject: &str,
        issued_before: Option<UnixMillis>,
    ) -> Result<(), Fault> {
        not_empty("subject", subject)?;
        let verifier = self.verifier();
        let now = || UnixMillis::from_secs(verifier.clock().now().secs().saturating_add(1));
        let before = issued_before.unwrap_or_else(now);
        verifier
            .revocations()
            .revoke_subject(subject.as_bytes(), before, UnixMillis::MAX)
    }

    /// Revokes a token by its handle; with a refresh token goes all that descends from its sign-in
    /// (RFC 7009 §2.1). A token that has expired needs no revocation.
    ///
    /// # Errors
    /// The reject of a token that is not the profile's; `VALIDATION_ERROR` where it has nothing to
    /// be revoked by.
    pub fn revoke_token(&self, token: &str) -> Result<Revoked, Failure> {
        let verifier = self.verifier();
        let verified = match verifier.verify(token, &VerifyOptions::default().any_kind()) {
            Ok(verified) => verified,
            Err(reject) if matches!(reject.code(), Code::Expired | Code::Revoked) => {
                return Ok(Revoked::Nothing);
            }
            Err(reject) => return Err(reject.into()),
        };
        let until = verifier
            .rules()
            .last_moment(&verified)
            .unwrap_or(UnixMillis::MAX);
        let family = verified
            .family()
            .filter(|_| verified.kind() == Some(TokenKind::Refresh));
        let revocations = verifier.revocations();
        match (family, verified.handle()) {
            (Some(family), handle) => {
                revocations.revoke_family(family.as_bytes(), UnixMillis::MAX)?;
                if let Some(handle) = handle {
                    revocations.revoke_handle(handle.as_bytes(), until)?;
                }
                Ok(Revoked::Family)
            }
            (None, Some(handle)) => {
                revocations.revoke_handle(handle.as_bytes(), until)?;
                Ok(Revoked::Handle)
            }
            (None, None) => {
                let claim = &verifier.claim_map().names().handle;
                Err(invalid(format!(
                    "token: it has no {claim} claim to be revoked by; revoke its subject"
                ))
                .into())
            }
        }
    }
}

fn not_empty(member: &str, text: &str) -> Result<(), Fault> {
    if text.is_empty() {
        return Err(invalid(format!("{member}: must not be empty")));
    }
    Ok(())
}

#[cold]
fn invalid(message: String) -> Fault {
    Fault::new(Code::ValidationError, message)
}
