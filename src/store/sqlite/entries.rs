use rusqlite::{Connection, Row, Transaction};

use super::Failure;
use crate::clock::UnixMillis;
use crate::secret::Secret;
use crate::store::{Entry, Page, StoreKey, Version};

/// The entry at `key`, unless it has expired by `now`.
pub(super) fn live(
    connection: &Connection,
    key: &StoreKey,
    now: UnixMillis,
) -> Result<Option<Entry>, Failure> {
    let mut statement = connection
        .prepare("SELECT value, version, expires FROM entries WHERE key = ?1 AND expires > ?2")?;
    let mut rows = statement.query((key.as_str(), now.millis()))?;
    rows.next()?.map(|row| entry(row, 0)).transpose()
}

/// Writes in place of whatever is at `key`.
pub(super) fn write(
    transaction: &Transaction<'_>,
    key: &StoreKey,
    value: &[u8],
    version: Version,
    expires: UnixMillis,
) -> Result<(), Failure> {
    transaction.execute(
        "INSERT INTO entries (key, value, version, expires) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (key) DO UPDATE
         SET value = excluded.value, version = excluded.version, expires = excluded.expires",
        (
            key.as_str(),
            value,
            version.raw().cast_signed(),
            expires.millis(),
        ),
    )?;
    Ok(())
}

pub(super) fn remove(transaction: &Transaction<'_>, key: &StoreKey) -> Result<(), Failure> {
    transaction.execute("DELETE FROM entries WHERE key = ?1", [key.as_str()])?;
    Ok(())
}

/// Wipes up to `at_most` entries that had expired by `settled`.
pub(super) fn purge(
    transaction: &Transaction<'_>,
    settled: UnixMillis,
    at_most: usize,
) -> Result<usize, Failure> {
    let at_most = i64::try_from(at_most).unwrap_or(i64::MAX);
    Ok(transaction.execute(
        "DELETE FROM entries WHERE key IN
         (SELECT key FROM entries WHERE expires <= ?1 ORDER BY expires LIMIT ?2)",
        [settled.millis(), at_most],
    )?)
}

/// A part of a scan, and whether more follows.
pub(super) fn page(
    connection: &Connection,
    prefix: &StoreKey,
    after: Option<&StoreKey>,
    limit: usize,
    now: UnixMillis,
) -> Result<Page, Failure> {
    let limit = limit.clamp(1, Page::MAX);
    // A key ends with `/`, and `0` is the character after it: what begins with the key lies
    // between the two.
    let prefix = prefix.as_str();
    let end = format!("{}0", prefix.strip_suffix('/').unwrap_or(prefix));
    let from = after.map_or(prefix, |after| after.as_str()).max(prefix);
    let past = after.is_some_and(|after| after.as_str() == from);
    let mut statement = connection.prepare(
        "SELECT key, value, version, expires FROM entries
         WHERE key >= ?1 AND key < ?2 AND (NOT ?3 OR key > ?1) AND expires > ?4
         ORDER BY key LIMIT ?5",
    )?;
    let one_more = i64::try_from(limit + 1).unwrap_or(i64::MAX);
    let mut rows = statement.query((from, end, past, now.millis(), one_more))?;
    let mut items = Vec::new();
    while let Some(row) = rows.next()? {
        if items.len() == limit {
            let next = items.last().map(|(key, _): &(StoreKey, Entry)| key.clone());
            return Ok(Page { items, next });
        }
        let key = StoreKey::from_encoded(row.get_ref(0)?.as_str()?)?;
        items.push((key, entry(row, 1)?));
    }
    Ok(Page { items, next: None })
}

/// The columns from `first` on. The value is copied once, into a buffer that is wiped.
fn entry(row: &Row<'_>, first: usize) -> Result<Entry, Failure> {
    let version: i64 = row.get(first + 1)?;
    Ok(Entry {
        value: Secret::new(row.get_ref(first)?.as_blob()?.to_vec()),
        version: Version::from_raw(version.cast_unsigned()),
        expires: UnixMillis::from_millis(row.get(first + 2)?),
    })
}
