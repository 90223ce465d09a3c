use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bearerd::clock::UnixMillis;
use bearerd::config::Profile;
use bearerd::crypto::KeyMaterial;
use bearerd::keys::KeySpec;
use bearerd::secret::Secret;
use bearerd::verify::VerifyOptions;

use crate::record::{quick, record};
use crate::rounds::row;
use crate::tokens::{SECRET, Turn, many, profiles};

/// What another thread does meanwhile, until it is told to stop.
type Work<'a> = Box<dyn Fn(&AtomicBool) + Sync + 'a>;

struct Trouble<'a> {
    name: &'static str,
    profile: &'a Profile,
    tokens: &'a [String],
    /// Where the cache evicts, a token that is asked for may have gone.
    all_hits: bool,
    work: Option<Work<'a>>,
}

const MILLION: u32 = 1_000_000;
/// Hits that are timed in a row.
const MOST: usize = 1 << 22;
/// Between two sets of keys.
const TURN: Duration = Duration::from_millis(20);

/// How long hits take, each timed by itself, while another thread gives trouble. The second row is
/// a control: a thread that works and shares nothing, so what it adds is the machine's.
pub(crate) fn run(rsa: &str) {
    let [plain, keys, listed, flooded] = [0; 4].map(|_| profiles("aws-lc-rs", rsa, 65_536));
    let small = profiles("aws-lc-rs", rsa, 2_000);
    let [plain, keys, listed, flooded, small] =
        [&plain, &keys, &listed, &flooded, &small].map(|all| all.get(Some("hs")).unwrap());
    let hot = |profile: &Profile, count: usize| -> Vec<String> {
        let tokens = many(profile, count);
        let verify = |token: &String| profile.verifier().verify(token, &VerifyOptions::default());
        assert!(tokens.iter().all(|token| verify(token).is_ok()));
        // A full set of the table may have let one go; only tokens that are kept are timed.
        let kept = |token: &String| verify(token).unwrap().was_cached();
        tokens.into_iter().filter(kept).collect()
    };
    let hot_of = [plain, keys, listed, flooded].map(|profile| hot(profile, 1_000));
    let few = hot(small, 500);
    let others = many(small, 20_000);
    let forged: Vec<String> = many(flooded, 1_000)
        .iter()
        .map(|token| forge(token))
        .collect();
    let troubles = [
        Trouble {
            name: "in peace",
            profile: plain,
            tokens: &hot_of[0],
            all_hits: true,
            work: None,
        },
        Trouble {
            name: "beside a thread that shares nothing",
            profile: plain,
            tokens: &hot_of[0],
            all_hits: true,
            work: Some(Box::new(spin)),
        },
        Trouble {
            name: "the keys replaced 50 times a second",
            profile: keys,
            tokens: &hot_of[1],
            all_hits: true,
            work: Some(Box::new(|stop| rotate(keys, stop))),
        },
        Trouble {
            name: "a million revocations read anew",
            profile: listed,
            tokens: &hot_of[2],
            all_hits: true,
            work: Some(Box::new(|stop| reload(listed, stop))),
        },
        Trouble {
            name: "the cache evicts as fast as it can",
            profile: small,
            tokens: &few,
            all_hits: false,
            work: Some(Box::new(|stop| evict(small, &others, stop))),
        },
        Trouble {
            name: "a flood of tokens with wrong signatures",
            profile: flooded,
            tokens: &hot_of[3],
            all_hits: true,
            work: Some(Box::new(|stop| flood(flooded, &forged, stop))),
        },
    ];
    let (rounds, slice) = if quick() {
        (2, Duration::from_millis(40))
    } else {
        (9, Duration::from_millis(250))
    };
    // Written once now: a page that is first touched while a hit is timed would be in its time.
    let mut times = vec![1; MOST];
    let mut found = troubles.each_ref().map(|_| (Vec::new(), Vec::new()));
    for _ in 0..rounds {
        for (trouble, (middle, tail)) in troubles.iter().zip(&mut found) {
            time(trouble, slice, &mut times);
            middle.push(at(&mut times, 0.5));
            tail.push(at(&mut times, 0.999));
        }
    }
    println!("\na hit, timed by itself (two threads: needs two processors); ns");
    println!("  {:<44} {:>10} {:>10}", "", "median", "p99.9");
    for (trouble, (middle, tail)) in troubles.iter().zip(found) {
        record("a hit in trouble, median", trouble.name, "ns", &middle);
        record("a hit in trouble, p99.9", trouble.name, "ns", &tail);
        let (middle, tail) = (row("", middle).median, row("", tail).median);
        println!("  {:<44} {middle:>10.0} {tail:>10.0}", trouble.name);
    }
}

