use std::fmt::Error;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{
    DescriptorEncoder, EncodeLabel, EncodeLabelSet, LabelSetEncoder, MetricEncoder, NoLabelSet,
};
use prometheus_client::metrics::MetricType;

use super::{Event, Kind, Metrics, STATUSES};
use crate::error::Code;
use crate::sidecar::service::Plane;

/// Writes the counters out when they are scraped.
#[derive(Debug)]
pub(super) struct Scrape(Arc<Metrics>);

impl Scrape {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self(metrics)
    }

    fn requests(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let mut family = encoder.encode_descriptor(
            "requests",
            "Requests answered",
            None,
            MetricType::Counter,
        )?;
        for plane in Plane::ALL {
            for status in 0..STATUSES {
                let count = self.0.requests.sum(plane.index() * STATUSES + status);
                if count > 0 {
                    let labels = [("plane", plane.as_str()), ("status", &status.to_string())];
                    counter(&mut family, &labels, count)?;
                }
            }
        }
        Ok(())
    }

    fn event(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        event: Event,
        name: &str,
        help: &str,
    ) -> Result<(), Error> {
        let mut family = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        for plane in Plane::ALL {
            let count = self.0.edge.sum(plane.index() * Event::ALL + event as usize);
            counter(&mut family, &[("plane", plane.as_str())], count)?;
        }
        Ok(())
    }

    fn connections(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let mut family = encoder.encode_descriptor(
            "connections_open",
            "Connections open now",
            None,
            MetricType::Gauge,
        )?;
        for plane in Plane::ALL {
            let labels = Labels(&[("plane", plane.as_str())]);
            let open = self.0.open[plane.index()].load(Ordering::Relaxed);
            family.encode_family(&labels)?.encode_gauge(&open)?;
        }
        Ok(())
    }

    fn reloads(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let mut family = encoder.encode_descriptor(
            "reloads",
            "Reloads of the configuration",
            None,
            MetricType::Counter,
        )?;
        for (count, result) in self.0.reloads.iter().zip(["failure", "success"]) {
            let labels = [("result", result)];
            counter(&mut family, &labels, count.load(Ordering::Relaxed))?;
        }
        Ok(())
    }

    fn verdicts(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        let mut family = encoder.encode_descriptor(
            "verdicts",
            "Verdicts on tokens",
            None,
            MetricType::Counter,
        )?;
        for row in self.0.verdicts.lock().iter() {
            for (route, name) in self.0.routes.iter().enumerate() {
                for (at, code) in Code::ALL.iter().enumerate() {
                    let count = row.table.sum(route * Code::ALL.len() + at);
                    if count > 0 {
                        let labels = [
                            ("profile", row.profile.as_str()),
                            ("route", name),
                            ("code", code.name()),
                        ];
                        counter(&mut family, &labels, count)?;
                    }
                }
            }
        }
        Ok(())
    }

    fn outside(&self, encoder: &mut DescriptorEncoder<'_>) -> Result<(), Error> {
        for outside in self.0.outside.lock().iter() {
            let kind = match outside.kind {
                Kind::Counter => MetricType::Counter,
                Kind::Gauge => MetricType::Gauge,
            };
            let mut family = encoder.encode_descriptor(outside.name, outside.help, None, kind)?;
            for sample in (outside.read)() {
                let labels: Vec<_> = sample
                    .labels
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                let labels = Labels(&labels);
                let mut sampled = family.encode_family(&labels)?;
                match outside.kind {
                    Kind::Counter => {
                        sampled.encode_counter::<NoLabelSet, f64, f64>(&sample.value, None)?;
                    }
                    Kind::Gauge => sampled.encode_gauge(&sample.value)?,
                }
            }
        }
        Ok(())
    }
}

impl Collector for Scrape {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), Error> {
        let encoder = &mut encoder;
        self.requests(encoder)?;
        self.verdicts(encoder)?;
        self.connections(encoder)?;
        for (event, name, help) in [
            (Event::Accepted, "connections", "Connections accepted"),
            (
                Event::Refused,
                "connections_refused",
                "Connections refused over the cap",
            ),
            (
                Event::Protocol,
                "connections_malformed",
                "Connections closed for malformed HTTP",
            ),
            (
                Event::TimedOut,
                "connections_timed_out",
                "Connections closed for being slow, silent or unread",
            ),
            (Event::BytesIn, "received_bytes", "Bytes received"),
            (Event::BytesOut, "sent_bytes", "Bytes sent"),
            (Event::Panicked, "panics", "Requests that met a defect"),
        ] {
            self.event(encoder, event, name, help)?;
        }
        self.reloads(encoder)?;
        self.outside(encoder)
    }
}

fn counter(
    family: &mut MetricEncoder<'_>,
    labels: &[(&str, &str)],
    count: u64,
) -> Result<(), Error> {
    let labels = Labels(labels);
    family
        .encode_family(&labels)?
        .encode_counter::<NoLabelSet, u64, f64>(&count, None)
}

struct Labels<'a>(&'a [(&'a str, &'a str)]);

impl EncodeLabelSet for Labels<'_> {
    fn encode(&self, encoder: &mut LabelSetEncoder<'_>) -> Result<(), Error> {
        for label in self.0 {
            label.encode(encoder.encode_label())?;
        }
        Ok(())
    }
}
