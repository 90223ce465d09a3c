use std::path::PathBuf;

use serde::Deserialize;

use crate::error::Fault;

use super::Config;
use super::values::Span;

/// Where it is recorded who did what.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditSection {
    /// A file of its own, whatever the state lives on
    pub file: Option<PathBuf>,
    /// How long events are kept; 180d
    pub keep: Option<Span>,
    /// The most events; 1000000. Rejections leave first while they are more than half
    pub max_events: Option<u64>,
    /// The most bytes of the file, which takes nothing more then; 4 GiB
    pub max_bytes: Option<u64>,
    /// An action of the control plane is answered only once it is on the disk, and
    /// `STORE_UNAVAILABLE` where it cannot be
    #[serde(default)]
    pub required: bool,
    /// Say each event on standard output, too, as a line of JSON
    #[serde(default)]
    pub stdout: bool,
}

impl AuditSection {
    pub(super) fn check(&self) -> Result<(), Fault> {
        let wrong = |what: &str| Err(Fault::config(format!("audit.{what}")));
        if self.file.is_none() && self.required {
            return wrong("required: there is no file to record to; set audit.file");
        }
        if self.file.is_none() && !self.stdout {
            return wrong("file: is missing; name a file, or set audit.stdout = true");
        }
        if self.keep.is_some_and(|keep| keep.0.as_secs() == 0) {
            return wrong("keep: is under a second, so nothing would be kept; raise it");
        }
        if self.max_events == Some(0) {
            return wrong("max_events: is 0, so nothing would be kept; raise it");
        }
        if self.max_bytes.is_some_and(|bytes| bytes < 1 << 20) {
            return wrong("max_bytes: is under 1048576; raise it");
        }
        if cfg!(not(feature = "sqlite")) {
            return wrong("file: this build has no SQLite; build it with the `sqlite` feature");
        }
        Ok(())
    }
}

impl Config {
    /// Whether the `[audit]` section holds, without opening anything.
    pub(super) fn check_audit(&self) -> Result<(), Fault> {
        let checked = self.audit.as_ref().map_or(Ok(()), AuditSection::check);
        checked.map_err(|fault| {
            Fault::config(format!("{}: the audit log cannot be used", self.name)).caused_by(fault)
        })
    }

    /// Opens the audit log that the configuration describes; `None` where it has none. `lines` is
    /// where events are said where the section asks for it, and `hidden` what is never kept.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the key or the file, and as
    /// [`AuditLog::open`](crate::audit::AuditLog::open).
    #[cfg(feature = "sqlite")]
    pub fn open_audit(
        &self,
        clock: &std::sync::Arc<dyn crate::clock::Clock>,
        lines: Box<dyn std::io::Write + Send>,
        hidden: Vec<crate::secret::Secret>,
    ) -> Result<Option<crate::audit::AuditLog>, Fault> {
        use crate::audit::{AuditConfig, AuditLog, Mask, Retention};
        let Some(section) = &self.audit else {
            return Ok(None);
        };
        self.check_audit()?;
        let usual = Retention::default();
        let retention = Retention {
            keep: section.keep.map_or(usual.keep, |keep| keep.0),
            max_events: section.max_events.unwrap_or(usual.max_events),
            max_bytes: section.max_bytes.unwrap_or(usual.max_bytes),
        };
        let config = AuditConfig {
            file: section.file.clone(),
            retention,
            required: section.required,
            lines: section.stdout.then_some(lines),
            mask: Mask::of(hidden),
            ..AuditConfig::default()
        };
        AuditLog::open(config, std::sync::Arc::clone(clock)).map(Some)
    }
}
