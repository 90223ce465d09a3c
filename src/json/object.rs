use serde_json::{Map, Value};

use super::{Bounds, check};

/// Deep enough for any claims, shallow enough for any stack.
const BOUNDS: Bounds = Bounds {
    depth: 32,
    members: 100_000,
};

/// Parses a document of ours, a request say: one strict JSON object, as values.
///
/// # Errors
/// What is wrong, and where; never what was sent, which may be a token in the wrong place.
pub fn object(text: &[u8]) -> Result<Map<String, Value>, String> {
    check(text, BOUNDS).map_err(|error| error.to_string())?;
    // simd-json was tried here: into values it is no faster on batches (`benches/verify`).
    match serde_json::from_slice(text) {
        Ok(Value::Object(members)) => Ok(members),
        Ok(_) => Err("must be a JSON object".to_owned()),
        // Its message may quote what was sent.
        Err(error) => Err(format!(
            "holds what cannot be read, in line {} column {}",
            error.line(),
            error.column()
        )),
    }
}
