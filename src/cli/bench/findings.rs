use std::fmt::Write;
use std::time::Duration;

use serde_json::{Value, json};

use super::latencies::Latencies;
use super::load::Outcome;

/// What must be held.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Targets {
    pub(super) rate: Option<f64>,
    pub(super) p99: Option<Duration>,
    pub(super) cpu: Option<Duration>,
}

/// What was found.
#[derive(Debug)]
pub(super) struct Findings {
    /// What was done, in one line.
    pub(super) what: String,
    pub(super) targets: Targets,
    pub(super) outcome: Outcome,
    /// Tokens in each request.
    pub(super) batch: usize,
    /// Seconds of the server's processor time.
    pub(super) cpu: Option<f64>,
    pub(super) hit_rate: Option<f64>,
    /// Bytes of the server's memory, before and after.
    pub(super) memory: Option<(f64, f64)>,
    pub(super) in_process: bool,
}

/// A row of the result that may have a target.
struct Row {
    name: &'static str,
    text: String,
    target: Option<(String, bool)>,
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts and nanoseconds of a run"
)]
impl Findings {
    fn seconds(&self) -> f64 {
        (self.outcome.time as f64 / 1e9).max(1e-9)
    }

    fn rate(&self) -> f64 {
        self.outcome.answers() as f64 / self.seconds()
    }

    /// Nanoseconds of the server's processor time for each request.
    fn cpu_each(&self) -> Option<f64> {
        let answers = self.outcome.answers();
        self.cpu
            .filter(|_| answers > 0)
            .map(|cpu| cpu * 1e9 / answers as f64)
    }

    fn own_each(&self) -> f64 {
        self.outcome.own_time as f64 / self.outcome.answers().max(1) as f64
    }

    fn rate_met(&self) -> Option<bool> {
        // What is still on its way at the end is not missed.
        self.targets.rate.map(|rate| self.rate() >= rate * 0.995)
    }

    fn p99_met(&self) -> Option<bool> {
        let found = u128::from(self.outcome.good.at(0.99));
        let found = found.max(if self.outcome.good.count() == 0 {
            u128::MAX
        } else {
            0
        });
        self.targets.p99.map(|p99| found <= p99.as_nanos())
    }

    fn cpu_met(&self) -> Option<bool> {
        let found = self.cpu_each();
        self.targets
            .cpu
            .map(|cpu| found.is_some_and(|found| found <= cpu.as_nanos() as f64))
    }

    /// Whether every target was met and every answer right.
    pub(super) fn held(&self) -> bool {
        let met = [self.rate_met(), self.p99_met(), self.cpu_met()];
        self.outcome.wrong == 0 && self.outcome.answers() > 0 && !met.contains(&Some(false))
    }

