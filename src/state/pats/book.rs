use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use zeroize::Zeroizing;

use super::draft::{NewPat, invalid};
use super::record::{Digest, id_of, is_id, key, listed, listed_id};
use super::{Pat, PatStore};
use crate::clock::UnixMillis;
use crate::error::{Code, Fault};
use crate::state::RevocationLog;
use crate::store::{Page, Put, Swap};

/// Creates, lists and revokes the personal access tokens of one profile. Shareable between threads;
/// every call waits for the store.
pub struct Pats {
    store: Arc<PatStore>,
    log: Arc<RevocationLog>,
}

/// A token that has been made and not been written down yet.
#[must_use]
pub struct PreparedPat {
    token: Zeroizing<String>,
    digest: Digest,
    pat: Pat,
}

/// A new token. `Debug` shows its id alone.
#[must_use]
pub struct CreatedPat {
    /// The token. This is the only time that it is shown: it is kept nowhere.
    pub token: Zeroizing<String>,
    /// What is known of it
    pub pat: Pat,
}

/// A part of a list.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PatPage {
    /// The tokens, in the order of their ids
    pub pats: Vec<Pat>,
    /// Where to go on (`after` of the next call); `None` where nothing follows
    pub next: Option<String>,
}

/// A revocation races last uses of the same token, which are rare.
const TRIES: usize = 16;
/// How long the index of revocations lists a token beyond what caches may hold of it: clocks differ.
const MARGIN: Duration = Duration::from_secs(86_400);

impl Pats {
    /// The tokens of `store`, revoked by `log`, which must be of the same profile.
    #[must_use]
    pub fn new(store: Arc<PatStore>, log: Arc<RevocationLog>) -> Self {
        Self { store, log }
    }

    /// Where they are looked up.
    #[must_use]
    pub fn store(&self) -> &Arc<PatStore> {
        &self.store
    }

    /// Makes a token without writing it down.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` naming what about it is wrong, `INTERNAL` where the system has no
    /// randomness.
    pub fn prepare(&self, new: NewPat) -> Result<PreparedPat, Fault> {
        let store = &self.store;
        let now = UnixMillis::from_secs(store.clock.precise().secs());
        let expires_at = new.check(now, store.settings.max_lifetime)?;
        let token = store.settings.format.generate(store.provider)?;
        let digest = store.provider.sha256(token.as_bytes());
        let pat = Pat {
            id: id_of(&digest),
            subject: new.subject,
            description: new.description,
            scopes: new.scopes,
            claims: new.claims,
            created_at: now,
            expires_at,
            last_used_at: None,
            last_used_from: None,
            revoked_at: None,
        };
        Ok(PreparedPat { token, digest, pat })
    }

    /// Writes a token down, by which it becomes good.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE`: it is not good then, or nobody knows it.
    pub fn commit(&self, prepared: PreparedPat) -> Result<CreatedPat, Fault> {
        let PreparedPat { token, digest, pat } = prepared;
        let PatStore { profile, store, .. } = &*self.store;
        let until = pat.kept_until();
        let entry = listed(profile, &pat.subject, Some(&pat.id))?;
        let record = key(profile, &pat.id)?;
        // Listed first: see the module.
        let _: Put = store.put_if_absent(&entry, b"", until)?;
        match store.put_if_absent(&record, &pat.write(&digest)?, until)? {
            Put::Stored(_) => Ok(CreatedPat { token, pat }),
            Put::Present(_) => Err(Fault::new(
                Code::StoreUnavailable,
                "the token was revoked while it was created, with all others of its subject; try again",
            )),
        }
    }

    /// The token of that id, revoked or expired or not; `None` where there is none, or none any
    /// more.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where it is no id, `STORE_UNAVAILABLE`.
    pub fn get(&self, id: &str) -> Result<Option<Pat>, Fault> {
        check_id("id", id)?;
        let PatStore { profile, store, .. } = &*self.store;
        let entry = store.get(&key(profile, id)?)?;
        entry.map(|entry| Ok(Pat::read(id, &entry)?.0)).transpose()
    }

    /// A subject's tokens that were not revoked, expired ones included for thirty days, from the one
    /// after `after` on and `limit` of them at most.
    ///
    /// A list of several pages has every token that was there all the while. A page may be shorter
    /// than `limit` and have a next one.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where subject or `after` is none, `STORE_UNAVAILABLE`.
    pub fn list(&self, subject: &str, after: Option<&str>, limit: usize) -> Result<PatPage, Fault> {
        check_subject(subject)?;
        let PatStore { profile, store, .. } = &*self.store;
        let after = match after {
            None => None,
            Some(id) => {
                check_id("after", id)?;
                Some(listed(profile, subject, Some(id))?)
            }
        };
        let limit = limit.clamp(1, Page::MAX);
        let page = store.scan(&listed(profile, subject, None)?, after.as_ref(), limit)?;
        let mut pats = Vec::with_capacity(page.items.len());
        for (entry, _) in &page.items {
            let pat = self.get(&listed_id(entry)?)?;
            pats.extend(pat.filter(|pat| pat.revoked_at.is_none()));
        }
        let next = page.next.as_ref().map(listed_id).transpose()?;
        Ok(PatPage { pats, next })
    }

