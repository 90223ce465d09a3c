//! Where the token stands in a request.
//!
//! Exactly one token comes out, or a reject: none is `MISSING_TOKEN`; a form that could be read
//! in two ways, and two tokens that differ, are `MALFORMED`, because a gateway in front may have
//! read the other one. Nothing is copied, and whoever holds the headers says how to read them: see
//! [`Headers`].

mod place;
mod value;

pub use place::{Headers, Place, Places};
pub use value::bearer;
