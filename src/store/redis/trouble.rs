use std::io::{self, ErrorKind};

use redis::ServerError;

use super::RedisConfig;
use super::connection::NoConnection;
use crate::error::{Code, Fault};

/// What can be wrong with a server, said so that the reader knows which one and what to do.
///
/// The server's own text is not repeated: it may name a key, and so a claim.
#[derive(Debug)]
pub(super) struct Trouble {
    server: String,
    prefix: String,
    timeout: String,
}

impl Trouble {
    pub(super) fn with(config: &RedisConfig) -> Self {
        Self {
            server: config.url.to_string(),
            prefix: config.prefix.clone(),
            timeout: format!(
                "{:?} ({:?} to connect)",
                config.timeout, config.connect_timeout
            ),
        }
    }

    pub(super) fn server(&self) -> &str {
        &self.server
    }

    #[cold]
    fn fault(&self, what: &str) -> Fault {
        Fault::new(
            Code::StoreUnavailable,
            format!("redis at {} {what}", self.server),
        )
    }

    #[cold]
    pub(super) fn no_connection(&self, why: NoConnection) -> Fault {
        match why {
            NoConnection::Refused(error) => self.refused(&error),
            // One that has a cause of its own is TLS's, which knows better what is wrong.
            NoConnection::Broken(error) => match error.kind() {
                ErrorKind::TimedOut => self.silent(),
                ErrorKind::InvalidData | ErrorKind::ConnectionAborted
                    if error.get_ref().is_none() =>
                {
                    self.broken(error)
                }
                _ => self
                    .fault("cannot be reached: start it, or correct the URL")
                    .caused_by(error),
            },
        }
    }

    #[cold]
    pub(super) fn broken(&self, error: io::Error) -> Fault {
        match error.kind() {
            ErrorKind::TimedOut => self.silent(),
            ErrorKind::InvalidData => self.garbage(),
            _ => self
                .fault("closed the connection: see its log; the next call connects anew")
                .caused_by(error),
        }
    }

    #[cold]
    fn silent(&self) -> Fault {
        self.fault(&format!(
            "does not answer within {}: see whether it is stopped, busy or out of reach",
            self.timeout
        ))
    }

    #[cold]
    pub(super) fn busy(&self, connections: usize) -> Fault {
        self.fault(&format!(
            "keeps all {connections} connections busy: allow more, or find out why it is slow"
        ))
    }

    #[cold]
    pub(super) fn garbage(&self) -> Fault {
        self.fault("answers what no Redis answers: correct the address")
    }

    #[cold]
    pub(super) fn foreign(&self) -> Fault {
        self.fault(&format!(
            "holds something under {{{}}}: that bearerd did not write: give bearerd a prefix or a \
             database of its own",
            self.prefix
        ))
    }

    #[cold]
    pub(super) fn refused(&self, error: &ServerError) -> Fault {
        match word(error) {
            "NOAUTH" | "WRONGPASS" => {
                self.fault("refuses the user or the password: correct them in the URL")
            }
            "NOPERM" => self.fault(&format!(
                "forbids its user a command: let the ACL allow that user \
                 ~{{{}}}:* +@read +@write +@scripting +@connection +@blocking +time",
                self.prefix
            )),
            "OOM" => self.fault("is full: raise its maxmemory; nothing was dropped or stored"),
            "READONLY" => self.fault("is a replica and takes no writes: name the primary"),
            "MOVED" | "ASK" | "CROSSSLOT" => self.fault(&format!(
                "is a node of a cluster that does not hold the slot of {{{0}}}: name the node that \
                 does (CLUSTER KEYSLOT {{{0}}} says which slot)",
                self.prefix
            )),
            "WRONGTYPE" => self.foreign(),
            "MISCONF" => self.fault("cannot write its files and takes no writes: see its log"),
            "LOADING" | "BUSY" | "TRYAGAIN" | "MASTERDOWN" | "CLUSTERDOWN" => self.fault(&format!(
                "is not ready ({}): wait until it is, and see its log",
                word(error)
            )),
            "max number of clients" => {
                self.fault("has no room for a connection: raise its maxclients")
            }
            code => self.fault(&format!(
                "answers with an error ({code}): see that it is Redis 5 or newer, or Valkey, \
                 and look into its log"
            )),
        }
    }

    /// Whether there is no more room.
    pub(super) fn is_full(error: &ServerError) -> bool {
        word(error) == "OOM"
    }

    pub(super) fn lacks_script(error: &ServerError) -> bool {
        error.code() == "NOSCRIPT"
    }
}

/// The known word that says what is wrong. Old servers wrap the error of a command within a script
/// into a text of their own.
fn word(error: &ServerError) -> &'static str {
    const WORDS: [&str; 16] = [
        "NOAUTH",
        "WRONGPASS",
        "NOPERM",
        "OOM",
        "READONLY",
        "MOVED",
        "ASK",
        "CROSSSLOT",
        "WRONGTYPE",
        "MISCONF",
        "LOADING",
        "BUSY",
        "TRYAGAIN",
        "MASTERDOWN",
        "CLUSTERDOWN",
        "max number of clients",
    ];
    let known = |text: &str| {
        let within = |word: &str| text.split([' ', ':', '-']).any(|part| part == word);
        WORDS
            .into_iter()
            .find(|word| within(word) || (word.contains(' ') && text.contains(word)))
    };
    let details = error.details().unwrap_or_default();
    match known(error.code()).or_else(|| known(details)) {
        Some(word) => word,
        None if details.contains("invalid password") => "WRONGPASS",
        None if details.contains("without any password") => "WRONGPASS",
        None => "ERR",
    }
}
