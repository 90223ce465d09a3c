use std::borrow::Cow;
use std::sync::Arc;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::claims::TokenKind;
use crate::clock::UnixMillis;
use crate::error::{ClaimName, Code, Fault, Reject};
use crate::state::{RevocationLog, Spend, SpentHandles};
use crate::verify::{Verified, Verifier, VerifyOptions};

use super::family::Descent;
use super::{ClaimChange, ClaimValues, Failure, Lifetime, Signer};

/// What happens to a refresh token that is presented again.
#[derive(Debug)]
pub enum Reuse {
    /// Nothing is remembered: it rotates as often as it is presented, until it expires.
    Allowed,
    /// It is spent on first use. Within the grace a second use gets the first one's answer, since
    /// clients race; after it the answer is `REUSED` and the family is revoked.
    Detected {
        /// The memory of spent tokens
        spent: SpentHandles,
        /// How long the answer is repeated
        grace: Duration,
        /// Where the family of a reused token is revoked
        log: Arc<RevocationLog>,
    },
}

/// Spends refresh tokens of one profile for new pairs. Shareable between threads.
#[derive(Debug)]
pub struct Rotation {
    verifier: Arc<Verifier>,
    signer: Arc<Signer>,
    reuse: Reuse,
}

/// What a rotation gives out. `Debug` shows no token.
#[derive(Clone, Serialize, Deserialize)]
#[must_use]
#[non_exhaustive]
pub struct Rotated {
    /// The new access token
    pub access: String,
    /// The new refresh token
    pub refresh: String,
    /// When the access token ends, in seconds since the epoch; `None`: without `exp`
    pub access_expires_at: Option<i64>,
    /// When the refresh token ends
    pub refresh_expires_at: Option<i64>,
    /// The claims that both carry, without those that the signer sets
    pub payload: ClaimValues,
}

impl Rotation {
    /// Rotation of the tokens that `verifier` accepts, into tokens of `signer`.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where the profile tells refresh tokens from access tokens by no claim, or
    /// where reuse is to be detected and the signer keeps no families that could be revoked.
    pub fn new(verifier: Arc<Verifier>, signer: Arc<Signer>, reuse: Reuse) -> Result<Self, Fault> {
        if verifier.claim_map().names().kind.is_none() {
            return Err(Fault::config(format!(
                "profile {:?} rotates refresh tokens but maps no token kind, so an access token would rotate too; \
                 set claims.kind",
                verifier.name()
            )));
        }
        if matches!(reuse, Reuse::Detected { .. }) && !signer.settings().families {
            return Err(Fault::config(format!(
                "profile {:?} detects reused refresh tokens and its signer keeps no families to revoke; \
                 turn them on",
                verifier.name()
            )));
        }
        Ok(Self {
            verifier,
            signer,
            reuse,
        })
    }

    /// Spends a refresh token: a new access token, a new refresh token, and their claims.
    ///
    /// # Errors
    /// [`Failure::Reject`] as [`Verifier::verify`] gives it, `WRONG_TOKEN_KIND` for anything but a
    /// refresh token, `EXPIRED` where its family or its idle time has ended, `REUSED` for one that was
    /// spent; [`Failure::Fault`] where the change names a
    /// claim that is not the caller's, the new tokens would not be accepted, or the store does not
    /// answer. No token is given out or spent then.
    pub fn rotate(
        &self,
        refresh: impl AsRef<[u8]>,
        change: &ClaimChange,
        access_lifetime: Option<Lifetime>,
    ) -> Result<Rotated, Failure> {
        let verified = self
            .verifier
            .verify(refresh, &VerifyOptions::default().kind(TokenKind::Refresh))?;
        let settings = self.signer.settings();
        let founded = settings.limits.check(
            &verified,
            &settings.names,
            self.verifier.rules(),
            self.verifier.clock().now(),
        )?;
        self.signer.refuse_owned("set", change.set.keys())?;
        self.signer.refuse_owned("remove", &change.remove)?;
        self.signer.refuse_owned("access", change.access.keys())?;
        let mut payload: ClaimValues = verified.deserialize()?;
        let owned: Vec<String> = self.signer.owned().map(str::to_owned).collect();
        payload.retain(|name, _| !owned.contains(name));
        change.apply(&mut payload, &settings.names.subject)?;
        let descent = Descent {
            family: self.family_of(&verified),
            founded,
        };
        let pair = self
            .signer
            .sign_pair_of(&payload, &change.access, access_lifetime, &descent)?;
        for signed in [&pair.access, &pair.refresh] {
            signed.acceptable_to(&self.verifier, &settings.typ)?;
        }
        let seconds = |at: Option<UnixMillis>| at.map(UnixMillis::secs);
        let rotated = Rotated {
            access_expires_at: seconds(pair.access.expires_at),
            refresh_expires_at: seconds(pair.refresh.expires_at),
            access: pair.access.token,
            refresh: pair.refresh.token,
            payload,
        };
        match &self.reuse {
            Reuse::Allowed => Ok(rotated),
            Reuse::Detected { spent, grace, log } => {
                self.spend(&verified, rotated, spent, *grace, log)
            }
        }
    }

    /// Whether a token that [`verify`](Verifier::verify) accepted was used up already, the grace not
    /// counted. Asks the store where reuse is detected.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where the store does not answer.
    pub fn is_spent(&self, verified: &Verified) -> Result<bool, Fault> {
        match (&self.reuse, verified.token_id()) {
            (Reuse::Detected { spent, .. }, Some(token_id)) => spent.is_spent(token_id.as_bytes()),
            _ => Ok(false),
        }
    }

    /// A token that came without a family founds one under its own `jti`: what it is exchanged for
    /// can then be ended with it.
    fn family_of<'t>(&self, verified: &'t Verified) -> Option<Cow<'t, str>> {
        if !self.signer.settings().families {
            return None;
        }
        verified.family().or_else(|| verified.token_id())
    }

    /// Signing comes first and spending last: whoever spends the token holds the answer already,
    /// so there is no moment at which it is spent and nobody can be given a successor.
    fn spend(
        &self,
        verified: &Verified,
        rotated: Rotated,
        spent: &SpentHandles,
        grace: Duration,
        log: &RevocationLog,
    ) -> Result<Rotated, Failure> {
        let Some(token_id) = verified.token_id() else {
            return Err(Reject::claim(Code::InvalidClaim, ClaimName::TokenId).into());
        };
        let until = self
            .verifier
            .rules()
            .last_moment(verified)
            .unwrap_or(UnixMillis::MAX);
        let unreadable = |error: serde_json::Error| {
            Fault::new(Code::Internal, "a rotation could not be remembered").caused_by(error)
        };
        let reply = zeroize::Zeroizing::new(serde_json::to_vec(&rotated).map_err(unreadable)?);
        match spent.spend(token_id.as_bytes(), &reply, until, grace)? {
            Spend::First => Ok(rotated),
            Spend::Again(reply) => Ok(serde_json::from_slice(reply.expose()).map_err(unreadable)?),
            Spend::Reused => {
                if let Some(family) = self.family_of(verified) {
                    log.revoke_family(family.as_bytes(), UnixMillis::MAX)?;
                }
                tracing::warn!(
                    profile = self.verifier.name(),
                    "a spent refresh token was presented again; its family is revoked"
                );
                Err(Reject::new(Code::Reused).into())
            }
        }
    }
}

impl std::fmt::Debug for Rotated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rotated")
            .field("access_expires_at", &self.access_expires_at)
            .finish_non_exhaustive()
    }
}
