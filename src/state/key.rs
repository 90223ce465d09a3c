use std::fmt;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::num::NonZeroU64;

use siphasher::sip128::{Hasher128, SipHasher24};

/// The name under which something is listed: a keyed hash of 127 bits of its kind and its value.
///
/// 16 bytes (also as an `Option`) and `Copy`, so a cache entry keeps its keys and a hit hashes
/// nothing. Two values share a key with a chance of 2⁻¹²⁷, and since the hash is keyed at random nobody can search for a
/// pair. It means something only to the [`Revocations`](super::Revocations) that made it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RevocationKey {
    /// Chooses the shard. Its last bit is always set, which leaves zero to `None`.
    high: NonZeroU64,
    /// Chooses the slot.
    low: u64,
}

#[derive(Clone, Copy)]
pub(super) enum Kind {
    Handle = 1,
    Family = 2,
    Subject = 3,
}

/// SipHash-2-4 with 128 bits: the standard library has 64, where a birthday among a million
/// listed values would already be thinkable, and does not let us choose the key.
pub(super) struct KeyHash(SipHasher24);

impl KeyHash {
    pub(super) fn new(key: &[u8; 16]) -> Self {
        Self(SipHasher24::new_with_key(key))
    }

    /// One byte of kind, then the value to its end: no two pairs give the same bytes.
    pub(super) fn of(&self, kind: Kind, value: &[u8]) -> RevocationKey {
        let mut hasher = self.0;
        hasher.write(&[kind as u8]);
        hasher.write(value);
        let (high, low) = hasher.finish128().as_u64();
        RevocationKey {
            high: NonZeroU64::MIN | high,
            low,
        }
    }
}

impl RevocationKey {
    /// A number below `count`, which need not be a power of two: the high word, scaled.
    pub(super) fn scaled_to(self, count: usize) -> usize {
        let scaled = (u128::from(self.high.get()) * count as u128) >> 64;
        usize::try_from(scaled).unwrap_or(0)
    }
}

impl Hash for RevocationKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.low);
    }
}

impl fmt::Debug for RevocationKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RevocationKey(…)")
    }
}

/// A key is a keyed hash already; hashing it again would buy nothing.
pub(super) type AsIs = BuildHasherDefault<AsIsHasher>;

#[derive(Default)]
pub(super) struct AsIsHasher(u64);

impl Hasher for AsIsHasher {
    fn write(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(byte);
        }
    }

    fn write_u64(&mut self, value: u64) {
        self.0 = value;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
