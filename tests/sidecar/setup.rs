//! A sidecar starts only where its whole configuration holds.

use std::net::TcpListener;

use bearerd::config::Environment;

use crate::world::{SECRET, try_start};

fn text(server: &str, more: &str) -> String {
    format!(
        "{more}\n[server]\n{server}\n[profiles.p]\nalgorithms = [\"HS256\"]\n\
         keys = [{{ secret = \"{SECRET}\" }}]\n"
    )
}

#[test]
fn what_does_not_hold_is_named_and_nothing_is_bound() {
    let loopback = "listen = [\"127.0.0.1:0\"]";
    for (server, more, about) in [
        ("listen = [\"localhost:1\"]", "", "server.listen"),
        ("listen = [\"0.0.0.0:0\"]", "", "allow_non_loopback"),
        ("listen = []", "", "listen"),
        (&format!("{loopback}\nthreads = 0"), "", "threads"),
        (&format!("{loopback}\nthreads = 1000000000"), "", "threads"),
        (&format!("{loopback}\nmax_batch = 0"), "", "max_batch"),
        (
            &format!("{loopback}\nmax_connections = 0"),
            "",
            "connections",
        ),
        (&format!("{loopback}\nmax_body = 0"), "", "max_body"),
        (loopback, "default_profile = \"q\"", "\"q\""),
        (loopback, "issuers = { \"https://x\" = \"q\" }", "\"q\""),
        (&format!("{loopback}\nlistens = 1"), "", "listens"),
    ] {
        match try_start(&text(server, more), &Environment::empty()) {
            Ok(sidecar) => {
                sidecar.drain().cut();
                let _ = sidecar.wait().unwrap();
                panic!("started with {server} {more}");
            }
            Err(fault) => assert!(fault.chain().contains(about), "{server}: {}", fault.chain()),
        }
    }
    // A key that cannot be read is found before a port is taken.
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let broken = text(&format!("listen = [\"{address}\"]"), "").replace("secret = ", "pem = ");
    let fault = try_start(&broken, &Environment::empty()).unwrap_err();
    assert!(fault.chain().contains("keys[0]"), "{}", fault.chain());
    let fine = text(&format!("listen = [\"{address}\"]"), "");
    let fault = try_start(&fine, &Environment::empty()).unwrap_err();
    assert!(
        fault.chain().contains(&address.to_string()),
        "{}",
        fault.chain()
    );
}
