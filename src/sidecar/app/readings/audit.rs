use std::sync::Arc;

use super::reading::{self, Reading, Whose, number, only};
use crate::audit::{AuditLog, AuditStats};
use crate::sidecar::metrics::{Kind, Metrics};

/// The audit log.
pub(super) fn register(metrics: &Metrics, audit: &Arc<AuditLog>) {
    let readings: [Reading<AuditStats>; 7] = [
        Reading {
            kind: Kind::Counter,
            name: "audit_events_written",
            help: "Audit events written",
            label: "",
            read: |stats| only(number(stats.written)),
        },
        Reading {
            kind: Kind::Counter,
            name: "audit_events_dropped",
            help: "Audit events that could not be queued or written",
            label: "",
            read: |stats| only(number(stats.dropped)),
        },
        Reading {
            kind: Kind::Counter,
            name: "audit_events_coalesced",
            help: "Rejections that were counted without an event of their own",
            label: "",
            read: |stats| only(number(stats.coalesced)),
        },
        Reading {
            kind: Kind::Counter,
            name: "audit_events_purged",
            help: "Audit events that retention removed",
            label: "",
            read: |stats| only(number(stats.purged)),
        },
        Reading {
            kind: Kind::Counter,
            name: "audit_lines_dropped",
            help: "Audit lines that standard output did not take",
            label: "",
            read: |stats| only(number(stats.unsaid)),
        },
        Reading {
            kind: Kind::Gauge,
            name: "audit_lag_seconds",
            help: "How long the oldest audit event waits to be written",
            label: "",
            read: |stats| only(stats.lag.as_secs_f64()),
        },
        Reading {
            kind: Kind::Gauge,
            name: "audit_in_trouble",
            help: "1 while the audit file cannot be written",
            label: "",
            read: |stats| only(number(u64::from(stats.in_trouble))),
        },
    ];
    let audit = Arc::clone(audit);
    let counts = move || vec![(Whose::new(), audit.stats())];
    reading::register(metrics, readings, counts);
}
