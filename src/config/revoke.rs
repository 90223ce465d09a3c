use std::borrow::Cow;

use crate::claims::{Claims, TokenKind};
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
    /// Voids every token of this handle, from the next call on. Where the handle is the session,
    /// it ends.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where it is empty, `STORE_UNAVAILABLE` where nothing more can be listed.
    pub fn revoke_handle(&self, handle: &str) -> Result<(), Fault> {
        not_empty("handle", handle)?;
        self.log.revoke_handle(handle.as_bytes(), UnixMillis::MAX)?;
        if self.handle_is_session() {
            self.end_named(handle)?;
        }
        Ok(())
    }

    /// Voids every token of this refresh family. One that a sign-in began has the name of its
    /// session, which ends.
    ///
    /// # Errors
    /// As [`revoke_handle`](Self::revoke_handle).
    pub fn revoke_family(&self, family: &str) -> Result<(), Fault> {
        not_empty("family", family)?;
        self.log.revoke_family(family.as_bytes(), UnixMillis::MAX)?;
        self.end_named(family)
    }

    /// Voids what this subject was issued before `issued_before`; by default all of it up to and
    /// including this second, since `iat` has whole seconds. Sessions that began before end.
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
        self.log
            .revoke_subject(subject.as_bytes(), before, UnixMillis::MAX)?;
        if let Some(sessions) = self.sessions() {
            sessions.end_created_before(subject, before)?;
        }
        Ok(())
    }

    fn handle_is_session(&self) -> bool {
        let names = self.verifier().claim_map().names();
        names.handle == names.session
    }

    /// Revokes a token by its handle; with a refresh token goes all that descends from its sign-in
    /// (RFC 7009 §2.1). One that has expired needs no revocation itself, but ends what it shares
    /// with others all the same: its session, its family.
    ///
    /// # Errors
    /// The reject of a token that is not the profile's; `VALIDATION_ERROR` where it has nothing to
    /// be revoked by.
    pub fn revoke_token(&self, token: &str) -> Result<Revoked, Failure> {
        let verifier = self.verifier();
        let verdict = verifier.verify(token, &VerifyOptions::default().any_kind());
        let (token, over) = match verdict {
            Ok(verified) => (verified.hold(), false),
            Err(reject) if is_over(reject.code()) => (verifier.authentic(token)?, true),
            Err(reject) => return Err(reject.into()),
        };
        let claims = token.claims();
        let family = self.family_of(claims);
        if let Some(family) = &family {
            self.log.revoke_family(family.as_bytes(), UnixMillis::MAX)?;
        }
        let name = verifier.claim_map().names().handle.as_str();
        // What other tokens share, such as a session, outlives this one: only `jti` is its own
        // (RFC 7519 §4.1.7).
        let (until, shared) = match name {
            "jti" => (verifier.rules().last_moment(claims), false),
            _ => (None, true),
        };
        let handle = claims.handle().filter(|_| shared || !over);
        if let Some(handle) = &handle {
            self.log
                .revoke_handle(handle.as_bytes(), until.unwrap_or(UnixMillis::MAX))?;
        }
        if (family.is_some() || self.handle_is_session())
            && let Some(sid) = claims.session()
        {
            self.end_named(&sid)?;
        }
        match (family, handle) {
            (Some(_), _) => Ok(Revoked::Family),
            (None, Some(_)) => Ok(Revoked::Handle),
            (None, None) if over => Ok(Revoked::Nothing),
            (None, None) => Err(invalid(format!(
                "token: it has no {name} claim to be revoked by; revoke its subject"
            ))
            .into()),
        }
    }

    /// The family of a refresh token; one that came without founds it under its own `jti` when it
    /// rotates.
    fn family_of<'t>(&self, claims: &'t Claims) -> Option<Cow<'t, str>> {
        if claims.kind() != Some(TokenKind::Refresh) {
            return None;
        }
        let founded = || claims.token_id().filter(|_| self.founds_families());
        claims.family().or_else(founded)
    }
}

fn is_over(code: Code) -> bool {
    matches!(code, Code::Expired | Code::Revoked | Code::SessionEnded)
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
