//! The sidecar in trouble: what good traffic gets of one server thread meanwhile.

use std::process::Command;

use serde_json::Value;

use crate::Run;
use crate::building::SIDECAR;
use crate::desk::{Desk, text};
use crate::load::{Keeps, Side};

pub const FLOOD: &str =
    "good traffic beside a flood of tokens with wrong signatures, one server thread";
pub const LATENCY: &str = "latency in trouble: p99.9 of good traffic at a steady rate";

pub fn measure(run: &mut Run) {
    if run.failed(SIDECAR) {
        return;
    }
    run.says("the sidecar in trouble");
    if let Err(why) = flood(run) {
        run.fails("the flood", &why);
    }
    if let Err(why) = steady(run) {
        run.fails("latency in trouble", &why);
    }
}

const SERVER_CPU: &str = "server_cpu_ns_per_request";

/// How fast it is asked where it should have room left.
const STEADY: f64 = 0.1;

fn side(desk: &Desk, tokens: &str, more: &[&str], pids: Vec<u32>) -> Side {
    let url = format!("http://127.0.0.1:{}", desk.port);
    let arguments = [&["--url", &url, "--tokens", tokens][..], more].concat();
    Side {
        group: FLOOD,
        name: "bearerd".to_owned(),
        arguments: arguments.into_iter().map(str::to_owned).collect(),
        pids,
        tokens: 1.0,
        keeps: Keeps::Cpu,
    }
}

fn p(found: &Value, share: &str) -> f64 {
    found["latency_ns"][share].as_f64().unwrap_or_default()
}

/// A tenth of what the server could do, alone and beside as many bad tokens as it takes.
fn flood(run: &mut Run) -> Result<(), String> {
    let desk = Desk::new(run, "max_entries = 65536", "flood")?;
    let server = desk.start(run)?;
    let hs = text(&desk.hs);
    let (count, time) = if run.arguments.quick {
        (2, "500ms")
    } else {
        (5, "3s")
    };
    let full = desk.load(&side(&desk, &hs, &[], server.pids()), "1s")?;
    let rate = full["requests_per_second"].as_f64().unwrap_or(1_000.0) * STEADY;
    let target = format!("{rate:.0}/s");
    let good = side(
        &desk,
        &hs,
        &["--connections", "16", "--target", &target],
        server.pids(),
    );
    let bad = side(
        &desk,
        &hs,
        &["--connections", "64", "--bad", "100%"],
        Vec::new(),
    );
    let mut rows: [Vec<f64>; 7] = Default::default();
    for round in 0..count {
        run.says(&format!("  flood, round {} of {count}", round + 1));
        let alone = desk.load(&good, time)?;
        let (beside, flood) = std::thread::scope(|scope| {
            let flood = scope.spawn(|| desk.load(&bad, time));
            (desk.load(&good, time), flood.join())
        });
        let (beside, flood) = (beside?, flood.map_err(|_| "the flood panicked")??);
        let share =
            |found: &Value| found["requests_per_second"].as_f64().unwrap_or_default() / rate;
        let memory = |when: &str| beside["memory_bytes"][when].as_f64().unwrap_or_default();
        let found = [
            share(&alone),
            share(&beside),
            p(&alone, "p99"),
            p(&beside, "p99"),
            flood["requests_per_second"].as_f64().unwrap_or_default(),
            memory("after") - memory("before"),
            // Of all requests, spread over the good ones.
            beside[SERVER_CPU].as_f64().unwrap_or_default() / 1e9 * share(&beside) * rate,
        ];
        rows.iter_mut()
            .zip(found)
            .for_each(|(row, found)| row.push(found));
    }
    let names = [
        ("share of its rate that is answered, alone", "share"),
        (
            "share of its rate that is answered, beside the flood",
            "share",
        ),
        ("p99, alone", "ns"),
        ("p99, beside the flood", "ns"),
        ("bad tokens refused meanwhile", "/s"),
        ("growth of the server's memory in a round", "bytes"),
        ("the server's processor, how much of one", "share"),
    ];
    for ((name, unit), row) in names.into_iter().zip(rows) {
        run.figures.add(FLOOD, name, unit, row);
    }
    Ok(())
}

/// Good traffic at a steady rate, in peace, while keys are read again and again, and while the cache
/// evicts on every request.
fn steady(run: &mut Run) -> Result<(), String> {
    let desk = Desk::new(run, "max_entries = 65536", "steady")?;
    let small = Desk::new(run, "max_entries = 500", "small")?;
    let (server, evicting) = (desk.start(run)?, small.start(run)?);
    let many = run.work.join("many.tokens");
    small.make_tokens("hs", &many, 20_000)?;
    let (count, time) = if run.arguments.quick {
        (2, "500ms")
    } else {
        (5, "2s")
    };
    let steady = ["--connections", "16", "--target", "2000/s"];
    let peace = side(&desk, &text(&desk.hs), &steady, server.pids());
    let evict = side(&small, &text(&many), &steady, evicting.pids());
    let mut rows: [Vec<f64>; 3] = Default::default();
    for round in 0..count {
        run.says(&format!("  steady, round {} of {count}", round + 1));
        rows[0].push(p(&desk.load(&peace, time)?, "p99.9"));
        let (found, reloads) = std::thread::scope(|scope| {
            let loaded = scope.spawn(|| desk.load(&peace, time));
            let mut reloads = 0;
            while !loaded.is_finished() {
                let pid = server.pids()[0].to_string();
                let told = Command::new("kill").args(["-HUP", &pid]).status();
                reloads += u32::from(told.is_ok_and(|status| status.success()));
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            (loaded.join(), reloads)
        });
        if reloads == 0 {
            return Err("the keys were never read again".to_owned());
        }
        rows[1].push(p(&found.map_err(|_| "a load panicked")??, "p99.9"));
        rows[2].push(p(&small.load(&evict, time)?, "p99.9"));
    }
    let names = [
        "in peace",
        "keys read again 50 times a second",
        "20,000 tokens in turn, a cache of 500",
    ];
    for (name, row) in names.into_iter().zip(rows) {
        run.figures.add(LATENCY, name, "ns", row);
    }
    Ok(())
}
