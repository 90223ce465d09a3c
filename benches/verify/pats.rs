use std::sync::Arc;

use bearerd::clock::{Clock, SystemClock};
use bearerd::config::{Config, Environment, Profile, Profiles};
use bearerd::error::Code;
use bearerd::state::pats::NewPat;
use bearerd::verify::VerifyOptions;

use crate::Statistics;
use crate::rounds::{compare, contender};
use crate::tokens::{SECRET, Turn, many};

/// Personal access tokens beside signed ones, in the cache and out of it. `PATS` says how many a
/// file has beside those that are timed (a thousand, unless it says more); each costs two writes,
/// so a million is for a folder in memory (`TMPDIR=/dev/shm`).
pub(crate) fn run(rsa: &str, statistics: &mut Statistics) {
    let stored: usize = std::env::vars()
        .find(|(name, _)| name == "PATS")
        .map_or(1_000, |(_, text)| text.parse().unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db").display().to_string();
    let (hot, cold) = (profiles(&file, rsa, 65_536), profiles(&file, rsa, 0));
    let get =
        |all: &Profiles, name: &str| -> Arc<Profile> { Arc::clone(all.get(Some(name)).unwrap()) };
    let (hs, hs_cold, rs_cold) = (get(&hot, "hs"), get(&cold, "hs"), get(&cold, "rs"));
    for n in 0..stored {
        let _ = hs.create_pat(pat(n), None).unwrap();
    }
    let pats: Vec<String> = (0..1_000)
        .map(|n| hs.create_pat(pat(n), None).unwrap().token.to_string())
        .collect();
    println!("\n{} personal access tokens in {file}", stored + pats.len());
    let signed = many(&hs, 1_000);
    let by_rsa = many(&get(&hot, "rs"), 1_000);
    let options = VerifyOptions::default();
    let wrong: Vec<String> = pats.iter().map(|token| damaged(token)).collect();
    for token in pats.iter().chain(&signed) {
        assert!(!hs.verifier().verify(token, &options).unwrap().was_cached());
        assert!(
            !hs_cold
                .verifier()
                .verify(token, &options)
                .unwrap()
                .was_cached()
        );
    }
    for token in &by_rsa {
        assert!(rs_cold.verifier().verify(token, &options).is_ok());
    }
    for token in &wrong {
        let verdict = hs_cold.verifier().verify(token, &options);
        assert_eq!(verdict.unwrap_err().code(), Code::Malformed);
    }
    // A full set of the table may have let one go; only tokens that are kept are timed.
    let kept = |list: &[String]| -> Vec<String> {
        let is_kept =
            |token: &&String| hs.verifier().verify(*token, &options).unwrap().was_cached();
        list.iter().filter(is_kept).cloned().collect()
    };
    let (signed_kept, pats_kept) = (kept(&signed), kept(&pats));
    assert!(signed_kept.len().min(pats_kept.len()) > 950);
    let turn = Turn::new;
    let (mut one, mut two) = (turn(), turn());
    compare(
        "a hit, a signed token and a personal access token",
        vec![
            contender("signed", || {
                hs.verifier()
                    .verify(one.next(&signed_kept), &options)
                    .is_ok()
            }),
            contender("personal access token", || {
                hs.verifier().verify(two.next(&pats_kept), &options).is_ok()
            }),
        ],
    );
    let (mut one, mut two, mut three, mut four) = (turn(), turn(), turn(), turn());
    compare(
        "without the cache: a signature, or a read of the file",
        vec![
            contender("signed with HS256", || {
                hs_cold
                    .verifier()
                    .verify(one.next(&signed), &options)
                    .is_ok()
            }),
            contender("signed with RS256", || {
                rs_cold
                    .verifier()
                    .verify(two.next(&by_rsa), &options)
                    .is_ok()
            }),
            contender("personal access token, in SQLite", || {
                hs_cold
                    .verifier()
                    .verify(three.next(&pats), &options)
                    .is_ok()
            }),
            contender("the same with a wrong checksum", || {
                hs_cold
                    .verifier()
                    .verify(four.next(&wrong), &options)
                    .is_err()
            }),
        ],
    );
    let mut turn = turn();
    statistics.bench("pats/hit", || {
        hs.verifier()
            .verify(turn.next(&pats_kept), &options)
            .is_ok()
    });
}

fn profiles(file: &str, rsa: &str, entries: usize) -> Profiles {
    let text = format!(
        "state = \"sqlite:{file}\"\n\
         [profiles.hs]\nalgorithms = [\"HS256\"]\nkeys = [{{ secret_base64url = \"{SECRET}\" }}]\n\
         sign = {{ access = \"1h\" }}\ncache = {{ max_entries = {entries} }}\npat = {{ prefix = \"acme_pat_\" }}\n\
         [profiles.rs]\nalgorithms = [\"RS256\"]\nkeys = [{{ pem = '''{rsa}''' }}]\n\
         sign = {{ access = \"1h\" }}\ncache = {{ max_entries = {entries} }}\n"
    );
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let none = Environment::empty();
    Config::from_text(&text, "bench", &none)
        .unwrap()
        .build(&none, &clock)
        .unwrap()
}

/// Ten to a subject.
fn pat(n: usize) -> NewPat {
    let mut new = NewPat::of(format!("user-{:08}", n / 10));
    new.description = "a laptop".to_owned();
    new.scopes = ["read:orders", "write:orders", "read:users"]
        .map(str::to_owned)
        .to_vec();
    new
}

fn damaged(token: &str) -> String {
    let (head, last) = token.split_at(token.len() - 1);
    format!("{head}{}", if last == "x" { "y" } else { "x" })
}