    /// Revokes the token of that id: from the next call on in this process, in the others as soon as
    /// they have heard of it. False where there is none, or it was revoked before.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where it is no id; `STORE_UNAVAILABLE`: try again, it may be revoked in
    /// part.
    pub fn revoke(&self, id: &str) -> Result<bool, Fault> {
        check_id("id", id)?;
        self.bury(id, None)
    }

    /// Revokes every token of a subject, and says how many that were. What is created meanwhile may
    /// be among them or not.
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke).
    pub fn revoke_all(&self, subject: &str) -> Result<usize, Fault> {
        check_subject(subject)?;
        let PatStore { profile, store, .. } = &*self.store;
        let prefix = listed(profile, subject, None)?;
        let mut after = None;
        let mut revoked = 0;
        loop {
            let page = store.scan(&prefix, after.as_ref(), Page::MAX)?;
            for (entry, _) in &page.items {
                revoked += usize::from(self.bury(&listed_id(entry)?, Some(subject))?);
            }
            after = page.next;
            if after.is_none() {
                return Ok(revoked);
            }
        }
    }

    /// The record first, so that nobody reads a good one any more; then the index, for those who
    /// have read it; the list last, so that who was interrupted finds it again. `listed_of`: the
    /// subject under which it is listed, though there may be no record yet.
    fn bury(&self, id: &str, listed_of: Option<&str>) -> Result<bool, Fault> {
        let store = &self.store;
        let now = store.clock.now();
        let Some((subject, was_good)) = self.mark_revoked(id, listed_of, now)? else {
            return Ok(false);
        };
        let until = now.plus(store.settings.cached_for).plus(MARGIN);
        self.log.revoke_handle(id.as_bytes(), until)?;
        store
            .store
            .delete(&listed(&store.profile, &subject, Some(id))?)?;
        Ok(was_good)
    }

    /// The subject, and whether the token was good until now; `None` where there is no token.
    fn mark_revoked(
        &self,
        id: &str,
        listed_of: Option<&str>,
        now: UnixMillis,
    ) -> Result<Option<(String, bool)>, Fault> {
        let PatStore { profile, store, .. } = &*self.store;
        let record = key(profile, id)?;
        for _ in 0..TRIES {
            let Some(entry) = store.get(&record)? else {
                let Some(subject) = listed_of else {
                    return Ok(None);
                };
                // Takes the place of whatever is being created.
                let nothing = Pat::nothing_but_revoked(id, subject, now);
                let bytes = nothing.write(&Digest::default())?;
                match store.put_if_absent(&record, &bytes, nothing.kept_until())? {
                    Put::Stored(_) => return Ok(Some((subject.to_owned(), false))),
                    Put::Present(_) => continue,
                }
            };
            let (mut pat, digest) = Pat::read(id, &entry)?;
            if pat.revoked_at.is_some() {
                return Ok(Some((pat.subject, false)));
            }
            pat.revoked_at = Some(now);
            let bytes = pat.write(&digest)?;
            let until = pat.kept_until();
            if let Swap::Stored(_) =
                store.compare_and_swap(&record, entry.version, &bytes, until)?
            {
                return Ok(Some((pat.subject, true)));
            }
        }
        Err(Fault::new(
            Code::StoreUnavailable,
            "a personal access token could not be revoked: too many change it at once; try again",
        ))
    }
}

impl PatPage {
    /// The page as HTTP bodies show it: `pats`, and `next` or null.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let pats: Vec<Value> = self.pats.iter().map(Pat::to_json).collect();
        json!({ "pats": pats, "next": self.next })
    }
}

impl CreatedPat {
    /// The new token as HTTP bodies show it: `token`, `id`, and `expires_at` or null.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({
            "token": *self.token,
            "id": self.pat.id,
            "expires_at": self.pat.expires_at.map(UnixMillis::secs),
        })
    }
}

impl PreparedPat {
    /// What it will be.
    #[must_use]
    pub fn pat(&self) -> &Pat {
        &self.pat
    }
}

fn check_id(member: &str, id: &str) -> Result<(), Fault> {
    if is_id(id) {
        return Ok(());
    }
    Err(invalid(format!(
        "{member}: is no id of a personal access token, which has 32 hexadecimal digits"
    )))
}

fn check_subject(subject: &str) -> Result<(), Fault> {
    if subject.is_empty() {
        return Err(invalid("subject: must not be empty".to_owned()));
    }
    Ok(())
}

impl fmt::Debug for Pats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pats")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for PreparedPat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PreparedPat")
            .field("pat", &self.pat)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for CreatedPat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CreatedPat")
            .field("pat", &self.pat)
            .finish_non_exhaustive()
    }
}
