use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};

use crate::claims::TokenKind;
use crate::clock::UnixMillis;
use crate::error::{Code, Fault};
use crate::sign::{ClaimChange, ClaimValues, Failure, Lifetime, Pair, Signed};
use crate::state::{Session, SessionId, Sessions};

use super::Profile;

/// What a sign-in asks for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SignIn {
    /// Who has signed in
    pub subject: String,
    /// What the session carries
    pub attributes: Map<String, Value>,
    /// How long the session lives without being used, in place of the profile's
    pub lifetime: Option<Duration>,
    /// Which tokens are signed
    pub tokens: SignInTokens,
    /// Claims of the tokens, beside subject and session
    pub claims: ClaimValues,
    /// How long the access token lives, in place of the profile's
    pub access: Option<Lifetime>,
}

/// Which tokens a sign-in gives out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum SignInTokens {
    /// None: they are signed elsewhere, and must carry the `sid`
    #[default]
    None,
    /// An access token
    Access,
    /// An access token and a refresh token, whose family has the name of the session
    Pair,
}

/// What a sign-in gives out.
#[derive(Clone, Debug)]
#[must_use]
#[non_exhaustive]
pub struct SignedIn {
    /// The session
    pub session: Arc<Session>,
    /// The access token
    pub access: Option<Signed>,
    /// The refresh token
    pub refresh: Option<Signed>,
}

impl SignedIn {
    /// The sign-in as HTTP bodies show it: `sid`, `expires_at`, and for each token that was signed
    /// `access`, `access_expires_at`, `refresh`, `refresh_expires_at`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let session = &self.session;
        let mut shown = json!({
            "sid": session.id().to_string(),
            "expires_at": session.expires().secs(),
        });
        for (name, signed) in [("access", &self.access), ("refresh", &self.refresh)] {
            if let Some(signed) = signed {
                shown[name] = signed.token.as_str().into();
                shown[format!("{name}_expires_at")] =
                    signed.expires_at.map(UnixMillis::secs).into();
            }
        }
        shown
    }
}

impl SignIn {
    /// The sign-in of that subject: no attributes, no tokens.
    #[must_use]
    pub fn new(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            attributes: Map::new(),
            lifetime: None,
            tokens: SignInTokens::None,
            claims: ClaimValues::new(),
            access: None,
        }
    }
}

impl Profile {
    /// Opens a session for a user who has signed in, and signs tokens for it. Where these cannot be
    /// signed no session is opened, and no other one ended.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where the profile has no sessions, the claims name another subject or
    /// session, or as [`Sessions::prepare`] and [`sign`](Self::sign); `STORE_UNAVAILABLE` where the
    /// session cannot be recorded.
    pub fn sign_in(&self, wanted: &SignIn) -> Result<SignedIn, Fault> {
        let sessions = self.required_sessions()?;
        let opening = sessions.prepare(&wanted.subject, &wanted.attributes, wanted.lifetime)?;
        let sid = opening.id().to_string();
        let names = self.verifier().claim_map().names();
        let mut claims = wanted.claims.clone();
        for (name, value) in [(&names.subject, &wanted.subject), (&names.session, &sid)] {
            let value = Value::from(value.as_str());
            if claims
                .insert(name.clone(), value.clone())
                .is_some_and(|claimed| claimed != value)
            {
                return Err(invalid(format!(
                    "claims: {name:?} is what the sign-in says; leave it out"
                )));
            }
        }
        let (access, refresh) = match wanted.tokens {
            SignInTokens::None => (None, None),
            SignInTokens::Access => {
                let access = self.sign(TokenKind::Access, &claims, wanted.access)?;
                (Some(access), None)
            }
            SignInTokens::Pair => {
                let signer = self.signer()?;
                let Pair { access, refresh } = signer.sign_pair_in(&claims, wanted.access, &sid)?;
                for signed in [&access, &refresh] {
                    signed.acceptable_to(self.verifier(), &signer.settings().typ)?;
                }
                (Some(access), Some(refresh))
            }
        };
        Ok(SignedIn {
            session: sessions.open(&opening)?,
            access,
            refresh,
        })
    }

    /// Its sessions, for those who cannot do without.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where it has none.
    pub fn required_sessions(&self) -> Result<&Arc<Sessions>, Fault> {
        self.sessions().ok_or_else(|| {
            invalid(format!(
                "profile: no profile of that name has sessions; add a [profiles.{}.sessions] section",
                self.name()
            ))
        })
    }

    /// A rotation passes on the session that the refresh token was given out for.
    pub(super) fn keeps_session(&self, change: &ClaimChange) -> Result<(), Fault> {
        let name = &self.verifier().claim_map().names().session;
        let changed = change.set.contains_key(name) || change.remove.contains(name);
        if self.sessions().is_some() && changed {
            return Err(invalid(format!(
                "set, remove: {name:?} is the session that the token was given out for; sign in instead"
            )));
        }
        Ok(())
    }

    /// Whoever used a spent refresh token may have stolen it: its session goes with its family.
    pub(super) fn end_if_reused(&self, refresh: &[u8], failure: Failure) -> Failure {
        if failure.code() != Code::Reused {
            return failure;
        }
        let Ok(token) = self.verifier().authentic(refresh) else {
            return failure;
        };
        match token.claims().session().map(|sid| self.end_named(&sid)) {
            Some(Err(fault)) => fault.into(),
            _ => failure,
        }
    }

    /// Ends the session of that name, if it is one's.
    pub(super) fn end_named(&self, name: &str) -> Result<(), Fault> {
        match (self.sessions(), SessionId::parse(name)) {
            (Some(sessions), Some(id)) => sessions.end(id).map(drop),
            _ => Ok(()),
        }
    }
}

#[cold]
fn invalid(message: String) -> Fault {
    Fault::new(Code::ValidationError, message)
}
