//! Sides that are loaded in turn.

use serde_json::Value;

use crate::command::{bearerd, last_lines};
use crate::desk::Desk;
use crate::sidecar::ALONE_MEAN;
use crate::{Run, cores};

/// One thing that is loaded.
pub struct Side {
    pub group: &'static str,
    pub name: String,
    pub arguments: Vec<String>,
    /// Whose processor time is counted.
    pub pids: Vec<u32>,
    /// What a request counts for.
    pub tokens: f64,
    pub keeps: Keeps,
}

/// Which figure of a load is kept.
#[derive(Clone, Copy, PartialEq)]
pub enum Keeps {
    /// The server's processor time, in nanoseconds a request.
    Cpu,
    /// The median of latency.
    Median,
    /// The processor time of these processes beside that of the others, too.
    CpuAndShareOf(u32),
}

impl Desk {
    /// Loads a side on the load's processor and returns what was found.
    pub fn load(&self, side: &Side, time: &str) -> Result<Value, String> {
        let found = self.ask(side, time)?;
        if found["requests"] == 0 {
            return Err(format!("no answer came within {time}"));
        }
        Ok(found)
    }

    fn ask(&self, side: &Side, time: &str) -> Result<Value, String> {
        let mut command = bearerd(&self.bearerd);
        command.args(["bench", "--json", "--time", time]);
        command.args(&side.arguments);
        for pid in &side.pids {
            command.args(["--pid", &pid.to_string()]);
        }
        let core = cores::pair().map(|(_, load)| load);
        let output = cores::on(core, || command.output()).map_err(|error| error.to_string())?;
        let found: Value = serde_json::from_slice(&output.stdout).map_err(|_| {
            let errors = String::from_utf8_lossy(&output.stderr).into_owned();
            let arguments = side.arguments.join(" ");
            format!("bearerd bench {arguments}:\n{}", last_lines(&errors, 4))
        })?;
        if found["wrong"] != 0 {
            return Err(format!("wrong answers: {}", found["statuses"]));
        }
        Ok(found)
    }

    /// A tenth of the tokens with a wrong signature must be refused, or it is not measured:
    /// `bearerd bench` asks for every token once and looks at each answer before it begins.
    pub fn sees_forgeries_refused(&self, side: &Side) -> Result<(), String> {
        let side = Side {
            group: side.group,
            name: side.name.clone(),
            arguments: [&side.arguments[..], &["--bad".into(), "10%".into()]].concat(),
            pids: Vec::new(),
            tokens: side.tokens,
            keeps: side.keeps,
        };
        self.ask(&side, "100ms").map(|_| ())
    }
}

/// What the rounds of a side found.
#[derive(Default)]
struct Found {
    kept: Vec<f64>,
    rates: Vec<f64>,
    shares: Vec<f64>,
    failed: bool,
}

/// Every side in turn, as often as there are rounds. A side that fails is left out from then on.
pub fn rounds(run: &mut Run, desk: &Desk, sides: &[Side]) {
    let (count, time) = if run.arguments.quick {
        (2, "200ms")
    } else {
        (7, "1s")
    };
    let mut found: Vec<Found> = sides.iter().map(|_| Found::default()).collect();
    for round in 0..count {
        run.says(&format!("  round {} of {count}", round + 1));
        for turn in 0..sides.len() {
            let at = (turn + round) % sides.len();
            if found[at].failed {
                continue;
            }
            if let Err(why) = one(desk, &sides[at], time, &mut found[at]) {
                run.fails(&sides[at].name, &why);
                found[at].failed = true;
            }
        }
    }
    for (side, found) in sides.iter().zip(found) {
        if found.failed {
            continue;
        }
        run.figures.add(side.group, &side.name, "ns", found.kept);
        let more = |what: &str| format!("{}: {what}", side.group);
        if side.keeps == Keeps::Median {
            let each = found.rates.iter().map(|rate| 1e9 / rate).collect();
            run.figures.add(ALONE_MEAN, &side.name, "ns", each);
        } else {
            let group = more("throughput");
            run.figures.add(&group, &side.name, "/s", found.rates);
        }
        let group = more("bearerd's share");
        run.figures.add(&group, &side.name, "%", found.shares);
    }
}

fn one(desk: &Desk, side: &Side, time: &str, found: &mut Found) -> Result<(), String> {
    let before = share_of(side);
    let value = desk.load(side, time)?;
    let after = share_of(side);
    let kept = match side.keeps {
        Keeps::Cpu | Keeps::CpuAndShareOf(_) => &value["server_cpu_ns_per_request"],
        Keeps::Median => &value["latency_ns"]["p50"],
    };
    let kept = kept
        .as_f64()
        .ok_or("the server's processor time cannot be read from /proc")?;
    found.kept.push(kept / side.tokens);
    let rate = value["requests_per_second"].as_f64().unwrap_or_default();
    found.rates.push(rate);
    if let (Some(before), Some(after)) = (before, after) {
        let (one, all) = (after.0 - before.0, after.1 - before.1);
        found.shares.push(100.0 * one / all);
    }
    Ok(())
}

/// Processor time of the process whose share is wanted, and of all.
fn share_of(side: &Side) -> Option<(f64, f64)> {
    let Keeps::CpuAndShareOf(pid) = side.keeps else {
        return None;
    };
    let all: Option<f64> = side.pids.iter().map(|pid| processor_time(*pid)).sum();
    Some((processor_time(pid)?, all?))
}

/// Nanoseconds that all threads of a process were given.
fn processor_time(pid: u32) -> Option<f64> {
    let mut nanoseconds = 0.0;
    for thread in std::fs::read_dir(format!("/proc/{pid}/task")).ok()? {
        let text = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        nanoseconds += text.split(' ').next()?.parse::<f64>().ok()?;
    }
    Some(nanoseconds)
}
