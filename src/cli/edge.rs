use std::io::{BufRead, Write};
use std::sync::Arc;

use crate::clock::Clock;
use crate::config::Environment;

use super::Failure;

/// What a command is given of the process.
pub struct Edge<'a> {
    /// Environment variables
    pub environment: Environment,
    /// The time
    pub clock: Arc<dyn Clock>,
    /// Standard input
    pub input: &'a mut dyn BufRead,
    /// Standard output: results
    pub output: &'a mut dyn Write,
    /// Standard error: remarks that are no result
    pub remarks: &'a mut dyn Write,
    /// Whether somebody is watching standard error who would like to see progress
    pub shows_progress: bool,
}

impl Edge<'_> {
    /// Prints one line of the result.
    pub(super) fn print(&mut self, line: &str) -> Result<(), Failure> {
        writeln!(self.output, "{line}").map_err(Failure::output)
    }

    /// Says something beside the result. That nobody hears it is no failure.
    pub(super) fn remark(&mut self, line: &str) {
        let _ = writeln!(self.remarks, "bearerd: {line}");
    }
}

impl std::fmt::Debug for Edge<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Edge")
            .field("environment", &self.environment)
            .finish_non_exhaustive()
    }
}
