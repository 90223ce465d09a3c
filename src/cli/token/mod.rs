//! What is done with tokens: signing, verifying, explaining.

mod explain;
mod sign;
mod subject;
mod verdict;
mod verify;

pub(super) use explain::explain;
pub(super) use sign::sign;
pub(super) use subject::await_keys;
pub(super) use verify::verify;
