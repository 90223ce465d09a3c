//! What the process counts, and how it is told.
//!
//! The hot path adds to plain counters of its own core; a scrape sums them. Every label is from a
//! list that the process itself made (planes, routes, codes, profile names), so no client can
//! grow the output, and no token, claim or key id can get into it.

mod process;
mod scrape;
mod table;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use parking_lot::Mutex;
use prometheus_client::encoding::text::{encode, encode_registry};
use prometheus_client::registry::Registry;

use super::service::Plane;
use crate::error::Code;
use table::Table;

pub(super) use table::bind_to_core;

/// The most profiles that have rows of their own. Names beyond share a row called `other`.
const PROFILES: usize = 256;
const OTHER: &str = "other";

/// The statuses that HTTP knows.
const STATUSES: usize = 600;

/// The counters of one process.
#[derive(Debug)]
pub struct Metrics {
    cores: usize,
    routes: &'static [&'static str],
    requests: Table,
    edge: Table,
    open: [AtomicI64; Plane::ALL.len()],
    reloads: [AtomicU64; 2],
    verdicts: Mutex<Vec<Arc<Verdicts>>>,
    outside: Mutex<Vec<Outside>>,
}

/// What happens to connections.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    Accepted,
    /// Over the cap.
    Refused,
    /// Closed for a request that is not HTTP as we speak it.
    Protocol,
    /// Closed for being slow, silent or deaf.
    TimedOut,
    BytesIn,
    BytesOut,
    Panicked,
}

impl Event {
    const ALL: usize = 7;
}

/// The verdicts of one profile, by route and code.
#[derive(Debug)]
pub struct Verdicts {
    profile: String,
    routes: usize,
    table: Table,
}

impl Verdicts {
    /// Adds one verdict on the route of that index (in the list given to [`Metrics::new`]).
    pub fn count(&self, route: usize, code: Code) {
        let code = Code::ALL
            .binary_search_by_key(&code.number(), |row| row.number())
            .unwrap_or(0);
        if route < self.routes {
            self.table.add(route * Code::ALL.len() + code, 1);
        }
    }
}

/// Something that others count and that is read when it is scraped.
struct Outside {
    name: &'static str,
    help: &'static str,
    kind: Kind,
    read: Box<dyn Fn() -> Vec<Sample> + Send + Sync>,
}

/// What kind of number a reading is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
}

/// One reading.
#[derive(Clone, Debug)]
pub struct Sample {
    /// Name and value of its labels. Values come from the configuration, never from a request.
    pub labels: Vec<(&'static str, String)>,
    /// The number.
    pub value: f64,
}

impl Metrics {
    /// Counters for `cores` cores and the named routes.
    #[must_use]
    pub fn new(cores: usize, routes: &'static [&'static str]) -> Arc<Self> {
        Arc::new(Self {
            cores,
            routes,
            requests: Table::new(cores, Plane::ALL.len() * STATUSES),
            edge: Table::new(cores, Plane::ALL.len() * Event::ALL),
            open: Default::default(),
            reloads: Default::default(),
            verdicts: Mutex::default(),
            outside: Mutex::default(),
        })
    }

    /// The row of a profile, made when first asked for. Keep it with the profile: this takes a
    /// lock.
    #[must_use]
    pub fn verdicts(&self, profile: &str) -> Arc<Verdicts> {
        let mut known = self.verdicts.lock();
        let name = if known.len() < PROFILES {
            profile
        } else {
            OTHER
        };
        if let Some(row) = known
            .iter()
            .find(|row| row.profile == profile)
            .or_else(|| known.iter().find(|row| row.profile == name))
        {
            return Arc::clone(row);
        }
        let row = Arc::new(Verdicts {
            profile: name.to_owned(),
            routes: self.routes.len(),
            table: Table::new(self.cores, self.routes.len() * Code::ALL.len()),
        });
        known.push(Arc::clone(&row));
        row
    }

    /// Adds the result of a reload.
    pub fn reloaded(&self, success: bool) {
        self.reloads[usize::from(success)].fetch_add(1, Ordering::Relaxed);
    }

    /// Adds a number that others keep, such as a cache's. `read` is called at every scrape.
    pub fn register(
        &self,
        kind: Kind,
        name: &'static str,
        help: &'static str,
        read: impl Fn() -> Vec<Sample> + Send + Sync + 'static,
    ) {
        self.outside.lock().push(Outside {
            name,
            help,
            kind,
            read: Box::new(read),
        });
    }

    /// Everything, in the OpenMetrics text format.
    #[must_use]
    pub fn scrape(self: &Arc<Self>) -> String {
        let mut registry = Registry::with_prefix("bearerd");
        registry.register_collector(Box::new(scrape::Scrape::new(Arc::clone(self))));
        let mut own = Registry::default();
        own.register_collector(Box::new(process::Process));
        let mut text = String::new();
        // Writing to a string does not fail; a reading that did would leave the text short.
        let written = encode_registry(&mut text, &own).and_then(|()| encode(&mut text, &registry));
        if written.is_err() {
            tracing::error!("the metrics could not be written out");
        }
        text
    }