/// The clock is read once a hit, which costs some 25 ns in every row.
fn time(trouble: &Trouble<'_>, slice: Duration, times: &mut Vec<u32>) {
    let (begun, stop) = (AtomicBool::new(false), AtomicBool::new(false));
    let mut turn = Turn::new();
    times.clear();
    std::thread::scope(|scope| {
        if let Some(work) = &trouble.work {
            scope.spawn(|| {
                begun.store(true, Ordering::SeqCst);
                work(&stop);
            });
            while !begun.load(Ordering::SeqCst) {
                std::thread::yield_now();
            }
        }
        let start = Instant::now();
        let mut before = start;
        while before - start < slice && times.len() < MOST {
            let token = turn.next::<String>(trouble.tokens);
            let verified = trouble
                .profile
                .verifier()
                .verify(token, &VerifyOptions::default());
            let now = Instant::now();
            assert!(verified.is_ok_and(|token| token.was_cached() || !trouble.all_hits));
            times.push(u32::try_from((now - before).as_nanos()).unwrap_or(u32::MAX));
            before = now;
        }
        stop.store(true, Ordering::SeqCst);
    });
}

fn at(times: &mut [u32], share: f64) -> f64 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "an index"
    )]
    let place = ((times.len() - 1) as f64 * share) as usize;
    f64::from(*times.select_nth_unstable(place).1)
}

fn spin(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        std::hint::spin_loop();
    }
}

/// The key that signed the tokens stays, and another one comes and goes.
fn rotate(profile: &Profile, stop: &AtomicBool) {
    let secret = bearerd::base64url::decode(SECRET.as_bytes()).unwrap();
    let stays = KeySpec::new("stays", KeyMaterial::Symmetric(Secret::new(secret)));
    let mut number = 0_u8;
    while !stop.load(Ordering::Relaxed) {
        number = number.wrapping_add(1);
        let comes = KeyMaterial::Symmetric(Secret::new(vec![number; 48]));
        let keys = vec![stays.clone(), KeySpec::new("comes", comes)];
        assert_eq!(profile.verifier().keys().replace_fixed(keys).unwrap(), 2);
        std::thread::sleep(TURN);
    }
}

fn reload(profile: &Profile, stop: &AtomicBool) {
    let index = profile.verifier().revocations();
    loop {
        let mut reload = index.reload();
        for number in 0..MILLION - 2 {
            if stop.load(Ordering::Relaxed) {
                return;
            }
            let name = format!("{number:08x}-7f9e-22ab-4b1d-9a612f6f1f2f");
            reload.handle(name.as_bytes(), UnixMillis::MAX).unwrap();
        }
        reload.commit().unwrap();
    }
}

fn evict(profile: &Profile, others: &[String], stop: &AtomicBool) {
    let mut turn = Turn::new();
    while !stop.load(Ordering::Relaxed) {
        let token = turn.next::<String>(others);
        let verified = profile.verifier().verify(token, &VerifyOptions::default());
        assert!(verified.is_ok());
    }
}

fn flood(profile: &Profile, forged: &[String], stop: &AtomicBool) {
    let mut turn = Turn::new();
    while !stop.load(Ordering::Relaxed) {
        let token = turn.next::<String>(forged);
        let verified = profile.verifier().verify(token, &VerifyOptions::default());
        assert!(verified.is_err());
    }
}

/// The token with another first character of its signature.
fn forge(token: &str) -> String {
    let (message, signature) = token.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    format!("{message}.{first}{}", &signature[1..])
}
