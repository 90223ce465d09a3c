use parking_lot::Mutex;

use crate::clock::UnixMillis;
use crate::crypto::{KeyError, Provider};
use crate::fork;

const ID: usize = 16;
/// Drawing one costs as much as the HMAC of a token; drawing sixteen at once, a third more.
const AT_ONCE: usize = 16;

/// Identifiers of 128 random bits, drawn a few at a time.
///
/// None is given out twice. A child of a fork draws its own; and since none is older than the
/// second in which it is asked for, so does a machine that goes on from a snapshot of another.
#[derive(Default)]
pub(super) struct RandomIds(Mutex<Drawn>);

#[derive(Clone, Default)]
struct Drawn {
    bytes: [[u8; ID]; AT_ONCE],
    left: usize,
    process: u64,
    second: i64,
}

impl RandomIds {
    /// # Errors
    /// Where the system has no randomness.
    pub(super) fn next(&self, provider: Provider, now: UnixMillis) -> Result<[u8; ID], KeyError> {
        // Never waited for: another thread may have it, or have had it when this child was forked.
        let Some(mut drawn) = self.0.try_lock() else {
            let mut bytes = [0; ID];
            provider.random(&mut bytes)?;
            return Ok(bytes);
        };
        let (process, second) = (fork::mark(), now.secs());
        if drawn.left == 0 || drawn.process != process || drawn.second != second {
            drawn.left = 0;
            provider.random(drawn.bytes.as_flattened_mut())?;
            drawn.left = AT_ONCE;
            drawn.process = process;
            drawn.second = second;
        }
        let next = drawn.left - 1;
        drawn.left = next;
        Ok(std::mem::take(&mut drawn.bytes[next]))
    }
}

impl std::fmt::Debug for RandomIds {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RandomIds")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::thread;

    use super::*;
    use crate::crypto::providers;

    fn next(ids: &RandomIds, seconds: i64) -> [u8; ID] {
        let now = UnixMillis::from_secs(seconds);
        ids.next(providers()[0], now).unwrap()
    }

    #[test]
    fn none_is_given_out_twice() {
        let ids = RandomIds::default();
        let of_thread = || -> Vec<_> { (0..500).map(|at| next(&ids, at / 100)).collect() };
        let all: Vec<_> = thread::scope(|scope| {
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(of_thread)).collect();
            let drawn = threads.into_iter().map(|thread| thread.join().unwrap());
            drawn.flatten().collect()
        });
        assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
        assert!(all.iter().all(|id| *id != [0; ID]));
    }

    /// As two machines have it that go on from one snapshot.
    #[test]
    fn a_copy_shares_nothing_from_the_next_second_on() {
        let ids = RandomIds::default();
        let _ = next(&ids, 1);
        let copy = RandomIds(Mutex::new(ids.0.lock().clone()));
        let both = [next(&ids, 2), next(&copy, 2), next(&ids, 2), next(&copy, 2)];
        assert_eq!(both.into_iter().collect::<BTreeSet<_>>().len(), 4);
    }
}
