use std::sync::Arc;

use arc_swap::ArcSwapOption;

use crate::error::{Code, Fault, Reject};
use crate::sign::Lifetime;
use crate::state::pats::{CreatedPat, LastUses, LastUsesThread, NewPat, Pats};

use super::{Profile, Profiles};

/// Who writes down the last uses of all profiles' personal access tokens.
#[derive(Debug)]
pub(super) struct PatUses {
    uses: Arc<LastUses>,
    thread: ArcSwapOption<LastUsesThread>,
}

impl PatUses {
    /// `None` where no profile has such tokens.
    pub(super) fn start<'p>(
        profiles: impl Iterator<Item = &'p Arc<Profile>>,
    ) -> Result<Option<Self>, Fault> {
        let mut profiles = profiles
            .filter_map(|profile| profile.verifier.pats())
            .peekable();
        if profiles.peek().is_none() {
            return Ok(None);
        }
        let uses = LastUses::new();
        profiles.for_each(|pats| pats.note_uses(Arc::clone(&uses)));
        Ok(Some(Self {
            thread: ArcSwapOption::from_pointee(uses.start()?),
            uses,
        }))
    }

    pub(super) fn start_again(&self) -> Result<(), Fault> {
        self.thread.store(Some(Arc::new(self.uses.start()?)));
        Ok(())
    }
}

impl Profile {
    /// Its personal access tokens: to list them, to get one, to revoke them.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where it takes none.
    pub fn pats(&self) -> Result<&Pats, Fault> {
        self.pats.as_ref().ok_or_else(|| {
            Fault::new(
                Code::ValidationError,
                format!(
                    "profile: no profile of that name takes personal access tokens; add a \
                     [profiles.{}.pat] section",
                    self.name()
                ),
            )
        })
    }

    /// Creates a personal access token that the profile itself will take. `lifetime`, where given,
    /// takes the place of the draft's; without either it lives as long as the profile allows.
    ///
    /// Cost: randomness and two writes of the store.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` naming the member that is wrong, or saying what the profile would refuse;
    /// `STORE_UNAVAILABLE`.
    pub fn create_pat(
        &self,
        mut new: NewPat,
        lifetime: Option<Lifetime>,
    ) -> Result<CreatedPat, Fault> {
        let pats = self.pats()?;
        match lifetime {
            None => {}
            Some(Lifetime::For(span)) => new.lifetime = Some(span),
            Some(Lifetime::Unlimited) if pats.store().settings().max_lifetime.is_some() => {
                return Err(Fault::new(
                    Code::ValidationError,
                    "ttl: the profile has a longest lifetime; give one, or leave it out for the longest",
                ));
            }
            Some(Lifetime::Unlimited) => new.lifetime = None,
        }
        let prepared = pats.prepare(new)?;
        self.verifier.would_take(prepared.pat())?;
        pats.commit(prepared)
    }

    /// Revokes a personal access token that is at hand. False where it was revoked before.
    ///
    /// # Errors
    /// The reject of one that is not the profile's; `STORE_UNAVAILABLE`.
    pub fn revoke_pat(&self, token: impl AsRef<[u8]>) -> Result<bool, crate::sign::Failure> {
        let pats = self.pats()?;
        let token = token.as_ref();
        if !self.verifier.takes_as_pat(token) {
            return Err(Reject::new(Code::Malformed).into());
        }
        let id = pats.store().find(token)?.id;
        Ok(pats.revoke(&id)?)
    }
}

impl Profiles {
    /// How many last uses of personal access tokens were written down, and how many were dropped;
    /// `None` where no profile has any.
    #[must_use]
    pub fn pat_uses(&self) -> Option<(u64, u64)> {
        let uses = &self.pat_uses.as_ref()?.uses;
        Some((uses.written(), uses.dropped()))
    }
}
