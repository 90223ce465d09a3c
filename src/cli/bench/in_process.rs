use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use crate::error::Code;
use crate::verify::cache::CacheStats;
use crate::verify::{Verifier, VerifyOptions};

use super::load::Outcome;
use super::stopwatch;
use super::tokens::Token;

/// One call in so many is timed, so that reading the clock does not weigh on the others.
const TIMED: usize = 16;
const TICK: Duration = Duration::from_millis(100);

/// Looks at every answer once before anything is timed.
pub(super) fn assert(verifier: &Verifier, tokens: &[Token]) -> Result<(), String> {
    for token in tokens {
        match verifier.verify(&token.text, &VerifyOptions::default()) {
            Ok(verified) if token.good => {
                let claims = serde_json::from_str(verified.claims().json()).ok();
                if claims.as_ref() != Some(&token.claims) {
                    return Err("a token is accepted with other claims than its own".to_owned());
                }
            }
            Err(reject) if token.good => {
                return Err(format!(
                    "a good token is answered {}; does the profile verify what it signs?",
                    reject.code().name()
                ));
            }
            Ok(_) => return Err("a token with a wrong signature is accepted".to_owned()),
            Err(_) => {}
        }
    }
    Ok(())
}

/// The share of look-ups between two readings of a verifier that were hits.
pub(super) fn hit_rate(before: &CacheStats, after: &CacheStats) -> Option<f64> {
    let hits = after.hits - before.hits;
    let all = hits + after.misses - before.misses;
    #[expect(clippy::cast_precision_loss, reason = "counts of a run")]
    (all > 0).then(|| hits as f64 / all as f64)
}

/// Verifies for so long on so many threads.
pub(super) fn run(
    verifier: &Verifier,
    tokens: &[Token],
    threads: usize,
    time: Duration,
    mut watch: impl FnMut(u64, u64),
) -> Result<Outcome, String> {
    let (calls, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let time = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
    std::thread::scope(|scope| {
        let start = stopwatch::now();
        let running: Vec<_> = (0..threads)
            .map(|number| {
                let (calls, stop) = (&calls, &stop);
                let first = tokens.len() * number / threads;
                scope.spawn(move || lane(verifier, tokens, first, calls, stop))
            })
            .collect();
        loop {
            let so_far = stopwatch::now() - start;
            watch(so_far, calls.load(Ordering::Relaxed));
            if so_far >= time
                || running
                    .iter()
                    .any(std::thread::ScopedJoinHandle::is_finished)
            {
                break;
            }
            std::thread::sleep(TICK.min(Duration::from_nanos(time - so_far)));
        }
        stop.store(true, Ordering::Relaxed);
        let mut total = Outcome::default();
        for lane in running {
            total.merge(&lane.join().map_err(|_| "a thread that verifies panicked")?);
        }
        Ok(total)
    })
}

fn lane(
    verifier: &Verifier,
    tokens: &[Token],
    first: usize,
    calls: &AtomicU64,
    stop: &AtomicBool,
) -> Outcome {
    let options = VerifyOptions::default();
    let mut outcome = Outcome::default();
    let (own, start) = (stopwatch::thread_time(), stopwatch::now());
    let mut turn = tokens.iter().cycle().skip(first);
    let code = |token: &Token| {
        let found = verifier.verify(&token.text, &options);
        let status = found
            .as_ref()
            .map_or_else(|reject| reject.code().status(), |_| 200);
        (found.is_ok(), status)
    };
    let mut good = [0_u64; 2];
    while !stop.load(Ordering::Relaxed) {
        let Some(token) = turn.next() else { break };
        let before = stopwatch::now();
        let mut answer = code(token);
        let latency = stopwatch::now() - before;
        if token.good {
            &mut outcome.good
        } else {
            &mut outcome.bad
        }
        .add(latency);
        let mut asked = token;
        for left in (0..TIMED).rev() {
            good[usize::from(asked.good)] += 1;
            if answer.0 != asked.good {
                outcome.wrong += 1;
                let expected = if asked.good {
                    200
                } else {
                    Code::InvalidSignature.status()
                };
                outcome.first_wrong.get_or_insert((answer.1, expected));
            }
            if left == 0 {
                break;
            }
            let Some(token) = turn.next() else { break };
            (asked, answer) = (token, code(token));
        }
        calls.fetch_add(TIMED as u64, Ordering::Relaxed);
    }
    outcome.time = stopwatch::now() - start;
    outcome.own_time = stopwatch::thread_time() - own;
    outcome.statuses[usize::from(Code::InvalidSignature.status())] = good[0];
    outcome.statuses[200] = good[1];
    outcome
}
