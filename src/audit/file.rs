use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::types::Type;
use rusqlite::{
    Connection, Row, Statement, Transaction, TransactionBehavior, params, params_from_iter,
};

use super::event::Source;
use super::options::Options;
use super::page::Page;
use super::query::{Cursor, Query, Sql};
use super::record::Record;
use super::retention::Retention;
use crate::clock::{Clock, UnixMillis};
use crate::error::Fault;
use crate::fork::{self, Forking};
use crate::store::database::{Access, DatabaseFile, Failure, Purpose, Room, unavailable};
use crate::store::settled::Settled;

/// The file that a log lives in.
pub(super) struct AuditFile {
    access: Arc<Access>,
    retention: Retention,
    clock: Arc<dyn Clock>,
    settled: Mutex<Settled>,
}

static AUDIT: Purpose = Purpose {
    noun: "audit file",
    anew: "an empty log",
    // `brau`
    application: 0x6272_6175,
    version: 1,
    create,
};

/// `words` knows which three letters follow each other where; what it finds is looked at again.
/// It keeps no text of its own. `log` is one row: how many events of each source there are, so
/// that nobody counts them, and the time that had certainly passed.
const TABLES: &str = "
    CREATE TABLE events (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        time INTEGER NOT NULL,
        source INTEGER NOT NULL,
        action TEXT NOT NULL,
        entity TEXT NOT NULL,
        entity_id TEXT NOT NULL,
        actor TEXT NOT NULL,
        caller TEXT NOT NULL,
        profile TEXT NOT NULL,
        detail TEXT NOT NULL,
        ip TEXT NOT NULL,
        request_id TEXT NOT NULL
    ) STRICT;
    CREATE INDEX events_by_time ON events (time);
    CREATE INDEX events_by_action ON events (action, time);
    CREATE INDEX events_by_entity ON events (entity, time);
    CREATE INDEX events_by_entity_id ON events (entity_id, entity, time);
    CREATE INDEX events_by_actor ON events (actor, time);
    CREATE INDEX events_by_profile ON events (profile, time);
    CREATE INDEX rejections_by_time ON events (time) WHERE source = 2;
    CREATE VIRTUAL TABLE words USING fts5 (
        text, content = '', contentless_delete = 1, detail = none,
        tokenize = 'trigram case_sensitive 1'
    );
    CREATE TABLE log (
        control INTEGER NOT NULL,
        rejection INTEGER NOT NULL,
        application INTEGER NOT NULL,
        settled INTEGER NOT NULL
    ) STRICT;
";

/// How many events one step of a purge removes.
const PURGE: usize = 500;

fn create(transaction: &Transaction<'_>, now: UnixMillis) -> Result<(), Failure> {
    transaction.execute_batch(TABLES)?;
    transaction.execute("INSERT INTO log VALUES (0, 0, 0, ?1)", [now.millis()])?;
    Ok(())
}

impl Source {
    pub(super) const fn number(self) -> i64 {
        match self {
            Self::Control => 1,
            Self::Rejection => 2,
            Self::Application => 3,
        }
    }

    fn from_number(number: i64) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|source| source.number() == number)
    }
}

impl AuditFile {
    pub(super) fn open(
        path: &Path,
        retention: Retention,
        wait: Duration,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        let file = DatabaseFile::new(path, &AUDIT)?;
        let room = Room {
            bytes: retention.max_bytes,
            wait,
        };
        let access = Arc::new(Access::new(file, room, Arc::clone(&clock))?);
        let watcher: Arc<dyn Forking> = access.clone();
        fork::watch(&watcher);
        let certain = access.with(&access.writing, |connection| {
            Ok(connection.query_row("SELECT settled FROM log", [], |row| row.get(0))?)
        })?;
        let certain = UnixMillis::from_millis(certain);
        let settled = Settled::begin(certain, clock.now(), clock.monotonic());
        Ok(Self {
            access,
            retention,
            clock,
            settled: Mutex::new(settled),
        })
    }

    pub(super) fn path(&self) -> &Path {
        self.access.file.path()
    }

