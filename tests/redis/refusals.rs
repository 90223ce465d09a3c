use std::io::{Read, Write};

use bearerd::store::{Entry, RedisUrl};

use super::silence::pretender;
use super::*;

fn with_login(server: &Server, login: &str) -> RedisStore {
    let mut config = server.config();
    config.url = RedisUrl::parse(&format!("unix://{login}@{}", server.socket())).unwrap();
    RedisStore::open(config, clock()).unwrap()
}

/// Row C8: a server that is full refuses, keeps all it had, and takes deletions.
#[test]
fn a_full_server_refuses_and_drops_nothing() {
    let server = Server::start(&["--maxmemory", "4mb"]);
    let time = Arc::new(ManualClock::at(START));
    let store = server.store(time.clone());
    let soon = START.plus(Duration::from_secs(1));
    let (mut stored, value) = (0, vec![b'x'; 20_000]);
    let fault = loop {
        let (name, expires) = (
            stored.to_string(),
            if stored < 8 { soon } else { UnixMillis::MAX },
        );
        match store.put_if_absent(&key(&name), &value, expires) {
            Ok(_) => stored += 1,
            Err(fault) => break fault,
        }
        assert!(stored < 1_000, "it is not full");
    };
    unavailable(Err::<(), _>(fault), "is full: raise its maxmemory");
    assert!(stored > 20, "{stored} fit");
    for number in 0..stored {
        assert!(
            store.get(&key(&number.to_string())).unwrap().is_some(),
            "{number} is gone"
        );
    }
    assert_eq!(store.scan(&all(), None, 1_000).unwrap().items.len(), stored);
    // What is over makes room by itself.
    time.advance(Duration::from_secs(1));
    assert!(matches!(
        store.put_if_absent(&key("room"), &value, UnixMillis::MAX),
        Ok(Put::Stored(_))
    ));
    let cursor = begin(&store);
    server.ask(&["CONFIG", "SET", "maxmemory", "1mb"]);
    unavailable(
        store.put_if_absent(&key("more"), b"v", UnixMillis::MAX),
        "is full",
    );
    assert!(store.delete(&key("room")).unwrap());
    let told = store.changes(Some(cursor), NO_WAIT).unwrap();
    assert_eq!(
        (told.gap, told.items.len()),
        (false, 1),
        "even then it is told"
    );
}

#[test]
fn a_wrong_password_is_refused_and_not_shown() {
    let server = Server::start(&[]);
    server.ask(&["ACL", "SETUSER", "ann", "on", ">hunter2", "~*", "+@all"]);
    let right = with_login(&server, "ann:hunter2");
    put(&right, "some");
    for login in ["ann:Hunter3", "bob:Hunter3", "ann", ":Hunter3"] {
        let store = with_login(&server, login);
        for (_, answer) in calls(&store) {
            let fault = unavailable(answer, "");
            let shown = format!("{fault} {fault:?} {store:?} {}", fault.chain());
            assert!(!shown.to_lowercase().contains("hunter"), "{shown}");
            assert!(!shown.contains("ann:") && !shown.contains("bob"), "{shown}");
        }
        unavailable(store.get(&key("some")), "refuses the user or the password");
    }
    // Revoked while connected: every connection is cut, and the next one is refused.
    server.ask(&["ACL", "SETUSER", "ann", "off"]);
    server.ask(&["CLIENT", "KILL", "USER", "ann"]);
    unavailable(right.get(&key("some")), "refuses the user or the password");
}

