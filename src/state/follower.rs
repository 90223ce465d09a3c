use std::sync::Arc;
use std::time::Duration;

use super::record::{Kind, Record, foreign};
use super::{Revocations, Sessions};
use crate::clock::{Clock, UnixMillis};
use crate::error::Fault;
use crate::store::{Change, Cursor, Page, Store, StoreKey};

/// Keeps the revocation indexes of a process, and the sessions that it has in memory, as its store
/// has them, a step at a time.
///
/// [`Following`](super::Following) drives it on a thread; a test drives it by hand, with a
/// [`ManualClock`](crate::clock::ManualClock). It begins, and begins anew after a gap, by reading
/// everything; then it reads what the feed names.
///
/// # How stale an index may be
/// After each answer of the store, the indexes of those profiles that fail closed are good for the
/// staleness limit from then on; past it their verifications answer `STORE_UNAVAILABLE`. Before the
/// first answer they are good for nothing. Both clocks must agree: a wall clock that is set back
/// does not make an index fresh.
pub struct Follower {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    followed: Vec<Followed>,
    sessions: Vec<(StoreKey, Arc<Sessions>)>,
    staleness: Duration,
    cursor: Option<Cursor>,
    /// By monotonic time.
    last_answer: Option<Duration>,
    stats: FollowerStats,
}

/// What one profile has of it.
struct Followed {
    profile: String,
    prefix: StoreKey,
    index: Arc<Revocations>,
    fails_closed: bool,
}

/// What a follower has done so far.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct FollowerStats {
    /// When the store last answered.
    pub last_answer: Option<UnixMillis>,
    /// Revocations that were taken over.
    pub applied: u64,
    /// Times that everything was read.
    pub reloads: u64,
    /// Steps that failed, since the last that did not.
    pub failures_in_a_row: u64,
    /// From the recording of the last revocation to its being in force here. As good as the clocks
    /// of the two agree.
    pub lag: Duration,
}

