//! Spoils good material, the same way in every run.

pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// SplitMix64.
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound as u64).unwrap()
    }

    pub(crate) fn pick<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        &list[self.below(list.len())]
    }

    /// A few wounds: bytes changed, taken, put in, doubled, swapped; sometimes cut short or all
    /// noise.
    pub(crate) fn bytes(&mut self, good: &[u8]) -> Vec<u8> {
        if self.below(20) == 0 {
            return (0..self.below(300)).map(|_| self.byte()).collect();
        }
        let mut bytes = good.to_vec();
        for _ in 0..=self.below(4) {
            if bytes.is_empty() {
                break;
            }
            let at = self.below(bytes.len());
            match self.below(7) {
                0 => bytes[at] = self.byte(),
                1 => bytes[at] ^= 1 << self.below(8),
                2 => drop(bytes.remove(at)),
                3 => bytes.insert(at, *self.pick_byte(b"{}[]\",:.\\\0 \r\n\xff=-")),
                4 => {
                    let end = at + self.below(bytes.len() - at);
                    let piece = bytes[at..end].to_vec();
                    bytes.splice(at..at, piece);
                }
                5 => {
                    let other = self.below(bytes.len());
                    bytes.swap(at, other);
                }
                _ => bytes.truncate(at),
            }
        }
        bytes
    }

    /// A token with wounds that a header can carry, or parts that change places.
    pub(crate) fn token(&mut self, good: &str) -> String {
        let parts: Vec<&str> = good.split('.').collect();
        match self.below(8) {
            0 => format!("{}.{}.{}", parts[1], parts[0], parts[2]),
            1 => format!("{}.{}.", parts[0], parts[1]),
            2 => format!("{good}.{}", parts[2]),
            3 => format!("{}=.{}.{}", parts[0], parts[1], parts[2]),
            4 => {
                let header =
                    self.bytes(br#"{"alg":"none","kid":"h1","crit":["b64"],"jku":"http://x"}"#);
                let header = bearerd::base64url::encode(&header);
                format!("{header}.{}.{}", parts[1], parts[2])
            }
            5 => {
                let claims = self.bytes(br#"{"iss":"https://main.example","exp":1e308,"aud":[1]}"#);
                let claims = bearerd::base64url::encode(&claims);
                format!("{}.{claims}.{}", parts[0], parts[2])
            }
            _ => self.visible(good),
        }
    }

    /// Spoiled text that is still visible ASCII.
    pub(crate) fn visible(&mut self, good: &str) -> String {
        self.bytes(good.as_bytes())
            .into_iter()
            .map(|byte| char::from(0x21 + byte.wrapping_sub(0x21) % 0x5e))
            .collect()
    }

    fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }

    fn pick_byte<'a>(&mut self, list: &'a [u8]) -> &'a u8 {
        self.pick(list)
    }
}
