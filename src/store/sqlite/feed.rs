use rusqlite::{Connection, OptionalExtension, Transaction};

use super::Failure;
use crate::clock::UnixMillis;
use crate::store::{Change, Changes, Cursor, StoreKey, Version};

/// Notes a change, whose number is the version of what was written, and forgets old ones.
///
/// The last one is never forgotten, so the next number is always higher than any before it.
pub(super) fn note(
    transaction: &Transaction<'_>,
    key: &StoreKey,
    deleted: bool,
    settled: UnixMillis,
    keep: u32,
) -> Result<Version, Failure> {
    let number: i64 = transaction.query_row(
        "INSERT INTO changes (key, deleted, nonce, settled) VALUES (?1, ?2, random(), ?3)
         RETURNING sequence",
        (key.as_str(), deleted, settled.millis()),
        |row| row.get(0),
    )?;
    // Not on every write: it costs a page in the log.
    let batch = i64::from(keep / 4).clamp(1, 256);
    if number % batch == 0 {
        transaction.execute(
            "DELETE FROM changes WHERE sequence < ?1",
            [number - i64::from(keep)],
        )?;
    }
    Ok(Version::from_raw(number.cast_unsigned()))
}

/// What lies after `since` now.
pub(super) fn read(connection: &mut Connection, since: Option<Cursor>) -> Result<Changes, Failure> {
    let transaction = connection.transaction()?;
    let told = match since.map(|since| known(&transaction, since)).transpose()? {
        Some(Some(number)) => after(&transaction, number)?,
        Some(None) | None => Changes {
            items: Vec::new(),
            next: last(&transaction)?,
            gap: true,
        },
    };
    transaction.finish()?;
    Ok(told)
}

/// Until when time had passed for certain at the last write.
pub(super) fn settled(connection: &Connection) -> Result<UnixMillis, Failure> {
    let sql = "SELECT settled FROM changes ORDER BY sequence DESC LIMIT 1";
    let settled = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(UnixMillis::from_millis(settled))
}

/// The number that a cursor of this very past stands for, if it is remembered.
fn known(transaction: &Transaction<'_>, cursor: Cursor) -> Result<Option<i64>, Failure> {
    let Ok(number) = i64::try_from(cursor.raw() & u128::from(u64::MAX)) else {
        return Ok(None);
    };
    let sql = "SELECT nonce FROM changes WHERE sequence = ?1";
    let nonce = transaction
        .query_row(sql, [number], |row| row.get(0))
        .optional()?;
    Ok(nonce
        .filter(|nonce| self::cursor(number, *nonce) == cursor)
        .map(|_| number))
}

fn last(transaction: &Transaction<'_>) -> Result<Cursor, Failure> {
    let sql = "SELECT sequence, nonce FROM changes ORDER BY sequence DESC LIMIT 1";
    Ok(transaction.query_row(sql, [], |row| Ok(cursor(row.get(0)?, row.get(1)?)))?)
}

fn after(transaction: &Transaction<'_>, number: i64) -> Result<Changes, Failure> {
    let mut statement = transaction.prepare(
        "SELECT sequence, nonce, key, deleted FROM changes WHERE sequence >= ?1
         ORDER BY sequence LIMIT ?2",
    )?;
    // The first is the cursor's own, and tells where to go on if nothing follows.
    let limit = i64::try_from(Changes::MAX + 1).unwrap_or(i64::MAX);
    let mut rows = statement.query([number, limit])?;
    let mut items = Vec::new();
    let mut next = None;
    while let Some(row) = rows.next()? {
        if next.is_some() {
            let key = StoreKey::from_encoded(row.get_ref(2)?.as_str()?)?;
            items.push(if row.get(3)? {
                Change::Deleted(key)
            } else {
                Change::Written(key)
            });
        }
        next = Some(cursor(row.get(0)?, row.get(1)?));
    }
    let next = next.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(Changes {
        items,
        next,
        gap: false,
    })
}

fn cursor(number: i64, nonce: i64) -> Cursor {
    let nonce = u128::from(nonce.cast_unsigned());
    Cursor::from_raw(nonce << 64 | u128::from(number.cast_unsigned()))
}
