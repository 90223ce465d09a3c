use std::env;
use std::thread;
use std::time::Duration;

use bearerd::store::Store;

use super::other::Part;
use super::{PATIENT, folder, key, open, value};

/// How many processes are killed; `BEARERD_TEST_KILLS` for more.
fn rounds() -> u64 {
    let asked = env::var_os("BEARERD_TEST_KILLS");
    asked.map_or(50, |text| text.to_str().unwrap().parse().unwrap())
}

/// A write that was answered is there after a SIGKILL at any moment, and nothing is half there.
#[test]
fn what_was_answered_survives_a_kill() {
    let folder = folder();
    let path = folder.path().join("state.db");
    let mut random = 0x9E37_79B9_7F4A_7C15_u64;
    let mut answered = 0;
    for round in 0..rounds() {
        let name = round.to_string();
        let mut part = Part::play("write until killed", &path, &name);
        assert_eq!(part.hear().as_deref(), Some("ready"));
        // Any moment within the first writes.
        random = random
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(round);
        thread::sleep(Duration::from_micros((random >> 33) % 50_000));
        part.kill();
        let said: Vec<String> = std::iter::from_fn(|| part.hear()).collect();
        let last = |verb: &str| {
            let numbers = said.iter().filter_map(|line| line.strip_prefix(verb));
            numbers.map(|number| number.parse::<u64>().unwrap()).max()
        };

        let store = open(&path, PATIENT).unwrap();
        for number in last("put ").map_or(0..0, |last| 0..last + 1) {
            let expected = number.to_string().into_bytes();
            assert_eq!(value(&store, &format!("{round}-{number}")), Some(expected));
            answered += 1;
        }
        let counter = store.get(&key(&["counter", &name])).unwrap().map(|entry| {
            let text = std::str::from_utf8(entry.value.expose())
                .unwrap()
                .to_owned();
            text.parse::<u64>().unwrap()
        });
        if let Some(last) = last("swapped ") {
            let counter = counter.expect("it was answered");
            assert!(
                counter == last || counter == last + 1,
                "{counter}, answered {last}"
            );
        }
    }
    assert!(answered > 0, "killed too early every time");
    let check = rusqlite::Connection::open(&path).unwrap();
    let check: String = check
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))
        .unwrap();
    assert_eq!(check, "ok");
    println!("{answered} answered writes, none lost");
}
