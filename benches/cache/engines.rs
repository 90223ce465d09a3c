//! The sides of the comparison, behind one interface.

use std::hash::{Hash, Hasher};
use std::hint::black_box;
use std::sync::Arc;

use bearerd::bench_support::{CacheConfig, Hit, TokenCache};
use bearerd::clock::UnixMillis;

use crate::tokens::{CLAIMS, Claims, NOW, Token, Verified};

pub(crate) trait Engine: Send + Sync {
    fn name(&self) -> &'static str;

    fn put(&self, token: &[u8]);

    /// Looks all tokens up, looks at each handle, and says how many were there.
    fn batch(&self, tokens: &[Token]) -> usize;
}

/// Every side, ours first.
pub(crate) fn all(capacity: usize) -> Vec<Box<dyn Engine>> {
    vec![
        Box::new(Ours::new(capacity)),
        Box::new(OursCounted(Ours::new(capacity))),
        Box::new(Moka::new(capacity)),
        Box::new(QuickWhole::new(capacity)),
        Box::new(QuickTail::new(capacity)),
    ]
}

pub(crate) fn ours(capacity: usize) -> TokenCache<Verified> {
    let config = CacheConfig {
        max_entries: capacity,
        max_bytes: usize::MAX,
        max_entry_bytes: 1 << 16,
    };
    TokenCache::new(config, [0x1234_5678, 0x9abc_def0])
}

pub(crate) struct Ours(pub(crate) TokenCache<Verified>);

impl Ours {
    pub(crate) fn new(capacity: usize) -> Self {
        Self(ours(capacity))
    }
}

impl Engine for Ours {
    fn name(&self) -> &'static str {
        "ours"
    }

    fn put(&self, token: &[u8]) {
        let value = Verified {
            expires_at: UnixMillis::MAX,
        };
        black_box(self.0.insert(token, &[b'c'; CLAIMS], value, NOW));
    }

    fn batch(&self, tokens: &[Token]) -> usize {
        let live = |token: &&Token| {
            let hit = self.0.get(black_box(token.as_slice()));
            black_box(&hit)
                .as_ref()
                .is_some_and(|hit| hit.expires_at > NOW)
        };
        tokens.iter().filter(live).count()
    }
}

/// Ours, each hit turned into a counted reference, as a handle in C would be.
pub(crate) struct OursCounted(pub(crate) Ours);

impl Engine for OursCounted {
    fn name(&self) -> &'static str {
        "ours, counted"
    }

    fn put(&self, token: &[u8]) {
        self.0.put(token);
    }

    fn batch(&self, tokens: &[Token]) -> usize {
        let live = |token: &&Token| {
            let hit = self.0.0.get(black_box(token.as_slice()));
            let entry = hit.map(Hit::detach);
            black_box(&entry)
                .as_ref()
                .is_some_and(|hit| hit.expires_at > NOW)
        };
        tokens.iter().filter(live).count()
    }
}

pub(crate) struct Moka(moka::sync::Cache<Box<[u8]>, Arc<Claims>>);

impl Moka {
    pub(crate) fn new(capacity: usize) -> Self {
        Self(moka::sync::Cache::new(capacity as u64))
    }
}

impl Engine for Moka {
    fn name(&self) -> &'static str {
        "moka"
    }

    fn put(&self, token: &[u8]) {
        self.0.insert(token.into(), Arc::new(Claims::typical()));
    }

    fn batch(&self, tokens: &[Token]) -> usize {
        let live = |token: &&Token| {
            let hit = self.0.get(black_box(token.as_slice()));
            black_box(&hit)
                .as_ref()
                .is_some_and(|hit| hit.expires_at > NOW)
        };
        tokens.iter().filter(live).count()
    }
}

pub(crate) struct QuickWhole(quick_cache::sync::Cache<Box<[u8]>, Arc<Claims>>);

impl QuickWhole {
    pub(crate) fn new(capacity: usize) -> Self {
        Self(quick_cache::sync::Cache::new(capacity))
    }
}

impl Engine for QuickWhole {
    fn name(&self) -> &'static str {
        "quick_cache, whole hash"
    }

    fn put(&self, token: &[u8]) {
        self.0.insert(token.into(), Arc::new(Claims::typical()));
    }

    fn batch(&self, tokens: &[Token]) -> usize {
        let live = |token: &&Token| {
            let hit = self.0.get(black_box(token.as_slice()));
            black_box(&hit)
                .as_ref()
                .is_some_and(|hit| hit.expires_at > NOW)
        };
        tokens.iter().filter(live).count()
    }
}

/// A key that hashes its tail and compares whole.
#[derive(PartialEq, Eq)]
struct TailKey(Box<[u8]>);

#[derive(PartialEq, Eq)]
struct TailQuery<'a>(&'a [u8]);

fn hash_tail(token: &[u8], state: &mut impl Hasher) {
    match token.last_chunk::<32>() {
        Some(tail) => state.write(tail),
        None => state.write(token),
    }
}

impl Hash for TailKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_tail(&self.0, state);
    }
}

impl Hash for TailQuery<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        hash_tail(self.0, state);
    }
}

impl quick_cache::Equivalent<TailKey> for TailQuery<'_> {
    fn equivalent(&self, key: &TailKey) -> bool {
        *self.0 == *key.0
    }
}

pub(crate) struct QuickTail(quick_cache::sync::Cache<TailKey, Arc<Claims>>);

impl QuickTail {
    pub(crate) fn new(capacity: usize) -> Self {
        Self(quick_cache::sync::Cache::new(capacity))
    }
}

impl Engine for QuickTail {
    fn name(&self) -> &'static str {
        "quick_cache, tail hash"
    }

    fn put(&self, token: &[u8]) {
        let claims = Arc::new(Claims::typical());
        self.0.insert(TailKey(token.into()), claims);
    }

    fn batch(&self, tokens: &[Token]) -> usize {
        let live = |token: &&Token| {
            let hit = self.0.get(&TailQuery(black_box(token.as_slice())));
            black_box(&hit)
                .as_ref()
                .is_some_and(|hit| hit.expires_at > NOW)
        };
        tokens.iter().filter(live).count()
    }
}
