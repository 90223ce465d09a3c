use std::fmt;
use std::str::FromStr;

use rusqlite::types::Value;

use super::event::Source;
use crate::clock::UnixMillis;

/// What to look for. Everything that is set must hold; texts are compared whole and byte for byte.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Query {
    /// What was done.
    pub action: Option<String>,
    /// The kind of thing.
    pub entity: Option<String>,
    /// Which of them.
    pub entity_id: Option<String>,
    /// Who did it.
    pub actor: Option<String>,
    /// Who called us.
    pub caller: Option<String>,
    /// Under which profile.
    pub profile: Option<String>,
    /// From where.
    pub ip: Option<String>,
    /// In which request.
    pub request_id: Option<String>,
    /// Who says so.
    pub source: Option<Source>,
    /// Not before this moment.
    pub from: Option<UnixMillis>,
    /// Before this moment.
    pub to: Option<UnixMillis>,
    /// Occurs in the action, the entity or its id, the actor or the detail; A to Z in any case. A
    /// text of one or two letters is looked for among the last 100000 events alone.
    pub text: Option<String>,
    /// How many at once, [`Query::MOST`] at most.
    pub limit: usize,
    /// How many to pass over first: a page number, times the limit.
    pub skip: u64,
    /// Go on after what an earlier page ended with, which costs the same at any depth.
    pub after: Option<Cursor>,
    /// Count them all.
    pub total: bool,
}

/// Where a page ended. Good for the query that it came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cursor {
    pub(super) time: i64,
    pub(super) id: i64,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            action: None,
            entity: None,
            entity_id: None,
            actor: None,
            caller: None,
            profile: None,
            ip: None,
            request_id: None,
            source: None,
            from: None,
            to: None,
            text: None,
            limit: 50,
            skip: 0,
            after: None,
            total: false,
        }
    }
}

/// SQL, and what goes into its places.
pub(super) struct Sql {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
}

/// Texts shorter than this are in no index, so that each event is looked at: of the last ones alone,
/// since among a million that takes seconds.
const INDEXED: usize = 3;
const LOOKED_AT: u32 = 100_000;
const SEARCHED: &str = "instr(lower(e.action || char(10) || e.entity || char(10) || e.entity_id \
                        || char(10) || e.actor || char(10) || e.detail), ?) > 0";

impl Query {
    /// The most events of one page.
    pub const MOST: usize = 500;

    pub(super) fn limit(&self) -> usize {
        self.limit.clamp(1, Self::MOST)
    }

    /// Whether nothing is looked for in particular.
    pub(super) fn is_everything(&self) -> bool {
        self.filters().iter().all(|(_, value)| value.is_none())
            && self.from.is_none()
            && self.to.is_none()
            && self.text.is_none()
    }

    /// In the order of what is likely to leave the fewest.
    fn filters(&self) -> [(&'static str, Option<Value>); 9] {
        let text = |text: &Option<String>| text.clone().map(Value::Text);
        [
            ("entity_id", text(&self.entity_id)),
            ("actor", text(&self.actor)),
            ("action", text(&self.action)),
            ("entity", text(&self.entity)),
            ("profile", text(&self.profile)),
            ("caller", text(&self.caller)),
            ("ip", text(&self.ip)),
            ("request_id", text(&self.request_id)),
            (
                "source",
                self.source.map(|source| Value::Integer(source.number())),
            ),
        ]
    }

    /// The index of a text, and what it is asked.
    fn trigrams(&self) -> Option<String> {
        let text = self.needle()?;
        let letters: Vec<char> = text.chars().collect();
        let quoted = |three: &[char]| {
            let three: String = three.iter().collect();
            format!("\"{}\"", three.replace('"', "\"\""))
        };
        // A query of the index ends at a NUL; what is left of it finds enough to look at.
        let pieces = letters
            .windows(INDEXED)
            .filter(|three| !three.contains(&'\0'));
        let all: Vec<String> = pieces.map(quoted).collect();
        (!all.is_empty()).then(|| all.join(" AND "))
    }

    fn needle(&self) -> Option<String> {
        self.text.as_ref().map(|text| text.to_ascii_lowercase())
    }

    /// `columns` of what is looked for, in no order.
    fn select(&self, columns: &str) -> Sql {
        let mut sql = Sql {
            text: format!("SELECT {columns} FROM events e"),
            values: Vec::new(),
        };
        let trigrams = self.trigrams();
        // Else the words come first whatever the planner thinks: in their order nothing is sorted.
        let is_indexed = trigrams.is_some();
        let mut indexed = is_indexed;
        if let Some(trigrams) = trigrams {
            sql.text = format!(
                "SELECT {columns} FROM words CROSS JOIN events e ON e.id = words.rowid \
                 WHERE words MATCH ?"
            );
            sql.values.push(Value::Text(trigrams));
        } else {
            sql.text.push_str(" WHERE 1");
        }
        for (column, value) in self.filters() {
            let Some(value) = value else { continue };
            // The first chooses the index; a plus keeps the planner, which knows no numbers of
            // this file, from choosing another.
            let plus = if indexed { "+" } else { "" };
            let goes_with = column == "entity" && self.entity_id.is_some();
            sql.text.push_str(&format!(
                " AND {}e.{column} = ?",
                if goes_with { "" } else { plus }
            ));
            sql.values.push(value);
            indexed = true;
        }
        for (bound, moment) in [(">=", self.from), ("<", self.to)] {
            if let Some(moment) = moment {
                sql.text.push_str(&format!(" AND e.time {bound} ?"));
                sql.values.push(Value::Integer(moment.millis()));
            }
        }
        if let Some(needle) = self.needle() {
            sql.text.push_str(&format!(" AND {SEARCHED}"));
            sql.values.push(Value::Text(needle));
            if !is_indexed {
                let last = format!(" AND e.id > (SELECT max(id) FROM events) - {LOOKED_AT}");
                sql.text.push_str(&last);
            }
        }
        sql
    }

    pub(super) fn count(&self) -> Sql {
        self.select("count(*)")
    }

    /// One more than the limit, so that it shows whether anything follows.
    pub(super) fn page(&self) -> Sql {
        let mut sql = self.select(
            "e.id, e.time, e.source, e.action, e.entity, e.entity_id, e.actor, e.caller, \
             e.profile, e.detail, e.ip, e.request_id",
        );
        let by_number = self.trigrams().is_some();
        if let Some(after) = self.after {
            if by_number {
                sql.text.push_str(" AND words.rowid < ?");
            } else {
                sql.text.push_str(" AND (e.time, e.id) < (?, ?)");
                sql.values.push(Value::Integer(after.time));
            }
            sql.values.push(Value::Integer(after.id));
        }
        sql.text.push_str(if by_number {
            " ORDER BY words.rowid DESC"
        } else {
            " ORDER BY e.time DESC, e.id DESC"
        });
        let whole = |number: u64| Value::Integer(i64::try_from(number).unwrap_or(i64::MAX));
        sql.text.push_str(" LIMIT ? OFFSET ?");
        sql.values.push(whole(self.limit() as u64 + 1));
        sql.values.push(whole(self.skip));
        sql
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.time, self.id)
    }
}

impl FromStr for Cursor {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (time, id) = text.split_once('.').ok_or(())?;
        Ok(Self {
            time: time.parse().map_err(|_| ())?,
            id: id.parse().map_err(|_| ())?,
        })
    }
}
