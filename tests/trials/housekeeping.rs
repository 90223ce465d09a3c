//! What has ended is wiped although nobody writes.

use std::sync::Arc;
use std::time::Duration;

use bearerd::clock::{Clock, SystemClock};
use bearerd::store::{Namespace, Store, StoreKey};
use redis::Value;

use crate::redis::Server;
use crate::sidecar::{Sidecar, until};

#[test]
fn an_idle_sidecar_wipes_what_has_ended() {
    let server = Server::start(&[]);
    let store = server.store(Arc::new(SystemClock));
    // By the server's own clock it would stay for a day.
    let soon = SystemClock.now().plus(Duration::from_millis(300));
    for number in 0..10_u8 {
        let key = StoreKey::new(Namespace::new("thing"), &[&[number]]).unwrap();
        let _ = store.put_if_absent(&key, b"v", soon).unwrap();
    }
    let held = || match server.ask(&["ZCARD", "{bearerd}:expiries"]) {
        Value::Int(held) => held,
        other => panic!("{other:?}"),
    };
    assert_eq!(held(), 10);
    until("it has ended", || SystemClock.now() > soon);
    assert_eq!(held(), 10, "absent, and there");
    let state = format!("\"unix://{}\"", server.socket());
    let mut sidecar = Sidecar::start(&state, "");
    until("it is wiped", || held() == 0);
    sidecar.stop();
}
