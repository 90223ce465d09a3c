use std::sync::{Arc, Barrier};
use std::time::{Duration, Instant};

use bearerd::clock::{Clock, SystemClock};
use bearerd::config::{Config, Environment, SignIn, SignInTokens};
use bearerd::guard::Guard;
use bearerd::verify::{Verifier, VerifyOptions};

use crate::Statistics;
use crate::record::record;
use crate::rounds::{compare, contender, row};
use crate::tokens::{SECRET, Turn, many, profiles};

/// Rows 3, 4 and 6: hits of the whole verifier, time, rules, kind, revocation and all.
pub(crate) fn run(rsa: &str, statistics: &mut Statistics) {
    let all = profiles("aws-lc-rs", rsa, 65_536);
    let verifier = all.get(Some("hs")).unwrap().verifier();
    let list = many(all.get(Some("hs")).unwrap(), 1_000);
    let options = VerifyOptions::default();
    let guard =
        Guard::from_json(br#"{"roles":[4],"scopes":["read:orders"],"token":"access"}"#).unwrap();
    let guarded = VerifyOptions::default().guard(&guard);
    let mut kept = Vec::new();
    for token in &list {
        assert!(!verifier.verify(token, &options).unwrap().was_cached());
    }
    for token in &list {
        let hit = verifier.verify(token, &guarded).unwrap();
        // A full set of the table may have let one go; only tokens that are kept are timed.
        if hit.was_cached() {
            kept.push(token.clone());
        }
    }
    assert!(kept.len() > 950, "{} of 1000 are kept", kept.len());
    let (message, _) = kept[0].rsplit_once('.').unwrap();
    let (_, signature) = kept[1].rsplit_once('.').unwrap();
    let forged = format!("{message}.{signature}");
    assert!(verifier.verify(&forged, &options).is_err());
    let other = Guard::from_json(br#"{"roles":[5]}"#).unwrap();
    let asking = VerifyOptions::default().guard(&other);
    assert!(verifier.verify(&kept[0], &asking).is_err());
    let moka = moka::sync::Cache::builder().max_capacity(65_536).build();
    for token in &kept {
        moka.insert(token.clone(), Arc::new(token.len()));
    }
    assert!(kept.iter().all(|token| moka.get(token.as_str()).is_some()));
    let (mut one, mut two, mut three) = (Turn::new(), Turn::new(), Turn::new());
    compare(
        "a hit, 1,000 hot tokens, one thread",
        vec![
            contender("moka::sync::Cache, a look-up alone", || {
                moka.get(one.next(&kept).as_str()).is_some()
            }),
            contender("bearerd, the whole verification", || {
                verifier.verify(two.next(&kept), &options).is_ok()
            }),
            contender("bearerd, with a guard of three members", || {
                verifier.verify(three.next(&kept), &guarded).is_ok()
            }),
        ],
    );
    threads(verifier, &kept);
    sessions();
    let mut turn = Turn::new();
    statistics.bench("hit/1k", || {
        verifier.verify(turn.next(&kept), &options).is_ok()
    });
}

/// A hit whose token remembers its session, beside one of a profile that has none, and one whose
/// session has to be looked up in memory each time, since its claims are not kept.
fn sessions() {
    let text = format!(
        "[profiles.none]\nalgorithms = [\"HS256\"]\nkeys = [{{ secret_base64url = \"{SECRET}\" }}]\n\
         sign = {{}}\n[profiles.some]\nalgorithms = [\"HS256\"]\n\
         keys = [{{ secret_base64url = \"{SECRET}\" }}]\nsign = {{}}\nsessions = {{}}\n"
    );
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let environment = Environment::empty();
    let config = Config::from_text(&text, "bench", &environment).unwrap();
    let profiles = config.build(&environment, &clock).unwrap();
    let (none, some) = (
        profiles.get(Some("none")).unwrap(),
        profiles.get(Some("some")).unwrap(),
    );
    let tokens: Vec<String> = (0..1_000)
        .map(|number| {
            let mut wanted = SignIn::new(format!("user-{number}"));
            wanted.tokens = SignInTokens::Access;
            some.sign_in(&wanted).unwrap().access.unwrap().token
        })
        .collect();
    let options = VerifyOptions::default();
    for verifier in [none.verifier(), some.verifier()] {
        assert!(
            tokens
                .iter()
                .all(|token| verifier.verify(token, &options).is_ok())
        );
    }
    let (mut one, mut two) = (Turn::new(), Turn::new());
    compare(
        "a hit, 1,000 hot tokens that carry a sid",
        vec![
            contender("of a profile without sessions", || {
                none.verifier().verify(one.next(&tokens), &options).is_ok()
            }),
            contender("of a profile with sessions", || {
                some.verifier().verify(two.next(&tokens), &options).is_ok()
            }),
        ],
    );
}

/// Row 4: throughput of two threads beside that of one, in turn. The first row is a control that
/// shares nothing: where it is far from 2, the machine gave less than two processors, and the
/// rows below say nothing about the cache.
fn threads(verifier: &Verifier, tokens: &[String]) {
    let (first, second) = tokens.split_at(tokens.len() / 2);
    let same = &tokens[..1];
    let alone = |_: &str| {
        let product = (0..40_u64).fold(1, |product: u64, n| {
            std::hint::black_box(product.wrapping_mul(3) ^ n)
        });
        std::hint::black_box(product);
    };
    let hit = |token: &str| assert!(verifier.verify(token, &VerifyOptions::default()).is_ok());
    let names = [
        "control: nothing shared",
        "different tokens",
        "one token, both threads",
    ];
    let mut ratios = vec![Vec::new(); names.len()];
    for _ in 0..9 {
        ratios[0].push(speed_up(&alone, first, second));
        ratios[1].push(speed_up(&hit, first, second));
        ratios[2].push(speed_up(&hit, same, same));
    }
    println!("\nhits on two threads beside one (throughput ratio; 2 is perfect)");
    for (name, ratios) in names.iter().zip(ratios) {
        record("hits on two threads beside one", name, "ratio", &ratios);
        let row = row(name, ratios);
        let spread = format!("{:.2} .. {:.2}", row.least, row.most);
        println!("  {:<44} {:>10.2} {spread:>19}", row.name, row.median);
    }
}

fn speed_up(work: &(impl Fn(&str) + Sync), left: &[String], right: &[String]) -> f64 {
    let alone = throughput(work, &[left]);
    throughput(work, &[left, right]) / alone
}

fn throughput(work: &(impl Fn(&str) + Sync), lists: &[&[String]]) -> f64 {
    const SLICE: Duration = Duration::from_millis(40);
    let barrier = Barrier::new(lists.len());
    std::thread::scope(|scope| {
        let threads: Vec<_> = lists
            .iter()
            .map(|list| {
                scope.spawn(|| {
                    let mut turn = Turn::new();
                    barrier.wait();
                    let (start, mut done) = (Instant::now(), 0_u64);
                    while start.elapsed() < SLICE {
                        for _ in 0..1_000 {
                            work(turn.next::<String>(list));
                        }
                        done += 1_000;
                    }
                    done as f64 / start.elapsed().as_secs_f64()
                })
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .sum()
    })
}
