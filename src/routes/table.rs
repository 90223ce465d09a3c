use crate::error::Fault;

use super::pattern::{Pattern, folded};
use super::{Ambiguity, normalise};

/// What a method and path ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing: anybody may
    Public,
    /// A token that the profile accepts
    Token,
    /// A token for which the guard of that name holds
    Guard(String),
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The pattern
    pub path: String,
    /// The methods; none: all of them
    pub methods: Vec<String>,
    /// What is asked for
    pub access: Access,
}

/// What becomes of requests that no rule is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Otherwise {
    /// They are refused
    #[default]
    Deny,
    /// They need a token
    Token,
}

/// Why a request is refused before its token is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Its target could be read in more than one way.
    Ambiguous(Ambiguity),
    /// No rule is for it.
    NoRule,
    /// The rules for its path name methods, and its method is not known.
    NoMethod,
    /// Its method is not all capitals: some servers take `get` for `GET`.
    Method,
}

/// Route rules, compiled. Immutable, and shareable between threads.
#[derive(Clone, Debug)]
pub struct Routes {
    /// The more specific patterns first.
    entries: Vec<Entry>,
    otherwise: Otherwise,
}

#[derive(Clone, Debug)]
struct Entry {
    pattern: Pattern,
    rules: Vec<(Vec<String>, Access)>,
}

impl Routes {
    /// Compiles rules.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the rule whose path or method is none, or that another one contradicts.
    pub fn new(rules: Vec<Rule>, otherwise: Otherwise) -> Result<Self, Fault> {
        let mut entries: Vec<Entry> = Vec::new();
        for rule in rules {
            let wrong = |why: &str| Fault::config(format!("routes: path {:?} {why}", rule.path));
            let pattern = Pattern::parse(&rule.path).map_err(wrong)?;
            if let Some(method) = rule.methods.iter().find(|method| !is_method(method)) {
                return Err(wrong(&format!(
                    "has the method {method:?}; write it in capitals, such as GET"
                )));
            }
            let twin = entries
                .iter_mut()
                .find(|entry| entry.pattern.is_twin(&pattern));
            match twin {
                None => entries.push(Entry {
                    pattern,
                    rules: vec![(rule.methods, rule.access)],
                }),
                Some(entry) if entry.pattern != pattern => {
                    return Err(wrong(
                        "differs from that of another rule in case alone; write both in the same way",
                    ));
                }
                Some(entry) => {
                    if entry
                        .rules
                        .iter()
                        .any(|(methods, _)| overlap(methods, &rule.methods))
                    {
                        return Err(wrong("stands in two rules for one method; leave one out"));
                    }
                    entry.rules.push((rule.methods, rule.access));
                }
            }
        }
        entries.sort_by(|one, other| one.pattern.specificity(&other.pattern));
        Ok(Self { entries, otherwise })
    }

    /// What the request asks for: its `method`, where that is known, and its target as it was sent.
    /// Takes time in proportion to the number of patterns.
    ///
    /// # Errors
    /// [`Denied`].
    pub fn decide(&self, method: Option<&str>, target: &str) -> Result<&Access, Denied> {
        if method.is_some_and(|method| !is_method(method)) {
            return Err(Denied::Method);
        }
        let path = normalise(target).map_err(Denied::Ambiguous)?;
        let path: Vec<&str> = path
            .split('/')
            .skip(1)
            .filter(|word| !word.is_empty())
            .collect();
        let first = |same| {
            self.entries
                .iter()
                .position(|entry| entry.pattern.matches(&path, same))
        };
        let found = first(|one, other| one == other);
        if found != first(folded) {
            return Err(Denied::Ambiguous(Ambiguity::Case));
        }
        let Some(entry) = found.and_then(|at| self.entries.get(at)) else {
            return self.otherwise();
        };
        for (methods, access) in &entry.rules {
            if methods.is_empty() {
                return Ok(access);
            }
            let method = method.ok_or(Denied::NoMethod)?;
            if methods.iter().any(|listed| covers(listed, method)) {
                return Ok(access);
            }
        }
        self.otherwise()
    }

    /// The guards that rules name.
    pub fn guards(&self) -> impl Iterator<Item = &str> {
        let rules = self.entries.iter().flat_map(|entry| &entry.rules);
        rules.filter_map(|(_, access)| match access {
            Access::Guard(name) => Some(name.as_str()),
            _ => None,
        })
    }

    fn otherwise(&self) -> Result<&Access, Denied> {
        match self.otherwise {
            Otherwise::Deny => Err(Denied::NoRule),
            Otherwise::Token => Ok(&Access::Token),
        }
    }
}

/// RFC 9110 §9.1 has methods in any case; all that are registered are capitals, and a `get` in a
/// rule would never match.
fn is_method(text: &str) -> bool {
    let clean = |byte: u8| byte.is_ascii_uppercase() || byte == b'-';
    !text.is_empty() && text.bytes().all(clean)
}

/// `HEAD` asks for the head of what `GET` asks for (RFC 9110 §9.3.2).
fn covers(listed: &str, method: &str) -> bool {
    listed == method || listed == "GET" && method == "HEAD"
}

fn overlap(one: &[String], other: &[String]) -> bool {
    one.is_empty()
        || other.is_empty()
        || one.iter().any(|one| {
            other
                .iter()
                .any(|other| covers(one, other) || covers(other, one))
        })
}
