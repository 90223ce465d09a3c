//! Where a token lives: a keyed hash over its last bytes.
//!
//! A compact JWS ends in its signature, which is as good as random, so 32 bytes tell tokens apart
//! as well as all 400 would and cost a tenth of the reading. That is sound here for two reasons
//! only: whatever is found is compared byte for byte with the whole token, and nothing whose
//! signature was not verified is ever stored, so nobody can fill one set with tokens made to
//! collide. The key, random for each cache, keeps even the holder of many good tokens from
//! choosing where they land.

const TAIL: usize = 32;
const WORD: usize = size_of::<u64>();

/// The secrets of one cache's hash.
pub(super) struct TailHash {
    secrets: [u64; 4],
}

impl TailHash {
    /// Spreads `key` over the secrets that the multiplications use.
    pub(super) fn new(key: [u64; 2]) -> Self {
        let [a, b] = key;
        Self {
            secrets: [
                stretch(a ^ 0x243f_6a88_85a3_08d3),
                stretch(b ^ 0x1319_8a2e_0370_7344),
                stretch(a.rotate_left(32) ^ b ^ 0xa409_3822_299f_31d0),
                stretch(b.rotate_left(17) ^ a ^ 0x082e_fa98_ec4e_6c89),
            ],
        }
    }

    /// The hash of `token`: of its last 32 bytes and its length, or of all of it if shorter.
    #[inline]
    pub(super) fn of(&self, token: &[u8]) -> u64 {
        match token.last_chunk::<TAIL>() {
            Some(tail) => self.mix(tail, token.len()),
            None => {
                let mut padded = [0; TAIL];
                padded
                    .iter_mut()
                    .zip(token)
                    .for_each(|(to, from)| *to = *from);
                self.mix(&padded, token.len())
            }
        }
    }

    #[inline]
    fn mix(&self, tail: &[u8; TAIL], length: usize) -> u64 {
        let [s0, s1, s2, s3] = self.secrets;
        let left = fold(word(tail, 0) ^ s0, word(tail, 1) ^ s1);
        let right = fold(word(tail, 2) ^ s2, word(tail, 3) ^ s3);
        fold(left ^ s3 ^ length as u64, right ^ s1)
    }
}

#[inline]
fn word(tail: &[u8; TAIL], at: usize) -> u64 {
    let mut bytes = [0; WORD];
    bytes.copy_from_slice(&tail[at * WORD..(at + 1) * WORD]);
    u64::from_le_bytes(bytes)
}

/// Both halves of the 128-bit product: every input bit reaches the middle of the output.
#[inline]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    a.wrapping_mul(b) ^ (product >> 64) as u64
}

/// SplitMix64's finish, so that even a key of small numbers gives secrets full of bits.
fn stretch(seed: u64) -> u64 {
    let z = (seed ^ (seed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_the_length_and_the_key_all_count() {
        let hash = TailHash::new([1, 2]);
        let token = [b'a'; 100];
        for at in 100 - TAIL..100 {
            let mut other = token;
            other[at] ^= 1;
            assert_ne!(hash.of(&token), hash.of(&other), "byte {at}");
        }
        assert_ne!(hash.of(&token), hash.of(&token[1..]));
        assert_ne!(hash.of(&token), TailHash::new([1, 3]).of(&token));
        assert_ne!(hash.of(&token), TailHash::new([3, 2]).of(&token));
    }

    #[test]
    fn short_tokens_differ_from_each_other() {
        let hash = TailHash::new([0, 0]);
        let mut seen = std::collections::BTreeSet::new();
        for length in 0..TAIL {
            assert!(seen.insert(hash.of(&[0; TAIL][..length])), "{length} zeros");
        }
    }

    #[test]
    fn high_and_low_bits_spread_evenly() {
        let hash = TailHash::new([7, 9]);
        let (mut high, mut low) = ([0_u32; 256], [0_u32; 256]);
        for n in 0..256_000_u32 {
            let value = hash.of(format!("{n:064}").as_bytes());
            high[(value >> 56) as usize] += 1;
            low[(value & 0xff) as usize] += 1;
        }
        // 1000 expected in each; six standard deviations are 190.
        for count in high.into_iter().chain(low) {
            assert!((810..1190).contains(&count), "{count}");
        }
    }
}
