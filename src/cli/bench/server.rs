use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};

use super::address::Address;

/// What the server's side says of itself, before and after.
#[derive(Clone, Debug, Default)]
pub(super) struct Reading {
    /// Processor time, in seconds.
    pub(super) cpu: Option<f64>,
    /// By profile.
    pub(super) caches: BTreeMap<String, Cache>,
    /// Bytes of memory.
    pub(super) memory: Option<f64>,
}

/// What a profile and its cache counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cache {
    pub(super) hits: f64,
    pub(super) misses: f64,
    pub(super) verdicts: f64,
}

impl Reading {
    /// From `/metrics`, and processor time from the system where the processes are named. What is
    /// not told is left out.
    pub(super) fn take(address: &Address, host: &str, pids: &[u32]) -> Self {
        let mut reading = scrape(address, host).map_or_else(Self::default, |text| parse(&text));
        if !pids.is_empty() {
            reading.cpu = pids.iter().map(|pid| of_process(*pid)).sum();
            reading.memory = pids.iter().map(|pid| resident(*pid)).sum();
        }
        reading
    }

    /// What was spent since an earlier one.
    pub(super) fn cpu_since(&self, earlier: &Self) -> Option<f64> {
        Some(self.cpu? - earlier.cpu?)
    }

    /// The share of look-ups since an earlier one that were hits, in the profiles that gave verdicts:
    /// the caches of others are looked into only to choose the profile.
    pub(super) fn hit_rate_since(&self, earlier: &Self) -> Option<f64> {
        let (mut hits, mut all) = (0.0, 0.0);
        for (name, cache) in &self.caches {
            let before = earlier.caches.get(name).copied().unwrap_or_default();
            if cache.verdicts > before.verdicts {
                hits += cache.hits - before.hits;
                all += cache.hits + cache.misses - before.hits - before.misses;
            }
        }
        (all > 0.0).then_some(hits / all)
    }
}

/// More than the metrics of any sidecar.
const LARGEST: u64 = 16 << 20;

fn scrape(address: &Address, host: &str) -> Option<String> {
    let mut stream = address.connect().ok()?;
    stream.be_patient().ok()?;
    let request = format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).ok()?;
    let mut text = Vec::new();
    stream.take(LARGEST).read_to_end(&mut text).ok()?;
    let text = String::from_utf8(text).ok()?;
    text.starts_with("HTTP/1.1 200 ").then_some(text)
}

fn parse(text: &str) -> Reading {
    let mut reading = Reading::default();
    for line in text.lines() {
        let Some((name, value)) = line.rsplit_once(' ') else {
            continue;
        };
        let Ok(value) = value.parse::<f64>() else {
            continue;
        };
        let (name, labels) = name.split_once('{').unwrap_or((name, ""));
        match name {
            "process_cpu_seconds_total" => reading.cpu = Some(value),
            "process_resident_memory_bytes" => reading.memory = Some(value),
            "bearerd_cache_lookups_total" | "bearerd_verdicts_total" => {
                let Some(profile) = label(labels, "profile") else {
                    continue;
                };
                let cache = reading.caches.entry(profile.to_owned()).or_default();
                match label(labels, "result") {
                    Some("hit") => cache.hits += value,
                    Some(_) => cache.misses += value,
                    None => cache.verdicts += value,
                }
            }
            _ => {}
        }
    }
    reading
}

/// The value of a label. Names of profiles need no escaping.
fn label<'a>(labels: &'a str, name: &str) -> Option<&'a str> {
    let (_, rest) = labels.split_once(&format!("{name}=\""))?;
    rest.split('"').next()
}

/// Seconds of processor time of a process and all of its threads, to the nanosecond.
fn of_process(pid: u32) -> Option<f64> {
    let mut nanoseconds = 0.0;
    for thread in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
        let text = fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        nanoseconds += text.split(' ').next()?.parse::<f64>().ok()?;
    }
    Some(nanoseconds / 1e9)
}

fn resident(pid: u32) -> Option<f64> {
    let text = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes * 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_profile_that_answers_counts() {
        let text = |of_a: u32, of_b: u32| {
            format!(
                "HTTP/1.1 200 OK\r\n\r\nprocess_cpu_seconds_total 1.5\n\
                 bearerd_cache_lookups_total{{profile=\"a\",result=\"hit\"}} {of_a}\n\
                 bearerd_cache_lookups_total{{profile=\"a\",result=\"miss\"}} 1\n\
                 bearerd_cache_lookups_total{{profile=\"b\",result=\"miss\"}} {of_b}\n\
                 bearerd_verdicts_total{{profile=\"a\",route=\"auth\",code=\"OK\"}} {of_a}\n"
            )
        };
        let (before, after) = (parse(&text(3, 3)), parse(&text(9, 90)));
        assert_eq!(after.hit_rate_since(&before), Some(1.0));
        assert_eq!(after.hit_rate_since(&parse("")), Some(0.9));
        assert_eq!(before.hit_rate_since(&before), None);
        assert_eq!((after.cpu_since(&before), after.memory), (Some(0.0), None));
        assert_eq!(after.cpu_since(&parse("")), None);
    }
}
