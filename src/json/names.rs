/// Names of the objects that are open, innermost last, as hashes of their unescaped bytes.
///
/// Two names of one hash count as duplicates: equal names always are, and a crafted collision
/// only makes its signer's own token malformed.
pub(super) struct Names {
    inline: [u64; INLINE],
    inline_len: usize,
    spilled: Vec<u64>,
    /// Which remainders the hashes of the innermost object's names have, as bits: a name whose
    /// remainder is new is new itself, and need not be searched for.
    remainders: u64,
}

/// The names around those of an object that was opened.
pub(super) struct Outer {
    base: usize,
    remainders: u64,
}

/// How many open names are kept without allocating.
const INLINE: usize = 32;
/// How many names an object may have before a sort replaces the search for a duplicate.
const SEARCHED: usize = 16;

impl Names {
    /// No names. Inlined, so that they are set up where they stay.
    #[inline(always)]
    pub(super) fn new() -> Self {
        Self {
            inline: [0; INLINE],
            inline_len: 0,
            spilled: Vec::new(),
            remainders: 0,
        }
    }

    /// Begins an object, and returns what [`close`](Self::close) wants of the one around it.
    #[inline]
    pub(super) fn open(&mut self) -> Outer {
        Outer {
            base: self.len(),
            remainders: std::mem::take(&mut self.remainders),
        }
    }

    #[inline]
    fn len(&self) -> usize {
        self.inline_len + self.spilled.len()
    }

    /// Adds a name of the object inside `outer`; `false` where it is there already. Past
    /// [`SEARCHED`] names the answer is left to [`close`](Self::close).
    #[inline]
    pub(super) fn push(&mut self, outer: &Outer, hash: u64) -> bool {
        let bit = 1 << (hash % 64);
        if self.remainders & bit != 0 && self.is_there(outer.base, hash) {
            return false;
        }
        self.remainders |= bit;
        if self.inline_len < self.inline.len() {
            self.inline[self.inline_len] = hash;
            self.inline_len += 1;
        } else {
            self.spilled.push(hash);
        }
        true
    }

    fn is_there(&self, base: usize, hash: u64) -> bool {
        let len = self.len();
        len - base < SEARCHED && (base..len).any(|at| self.get(at) == hash)
    }

    #[inline]
    fn get(&self, at: usize) -> u64 {
        if at < self.inline.len() {
            self.inline[at]
        } else {
            self.spilled[at - self.inline.len()]
        }
    }

    /// Forgets the names of the object inside `outer`; `false` where two were equal.
    #[inline]
    pub(super) fn close(&mut self, outer: &Outer) -> bool {
        let (base, len) = (outer.base, self.len());
        self.remainders = outer.remainders;
        let distinct = len - base <= SEARCHED || {
            let mut sorted: Vec<u64> = (base..len).map(|at| self.get(at)).collect();
            sorted.sort_unstable();
            sorted.windows(2).all(|pair| pair[0] != pair[1])
        };
        if !self.spilled.is_empty() {
            self.spilled
                .truncate(base.saturating_sub(self.inline.len()));
        }
        self.inline_len = self.inline_len.min(base);
        distinct
    }
}

/// A hash of a member's name: multiply-and-fold over eight bytes at a time, since names are short.
/// Not keyed: whoever looks names up by it must compare the names, too.
///
/// The last bytes are read by loads that overlap the ones before. Copying them into a zeroed word
/// first made a third of the time of parsing claims: a load that waits for narrower stores.
#[inline]
#[must_use]
pub fn name_hash(bytes: &[u8]) -> u64 {
    let word = |bytes: Option<&[u8; 8]>| bytes.map_or(0, |bytes| u64::from_le_bytes(*bytes));
    let half =
        |bytes: Option<&[u8; 4]>| bytes.map_or(0, |bytes| u64::from(u32::from_le_bytes(*bytes)));
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    match bytes {
        [] => {}
        [first, ..] if bytes.len() < 4 => {
            let middle = bytes[bytes.len() / 2];
            let last = bytes[bytes.len() - 1];
            state = fold(
                state,
                u64::from(*first) << 16 | u64::from(middle) << 8 | u64::from(last),
            );
        }
        _ if bytes.len() < 8 => {
            state = fold(
                state,
                half(bytes.first_chunk()) << 32 | half(bytes.last_chunk()),
            );
        }
        _ => {
            let (whole, _) = bytes[..bytes.len() - 1].as_chunks::<8>();
            for chunk in whole {
                state = fold(state, u64::from_le_bytes(*chunk));
            }
            state = fold(state, word(bytes.last_chunk()));
        }
    }
    // By itself and last: mixed into the words it could make up for a byte that differs.
    fold(state, bytes.len() as u64)
}

#[inline]
#[expect(
    clippy::cast_possible_truncation,
    reason = "folding the halves is the point"
)]
fn fold(state: u64, word: u64) -> u64 {
    let product = u128::from(state ^ word) * 0xd6e8_feb8_6659_fd93_u128;
    (product >> 64) as u64 ^ product as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_of_a_name_counts() {
        for length in 0..40 {
            let name = vec![b'a'; length];
            for at in 0..length {
                let mut other = name.clone();
                other[at] = b'b';
                assert_ne!(name_hash(&name), name_hash(&other), "byte {at} of {length}");
            }
            assert_ne!(name_hash(&name), name_hash(&vec![b'a'; length + 1]));
        }
        let names: std::collections::HashSet<u64> = (0..100_000)
            .map(|n| name_hash(format!("m{n}").as_bytes()))
            .collect();
        assert_eq!(names.len(), 100_000);
    }
}
