//! The bounds that hold before any cryptography runs.

/// How large a token, and what is inside it, may be.
///
/// Everything over a limit is `MALFORMED`, found in time proportional to the limit, not to the
/// input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// The longest token, in bytes. At most [`Limits::MAX_TOKEN`].
    pub token: usize,
    /// The longest encoded header, in bytes.
    pub header: usize,
    /// The deepest nesting of objects and arrays.
    pub depth: usize,
    /// The most members and elements in one document, all levels counted.
    pub members: usize,
}

impl Limits {
    /// The most that `token` may be set to: positions inside claims are kept in 16 bits.
    pub const MAX_TOKEN: usize = 65_536;
    /// The most that `depth` may be set to.
    pub const MAX_DEPTH: usize = 64;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            token: 16_384,
            header: 4_096,
            depth: 16,
            members: 1_024,
        }
    }
}