/// What the message says is enough for everything; less is refused, and says so.
#[test]
fn an_acl_user_needs_what_the_message_says() {
    let server = Server::start(&[]);
    server.ask(&[
        "ACL",
        "SETUSER",
        "bee",
        "on",
        ">pw",
        "~{bearerd}:*",
        "+@all",
        "-eval",
        "-evalsha",
    ]);
    let store = with_login(&server, "bee:pw");
    let refused = store.put_if_absent(&key("some"), b"v", UnixMillis::MAX);
    let fault = unavailable(refused, "forbids its user a command");
    let message = fault.to_string();
    let (_, advice) = message.split_once("allow that user ").unwrap();
    assert!(store.get(&key("some")).unwrap().is_none());

    let mut rule = vec!["ACL", "SETUSER", "least", "on", ">pw"];
    rule.extend(advice.split(' '));
    server.ask(&rule);
    let store = with_login(&server, "least:pw");
    put(&store, "other");
    for (name, answer) in calls(&store) {
        assert!(answer.is_ok(), "{name}: {answer:?}");
    }
    let cursor = begin(&store);
    assert!(
        !store
            .changes(Some(cursor), Duration::from_millis(10))
            .unwrap()
            .gap
    );
}

/// The script is not known to a server that was restarted or flushed its scripts.
#[test]
fn a_server_that_forgot_the_scripts_is_told_again() {
    let server = Server::start(&[]);
    let store = server.store(clock());
    put(&store, "before");
    server.ask(&["SCRIPT", "FLUSH"]);
    put(&store, "after");
}

#[test]
fn a_replica_takes_no_writes() {
    let server = Server::start(&[]);
    let store = server.store(clock());
    put(&store, "before");
    server.ask(&["REPLICAOF", "127.0.0.1", "1"]);
    let refused = store.put_if_absent(&key("some"), b"v", UnixMillis::MAX);
    unavailable(
        refused,
        "is a replica and takes no writes: name the primary",
    );
    unavailable(store.delete(&key("before")), "is a replica");
    assert!(store.get(&key("before")).unwrap().is_some());
    server.ask(&["REPLICAOF", "NO", "ONE"]);
    put(&store, "some");
}

/// Something else writes there: no panic, no guess, and none of it is shown.
#[test]
fn what_others_wrote_is_no_state() {
    let name = "thing/some/";
    let entry = format!("{{bearerd}}:entry:{name}");
    let fields = [
        "{bearerd}:life",
        "{bearerd}:feed",
        "{bearerd}:index",
        "{bearerd}:expiries",
    ];
    let long = "9".repeat(60);
    let mut foreign: Vec<Vec<&str>> = vec![
        vec!["LPUSH", &entry, "hunter2"],
        vec!["SET", &entry, "hunter2"],
        vec!["SET", &entry, ""],
        vec![
            "SET",
            &entry,
            "hunter2 hunter2 hunter2 hunter2 hunter2 hunter2 hunter2",
        ],
        vec!["SET", &entry, &long],
    ];
    foreign.extend(fields.iter().map(|field| vec!["SET", field, "hunter2"]));
    for command in foreign {
        let server = Server::start(&[]);
        let store = server.store(clock());
        put(&store, "before");
        server.ask(&["DEL", command[1]]);
        server.ask(&command);
        let refused = store.put_if_absent(&key("some"), b"v", UnixMillis::MAX);
        let fault = unavailable(refused, "that bearerd did not write: give bearerd a prefix");
        assert!(!fault.to_string().contains("hunter2"), "{command:?}");
        if command[1] == entry {
            unavailable(store.get(&key("some")), "did not write");
        }
    }
    let server = Server::start(&[]);
    let store = server.store(clock());
    put(&store, "before");
    server.ask(&["ZADD", "{bearerd}:index", "0", "thing/hunter 2"]);
    let fault = unavailable(store.scan(&all(), None, 10), "did not write");
    assert!(!fault.to_string().contains("hunter"));
}

