/// Latencies in nanoseconds, bounded in memory and exact to one part in 128, with the least and the
/// most kept as they came.
///
/// A value's bucket is its highest bit and the seven below it, as HdrHistogram does it.
#[derive(Clone, Debug)]
pub(super) struct Latencies {
    buckets: Box<[u64]>,
    count: u64,
    most: u64,
}

/// Bits of a value that its bucket tells.
const DIGITS: u32 = 7;
/// Values below are buckets of their own.
const EXACT: u64 = 1 << DIGITS;
/// Over an hour; what takes longer counts as this.
const LONGEST: u64 = 1 << 42;

impl Default for Latencies {
    fn default() -> Self {
        Self {
            buckets: vec![0; bucket(LONGEST) + 1].into(),
            count: 0,
            most: 0,
        }
    }
}

impl Latencies {
    /// Adds one.
    #[inline]
    pub(super) fn add(&mut self, nanoseconds: u64) {
        self.add_many(nanoseconds, 1);
    }

    /// Adds the same one so many times.
    #[inline]
    pub(super) fn add_many(&mut self, nanoseconds: u64, count: u64) {
        self.buckets[bucket(nanoseconds.min(LONGEST))] += count;
        self.count += count;
        self.most = self.most.max(nanoseconds);
    }

    /// Adds all of another's.
    pub(super) fn merge(&mut self, other: &Self) {
        for (ours, theirs) in self.buckets.iter_mut().zip(&other.buckets) {
            *ours += theirs;
        }
        self.count += other.count;
        self.most = self.most.max(other.most);
    }

    /// How many there are.
    pub(super) fn count(&self) -> u64 {
        self.count
    }

    /// The longest.
    pub(super) fn most(&self) -> u64 {
        self.most
    }

    /// What `share` of all (0.99: ninety-nine in a hundred) did not exceed; 0 where there is none.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a rank among counts that a run can reach"
    )]
    pub(super) fn at(&self, share: f64) -> u64 {
        let rank = ((self.count as f64 * share).ceil() as u64).clamp(1, self.count.max(1));
        let mut seen = 0;
        for (at, count) in self.buckets.iter().enumerate() {
            seen += count;
            if seen >= rank {
                return highest(at).min(self.most);
            }
        }
        self.most
    }
}

fn bucket(value: u64) -> usize {
    let shift = (u64::BITS - (value | EXACT).leading_zeros() - 1) - DIGITS;
    // At most 42 times 128.
    usize::try_from((u64::from(shift) << DIGITS) + (value >> shift)).unwrap_or(usize::MAX)
}

/// The highest value of a bucket.
fn highest(bucket: usize) -> u64 {
    let bucket = bucket as u64;
    let shift = (bucket >> DIGITS).saturating_sub(1);
    let digits = bucket - (shift << DIGITS);
    ((digits + 1) << shift) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_holds_what_is_within_one_part_in_128() {
        let mut last = 0;
        for power in 0..42 {
            for step in 0..256_u64 {
                let value = (1 << power) + (step << power) / 256;
                let at = bucket(value);
                assert!(at >= last, "{value}");
                last = at;
                let top = highest(at);
                assert!(value <= top && top - value <= value / 128, "{value} {top}");
                assert_eq!(bucket(top), at);
            }
        }
        assert_eq!(bucket(LONGEST) + 1, Latencies::default().buckets.len());
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_list() {
        let mut latencies = Latencies::default();
        assert_eq!(latencies.at(0.5), 0);
        let values: Vec<u64> = (0..10_000).map(|n| (n * 7_919) % 1_000_003).collect();
        let (left, right) = values.split_at(3_000);
        left.iter().for_each(|value| latencies.add(*value));
        let mut rest = Latencies::default();
        right.iter().for_each(|value| rest.add(*value));
        latencies.merge(&rest);
        let mut sorted = values;
        sorted.sort_unstable();
        for (share, rank) in [(0.5, 5_000), (0.9, 9_000), (0.99, 9_900), (0.999, 9_990)] {
            let (found, exact) = (latencies.at(share), sorted[rank - 1]);
            assert!(found >= exact && found <= exact + exact / 128, "{share}");
        }
        assert_eq!(latencies.at(1.0), sorted[9_999]);
        assert_eq!(
            (latencies.count(), latencies.most()),
            (10_000, sorted[9_999])
        );
    }

    #[test]
    fn what_takes_for_ever_is_counted() {
        let mut latencies = Latencies::default();
        latencies.add(u64::MAX);
        assert_eq!(latencies.most(), u64::MAX);
        assert!(latencies.at(0.5) >= LONGEST);
    }
}
