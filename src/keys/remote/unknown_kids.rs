use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

use moka::policy::EvictionPolicy;
use moka::sync::Cache;

/// The `kid`s that no key had a moment ago: while one is remembered it triggers nothing.
///
/// Bounded in number and in size, for attackers choose them: only a keyed hash is kept. Losing an
/// entry costs nothing but a look at the fetch budget, which is what holds a flood back.
#[derive(Debug)]
pub(super) struct UnknownKids {
    /// Hash to the monotonic time at which it is forgotten.
    seen: Cache<u64, Duration>,
    hasher: RandomState,
    remembered_for: Duration,
}

impl UnknownKids {
    /// The most that are remembered.
    pub(super) const MOST: u64 = 1_024;

    pub(super) fn new(remembered_for: Duration) -> Self {
        Self {
            // Last come, first kept: under a flood, yesterday's frequent `kid` is of no use.
            seen: Cache::builder()
                .max_capacity(Self::MOST)
                .eviction_policy(EvictionPolicy::lru())
                .build(),
            hasher: RandomState::new(),
            remembered_for,
        }
    }

    /// Whether the `kid` is news, and from now on it is not.
    pub(super) fn is_news(&self, kid: &str, now: Duration) -> bool {
        let hash = self.hasher.hash_one(kid);
        if self.seen.get(&hash).is_some_and(|until| now < until) {
            return false;
        }
        self.seen
            .insert(hash, now.saturating_add(self.remembered_for));
        true
    }

    /// Forgets all: a new key set may have them.
    pub(super) fn clear(&self) {
        self.seen.invalidate_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TTL: Duration = Duration::from_secs(30);

    #[test]
    fn a_kid_is_news_once_until_forgotten_or_cleared() {
        let kids = UnknownKids::new(TTL);
        assert!(kids.is_news("a", Duration::ZERO));
        assert!(!kids.is_news("a", TTL - Duration::from_millis(1)));
        assert!(kids.is_news("a", TTL));
        assert!(!kids.is_news("a", TTL));
        kids.clear();
        assert!(kids.is_news("a", TTL));
    }

    #[test]
    fn the_memory_is_bounded() {
        let kids = UnknownKids::new(TTL);
        for n in 0..20_000 {
            kids.is_news(&format!("kid-{n}"), Duration::ZERO);
        }
        kids.seen.run_pending_tasks();
        assert!(kids.seen.entry_count() <= UnknownKids::MOST);
        assert!(
            !kids.is_news("kid-19999", Duration::ZERO),
            "the latest is kept"
        );
    }
}
