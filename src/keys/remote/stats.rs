use crate::clock::UnixMillis;

/// What the worker has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RemoteStats {
    /// Fetches begun by the schedule: the first, refreshes, retries.
    pub scheduled: u64,
    /// Fetches begun because a token named an unknown `kid`.
    pub for_unknown_kids: u64,
    /// Fetches begun because a refresh was asked for.
    pub requested: u64,
    /// Fetches that gave no good document, whatever began them.
    pub failures: u64,
    /// Failures since the last success.
    pub failures_in_a_row: u64,
    /// The last failure in words, without any secret. It stays after a success.
    pub last_error: Option<String>,
    /// When the issuer last gave or confirmed good keys. A stored document counts with the time at
    /// which it had been fetched.
    pub last_success: Option<UnixMillis>,
    /// The usable keys of the last document that was taken in.
    pub keys: usize,
}
