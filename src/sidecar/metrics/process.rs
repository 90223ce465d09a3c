use std::fmt::Error;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;
use rustix::time::{ClockId, clock_gettime};

/// What the system says of this process, under the names that every Prometheus client gives it.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let used = clock_gettime(ClockId::ProcessCPUTime);
        #[expect(clippy::cast_precision_loss, reason = "metrics are doubles")]
        let seconds = used.tv_sec as f64 + used.tv_nsec as f64 / 1e9;
        encoder
            .encode_descriptor(
                "process_cpu_seconds",
                "Processor time of this process, user and system",
                None,
                MetricType::Counter,
            )?
            .encode_counter::<NoLabelSet, f64, f64>(&seconds, None)?;
        if let Some(bytes) = resident() {
            encoder
                .encode_descriptor(
                    "process_resident_memory_bytes",
                    "Memory of this process that is not swapped out",
                    None,
                    MetricType::Gauge,
                )?
                .encode_gauge(&bytes)?;
        }
        Ok(())
    }
}

/// The second number of `/proc/self/statm` counts pages. Where there is none, nothing is told.
fn resident() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = text.split(' ').nth(1)?.parse().ok()?;
    pages.checked_mul(u64::try_from(rustix::param::page_size()).ok()?)
}
