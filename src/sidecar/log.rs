//! Where the process's log goes.

use std::io;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::error::Fault;

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For a reader.
    #[default]
    Text,
    /// One JSON object a line, for a machine.
    Json,
}

/// Sends the process's log to standard error.
///
/// `filter` is a level (`info`) or a list of directives (`info,bearerd=debug`). No event of ours
/// holds a token, a header, a query or a secret at any level.
///
/// # Errors
/// `CONFIG_ERROR` if the filter cannot be read or a log is already set up.
pub fn init(format: LogFormat, filter: &str) -> Result<(), Fault> {
    let filter = EnvFilter::try_new(filter).map_err(|error| {
        Fault::config(format!(
            "cannot read the log filter {filter:?}: use a level such as info"
        ))
        .caused_by(error)
    })?;
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(BoxMakeWriter::new(io::stderr));
    let set = match format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    set.map_err(|error| Fault::config("the log is already set up").caused_by(error))
}
