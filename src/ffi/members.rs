use serde_json::Value;

use super::bearerd_str;
use super::call::Failed;
use crate::error::{Code, Fault};
use crate::json;
use crate::sign::{ClaimValues, Lifetime};

/// A JSON object; none is an empty one.
///
/// # Safety
/// `text` lives for the length of the call.
pub(super) unsafe fn values(text: bearerd_str, what: &'static str) -> Result<ClaimValues, Failed> {
    // SAFETY: the caller's promise.
    let Some(text) = unsafe { text.option(what) }? else {
        return Ok(ClaimValues::new());
    };
    json::object(text.as_bytes()).map_err(|wrong| invalid(format!("{what}: {wrong}")))
}

/// A JSON array of strings; none is an empty one.
///
/// # Safety
/// `text` lives for the length of the call.
pub(super) unsafe fn names(text: bearerd_str, what: &'static str) -> Result<Vec<String>, Failed> {
    // SAFETY: the caller's promise.
    let Some(text) = unsafe { text.option(what) }? else {
        return Ok(Vec::new());
    };
    let wrong = || invalid(format!("{what}: must be a JSON array of strings"));
    let list: Value = serde_json::from_str(text).map_err(|_| wrong())?;
    let list = list.as_array().ok_or_else(wrong)?;
    list.iter()
        .map(|name| name.as_str().map(str::to_owned).ok_or_else(wrong))
        .collect()
}

/// A span of time, or "none".
///
/// # Safety
/// `text` lives for the length of the call.
pub(super) unsafe fn lifetime(
    text: bearerd_str,
    what: &'static str,
) -> Result<Option<Lifetime>, Failed> {
    // SAFETY: the caller's promise.
    let Some(text) = unsafe { text.option(what) }? else {
        return Ok(None);
    };
    let parsed = text.parse();
    parsed
        .map(Some)
        .map_err(|wrong: String| invalid(format!("{what}: {wrong}")))
}

/// Text that must be there and say something.
///
/// # Safety
/// `text` lives for the length of the call.
pub(super) unsafe fn filled<'a>(text: bearerd_str, what: &'static str) -> Result<&'a str, Failed> {
    // SAFETY: the caller's promise.
    match unsafe { text.text(what) }? {
        "" => Err(invalid(format!("{what}: must not be empty"))),
        text => Ok(text),
    }
}

#[cold]
pub(super) fn invalid(message: String) -> Failed {
    Failed::Fault(Fault::new(Code::ValidationError, message))
}
