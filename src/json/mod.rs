//! Strict JSON, in one pass and without building values.
//!
//! A token's header and claims are JSON that a stranger chose. [`scan`] accepts exactly RFC 8259
//! and refuses what parsers disagree about: duplicate member names at any depth (compared after
//! unescaping), bad UTF-8, lone surrogates, numbers beyond a double, and anything past the
//! [`Bounds`]. It reports the members of the outermost object by position, so that nothing is
//! copied until somebody asks for it.
//!
//! Measured against typed `serde_json` and `simd-json` in `benches/verify`: both accept bad
//! UTF-8 or lone surrogates in members that they skip, and keep one of two duplicates.

mod elements;
mod names;
mod number;
mod object;
mod scan;
mod text;
mod write;

pub use elements::elements;
pub use names::name_hash;
pub use number::{integer, numeric_date};
pub use object::{Texts, object, object_and_texts};
pub use scan::{Bounds, JsonError, Kind, Member, check, scan};
pub use text::{quote_append, same_text, unescape};
pub use write::value_append;