    /// The content type of [`Metrics::scrape`].
    pub const CONTENT_TYPE: &'static str =
        "application/openmetrics-text; version=1.0.0; charset=utf-8";

    /// Everything, in the Prometheus text format 0.0.4: the same samples, and counters described
    /// under their sample's name.
    #[must_use]
    pub fn scrape_text(self: &Arc<Self>) -> String {
        let open = self.scrape();
        let mut text = String::with_capacity(open.len() + 1_024);
        let mut help: Option<(&str, &str)> = None;
        for line in open.lines() {
            if let Some((name, what)) = described(line, "# HELP ") {
                help = Some((name, what));
            } else if let Some((name, kind)) = described(line, "# TYPE ") {
                let suffix = if kind == "counter" { "_total" } else { "" };
                if let Some((_, what)) = help.take().filter(|(helped, _)| *helped == name) {
                    text.push_str(&format!("# HELP {name}{suffix} {what}\n"));
                }
                text.push_str(&format!("# TYPE {name}{suffix} {kind}\n"));
            } else if !line.starts_with('#') {
                text.push_str(line);
                text.push('\n');
            }
        }
        text
    }

    /// The content type of [`Metrics::scrape_text`].
    pub const TEXT_CONTENT_TYPE: &'static str = "text/plain; version=0.0.4; charset=utf-8";

    pub(super) fn request(&self, plane: Plane, status: u16) {
        self.requests
            .add(plane.index() * STATUSES + usize::from(status), 1);
    }

    pub(super) fn event(&self, plane: Plane, event: Event, count: usize) {
        self.edge
            .add(plane.index() * Event::ALL + event as usize, count as u64);
    }

    pub(super) fn opened(&self, plane: Plane) {
        self.open[plane.index()].fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn closed(&self, plane: Plane) {
        self.open[plane.index()].fetch_sub(1, Ordering::Relaxed);
    }
}

fn described<'a>(line: &'a str, what: &str) -> Option<(&'a str, &'a str)> {
    line.strip_prefix(what)?.split_once(' ')
}

impl std::fmt::Debug for Outside {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scrape_sums_what_all_cores_counted() {
        let metrics = Metrics::new(2, &["auth", "verify"]);
        let verdicts = metrics.verdicts("a");
        let threads = [0, 1].map(|core| {
            let (metrics, verdicts) = (Arc::clone(&metrics), Arc::clone(&verdicts));
            std::thread::spawn(move || {
                bind_to_core(core);
                for _ in 0..10 {
                    metrics.request(Plane::Data, 200);
                    metrics.event(Plane::Data, Event::BytesIn, 7);
                    verdicts.count(0, Code::Ok);
                    verdicts.count(1, Code::Expired);
                }
            })
        });
        for thread in threads {
            thread.join().unwrap();
        }
        metrics.opened(Plane::Control);
        metrics.reloaded(false);
        metrics.register(Kind::Gauge, "cache_entries", "Entries in the cache", || {
            vec![Sample {
                labels: vec![("profile", "a".to_owned())],
                value: 3.0,
            }]
        });
        let text = metrics.scrape();
        for name in [
            "process_cpu_seconds_total ",
            "process_resident_memory_bytes ",
        ] {
            let value = text
                .lines()
                .find_map(|line| line.strip_prefix(name)?.parse::<f64>().ok());
            assert!(value.is_some_and(|value| value > 0.0), "{name}\n{text}");
        }
        for line in [
            "bearerd_requests_total{plane=\"data\",status=\"200\"} 20",
            "bearerd_received_bytes_total{plane=\"data\"} 140",
            "bearerd_verdicts_total{profile=\"a\",route=\"auth\",code=\"OK\"} 20",
            "bearerd_verdicts_total{profile=\"a\",route=\"verify\",code=\"EXPIRED\"} 20",
            "bearerd_connections_open{plane=\"control\"} 1",
            "bearerd_reloads_total{result=\"failure\"} 1",
            "bearerd_cache_entries{profile=\"a\"} 3.0",
            "# EOF",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn profiles_are_bounded() {
        let metrics = Metrics::new(1, &["auth"]);
        for number in 0..PROFILES + 50 {
            metrics.verdicts(&number.to_string()).count(0, Code::Ok);
        }
        let rows = metrics
            .scrape()
            .lines()
            .filter(|line| line.starts_with("bearerd_verdicts_total{"))
            .count();
        assert_eq!(rows, PROFILES + 1);
        assert!(Arc::ptr_eq(&metrics.verdicts("0"), &metrics.verdicts("0")));
    }
}
