//! Guards: rules over verified claims and the request.
//!
//! A guard is data, the same in configuration, over HTTP and through the C ABI:
//!
//! ```
//! use bearerd::guard::Guard;
//!
//! let guard = Guard::from_json(br#"{"roles": [4], "scopes": ["read:orders"], "not": {"team": ["t9"]}}"#)?;
//! # Ok::<(), bearerd::error::Fault>(())
//! ```
//!
//! | member | holds where |
//! |---|---|
//! | `roles` | the role claim is, or lists, any of these ids (numbers) or names (strings) |
//! | `scopes` | the scope claim has all of these |
//! | `any_scope` | the scope claim has any of these |
//! | `vip` | the VIP claim is that boolean |
//! | `team` | `true`: a team is named; a list: it is one of these |
//! | `token` | the token is of that kind, `"access"` or `"refresh"` |
//! | `device` | `true`: the device claim equals the request's device |
//! | `permission` | that [permission] is allowed, or all of a list are |
//! | `any_permission` | any of these permissions is allowed |
//! | `position` | the position's code is, or lists, any of these ids or names |
//! | `subordinates` | whether others are managed is that boolean |
//! | `headquarters` | whether it is at headquarters is that boolean |
//! | `project` | `true`: a project is named; a list: it is one of these |
//! | `all`, `any` | every, or at least one, of these guards holds |
//! | `not` | that guard does not hold |
//!
//! The members of one object must all hold. An unknown member, an empty list and an empty object
//! are errors. A member that names a claim which is absent, or holds what cannot be compared (an
//! object, a fraction), refuses, inside `not` as well: absence proves nothing. Those from `permission`
//! to `project` read what the profile's [`PermissionRules`](permission::PermissionRules) name; where it
//! has none they refuse.
//!
//! A guard is compiled once and is immutable; checking it allocates nothing and takes some tens of
//! nanoseconds.

mod check;
mod demands;
mod members;
mod outcome;
pub mod permission;
mod rule;

pub use check::RequestFacts;
pub use members::MEMBERS;
pub use rule::{Guard, Name};
