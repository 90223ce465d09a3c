use std::io;
use std::time::Duration;

use redis::Value;

use super::connection::Connection;

/// What a server must be set to so that an answered write survives it, and what is lost without.
const NEEDED: [(&str, &str, &str); 3] = [
    (
        "appendonly",
        "yes",
        "a server that dies loses what it was told since its last snapshot",
    ),
    (
        "appendfsync",
        "always",
        "a host that dies loses what its server answered last",
    ),
    (
        "maxmemory-policy",
        "noeviction",
        "a server that is full drops what was revoked",
    ),
];

/// Warns where the server keeps less than what it answers.
///
/// A reply to a write is a promise: what was revoked stays revoked. That holds on one server with
/// these settings. Replicas are another matter: nothing here waits for one, so a failover may lose
/// the last writes, and followers see a gap.
pub(super) fn check(
    connection: &mut Connection,
    server: &str,
    deadline: Duration,
) -> io::Result<()> {
    for (name, needed, lost) in NEEDED {
        match setting(connection, name, deadline)? {
            Some(value) if value == needed => {}
            Some(value) => tracing::warn!(
                server,
                "redis is set to {name} {value}: set it to {needed}, else {lost}"
            ),
            None => tracing::warn!(
                server,
                "redis does not tell its {name}: make sure that it is {needed}, else {lost} \
                 (the ACL's +config|get lets bearerd look)"
            ),
        }
    }
    Ok(())
}

/// A setting, where the server tells it to this user.
fn setting(
    connection: &mut Connection,
    name: &str,
    deadline: Duration,
) -> io::Result<Option<String>> {
    let told = connection.call(&[b"CONFIG", b"GET", name.as_bytes()], deadline)?;
    if let Value::Array(pair) = told
        && let [_, Value::BulkString(value)] = &pair[..]
    {
        return Ok(word(value));
    }
    let (section, field) = match name {
        "appendonly" => ("persistence", "aof_enabled:"),
        "maxmemory-policy" => ("memory", "maxmemory_policy:"),
        _ => return Ok(None),
    };
    let Value::BulkString(text) = connection.call(&[b"INFO", section.as_bytes()], deadline)? else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&text);
    let value = text
        .lines()
        .find_map(|line| line.strip_prefix(field))
        .map(str::trim);
    Ok(value.and_then(|value| match (name, value) {
        ("appendonly", "1") => Some("yes".to_owned()),
        ("appendonly", "0") => Some("no".to_owned()),
        _ => word(value.as_bytes()),
    }))
}

/// A value that is safe to log.
fn word(value: &[u8]) -> Option<String> {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
    let fits = (1..=32).contains(&value.len()) && value.iter().all(plain);
    fits.then(|| String::from_utf8_lossy(value).into_owned())
}
