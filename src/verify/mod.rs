//! Verification: a token goes in, claims or a reject come out.
//!
//! A [`Verifier`] serves one profile. It keeps the claims of tokens whose signature verified in a
//! cache of its own and decides anew on every call, so a hit is as strict as a miss:
//!
//! 1. The key of the cache is the whole token, compared byte by byte.
//! 2. Claims are stored, never verdicts: time, issuer, audience, kind, revocation and guards are
//!    evaluated on every call.
//! 3. An entry dies with its key: it holds the key, and the ring marks a key that leaves as dead.
//! 4. Revocation is asked on every call; an index whose epoch has not moved need not be searched.
//! 5. No entry outlives `exp`; without `exp`, the profile's cap.
//! 6. Only tokens whose signature verified are stored, and failures never are.
//! 7. Bounded in entries and bytes; a token over the size cap is verified and not kept.
//! 8. Nothing is shared between profiles: every verifier has its own cache.
//! 9. One spelling a token: base64url is strict.
//! 10. A hit never waits for I/O, a fetch, another verification or an eviction.
//!
//! What may take a store, a session that memory does not know, is told apart: [`Verifier::verify`]
//! waits for it, [`Verifier::verify_at_hand`] and [`Verifier::verify_cached`] say that they would.
//!
//! [`Verifiers`] holds the verifiers of a process and chooses among them.

mod authenticate;
mod builder;
pub(crate) mod cache;
mod context;
mod decide;
mod entry;
mod explain;
mod held;
mod memo;
mod options;
mod pat;
mod patience;
mod session;
mod signature;
mod verified;
mod verifier;
mod verifiers;

pub use builder::VerifierBuilder;
pub use cache::{CacheConfig, CacheStats};
#[cfg(feature = "server")]
pub(crate) use context::ContextWriter;
pub use explain::Explained;
pub use held::Held;
pub use options::{ExpectedKind, VerifyOptions};
pub use verified::Verified;
pub use verifier::Verifier;
pub use verifiers::Verifiers;
