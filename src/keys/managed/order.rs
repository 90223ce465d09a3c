use super::{KeyBook, KeySchedule, ManagedKey, RevokedKey};
use crate::clock::UnixMillis;
use crate::error::{Code, Fault};

/// What an operator asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyOrder {
    /// Make the next key. It begins to sign in its turn, or when it is activated.
    Stage,
    /// Have the staged key sign from now on.
    Activate {
        /// The staged key, where it is to be a certain one
        kid: Option<String>,
        /// Even where it has not been published for long enough
        force: bool,
    },
    /// Have a key sign no more: the staged one takes its place. A staged one is withdrawn.
    Retire {
        /// The key; without it, the one that signs
        kid: Option<String>,
        /// Even where nothing can take its place that has been published for long enough
        force: bool,
    },
    /// Have a key neither sign nor verify from now on, nor come back.
    Revoke {
        /// The key
        kid: String,
    },
}

/// Makes a key, where one is needed. May be asked again: it then gives the same one.
pub(super) type Make<'a> = &'a mut dyn FnMut() -> Result<ManagedKey, Fault>;

impl KeySchedule {
    /// The book after an order, and the key that it concerns.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where the order would break verifiers or makes no sense now, saying what
    /// to do; that of `make`.
    pub(super) fn carry_out(
        &self,
        book: &KeyBook,
        order: &KeyOrder,
        now: UnixMillis,
        make: Make<'_>,
    ) -> Result<(KeyBook, String), Fault> {
        match order {
            KeyOrder::Stage => self.stage(book, now, make),
            KeyOrder::Activate { kid, force } => {
                let staged = book
                    .staged(now)
                    .ok_or_else(|| refused("no key is staged; stage one first".to_owned()))?;
                if let Some(kid) = kid
                    && *kid != staged.kid
                {
                    return Err(match book.key(kid) {
                        Some(_) => {
                            refused(format!("kid: {kid} is not staged; it signs or has signed"))
                        }
                        None => unknown(),
                    });
                }
                self.activate(book, staged, now, *force)
            }
            KeyOrder::Retire { kid, force } => {
                let key = match kid {
                    Some(kid) => book.key(kid).ok_or_else(unknown)?,
                    None => book
                        .active(now)
                        .ok_or_else(|| refused("no key signs; name one by its kid".to_owned()))?,
                };
                self.retire(book, key, now, *force, make)
            }
            KeyOrder::Revoke { kid } => {
                let key = book.key(kid).ok_or_else(unknown)?;
                self.revoke(book, key, now, make)
            }
        }
    }

    fn stage(
        &self,
        book: &KeyBook,
        now: UnixMillis,
        make: Make<'_>,
    ) -> Result<(KeyBook, String), Fault> {
        if let Some(staged) = book.staged(now) {
            return Err(refused(format!(
                "{} is staged already and signs from {} on; activate or retire it",
                staged.kid,
                staged.activates.secs()
            )));
        }
        let activates = match book.keys.last() {
            None => now.plus(self.first_ahead),
            Some(newest) => newest
                .activates
                .plus(self.every)
                .max(now.plus(self.publish_ahead)),
        };
        let key = self.entry(&make()?, now, activates);
        let kid = key.kid.clone();
        let mut after = book.clone();
        after.add(key);
        Ok((after, kid))
    }

    fn activate(
        &self,
        book: &KeyBook,
        staged: &ManagedKey,
        now: UnixMillis,
        force: bool,
    ) -> Result<(KeyBook, String), Fault> {
        let known = staged.staged.plus(self.publish_ahead);
        if now < known && !force {
            return Err(refused(format!(
                "{} has not been published for publish_ahead yet, and whoever keeps the old key set would \
                 refuse what it signs; wait until {}, or force it",
                staged.kid,
                known.secs().saturating_add(1)
            )));
        }
        Ok((activated(book, &staged.kid, now), staged.kid.clone()))
    }

    fn retire(
        &self,
        book: &KeyBook,
        key: &ManagedKey,
        now: UnixMillis,
        force: bool,
        make: Make<'_>,
    ) -> Result<(KeyBook, String), Fault> {
        if key.activates > now {
            return Ok((self.without(book, key, now), key.kid.clone()));
        }
        if book.active(now).is_none_or(|active| active.kid != key.kid) {
            return Err(refused(format!(
                "{} signs no more, and verifies until the last of its tokens has ended; revoke it to end them now",
                key.kid
            )));
        }
        match book.staged(now) {
            Some(staged) => {
                let (after, _) = self.activate(book, staged, now, force)?;
                Ok((after, key.kid.clone()))
            }
            None if force => Ok((self.replaced(book, now, make)?, key.kid.clone())),
            None => Err(refused(format!(
                "nothing could take the place of {}; stage a key first, or force it",
                key.kid
            ))),
        }
    }

    fn revoke(
        &self,
        book: &KeyBook,
        key: &ManagedKey,
        now: UnixMillis,
        make: Make<'_>,
    ) -> Result<(KeyBook, String), Fault> {
        let signed = book.active(now).is_some_and(|active| active.kid == key.kid);
        let after = self.without(book, key, now);
        // What signs next need not have been published: nothing else may sign.
        let after = match (signed, after.staged(now)) {
            (false, _) => after,
            (true, Some(staged)) => activated(&after, &staged.kid.clone(), now),
            (true, None) => self.replaced(&after, now, make)?,
        };
        Ok((after, key.kid.clone()))
    }

    /// With a new key that signs as soon as the others can have heard of it.
    fn replaced(&self, book: &KeyBook, now: UnixMillis, make: Make<'_>) -> Result<KeyBook, Fault> {
        let mut after = book.clone();
        after.add(self.entry(&make()?, now, now.plus(self.first_ahead)));
        Ok(after)
    }

    fn without(&self, book: &KeyBook, key: &ManagedKey, now: UnixMillis) -> KeyBook {
        let mut after = book.clone();
        after.keys.retain(|other| other.kid != key.kid);
        let longest = book.keys.iter().map(|key| key.keep).max();
        after.revoked.push(RevokedKey {
            kid: key.kid.clone(),
            staged: key.staged,
            activated: Some(key.activates).filter(|at| *at <= now),
            until: now.plus(longest.unwrap_or_default().max(self.keep)),
        });
        after
    }
}

fn activated(book: &KeyBook, kid: &str, now: UnixMillis) -> KeyBook {
    let mut after = book.clone();
    for key in after.keys.iter_mut().filter(|key| key.kid == kid) {
        key.activates = now;
    }
    after.sort();
    after
}

#[cold]
fn refused(message: String) -> Fault {
    Fault::new(Code::ValidationError, message)
}

#[cold]
fn unknown() -> Fault {
    refused("kid: the profile has no such key; list the keys".to_owned())
}
