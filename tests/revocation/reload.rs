//! The index read anew while it is asked.

use super::*;

#[test]
fn a_reload_is_in_force_at_once_and_keeps_what_was_known() {
    let (clock, index) = index(100);
    for value in ["old", "both", "lifted"] {
        index
            .revoke_handle(value.as_bytes(), UnixMillis::MAX)
            .unwrap();
    }
    let at = CheckedAt::never();
    let family = by_family(&index, "new");
    assert_eq!(index.recheck(&at, || family), Ok(()));

    let mut reload = index.reload();
    for value in [&b"both"[..], b"short"] {
        reload.handle(value, START.plus(HOUR)).unwrap();
    }
    reload.handle(b"lifted", UnixMillis::MAX).unwrap();
    reload.family(b"new", UnixMillis::MAX).unwrap();
    reload.subject(b"ann", START, UnixMillis::MAX).unwrap();
    reload
        .subject(b"ann", START.minus(HOUR), UnixMillis::MAX)
        .unwrap();
    index.revoke_handle(b"meanwhile", UnixMillis::MAX).unwrap();
    index.lift(index.handle_key(b"lifted"));
    assert!(
        revoked(&index, &by_handle(&index, "old")),
        "the old contents answer until then"
    );
    assert_eq!(index.recheck(&at, || family), Ok(()));
    let missing = reload.commit().unwrap();

    assert_eq!(missing, 1, "the old one");
    assert!(index.recheck(&at, || family).is_err());
    for value in ["both", "meanwhile", "old"] {
        assert!(revoked(&index, &by_handle(&index, value)), "{value}");
    }
    assert!(!revoked(&index, &by_handle(&index, "lifted")));
    let ann = |at: UnixMillis| revoked(&index, &by_subject(&index, "ann", Some(at)));
    assert!(ann(START.minus(Duration::from_millis(1))) && !ann(START));
    assert_eq!(index.len(), 6);
    clock.advance(HOUR);
    assert_eq!((index.purge(usize::MAX), index.len()), (1, 5));
    assert!(
        revoked(&index, &by_handle(&index, "both")),
        "until the later of two ends"
    );
}

/// A reload while the wall clock is ahead finds nothing that has ended by it, and forgets nothing
/// that has not.
#[test]
fn a_reload_at_a_wrong_time_forgets_nothing() {
    let (clock, index) = index(10);
    index.revoke_handle(b"h", START.plus(HOUR)).unwrap();
    clock.set(START.plus(HOUR * 24 * 365));
    for _ in 0..3 {
        assert_eq!(index.reload().commit().unwrap(), 0, "by that clock");
        clock.advance(Duration::from_secs(1));
        index.purge(usize::MAX);
    }
    clock.set(START);
    assert!(revoked(&index, &by_handle(&index, "h")));
    clock.advance(HOUR);
    index.purge(usize::MAX);
    assert!(index.is_empty());
}

#[test]
fn a_reload_that_fails_changes_nothing() {
    let (_, index) = index(3);
    index.revoke_handle(b"old", UnixMillis::MAX).unwrap();
    let mut reload = index.reload();
    reload.handle(b"new", UnixMillis::MAX).unwrap();
    drop(reload);
    assert!(revoked(&index, &by_handle(&index, "old")));
    assert!(!revoked(&index, &by_handle(&index, "new")));

    let mut reload = index.reload();
    for value in ["1", "2", "3"] {
        reload.handle(value.as_bytes(), UnixMillis::MAX).unwrap();
    }
    assert_eq!(
        reload.handle(b"4", START).unwrap_err().code(),
        Code::StoreUnavailable
    );
    index.revoke_handle(b"meanwhile", UnixMillis::MAX).unwrap();
    assert_eq!(reload.commit().unwrap_err().code(), Code::StoreUnavailable);
    for value in ["old", "meanwhile"] {
        assert!(revoked(&index, &by_handle(&index, value)), "{value}");
    }
    assert!(!revoked(&index, &by_handle(&index, "1")));
    assert_eq!(index.len(), 2);
}

/// Contract 1, line 4: not even for a moment does a reload, a purge or a lift let through what is
/// revoked all the while.
#[test]
fn a_standing_revocation_never_blinks() {
    let (clock, index) = index(10_000);
    index.revoke_handle(b"standing", UnixMillis::MAX).unwrap();
    let stop = AtomicBool::new(false);
    let standing = by_handle(&index, "standing");
    thread::scope(|scope| {
        let watcher = scope.spawn(|| {
            let at = CheckedAt::never();
            let mut blinks = 0;
            while !stop.load(Ordering::Relaxed) {
                blinks += u64::from(index.recheck(&at, || standing).is_ok());
            }
            blinks
        });
        for round in 0..300_u32 {
            for number in 0..20_u32 {
                let name = (round * 100 + number).to_be_bytes();
                index
                    .revoke_handle(&name, clock.now().plus(Duration::from_millis(1)))
                    .unwrap();
                if number % 3 == 0 {
                    index.lift(index.handle_key(&name));
                }
            }
            clock.advance(Duration::from_millis(1));
            let mut reload = index.reload();
            reload.handle(b"standing", UnixMillis::MAX).unwrap();
            reload.commit().unwrap();
        }
        stop.store(true, Ordering::Relaxed);
        assert_eq!(watcher.join().unwrap(), 0);
    });
}