    /// Writes all of them, or none. They are on the disk when it returns.
    pub(super) fn write(&self, records: &[&Record]) -> Result<(), Fault> {
        let settled = self.settled();
        self.access.with(&self.access.writing, |connection| {
            let outcome = write(connection, records, settled);
            outcome.map_err(|failure| self.full(connection, failure))
        })
    }

    /// Removes a little of what is over. Says how many events that were.
    pub(super) fn purge(&self) -> Result<usize, Fault> {
        let settled = self.settled();
        self.access.with(&self.access.writing, |connection| {
            purge(connection, self.retention, settled)
        })
    }

    pub(super) fn page(&self, query: &Query) -> Result<Page, Fault> {
        self.access.with(&self.access.reading, |connection| {
            // One moment, so that the total is that of the page.
            let moment = connection.transaction()?;
            let page = page(&moment, query)?;
            moment.finish()?;
            Ok(page)
        })
    }

    pub(super) fn options(&self) -> Result<Options, Fault> {
        self.access.with(&self.access.reading, |connection| {
            let mut options = Options::default();
            let mut list = |column: &str| -> Result<Vec<String>, Failure> {
                let mut found = distinct(connection, column)?;
                options.cut |= found.len() > Options::MOST;
                found.truncate(Options::MOST);
                Ok(found)
            };
            let (actions, entities) = (list("action")?, list("entity")?);
            let (actors, profiles) = (list("actor")?, list("profile")?);
            Ok(Options {
                actions,
                entities,
                actors,
                profiles,
                ..options
            })
        })
    }

    fn settled(&self) -> UnixMillis {
        let now = self.clock.now();
        self.settled.lock().advance(now, self.clock.monotonic())
    }

    fn full(&self, connection: &Connection, failure: Failure) -> Failure {
        if !failure.is_full() || !Room::is_used_up(connection) {
            return failure;
        }
        let what = format!(
            "has reached its limit of {} bytes; raise max_bytes, or keep events for less long",
            self.retention.max_bytes
        );
        unavailable(&self.access.file, &what).into()
    }
}

fn write(
    connection: &mut Connection,
    records: &[&Record],
    settled: UnixMillis,
) -> Result<(), Failure> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let mut counts = [0_i64; 3];
    {
        let mut event = transaction.prepare(
            "INSERT INTO events (time, source, action, entity, entity_id, actor, caller, profile, \
             detail, ip, request_id) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        )?;
        let mut words = transaction.prepare("INSERT INTO words (rowid, text) VALUES (?1, ?2)")?;
        for record in records {
            let id = event.insert(params![
                record.time.millis(),
                record.source.number(),
                record.action,
                record.entity,
                record.entity_id,
                record.actor,
                record.caller,
                record.profile,
                record.detail,
                record.ip,
                record.request_id,
            ])?;
            words.execute(params![id, record.searched()])?;
            counts[record.source as usize] += 1;
        }
    }
    transaction.execute(
        "UPDATE log SET control = control + ?1, rejection = rejection + ?2, \
         application = application + ?3, settled = ?4",
        params![counts[0], counts[1], counts[2], settled.millis()],
    )?;
    transaction.commit()?;
    Ok(())
}