/// What a server says when it cannot: each with what to do about it.
#[test]
fn what_a_server_refuses_is_named() {
    macro_rules! says {
        ($($code:literal => $advice:literal),* $(,)?) => { [$((
            pretender(|socket| {
                let mut asked = [0; 65_536];
                let _ = socket.read(&mut asked);
                let _ = socket.write_all(b"+OK\r\n");
                while socket.read(&mut asked).is_ok_and(|read| read > 0) {
                    let _ = socket.write_all(concat!("-", $code, " hunter2 {bearerd}:x\r\n").as_bytes());
                }
            }),
            $advice,
        )),*] };
    }
    for (mut config, advice) in says![
        "LOADING Redis is loading the dataset in memory" => "is not ready (LOADING): wait",
        "BUSY Redis is busy running a script." => "is not ready (BUSY)",
        "MASTERDOWN Link with MASTER is down" => "is not ready (MASTERDOWN)",
        "CLUSTERDOWN Hash slot not served" => "is not ready (CLUSTERDOWN)",
        "MOVED 866 10.0.0.1:6379" => "name the node that does",
        "CROSSSLOT Keys in request" => "name the node that does",
        "MISCONF Errors writing to the AOF file" => "cannot write its files",
        "NOAUTH Authentication required." => "refuses the user or the password",
        "ERR invalid password" => "refuses the user or the password",
        "ERR max number of clients reached" => "raise its maxclients",
        "ERR Error running script (call to f_0): @user_script:1: OOM command" => "is full",
        "ERR unknown command" => "answers with an error (ERR): see that it is Redis 5",
        "\u{1b}[31mEVIL" => "answers with an error (ERR)",
    ] {
        config.timeout = LONG;
        let store = RedisStore::open(config, clock()).unwrap();
        for (name, answer) in calls(&store) {
            let fault = unavailable(answer, advice);
            let shown = fault.chain();
            assert!(
                !shown.contains("hunter2") && !shown.contains('\u{1b}'),
                "{name}: {shown}"
            );
        }
    }
}

/// Every key in one slot: a node that holds it serves, whatever else the cluster is made of.
#[test]
fn a_node_of_a_cluster_serves() {
    let free = || {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port().to_string()
    };
    let (port, bus) = (free(), free());
    let options = [
        "--port",
        &port,
        "--bind",
        "127.0.0.1",
        "--cluster-enabled",
        "yes",
    ];
    let server = Server::start(&[&options[..], &["--cluster-port", &bus]].concat());
    let store = server.store(clock());
    unavailable(store.get(&key("some")), "is not ready (CLUSTERDOWN)");
    server.ask(&["CLUSTER", "ADDSLOTSRANGE", "0", "16383"]);
    eventually("the cluster is up", || store.get(&key("some")).is_ok());
    put(&store, "a");
    put(&store, "{b}");
    for (name, answer) in calls(&store) {
        assert!(answer.is_ok(), "{name}: {answer:?}");
    }
    assert_eq!(store.scan(&all(), None, 10).unwrap().items.len(), 2);
}

/// As many of the longest values as are read at once fit a reply.
#[test]
fn a_page_of_the_longest_values_is_read() {
    let server = Server::start(&[]);
    let store = server.store(clock());
    let longest = vec![b'x'; Entry::MAX_VALUE];
    for number in 0..100 {
        let name = key(&number.to_string());
        let put = store.put_if_absent(&name, &longest, UnixMillis::MAX);
        assert!(matches!(put, Ok(Put::Stored(_))));
    }
    assert_eq!(store.scan(&all(), None, 200).unwrap().items.len(), 100);
}

#[test]
fn nothing_stored_is_shown() {
    let server = Server::start(&[]);
    let store = server.store(clock());
    let name = key("alice");
    let _ = store
        .put_if_absent(&name, b"hunter2", UnixMillis::MAX)
        .unwrap();
    let again = store.put_if_absent(&name, b"", UnixMillis::MAX).unwrap();
    let page = store.scan(&all(), None, 9).unwrap();
    let shown = format!("{store:?} {again:?} {page:?} {:?}", store.get(&name));
    assert!(
        !shown.contains("hunter2") && !shown.contains("alice"),
        "{shown}"
    );
    assert!(!shown.contains("104, 117"), "{shown}");
}
