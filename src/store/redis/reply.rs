use redis::Value;
use zeroize::Zeroizing;

use crate::clock::UnixMillis;
use crate::secret::Secret;
use crate::store::{Change, Changes, Cursor, Entry, StoreKey, Version};

/// A reply that is none of ours.
pub(super) struct Foreign;

/// An entry as the scripts store it: version and expiry, 20 digits each, then the value.
pub(super) fn entry(reply: Value) -> Result<Option<Entry>, Foreign> {
    let stored = match reply {
        Value::BulkString(stored) => Zeroizing::new(stored),
        Value::Nil => return Ok(None),
        _ => return Err(Foreign),
    };
    let (head, value) = stored.split_at_checked(40).ok_or(Foreign)?;
    let (version, expires) = head.split_at(20);
    Ok(Some(Entry {
        value: Secret::new(value.to_vec()),
        version: Version::from_raw(number(version).ok_or(Foreign)?),
        expires: number(expires)
            .and_then(|millis| i64::try_from(millis).ok())
            .map(UnixMillis::from_millis)
            .ok_or(Foreign)?,
    }))
}

/// What the write script says.
pub(super) enum Written {
    Stored {
        version: Version,
        due: Vec<StoreKey>,
    },
    /// Something else was there, or nothing.
    Not(Option<Entry>),
}

pub(super) fn written(reply: Value) -> Result<Written, Foreign> {
    let mut parts = array(reply)?.into_iter();
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Value::Int(0)), old, None) => entry(old.unwrap_or(Value::Nil)).map(Written::Not),
        (Some(Value::Int(1)), Some(Value::BulkString(version)), Some(due)) => Ok(Written::Stored {
            version: Version::from_raw(number(&version).ok_or(Foreign)?),
            due: names(due)?,
        }),
        _ => Err(Foreign),
    }
}

pub(super) fn names(reply: Value) -> Result<Vec<StoreKey>, Foreign> {
    array(reply)?.iter().map(name).collect()
}

pub(super) fn array(reply: Value) -> Result<Vec<Value>, Foreign> {
    match reply {
        Value::Array(parts) => Ok(parts),
        _ => Err(Foreign),
    }
}

pub(super) fn count(reply: &Value) -> Result<usize, Foreign> {
    match reply {
        Value::Int(count) => usize::try_from(*count).map_err(|_| Foreign),
        _ => Err(Foreign),
    }
}

/// What the script of the feed says. Without a third part there is a gap.
pub(super) fn changes(reply: Value) -> Result<Changes, Foreign> {
    let parts = array(reply)?;
    let [Value::BulkString(born), Value::BulkString(last), told @ ..] = &parts[..] else {
        return Err(Foreign);
    };
    let born = number(born).ok_or(Foreign)?;
    let cursor = |place: u64| Cursor::from_raw(u128::from(born) << 64 | u128::from(place));
    let last = number(last).ok_or(Foreign)?;
    let told = match told {
        [] => {
            return Ok(Changes {
                items: Vec::new(),
                next: cursor(last),
                gap: true,
            });
        }
        [Value::Array(told)] => told,
        _ => return Err(Foreign),
    };
    let (mut items, mut place) = (Vec::with_capacity(told.len()), None);
    for change in told {
        let Value::Array(change) = change else {
            return Err(Foreign);
        };
        let [Value::BulkString(id), Value::Array(fields)] = &change[..] else {
            return Err(Foreign);
        };
        let [Value::BulkString(what), key] = &fields[..] else {
            return Err(Foreign);
        };
        let key = name(key)?;
        items.push(match &what[..] {
            b"w" => Change::Written(key),
            b"d" => Change::Deleted(key),
            _ => return Err(Foreign),
        });
        place = Some(id.strip_suffix(b"-0").and_then(number).ok_or(Foreign)?);
    }
    // Where nothing is told, the follower is at the end.
    Ok(Changes {
        items,
        next: cursor(place.unwrap_or(last)),
        gap: false,
    })
}

/// The life and the place of a cursor, as the script compares them.
pub(super) fn place(cursor: Cursor) -> (String, String) {
    let raw = cursor.raw();
    (
        (raw >> 64).to_string(),
        (raw & u128::from(u64::MAX)).to_string(),
    )
}

fn name(value: &Value) -> Result<StoreKey, Foreign> {
    let Value::BulkString(text) = value else {
        return Err(Foreign);
    };
    let text = std::str::from_utf8(text).map_err(|_| Foreign)?;
    StoreKey::from_encoded(text).map_err(|_| Foreign)
}

fn number(digits: &[u8]) -> Option<u64> {
    let plain = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits)
        .ok()
        .filter(|_| plain)?
        .parse()
        .ok()
}