fn purge(
    connection: &mut Connection,
    retention: Retention,
    settled: UnixMillis,
) -> Result<usize, Failure> {
    let before = settled.minus(retention.keep).millis();
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let choose = |sql: &str, values: &[i64]| -> Result<Vec<(i64, i64)>, Failure> {
        let mut statement = transaction.prepare(sql)?;
        let rows = statement.query_map(params_from_iter(values), |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    let most = i64::try_from(PURGE).unwrap_or(i64::MAX);
    let mut ids = choose(
        "SELECT id, source FROM events WHERE time < ?1 ORDER BY time, id LIMIT ?2",
        &[before, most],
    )?;
    if ids.is_empty() {
        let (all, rejections): (i64, i64) = transaction.query_row(
            "SELECT control + rejection + application, rejection FROM log",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?;
        let kept = i64::try_from(retention.max_events).unwrap_or(i64::MAX);
        let over = (all - kept).clamp(0, most);
        if over > 0 && rejections > kept / 2 {
            ids = choose(
                "SELECT id, source FROM events WHERE source = 2 ORDER BY time, id LIMIT ?1",
                &[over],
            )?;
        } else if over > 0 {
            ids = choose(
                "SELECT id, source FROM events ORDER BY time, id LIMIT ?1",
                &[over],
            )?;
        }
    }
    if ids.is_empty() {
        transaction.rollback()?;
        return Ok(0);
    }
    remove(&transaction, &ids)?;
    transaction.commit()?;
    Ok(ids.len())
}

fn remove(transaction: &Transaction<'_>, ids: &[(i64, i64)]) -> Result<(), Failure> {
    let mut counts = [0_i64; 3];
    let mut event: Statement<'_> = transaction.prepare("DELETE FROM events WHERE id = ?1")?;
    let mut words = transaction.prepare("DELETE FROM words WHERE rowid = ?1")?;
    for (id, source) in ids {
        event.execute([id])?;
        words.execute([id])?;
        if let Some(source) = Source::from_number(*source) {
            counts[source as usize] += 1;
        }
    }
    transaction.execute(
        "UPDATE log SET control = control - ?1, rejection = rejection - ?2, \
         application = application - ?3",
        params![counts[0], counts[1], counts[2]],
    )?;
    Ok(())
}

fn page(connection: &Connection, query: &Query) -> Result<Page, Failure> {
    let total = match query.total {
        false => None,
        true if query.is_everything() => Some(Sql {
            text: "SELECT control + rejection + application FROM log".to_owned(),
            values: Vec::new(),
        }),
        true => Some(query.count()),
    };
    let total = total
        .map(|sql| {
            connection.query_row(&sql.text, params_from_iter(sql.values), |row| {
                row.get::<_, i64>(0)
            })
        })
        .transpose()?;
    let sql = query.page();
    let mut statement = connection.prepare(&sql.text)?;
    let mut rows = statement.query(params_from_iter(sql.values))?;
    let mut records: Vec<Record> = Vec::new();
    let mut next = None;
    while let Some(row) = rows.next()? {
        if records.len() == query.limit() {
            next = records.last().map(|last| Cursor {
                time: last.time.millis(),
                id: last.id,
            });
            break;
        }
        records.push(record(row)?);
    }
    Ok(Page {
        records,
        total: total.map(i64::unsigned_abs),
        next,
    })
}

fn record(row: &Row<'_>) -> Result<Record, Failure> {
    let number: i64 = row.get(2)?;
    let source = Source::from_number(number)
        .ok_or_else(|| rusqlite::Error::InvalidColumnType(2, "source".to_owned(), Type::Integer))?;
    Ok(Record {
        id: row.get(0)?,
        time: UnixMillis::from_millis(row.get(1)?),
        source,
        action: row.get(3)?,
        entity: row.get(4)?,
        entity_id: row.get(5)?,
        actor: row.get(6)?,
        caller: row.get(7)?,
        profile: row.get(8)?,
        detail: row.get(9)?,
        ip: row.get(10)?,
        request_id: row.get(11)?,
    })
}

/// Leaps through an index from one value to the next, so it costs as many steps as there are
/// values, however many events.
fn distinct(connection: &Connection, column: &str) -> Result<Vec<String>, Failure> {
    let sql = format!(
        "WITH RECURSIVE found (value) AS (
             SELECT min({column}) FROM events WHERE {column} > ''
             UNION ALL
             SELECT (SELECT min({column}) FROM events WHERE {column} > value) FROM found
             WHERE value IS NOT NULL
         ) SELECT value FROM found WHERE value IS NOT NULL LIMIT {}",
        Options::MOST + 1
    );
    let mut statement = connection.prepare(&sql)?;
    let values = statement.query_map([], |row| row.get(0))?;
    Ok(values.collect::<Result<_, _>>()?)
}
