use super::{KeyBook, KeySchedule, ManagedKey};
use crate::clock::UnixMillis;

impl KeyBook {
    /// What the store should hold where it does not descend from what is known here: both, without
    /// what either knows as revoked. `None` where it does descend.
    ///
    /// A key of the store's that is news here and waits to sign waits for as long as any staged key,
    /// where there is one that signs: it may have been made in ignorance of the others.
    #[must_use]
    pub fn joined(&self, stored: &Self, schedule: &KeySchedule, now: UnixMillis) -> Option<Self> {
        let missing: Vec<&ManagedKey> = self
            .keys
            .iter()
            .filter(|key| self.verifies_until(key) > now)
            .filter(|key| stored.key(&key.kid).is_none() && !stored.is_revoked(&key.kid))
            .collect();
        let unmarked = self
            .revoked
            .iter()
            .filter(|revoked| revoked.until > now && !stored.is_revoked(&revoked.kid));
        let unmarked: Vec<_> = unmarked.cloned().collect();
        if missing.is_empty() && unmarked.is_empty() {
            return None;
        }
        let mut joined = stored.clone();
        joined.revoked.extend(unmarked);
        let revoked = std::mem::take(&mut joined.revoked);
        joined
            .keys
            .retain(|key| revoked.iter().all(|revoked| revoked.kid != key.kid));
        joined.revoked = revoked;
        if self.active(now).is_some() {
            let news = |key: &&mut ManagedKey| key.activates > now && self.key(&key.kid).is_none();
            for key in joined.keys.iter_mut().filter(news) {
                key.activates = key.activates.max(key.staged.plus(schedule.publish_ahead));
            }
        }
        joined.keys.extend(missing.into_iter().cloned());
        joined.sort();
        Some(joined)
    }
}