    fn timed_from(&self) -> &'static str {
        if self.in_process {
            "one call in 16, in this process"
        } else if self.targets.rate.is_some() {
            "from when each was due: corrected for coordinated omission"
        } else {
            "from when each was sent, each connection waiting for its answer: not corrected for coordinated omission; give --target to have it so"
        }
    }

    pub(super) fn json(&self) -> String {
        let outcome = &self.outcome;
        let statuses: serde_json::Map<String, Value> = self
            .statuses()
            .map(|(status, count)| (status.to_string(), count.into()))
            .collect();
        json!({
            "what": self.what,
            "seconds": self.seconds(),
            "requests": outcome.answers(),
            "requests_per_second": self.rate(),
            "tokens_per_request": self.batch,
            "statuses": statuses,
            "wrong": outcome.wrong,
            "unanswered": outcome.unanswered,
            "latency_from": if self.targets.rate.is_some() && !self.in_process { "due" } else { "sent" },
            "latency_ns": percentiles(&outcome.good),
            "latency_of_refused_ns": (outcome.bad.count() > 0).then(|| percentiles(&outcome.bad)),
            "cache_hit_rate": self.hit_rate,
            "server_cpu_ns_per_request": self.cpu_each(),
            "load_cpu_ns_per_request": (!self.in_process).then(|| self.own_each()),
            "memory_bytes": self.memory.map(|(before, after)| json!({ "before": before, "after": after })),
            "targets": {
                "requests_per_second": self.targets.rate.map(|rate| judged(rate, self.rate_met())),
                "p99_ns": self.targets.p99.map(|p99| judged(p99.as_nanos() as f64, self.p99_met())),
                "server_cpu_ns_per_request":
                    self.targets.cpu.map(|cpu| judged(cpu.as_nanos() as f64, self.cpu_met())),
            },
            "held": self.held(),
        })
        .to_string()
    }

    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n\n", self.what);
        for row in self.rows() {
            let target = row.target.map(|(target, met)| {
                format!("   target {target}: {}", if met { "met" } else { "MISSED" })
            });
            let target = target.unwrap_or_default();
            let _ = writeln!(text, "  {:<22}{}{target}", row.name, row.text);
        }
        let _ = write!(text, "\n  Latency is counted {}.\n", self.timed_from());
        if !self.in_process && self.own_share() > 0.9 {
            text.push_str("  The load itself took a whole processor: give it more with --threads, or the server may be faster than this shows.\n");
        }
        let held = match (self.held(), self.has_targets()) {
            (true, true) => "every target is met",
            (true, false) => "no target was given",
            (false, _) if self.outcome.wrong > 0 => "NOT held: there were wrong answers",
            (false, _) => "NOT held",
        };
        let _ = write!(text, "\n{held}");
        text
    }

    fn has_targets(&self) -> bool {
        let Targets { rate, p99, cpu } = self.targets;
        rate.is_some() || p99.is_some() || cpu.is_some()
    }

    fn rows(&self) -> Vec<Row> {
        let good = &self.outcome.good;
        let plain = |name, text| Row {
            name,
            text,
            target: None,
        };
        let mut rows = vec![Row {
            name: "throughput",
            text: format!("{}/s", grouped(self.rate())),
            target: self.targets.rate.map(|rate| {
                (
                    format!("{}/s", grouped(rate)),
                    self.rate_met() == Some(true),
                )
            }),
        }];
        let shares = [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999)];
        for (name, share) in shares {
            rows.push(Row {
                name,
                text: span(good.at(share) as f64),
                target: self
                    .targets
                    .p99
                    .filter(|_| name == "p99")
                    .map(|p99| (span(p99.as_nanos() as f64), self.p99_met() == Some(true))),
            });
        }
        rows.push(plain("longest", span(good.most() as f64)));
        if self.outcome.bad.count() > 0 {
            let refused = &self.outcome.bad;
            let both = format!(
                "p50 {}, p99 {}",
                span(refused.at(0.5) as f64),
                span(refused.at(0.99) as f64)
            );
            rows.push(plain("refused tokens", both));
        }
        let statuses: Vec<String> = self
            .statuses()
            .map(|(status, count)| format!("{} with {status}", grouped(count as f64)))
            .collect();
        rows.push(plain("answers", statuses.join(", ")));
        if let Some((had, expected)) = self.outcome.first_wrong {
            let count = grouped(self.outcome.wrong as f64);
            let wrong =
                format!("{count}, the first: status {had} (expected {expected}), or another body");
            rows.push(plain("WRONG ANSWERS", wrong));
        }
        if self.outcome.unanswered > 0 {
            rows.push(plain(
                "due, not answered",
                grouped(self.outcome.unanswered as f64),
            ));
        }
        let known =
            |value: Option<String>| value.unwrap_or_else(|| "not told by the server".to_owned());
        let rate = self.hit_rate.map(|rate| format!("{:.2} %", rate * 100.0));
        rows.push(plain("cache hit rate", known(rate)));
        let batch = self.batch as f64;
        rows.push(Row {
            name: "server CPU a request",
            text: known(self.cpu_each().map(|each| match self.batch {
                1 => span(each),
                _ => format!("{}, {} a token", span(each), span(each / batch)),
            })),
            target: self
                .targets
                .cpu
                .map(|cpu| (span(cpu.as_nanos() as f64), self.cpu_met() == Some(true))),
        });
        if let Some((before, after)) = self.memory {
            let (before, after) = (before / 1e6, after / 1e6);
            rows.push(plain(
                "server memory",
                format!("{before:.1} MB before, {after:.1} MB after"),
            ));
        }
        if !self.in_process {
            let share = self.own_share() * 100.0;
            let own = format!(
                "{} a request, {share:.0} % of a processor",
                span(self.own_each())
            );
            rows.push(plain("the load's own CPU", own));
        }
        rows
    }

    fn own_share(&self) -> f64 {
        self.outcome.own_time as f64 / (self.outcome.time.max(1) as f64)
    }

    fn statuses(&self) -> impl Iterator<Item = (usize, u64)> {
        let counts = self.outcome.statuses.iter().copied().enumerate();
        counts.filter(|(_, count)| *count > 0)
    }
}

fn judged(target: f64, met: Option<bool>) -> Value {
    json!({ "target": target, "met": met })
}

fn percentiles(latencies: &Latencies) -> Value {
    json!({
        "p50": latencies.at(0.5), "p90": latencies.at(0.9), "p99": latencies.at(0.99),
        "p99.9": latencies.at(0.999), "max": latencies.most(),
    })
}

/// Nanoseconds in the unit that reads best.
fn span(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e3 => format!("{n:.0} ns"),
        n if n < 1e6 => format!("{:.2} µs", n / 1e3),
        n if n < 1e9 => format!("{:.2} ms", n / 1e6),
        n => format!("{:.2} s", n / 1e9),
    }
}

/// A whole number, its digits in groups of three.
pub(super) fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_read_well() {
        assert_eq!(
            (grouped(1.0), grouped(1234.5), grouped(1e6)),
            ("1".into(), "1,234".into(), "1,000,000".into())
        );
        assert_eq!(span(12_345.0), "12.35 µs");
    }

    #[test]
    fn a_target_that_cannot_be_told_is_missed() {
        let mut findings = Findings {
            what: String::new(),
            targets: Targets::default(),
            outcome: Outcome::default(),
            batch: 1,
            cpu: None,
            hit_rate: None,
            memory: None,
            in_process: false,
        };
        assert!(!findings.held(), "nothing was answered");
        findings.outcome.statuses[200] = 1_000;
        findings.outcome.time = 1_000_000_000;
        assert!(findings.held());
        findings.targets.cpu = Some(Duration::from_micros(20));
        assert!(!findings.held());
        findings.cpu = Some(0.019);
        assert!(findings.held());
        findings.targets.rate = Some(1_001.0);
        assert!(findings.held());
        findings.targets.rate = Some(1_100.0);
        assert!(!findings.held());
        findings.targets.rate = None;
        findings.targets.p99 = Some(Duration::from_millis(1));
        assert!(!findings.held(), "none was timed");
        findings.outcome.good.add(900_000);
        assert!(findings.held());
        findings.outcome.wrong = 1;
        assert!(!findings.held());
    }
}
