use super::{SessionId, Sessions};
use crate::error::Fault;

/// What became of a renewal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Renewal {
    /// The session lives longer now.
    Done,
    /// It was renewed a moment ago, by this process or another, or lives no longer than it does.
    NotDue,
    /// It has ended, and stays so.
    Ended,
}

impl Sessions {
    /// Lets a session live for its span from now on, unless it was renewed within
    /// [`renew_every`](super::SessionSettings::renew_every).
    ///
    /// Can never bring a session back: it replaces the very record that it has read, and where that
    /// has changed it reads again. Verifications do not call it: see [`Sessions::start`].
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where it cannot be recorded.
    pub fn renew(&self, id: SessionId) -> Result<Renewal, Fault> {
        let mut renewal = Renewal::Ended;
        self.change(id.owner, None, |user| {
            let now = self.clock.now();
            let Some(kept) = user.find(id.own) else {
                renewal = Renewal::Ended;
                return Ok(false);
            };
            if now < kept.renew_from(&self.settings) {
                renewal = Renewal::NotDue;
                return Ok(false);
            }
            kept.times.expires = kept.renewed_until(now, &self.settings);
            kept.times.renewed = now;
            renewal = Renewal::Done;
            Ok(true)
        })?;
        Ok(renewal)
    }
}
