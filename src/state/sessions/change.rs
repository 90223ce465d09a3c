use std::sync::Arc;

use super::id::Owner;
use super::record::User;
use super::{Session, Sessions};
use crate::error::{Code, Fault};
use crate::store::{Put, Swap, Version};

/// Two processes may write one user's sessions at once; many more where somebody makes them.
const TRIES: usize = 256;

impl Sessions {
    /// Changes a user's record in one step, and memory after it: `change` gets what lives of the
    /// record and says whether there is anything to write. It is called anew where another process
    /// was faster. A record is begun only where `subject` says whose it is.
    pub(super) fn change(
        &self,
        owner: Owner,
        subject: Option<&str>,
        mut change: impl FnMut(&mut User) -> Result<bool, Fault>,
    ) -> Result<Vec<Arc<Session>>, Fault> {
        for _ in 0..TRIES {
            let ticket = self.table.ticket(owner);
            let (mut user, version) = match (self.read(owner)?, subject) {
                (Some((user, version)), _) => (user, Some(version)),
                (None, Some(subject)) => (User::of(subject), None),
                (None, None) => {
                    // It may have been told of a record that is gone by now.
                    change(&mut User::of(""))?;
                    self.table.take_over(owner, ticket, &[]);
                    return Ok(Vec::new());
                }
            };
            if subject.is_some_and(|subject| *user.subject != *subject) {
                return Err(Fault::new(
                    Code::ValidationError,
                    "subject: another one that has sessions has the same hash; it can have none",
                ));
            }
            let before: Vec<[u8; 16]> = user.sessions.iter().map(|kept| kept.own).collect();
            let now = self.clock.now();
            user.sessions.retain(|kept| kept.times.expires > now);
            let changed = change(&mut user)?;
            let states = user.states(owner, &self.settings);
            if !changed {
                self.table.take_over(owner, ticket, &states);
                return Ok(states);
            }
            if self.write(owner, version, &user)? {
                let lives = |own: &[u8; 16]| user.sessions.iter().any(|kept| kept.own == *own);
                let ended: Vec<_> = before.into_iter().filter(|own| !lives(own)).collect();
                self.table.wrote(owner, ticket, &states, &ended);
                return Ok(states);
            }
        }
        Err(Fault::new(
            Code::StoreUnavailable,
            "a session could not be recorded: too many processes write the same user's; try again",
        ))
    }

    pub(super) fn read(&self, owner: Owner) -> Result<Option<(User, Version)>, Fault> {
        let key = User::key(&self.profile, owner)?;
        match self.store.get(&key)? {
            Some(entry) => Ok(Some((User::read(&entry)?, entry.version))),
            None => Ok(None),
        }
    }

    /// False where another process was faster. A record without sessions expires at once; it is not
    /// deleted, since that would also delete what another process puts there meanwhile.
    fn write(&self, owner: Owner, version: Option<Version>, user: &User) -> Result<bool, Fault> {
        let key = User::key(&self.profile, owner)?;
        let (bytes, expires) = (user.bytes()?, user.expires());
        Ok(match version {
            None => {
                let put = self.store.put_if_absent(&key, &bytes, expires)?;
                matches!(put, Put::Stored(_))
            }
            Some(version) => {
                let swap = self
                    .store
                    .compare_and_swap(&key, version, &bytes, expires)?;
                matches!(swap, Swap::Stored(_))
            }
        })
    }
}
