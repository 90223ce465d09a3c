//! What a child of a fork signs. In a process of its own: it forks, by a C library's call.
#![cfg(feature = "ffi")]
#![expect(unsafe_code, reason = "forks")]
#![expect(
    clippy::unwrap_used,
    reason = "a helper of a test fails as the test would"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use bearerd::claims::TokenKind;
use bearerd::clock::{Clock, ManualClock, UnixMillis};
use bearerd::config::{Config, Environment, Profile};
use bearerd::fork;
use bearerd::sign::ClaimValues;

fn profile() -> Arc<Profile> {
    // It stands still: identifiers that were drawn are good for as long as the test lasts.
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(UnixMillis::from_secs(1_800_000_000)));
    let text = "[profiles.api]\nalgorithms = [\"HS256\"]\nsign = {}\n\
        keys = [{ secret_base64url = \"vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEM\" }]\n";
    let none = Environment::empty();
    let config = Config::from_text(text, "test", &none).unwrap();
    let profiles = config.build(&none, &clock).unwrap();
    Arc::clone(profiles.get(None).unwrap())
}

fn ids(profile: &Profile, count: usize) -> Vec<String> {
    let sign = |_| profile.sign(TokenKind::Access, &ClaimValues::new(), None);
    (0..count).map(|at| sign(at).unwrap().token_id).collect()
}

/// Forks, and returns what the child signed.
fn ids_of_child(profile: &Profile, file: &Path, on_fork: impl Fn()) -> Vec<String> {
    // SAFETY: this process has no thread that works, and the child leaves by `_exit`.
    let child = unsafe { libc::fork() };
    if child == 0 {
        on_fork();
        let written = std::fs::write(file, ids(profile, 40).join("\n"));
        // SAFETY: ends the process, and touches nothing of it.
        unsafe { libc::_exit(i32::from(written.is_err())) }
    }
    let mut status = 1;
    // SAFETY: `status` is ours, and so is the child.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0);
    let text = std::fs::read_to_string(file).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Two processes that go on from one memory sign no two tokens of one id: neither where nobody
/// tells this library of forks, nor where a language's binding does.
#[test]
fn parent_and_child_never_share_an_id() {
    let folder = tempfile::tempdir().unwrap();
    let profile = profile();
    let mut all = ids(&profile, 1);
    all.extend(ids_of_child(&profile, &folder.path().join("unseen"), || {}));
    all.extend(ids(&profile, 40));

    fork::all_are_seen();
    all.extend(ids(&profile, 1));
    fork::prepare();
    all.extend(ids_of_child(
        &profile,
        &folder.path().join("seen"),
        fork::in_child,
    ));
    fork::in_parent();
    all.extend(ids(&profile, 40));
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!((distinct.len(), all.len()), (162, 162));
}
