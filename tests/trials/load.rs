use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use serde_json::json;

use crate::sidecar::Sidecar;

/// Clients that verify, rotate and revoke all the while, whatever happens to the store.
///
/// # What they hold the sidecars to
/// A token whose revocation was answered is never accepted by the sidecar that answered it, nor by
/// another from the moment on at which that was seen to refuse it. No answer is anything but what was
/// asked for or `STORE_UNAVAILABLE`.
pub(crate) struct Load<'a> {
    sidecars: &'a [&'a Sidecar],
    /// What each of them is known to refuse.
    revoked: Vec<Mutex<Vec<String>>>,
    stop: AtomicBool,
    answered: AtomicU64,
    unavailable: AtomicU64,
}

/// Runs `trouble` while there is load on all of `sidecars`.
pub(crate) fn under_load(sidecars: &[&Sidecar], trouble: impl FnOnce(&Load<'_>)) {
    let load = Load {
        sidecars,
        revoked: sidecars.iter().map(|_| Mutex::default()).collect(),
        stop: AtomicBool::new(false),
        answered: AtomicU64::new(0),
        unavailable: AtomicU64::new(0),
    };
    thread::scope(|scope| {
        for number in 0..sidecars.len() {
            let load = &load;
            scope.spawn(move || load.guarded(|| load.change(number)));
            scope.spawn(move || load.guarded(|| load.verify(number)));
        }
        load.guarded(|| trouble(&load));
        load.stop.store(true, Ordering::SeqCst);
    });
    println!(
        "{} answers under load, {} of them STORE_UNAVAILABLE",
        load.answered.load(Ordering::SeqCst),
        load.unavailable.load(Ordering::SeqCst)
    );
    assert!(load.answered.load(Ordering::SeqCst) > 20);
}

impl Load<'_> {
    /// Ends the load for the others, too, where it panics.
    fn guarded(&self, work: impl FnOnce()) {
        struct Stop<'a>(&'a AtomicBool);
        impl Drop for Stop<'_> {
            fn drop(&mut self) {
                if thread::panicking() {
                    self.0.store(true, Ordering::SeqCst);
                }
            }
        }
        let _stop = Stop(&self.stop);
        work();
    }

    /// From now on, this sidecar refuses that token.
    pub(crate) fn refuses(&self, number: usize, token: &str) {
        let mut revoked = self.revoked(number);
        revoked.push(token.to_owned());
    }

    fn revoked(&self, number: usize) -> std::sync::MutexGuard<'_, Vec<String>> {
        let revoked = &self.revoked[number];
        revoked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many revocations this sidecar has answered.
    pub(crate) fn answered_revocations(&self, number: usize) -> usize {
        self.revoked(number).len()
    }

    /// The tokens that this sidecar refuses.
    pub(crate) fn answered(&self, number: usize) -> Vec<String> {
        self.revoked(number).clone()
    }

    fn goes_on(&self) -> bool {
        !self.stop.load(Ordering::SeqCst)
    }

    fn count(&self, code: &str) -> bool {
        self.answered.fetch_add(1, Ordering::SeqCst);
        let unavailable = code == "STORE_UNAVAILABLE";
        if unavailable {
            self.unavailable.fetch_add(1, Ordering::SeqCst);
        }
        unavailable
    }

    fn verify(&self, number: usize) {
        let mut client = self.sidecars[number].data();
        let mut turn = 0;
        while self.goes_on() {
            let (token, of) = {
                let revoked = self.revoked(number);
                match revoked.len() {
                    0 => continue,
                    of => (revoked[turn % of].clone(), of),
                }
            };
            turn += 1;
            let answer = client.verify(&token).expect("an answer");
            if !self.count(answer.code()) {
                assert_eq!(answer.code(), "REVOKED", "sidecar {number}, {of} revoked");
            }
        }
    }

    fn change(&self, number: usize) {
        let sidecar = self.sidecars[number];
        let (mut control, mut data) = (sidecar.control(), sidecar.data());
        let subject = format!("load {number}");
        let sign = json!({"kind": "pair", "claims": {"sub": subject}});
        while self.goes_on() {
            let pair = control.post("/v1/sign", &sign).expect("an answer");
            let (access, refresh) = (pair.text("access"), pair.text("refresh"));
            let live = data.verify(&access).expect("an answer");
            if !self.count(live.code()) {
                assert_eq!(live.code(), "OK");
            }
            let rotate = json!({ "refresh": refresh });
            let rotated = control.post("/v1/rotate", &rotate).expect("an answer");
            if !self.count(rotated.code()) {
                assert_eq!(rotated.code(), "OK");
            }
            let revoke = json!({ "token": access });
            let revoked = control.post("/v1/revoke", &revoke).expect("an answer");
            if !self.count(revoked.code()) {
                assert_eq!(revoked.code(), "OK");
                self.refuses(number, &access);
            }
        }
    }
}
