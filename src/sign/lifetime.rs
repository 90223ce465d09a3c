use std::str::FromStr;
use std::time::Duration;

use crate::clock::parse_span;

/// How long a token lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// That long: the token carries `exp`.
    For(Duration),
    /// Without end: the token carries no `exp`. Verifiers must cap it by its age.
    Unlimited,
}

impl FromStr for Lifetime {
    type Err = String;

    /// Reads `"15m"`, `"7d"`, `"3600s"`, `"1h"`, bare seconds, or `"none"`.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self::Unlimited);
        }
        let span = parse_span(text)
            .map_err(|wrong| format!("{wrong}, or \"none\" for a token without exp"))?;
        if span < Duration::from_secs(1) {
            return Err(format!(
                "{text:?} is less than a second; a token must live for one at least"
            ));
        }
        Ok(Self::For(span))
    }
}
