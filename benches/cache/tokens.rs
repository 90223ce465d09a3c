//! Tokens, claims, and the order in which they come.

use bearerd::bench_support::Cacheable;
use bearerd::clock::UnixMillis;

/// The size of an HS256 token with the claims that a web service puts in.
pub(crate) const TOKEN: usize = 416;
pub(crate) const CLAIMS: usize = 251;
const HEADER: &[u8] = b"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.";

pub(crate) type Token = [u8; TOKEN];

pub(crate) const NOW: UnixMillis = UnixMillis::from_secs(1_700_000_000);

/// Token number `n`: a common header, then 6 bits a byte that depend on `n`.
pub(crate) fn write_token(n: u64, token: &mut [u8]) {
    let mut random = Random(n.wrapping_mul(0x2545_f491_4f6c_dd1d) ^ 0x5bd1_e995);
    let header = HEADER.len().min(token.len() / 4);
    let (head, body) = token.split_at_mut(header);
    head.copy_from_slice(&HEADER[..header]);
    for chunk in body.chunks_mut(8) {
        let word = (random.next() & 0x3f3f_3f3f_3f3f_3f3f) + 0x3030_3030_3030_3030;
        chunk.copy_from_slice(&word.to_le_bytes()[..chunk.len()]);
    }
}

pub(crate) fn token(n: u64) -> Token {
    let mut token = [0; TOKEN];
    write_token(n, &mut token);
    token
}

/// What a verifier would keep beside the token and its claims.
pub(crate) struct Verified {
    pub(crate) expires_at: UnixMillis,
}

impl Cacheable for Verified {
    fn expires_at(&self) -> UnixMillis {
        self.expires_at
    }
}

/// What a cache that keeps the token as its key would keep beside it.
pub(crate) struct Claims {
    _bytes: Box<[u8]>,
    pub(crate) expires_at: UnixMillis,
}

impl Claims {
    pub(crate) fn typical() -> Self {
        Self {
            _bytes: vec![b'c'; CLAIMS].into_boxed_slice(),
            expires_at: UnixMillis::MAX,
        }
    }
}

/// SplitMix64.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// In `0.0..1.0`.
    pub(crate) fn unit(&mut self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
        let unit = (self.next() >> 11) as f64 / (1_u64 << 53) as f64;
        unit
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from((u128::from(self.next()) * bound as u128) >> 64).unwrap()
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Pick {
    Uniform,
    /// Rank r with a weight of 1/r.
    Zipf,
}

/// Draws from `0..population`.
pub(crate) struct Draw {
    random: Random,
    population: usize,
    /// Cumulative weights; empty for uniform.
    cumulative: Vec<f64>,
}

impl Draw {
    pub(crate) fn new(pick: Pick, population: usize, seed: u64) -> Self {
        let ranks = if pick == Pick::Zipf { population } else { 0 };
        let mut sum = 0.0;
        let mut cumulative: Vec<f64> = (1..=u32::try_from(ranks).unwrap())
            .map(|rank| {
                sum += 1.0 / f64::from(rank);
                sum
            })
            .collect();
        cumulative.iter_mut().for_each(|weight| *weight /= sum);
        Self {
            random: Random(seed),
            population,
            cumulative,
        }
    }

    pub(crate) fn next(&mut self) -> usize {
        if self.cumulative.is_empty() {
            return self.random.below(self.population);
        }
        let at = self.random.unit();
        self.cumulative
            .partition_point(|weight| *weight < at)
            .min(self.population - 1)
    }
}
