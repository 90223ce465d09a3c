use std::collections::BTreeMap;
use std::time::Duration;

use serde::Deserialize;

use super::Config;
use crate::error::Fault;
use crate::store::Bucket;

/// A rate limit (`[limits.NAME]`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateSection {
    /// How many in which time: `"5/min"`, `"100/s"`, `"20/h"`, `"50/day"`
    pub rate: String,
    /// How many at once after a while of silence; as many as `rate` has
    pub burst: Option<u32>,
    /// What is counted apart: `subject`, `ip`, or both (the default), and then both must have room
    pub by: Option<Vec<By>>,
    /// Whether all processes that share the store count together; needs Redis
    #[serde(default)]
    pub shared: bool,
}

/// Whose attempts are counted together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum By {
    /// One subject's
    Subject,
    /// One address's; of IPv6, one /64 network's, since a host has a whole one
    Ip,
}

/// A rate limit, checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// The bucket of each subject and address
    pub bucket: Bucket,
    /// Who has a bucket
    pub by: Vec<By>,
    /// Whether the buckets are kept in the store
    pub shared: bool,
}

/// Rates that nobody means, and whose times would leave a script's numbers.
const MOST: u32 = 1_000_000;

impl Config {
    /// The rate limits by name. `shareable` says whether the store can keep them.
    pub(super) fn rate_limits(
        &self,
        shareable: bool,
    ) -> Result<BTreeMap<String, RateLimit>, Fault> {
        let built = self.limits.iter().map(|(name, section)| {
            let limit = section
                .build(shareable)
                .and_then(|limit| limit.fits(name))
                .map_err(|why| Fault::config(format!("limits.{name}: {why}")))?;
            Ok((name.clone(), limit))
        });
        built.collect()
    }
}

impl RateLimit {
    /// Whether the name means something that it can do.
    fn fits(self, name: &str) -> Result<Self, String> {
        if name == "pat" && !self.by.contains(&By::Ip) {
            return Err(
                "by: must have ip, since a token that nobody knows has no subject".to_owned(),
            );
        }
        Ok(self)
    }
}

impl RateSection {
    fn build(&self, shareable: bool) -> Result<RateLimit, String> {
        let wrong = || {
            format!(
                "rate: {:?} is no rate; write 5/min, 100/s, 20/h or 50/day",
                self.rate
            )
        };
        let (count, unit) = self.rate.split_once('/').ok_or_else(wrong)?;
        let seconds = match unit {
            "s" | "sec" => 1,
            "m" | "min" => 60,
            "h" | "hour" => 3_600,
            "d" | "day" => 86_400,
            _ => return Err(wrong()),
        };
        let digits = !count.is_empty() && count.bytes().all(|byte| byte.is_ascii_digit());
        let count: u32 = count.parse().ok().filter(|_| digits).ok_or_else(wrong)?;
        if !(1..=MOST).contains(&count) {
            return Err(format!("rate: must be 1 to {MOST} of a unit of time"));
        }
        let burst = self.burst.unwrap_or(count);
        if !(1..=MOST).contains(&burst) {
            return Err(format!("burst: must be 1 to {MOST}"));
        }
        let by = self.by.clone().unwrap_or_else(|| vec![By::Subject, By::Ip]);
        let twice = by
            .iter()
            .enumerate()
            .any(|(at, one)| by[..at].contains(one));
        if by.is_empty() || twice {
            return Err("by: must be subject, ip, or both, each once".to_owned());
        }
        if self.shared && !shareable {
            return Err(
                "shared: needs state = \"redis://…\"; leave it out, or set the state".to_owned(),
            );
        }
        Ok(RateLimit {
            bucket: Bucket {
                interval: Duration::from_secs(seconds) / count,
                burst,
            },
            by,
            shared: self.shared,
        })
    }
}
