use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bearerd::clock::UnixMillis;
use bearerd::config::Profile;
use bearerd::error::Code;
use bearerd::verify::VerifyOptions;

use crate::rounds::{compare, contender, row};
use crate::tokens::{Turn, many, profiles};

const MILLION: u32 = 1_000_000;
/// However slow the machine is.
const LONGEST: Duration = Duration::from_secs(60);

/// Hits beside a million revocations, beside none, and while a million is read anew.
pub(crate) fn run(rsa: &str) {
    let (none, million) = (
        profiles("aws-lc-rs", rsa, 65_536),
        profiles("aws-lc-rs", rsa, 65_536),
    );
    let (none, million) = (
        none.get(Some("hs")).unwrap(),
        million.get(Some("hs")).unwrap(),
    );
    let index = million.verifier().revocations();
    let (until, start) = (UnixMillis::MAX, Instant::now());
    for number in 0..MILLION - 2 {
        index.revoke_handle(&name(number), until).unwrap();
    }
    println!(
        "\n{} revocations listed in {:.1?}, {:.1} MB by the index's own count",
        index.len(),
        start.elapsed(),
        index.bytes() as f64 / 1e6
    );
    let (free, beside) = (kept(none), kept(million));
    let revoked = many(million, 1).remove(0);
    million.revoke_token(&revoked).unwrap();
    let verify = |profile: &Profile, token: &str| {
        let verified = profile.verifier().verify(token, &VerifyOptions::default());
        verified.map(|verified| verified.was_cached())
    };
    assert_eq!(verify(million, &revoked).unwrap_err().code(), Code::Revoked);
    assert_eq!(
        (none.verifier().revocations().len(), index.len()),
        (0, 999_999)
    );
    let (mut one, mut two, mut three) = (Turn::new(), Turn::new(), Turn::new());
    let hit = |profile: &Profile, token: &str| assert_eq!(verify(profile, token), Ok(true));
    compare(
        "a hit, 1,000 hot tokens, revocations",
        vec![
            contender("nothing is revoked", || {
                hit(none, one.next::<String>(&free));
            }),
            contender("a million is revoked", || {
                hit(million, two.next::<String>(&beside));
            }),
        ],
    );
    // By itself: it has every token looked up anew, which would be paid for by the others.
    compare(
        "a hit that follows a revocation",
        vec![contender(
            "one more revocation, and a hit that sees it",
            || {
                // Listed already: the epoch moves on, and every token is looked up anew.
                index.revoke_handle(&name(7), until).unwrap();
                hit(million, three.next::<String>(&beside));
            },
        )],
    );
    while_reading(million, &beside);
}

/// The same hits in slices, half of them while another thread reads a million revocations anew.
fn while_reading(profile: &Profile, tokens: &[String]) {
    let index = profile.verifier().revocations();
    let reading = AtomicBool::new(false);
    let stop = AtomicBool::new(false);
    let mut turn = Turn::new();
    let (mut alone, mut beside) = (Vec::new(), Vec::new());
    let mut worst = Duration::ZERO;
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !stop.load(Ordering::SeqCst) {
                reading.store(true, Ordering::SeqCst);
                let mut reload = index.reload();
                for number in 0..MILLION - 2 {
                    reload.handle(&name(number), UnixMillis::MAX).unwrap();
                }
                reload.commit().unwrap();
                reading.store(false, Ordering::SeqCst);
                std::thread::sleep(Duration::from_millis(200));
            }
        });
        let begun = Instant::now();
        while alone.len().min(beside.len()) < 100 && begun.elapsed() < LONGEST {
            let before = reading.load(Ordering::SeqCst);
            let start = Instant::now();
            for _ in 0..1_000 {
                let options = VerifyOptions::default();
                assert!(
                    profile
                        .verifier()
                        .verify(turn.next::<String>(tokens), &options)
                        .is_ok()
                );
            }
            let took = start.elapsed();
            if before == reading.load(Ordering::SeqCst) {
                let list = if before { &mut beside } else { &mut alone };
                list.push(took.as_nanos() as f64 / 1_000.0);
                worst = worst.max(took);
            }
        }
        stop.store(true, Ordering::SeqCst);
    });
    println!("\na hit, in slices of 1,000, ns (two threads: needs two processors)");
    for (name, list) in [
        ("between two reloads", alone),
        ("while a million is read anew", beside),
    ] {
        assert!(!list.is_empty(), "{name}: never");
        let row = row(name, list);
        println!(
            "  {:<44} {:>10.1} {:.0} .. {:.0}",
            row.name, row.median, row.least, row.most
        );
    }
    println!("  longest slice {worst:?}");
}

fn name(number: u32) -> [u8; 36] {
    let mut name = *b"00000000-7f9e-22ab-4b1d-9a612f6f1f2f";
    for (at, digit) in name[..8].iter_mut().rev().enumerate() {
        *digit = b"0123456789abcdef"[(number >> (4 * at) & 15) as usize];
    }
    name
}

/// Hot tokens: those that the cache answers for.
fn kept(profile: &Profile) -> Vec<String> {
    let options = VerifyOptions::default();
    let verify = |token: &str| profile.verifier().verify(token, &options).unwrap();
    let tokens = many(profile, 1_000);
    for token in &tokens {
        let _ = verify(token);
    }
    let kept: Vec<String> = tokens
        .into_iter()
        .filter(|token| verify(token).was_cached())
        .collect();
    assert!(kept.len() > 950, "{} of 1000 are kept", kept.len());
    kept
}