impl Follower {
    /// A follower of `store` that has read nothing yet.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, clock: Arc<dyn Clock>, staleness: Duration) -> Self {
        Self {
            store,
            clock,
            followed: Vec::new(),
            sessions: Vec::new(),
            staleness,
            cursor: None,
            last_answer: None,
            stats: FollowerStats::default(),
        }
    }

    /// Follows for one more profile. Where it fails closed, its index is good for nothing until the
    /// store has answered.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where the profile's name is too long for a key.
    pub fn follow(
        &mut self,
        profile: &str,
        index: Arc<Revocations>,
        fails_closed: bool,
    ) -> Result<(), Fault> {
        if fails_closed {
            index.set_fresh_until(UnixMillis::EPOCH);
        }
        self.followed.push(Followed {
            profile: profile.to_owned(),
            prefix: Kind::prefix(profile)?,
            index,
            fails_closed,
        });
        Ok(())
    }

    /// Keeps what memory has of sessions as the store has it, too.
    ///
    /// # Errors
    /// As [`follow`](Self::follow).
    pub fn follow_sessions(&mut self, sessions: Arc<Sessions>) -> Result<(), Fault> {
        self.sessions.push((sessions.prefix()?, sessions));
        Ok(())
    }

    /// What was done so far.
    #[must_use]
    pub fn stats(&self) -> FollowerStats {
        self.stats
    }

    /// Reads what there is to read, waiting for it for at most `wait`.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where the store did not answer: the indexes stay as they are, for as long
    /// as they may.
    pub fn step(&mut self, wait: Duration) -> Result<(), Fault> {
        let result = match self.cursor {
            None => self.reload(),
            Some(cursor) => self.advance(cursor, wait),
        };
        match &result {
            Ok(()) => self.answered(),
            Err(_) => self.failed(),
        }
        result
    }

    fn advance(&mut self, cursor: Cursor, wait: Duration) -> Result<(), Fault> {
        let changes = self.store.changes(Some(cursor), wait)?;
        if changes.gap {
            tracing::info!("changes of the store were missed; everything is read anew");
            return self.reload();
        }
        for change in &changes.items {
            self.apply(change)?;
        }
        self.cursor = Some(changes.next);
        Ok(())
    }

    fn apply(&mut self, change: &Change) -> Result<(), Fault> {
        let key = change.key();
        let of = |(prefix, _): &&(StoreKey, _)| key.starts_with(prefix);
        if let Some((_, sessions)) = self.sessions.iter().find(of) {
            return sessions.changed(key);
        }
        let followed = self
            .followed
            .iter()
            .find(|followed| key.starts_with(&followed.prefix));
        let Some(followed) = followed else {
            return Ok(());
        };
        let (kind, value) = Kind::of(key).ok_or_else(foreign)?;
        // By now it may have changed again, or have ended.
        let Some(entry) = self.store.get(key)? else {
            if matches!(change, Change::Deleted(_)) {
                followed.lift(kind, &value);
            }
            return Ok(());
        };
        let record = Record::read(&entry)?;
        followed.list(kind, &value, record, entry.expires)?;
        self.stats.applied += 1;
        let lag = self.clock.now().millis() - record.written.millis();
        self.stats.lag = Duration::from_millis(u64::try_from(lag).unwrap_or(0));
        Ok(())
    }

    /// The cursor comes before the scan: what changes during the scan is then read again.
    fn reload(&mut self) -> Result<(), Fault> {
        let start = self.store.changes(None, Duration::ZERO)?;
        for followed in &self.followed {
            followed.reload(&*self.store)?;
        }
        self.sessions
            .iter()
            .for_each(|(_, sessions)| sessions.forget_all());
        self.cursor = Some(start.next);
        self.stats.reloads += 1;
        Ok(())
    }

    fn answered(&mut self) {
        let now = self.clock.now();
        self.last_answer = Some(self.clock.monotonic());
        self.stats.last_answer = Some(now);
        self.stats.failures_in_a_row = 0;
        self.set_fresh_until(now.plus(self.staleness));
    }

    fn failed(&mut self) {
        self.stats.failures_in_a_row += 1;
        let now = self.clock.monotonic();
        let over = |last: Duration| now.saturating_sub(last) >= self.staleness;
        if self.last_answer.is_none_or(over) {
            self.set_fresh_until(UnixMillis::EPOCH);
        }
    }

    fn set_fresh_until(&self, until: UnixMillis) {
        for followed in self.followed.iter().filter(|one| one.fails_closed) {
            followed.index.set_fresh_until(until);
        }
    }
}

impl Followed {
    fn reload(&self, store: &dyn Store) -> Result<(), Fault> {
        let mut reload = self.index.reload();
        let mut after = None;
        loop {
            let page = store.scan(&self.prefix, after.as_ref(), Page::MAX)?;
            for (key, entry) in &page.items {
                let (kind, value) = Kind::of(key).ok_or_else(foreign)?;
                let record = Record::read(entry)?;
                match kind {
                    Kind::Handle => reload.handle(&value, entry.expires)?,
                    Kind::Family => reload.family(&value, entry.expires)?,
                    Kind::Subject => reload.subject(&value, record.before, entry.expires)?,
                }
            }
            after = page.next;
            if after.is_none() {
                return reload.commit();
            }
        }
    }

    fn list(
        &self,
        kind: Kind,
        value: &[u8],
        record: Record,
        until: UnixMillis,
    ) -> Result<(), Fault> {
        match kind {
            Kind::Handle => self.index.revoke_handle(value, until),
            Kind::Family => self.index.revoke_family(value, until),
            Kind::Subject => self.index.revoke_subject(value, record.before, until),
        }
    }

    fn lift(&self, kind: Kind, value: &[u8]) {
        let index = &self.index;
        index.lift(match kind {
            Kind::Handle => index.handle_key(value),
            Kind::Family => index.family_key(value),
            Kind::Subject => index.subject_key(value),
        });
    }
}

impl std::fmt::Debug for Follower {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let profiles = self.followed.iter().map(|followed| &followed.profile);
        f.debug_struct("Follower")
            .field("profiles", &profiles.collect::<Vec<_>>())
            .field("stats", &self.stats)
            .finish_non_exhaustive()
    }
}
