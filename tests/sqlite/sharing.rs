use std::collections::BTreeSet;
use std::env;
use std::thread;
use std::time::Duration;

use bearerd::error::Code;
use bearerd::store::{Change, SqliteLimits, Store};

use super::other::Part;
use super::{PATIENT, assert_fault, cursor, folder, key, monotonic, open, put, since, value};

/// How often; `BEARERD_TEST_ROUNDS` for more.
fn rounds() -> usize {
    let asked = env::var_os("BEARERD_TEST_ROUNDS");
    asked.map_or(20, |text| text.to_str().unwrap().parse().unwrap())
}

/// Row R3: processes that rotate one token at once. One is the first, all others repeat its reply.
#[test]
fn one_of_many_processes_is_the_first() {
    const PROCESSES: usize = 8;
    let folder = folder();
    let path = folder.path().join("state.db");
    let mut parts: Vec<Part> = (0..PROCESSES)
        .map(|number| Part::play("spend", &path, &format!("reply {number}")))
        .collect();
    for part in &mut parts {
        assert_eq!(part.hear().as_deref(), Some("ready"));
    }
    for round in 0..rounds() {
        let at = monotonic().as_millis() + 40;
        for part in &mut parts {
            part.tell(&format!("{round} {at}"));
        }
        let said: Vec<String> = parts.iter_mut().map(|part| part.hear().unwrap()).collect();
        let firsts: Vec<usize> = (0..PROCESSES).filter(|at| said[*at] == "first").collect();
        assert_eq!(firsts.len(), 1, "{said:?}");
        let reply = format!("reply {}", firsts[0]);
        let others = said.iter().filter(|said| *said != "first");
        assert!(others.clone().all(|said| *said == reply), "{said:?}");
        assert_eq!(others.count(), PROCESSES - 1);
    }
}

#[test]
fn many_processes_make_one_file() {
    let folder = folder();
    for round in 0..rounds() {
        let path = folder.path().join(format!("{round}.db"));
        let mut parts: Vec<Part> = (0..8)
            .map(|_| Part::play("write when told", &path, ""))
            .collect();
        for (number, part) in parts.iter_mut().enumerate() {
            assert_eq!(part.hear().as_deref(), Some("ready"));
            part.tell(&number.to_string());
        }
        assert!(parts.iter_mut().all(|part| part.hear().is_some()));
        let store = open(&path, PATIENT).unwrap();
        assert_eq!(store.scan(&key(&[]), None, 100).unwrap().items.len(), 8);
    }
}

#[test]
fn versions_never_repeat_across_processes() {
    let folder = folder();
    let path = folder.path().join("state.db");
    let mut parts: Vec<Part> = (0..4)
        .map(|number| Part::play("write a hundred", &path, &number.to_string()))
        .collect();
    let mut seen = BTreeSet::new();
    for part in &mut parts {
        let mut last = 0;
        for _ in 0..100 {
            let version: u64 = part.hear().unwrap().parse().unwrap();
            assert!(version > last, "later is higher");
            assert!(seen.insert(version), "{version} twice");
            last = version;
        }
    }
    let store = open(&path, PATIENT).unwrap();
    assert_eq!(store.scan(&key(&[]), None, 1_000).unwrap().items.len(), 400);
}

#[test]
fn a_follower_hears_of_other_processes() {
    const WRITES: usize = 40;
    let folder = folder();
    let path = folder.path().join("state.db");
    let store = open(&path, PATIENT).unwrap();
    let mut part = Part::play("write when told", &path, "");
    assert_eq!(part.hear().as_deref(), Some("ready"));
    let mut cursor = cursor(&store);
    let mut lags = Vec::new();
    for number in 0..WRITES {
        let name = number.to_string();
        let (told, heard_at) = thread::scope(|scope| {
            let follower = scope.spawn(|| {
                let told = store
                    .changes(Some(cursor), Duration::from_secs(60))
                    .unwrap();
                (told, monotonic())
            });
            part.tell(&name);
            follower.join().unwrap()
        });
        assert_eq!(told.items, [Change::Written(key(&[&name]))]);
        cursor = told.next;
        let written: u64 = part.hear().unwrap().parse().unwrap();
        lags.push(heard_at.saturating_sub(Duration::from_millis(written)));
    }
    lags.sort_unstable();
    println!(
        "lag: median {:?}, longest {:?}",
        lags[WRITES / 2],
        lags[WRITES - 1]
    );
    assert!(lags[WRITES / 2] < Duration::from_millis(250));
    assert!(lags[WRITES - 1] < Duration::from_secs(1));
}

/// Row R6: a lock that is held too long is a fault, and no more than that.
#[test]
fn a_lock_is_waited_for_and_then_named() {
    let folder = folder();
    let path = folder.path().join("state.db");
    let short = SqliteLimits {
        wait: Duration::from_millis(100),
        ..PATIENT
    };
    let impatient = open(&path, short).unwrap();
    let patient = open(&path, PATIENT).unwrap();
    put(&impatient, "before", b"v");
    let mut part = Part::play("hold the lock", &path, "");
    assert_eq!(part.hear().as_deref(), Some("locked"));
    let entry = impatient.get(&key(&["before"])).unwrap().unwrap();
    let writes = [
        impatient
            .put_if_absent(&key(&["refused"]), b"v", entry.expires)
            .map(drop),
        impatient
            .compare_and_swap(&key(&["before"]), entry.version, b"w", entry.expires)
            .map(drop),
        impatient.delete(&key(&["before"])).map(drop),
    ];
    for write in writes {
        assert_fault(
            &write.unwrap_err(),
            Code::StoreUnavailable,
            &path,
            "locked by another",
        );
    }
    assert_eq!(value(&impatient, "before").as_deref(), Some(&b"v"[..]));
    assert!(since(&impatient, cursor(&impatient)).items.is_empty());
    thread::scope(|scope| {
        scope.spawn(|| put(&patient, "waited", b"v"));
        part.tell("release");
        assert_eq!(part.hear().as_deref(), Some("released"));
    });
    put(&impatient, "after", b"v");
    assert_eq!(value(&impatient, "waited").as_deref(), Some(&b"v"[..]));
    assert_eq!(value(&impatient, "refused"), None);
}
