//! Permissions: what a position may do, by names such as `hr.employee.update`.
//!
//! A **name** has one to eight parts joined by dots: `module.sub.action` is usual, and its first
//! part is its module. A part is 1 to 64 of `A-Z a-z 0-9 _ -`, a name at most 128 bytes. Names are
//! compared byte by byte, so case matters.
//!
//! A **grant** is a name in which a part may be `*`. At the end it stands for one part or more,
//! anywhere else for exactly one. It is a part of its own or nothing: `hr*` is no grant.
//!
//! | grant | `hr` | `hr.read` | `hr.employee.read` | `hr.employee.update` | `hr.employee.pay.read` | `crm.deal.read` |
//! |---|---|---|---|---|---|---|
//! | `*` | yes | yes | yes | yes | yes | yes |
//! | `hr` | yes | | | | | |
//! | `hr.*` | | yes | yes | yes | yes | |
//! | `hr.*.read` | | | yes | | | |
//! | `hr.*.*` | | | yes | yes | yes | |
//! | `*.*.read` | | | yes | | | yes |
//! | `hr.employee` | | | | | | |
//! | `hr.employee.*` | | | yes | yes | yes | |
//! | `*.read` | | yes | | | | |
//!
//! [`PermissionRules`] say which claims hold a position's grants, the modules that its department
//! may use, its level and so on; [`Rights`] are what they find there. A permission is allowed where
//!
//! 1. the level is one that bypasses, or
//! 2. a grant covers its name and, where modules are listed at all, its module is among them (`*`
//!    there is every module).
//!
//! What is absent, or cannot be read, allows nothing.

mod grants;
mod list;
mod name;
mod rights;
mod rules;
mod scope;

pub(super) use list::List;
pub use name::Permission;
pub(super) use rights::Answer;
pub use rights::Rights;
pub use rules::{PermissionNames, PermissionRules, RightsSource};
pub use scope::{DataScope, DataScopes};
