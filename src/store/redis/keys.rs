use crate::base64url;
use crate::clock::UnixMillis;
use crate::store::StoreKey;

/// The names of everything that one deployment keeps on a server.
#[derive(Debug)]
pub(super) struct Keys {
    /// When this life of the store began, and the last number given.
    pub(super) life: Vec<u8>,
    /// The changes, a stream.
    pub(super) feed: Vec<u8>,
    /// The names of all entries, in order.
    pub(super) index: Vec<u8>,
    /// The names of all entries that end, by when.
    pub(super) expiries: Vec<u8>,
    entry: String,
    bucket: String,
}

impl Keys {
    pub(super) fn under(prefix: &str) -> Self {
        let name = |what: &str| format!("{{{prefix}}}:{what}").into_bytes();
        Self {
            life: name("life"),
            feed: name("feed"),
            index: name("index"),
            expiries: name("expiries"),
            entry: format!("{{{prefix}}}:entry:"),
            bucket: format!("{{{prefix}}}:bucket:"),
        }
    }

    pub(super) fn entry(&self, name: &str) -> Vec<u8> {
        format!("{}{name}", self.entry).into_bytes()
    }

    /// A token bucket. Not an entry: it is in no index and no feed.
    pub(super) fn bucket(&self, name: &[u8; 16]) -> Vec<u8> {
        format!("{}{}", self.bucket, base64url::encode(name)).into_bytes()
    }
}

/// Where the names that begin with `prefix` and come after `after` begin and end.
pub(super) fn range(prefix: &StoreKey, after: Option<&StoreKey>) -> (String, String) {
    let from = match after {
        Some(after) if after >= prefix => format!("({}", after.as_str()),
        _ => format!("[{}", prefix.as_str()),
    };
    // Every key ends with a slash, and `0` is what follows a slash in ASCII.
    let end = prefix.as_str().strip_suffix('/').unwrap_or(prefix.as_str());
    (from, format!("({end}0"))
}

/// A time as 20 digits, so that a script can compare it as text: its numbers have 53 bits. What
/// is before the epoch is written as the epoch, which has long been over as well.
pub(super) fn digits(time: UnixMillis) -> String {
    format!("{:020}", time.millis().max(0))
}
