//! The C ABI of `libbearerd`: what `include/bearerd.h` declares.
//!
//! The header is generated from these files and is the specification; `tests/header.rs` holds the
//! two together. Every function that may fail is one `extern "C"` function whose whole body runs
//! inside a guard that turns a panic into a code, checks what it was given, and calls the floors
//! below. Nothing else in this crate is unsafe.
//!
//! | file | what |
//! |---|---|
//! | `version.rs`, `code.rs` | the ABI's version, the table of codes |
//! | `text.rs`, `members.rs`, `error.rs`, `options.rs` | what goes in and out |
//! | `verifier.rs`, `keys.rs`, `describe.rs` | the handle of a configuration |
//! | `verify.rs`, `extract.rs`, `route.rs`, `claims.rs`, `context.rs`, `session.rs`, `guards.rs` | the hot path |
//! | `sign.rs`, `sign_in.rs`, `sessions.rs`, `pats.rs`, `revoke.rs` | what changes something |
//! | `log.rs`, `fork.rs` | what concerns the whole process |

#![allow(
    unsafe_code,
    clippy::allow_attributes,
    reason = "the one floor that speaks C; each block says why it holds"
)]
#![expect(
    clippy::missing_safety_doc,
    reason = "what a caller must keep is in the header, where C users look: its chapters and each function"
)]
#![expect(
    non_camel_case_types,
    reason = "names as they stand in the header, which is made from them"
)]

#[cfg(panic = "abort")]
compile_error!("the C ABI promises that a panic becomes a code: build it with panic = \"unwind\"");

mod call;
mod claims;
mod code;
mod context;
mod describe;
mod error;
mod extract;
mod fork;
mod guards;
mod keys;
mod log;
mod members;
mod options;
mod pats;
mod revoke;
mod route;
mod session;
mod sessions;
mod sign;
mod sign_in;
mod text;
mod verifier;
mod verify;
mod version;

pub use claims::*;
pub use code::*;
pub use context::*;
pub use describe::*;
pub use error::*;
pub use extract::*;
pub use guards::*;
pub use keys::*;
pub use log::*;
pub use options::*;
pub use pats::*;
pub use revoke::*;
pub use route::*;
pub use session::*;
pub use sessions::*;
pub use sign::*;
pub use sign_in::*;
pub use text::*;
pub use verifier::*;
pub use verify::*;
pub use version::*;
