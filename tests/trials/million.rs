//! A million live revocations, read from a file at the start.

use std::fs;
use std::path::Path;

use bearerd::clock::{Clock, SystemClock};
use rusqlite::Connection;

use crate::sidecar::{Sidecar, in_file};

const MILLION: u32 = 1_000_000;
/// Of which two are revoked by the sidecar itself.
const LISTED: u32 = MILLION - 2;
const MOST: u64 = 100_000_000;

/// They cost less than 100 MB in all, and one that was read is refused like any other.
#[test]
fn a_million_revocations_fit_100_megabytes() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state.db");
    let mut sidecar = Sidecar::start(&in_file(&file), "rotation = {}");
    let (live, revoked) = (sidecar.pair("live").0, sidecar.pair("revoked"));
    assert_eq!(sidecar.revoke(&revoked.1).code(), "OK");
    sidecar.stop();
    let empty = sidecar.restart();
    assert_eq!(sidecar.verdict(&live), "OK");
    let before = memory(&sidecar);
    sidecar.stop();

    fill(&file);
    let full = sidecar.restart();
    assert!(sidecar.is_ready());
    for token in [&revoked.0, &revoked.1] {
        assert_ne!(sidecar.verdict(token), "OK");
    }
    assert_eq!(sidecar.verdict(&live), "OK");
    let after = memory(&sidecar);
    println!(
        "{LISTED} revocations: {:.1} MB kept, {:.1} MB at the most; started in {full:.1?}, without \
         them in {empty:.1?}",
        megabytes(after.kept - before.kept),
        megabytes(after.most - before.most),
    );
    assert!(after.kept - before.kept < MOST);
    assert_eq!(sidecar.metric("bearerd_state_reloads_total{}"), 1.0);
}

struct Memory {
    kept: u64,
    most: u64,
}

/// As the kernel counts it.
fn memory(sidecar: &Sidecar) -> Memory {
    let status = format!("/proc/{}/status", sidecar.id().as_raw_nonzero());
    let status = fs::read_to_string(status).unwrap();
    let of = |name: &str| {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let kilobytes: u64 = line
            .unwrap()
            .trim()
            .trim_end_matches(" kB")
            .parse()
            .unwrap();
        kilobytes * 1_024
    };
    Memory {
        kept: of("VmRSS:"),
        most: of("VmHWM:"),
    }
}

/// As a store writes them, with an end like those of tokens by their `jti`.
fn fill(file: &Path) {
    let now = SystemClock.now().millis();
    let connection = Connection::open(file).unwrap();
    let written = connection
        .execute(
            "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ?1)
             INSERT INTO entries (key, value, version, expires)
             SELECT printf('revoked/main/handle/%08x-7f9e-22ab-4b1d-9a612f6f1f2f/', x),
                    x'7FFFFFFFFFFFFFFF0000019000000000', x + 1000, ?2 + x FROM n",
            (LISTED, now + 3_600_000),
        )
        .unwrap();
    assert_eq!(u32::try_from(written), Ok(LISTED));
    connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .unwrap();
}

#[expect(clippy::cast_precision_loss, reason = "for people")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
