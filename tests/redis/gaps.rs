use super::*;

/// Row R6: restarted empty, emptied, or with the feed alone gone: a follower scans from scratch.
#[test]
fn a_server_that_was_emptied_is_a_gap() {
    let mut server = Server::start(&[]);
    let store = server.store(clock());
    let mut versions = vec![put(&store, "0")];
    for (round, loss) in ["restart", "FLUSHALL", "feed", "life"]
        .into_iter()
        .enumerate()
    {
        let cursor = begin(&store);
        match loss {
            "restart" => {
                server.kill();
                server.restart();
            }
            "FLUSHALL" => drop(server.ask(&["FLUSHALL"])),
            part => drop(server.ask(&["DEL", &format!("{{bearerd}}:{part}")])),
        }
        let told = store.changes(Some(cursor), NO_WAIT).unwrap();
        assert!(told.gap, "{loss}");
        let version = put(&store, &format!("{}", round + 1));
        assert!(
            versions.iter().all(|old| *old < version),
            "{loss}: a version is given twice"
        );
        versions.push(version);
        let told = store.changes(Some(told.next), NO_WAIT).unwrap();
        assert!(!told.gap && told.items.len() == 1, "{loss}");
        assert!(
            store.changes(Some(cursor), NO_WAIT).unwrap().gap,
            "{loss}, and written to since"
        );
    }
}

/// A follower that waits is told as well, by the first write at the latest.
#[test]
fn a_follower_that_waits_sees_the_gap() {
    let server = Server::start(&[]);
    let (store, other) = (server.store(clock()), server.store(clock()));
    put(&store, "before");
    let cursor = begin(&store);
    thread::scope(|scope| {
        let follower = scope.spawn(|| store.changes(Some(cursor), LONG));
        eventually("a follower waits", || {
            format!("{:?}", server.ask(&["CLIENT", "LIST"])).contains("cmd=xread")
        });
        server.ask(&["FLUSHALL"]);
        put(&other, "after");
        assert!(follower.join().unwrap().unwrap().gap);
    });
}

/// An older dump put back: the changes that the follower saw last never happened.
#[test]
fn a_server_that_was_restored_is_a_gap() {
    let mut server = Server::start(&["--dbfilename", "dump.rdb"]);
    let store = server.store(clock());
    put(&store, "before");
    server.ask(&["SAVE"]);
    let version = put(&store, "lost");
    let cursor = begin(&store);
    server.kill();
    server.restart();
    assert!(store.get(&key("lost")).unwrap().is_none());
    assert!(store.get(&key("before")).unwrap().is_some());
    assert!(put(&store, "after") > version);
    assert!(store.changes(Some(cursor), NO_WAIT).unwrap().gap);
}

/// Trimmed past the cursor: a gap, and exactly where one change is missing.
#[test]
fn a_trimmed_feed_is_a_gap() {
    let server = Server::start(&[]);
    let mut config = server.config();
    config.changes = 3;
    let store = RedisStore::open(config, clock()).unwrap();
    let cursor = begin(&store);
    for number in 0..3 {
        put(&store, &number.to_string());
        let told = store.changes(Some(cursor), NO_WAIT).unwrap();
        assert_eq!((told.gap, told.items.len()), (false, number + 1));
    }
    put(&store, "one too many");
    assert!(store.changes(Some(cursor), NO_WAIT).unwrap().gap);
    server.ask(&["XTRIM", "{bearerd}:feed", "MAXLEN", "0"]);
    assert!(store.changes(Some(cursor), NO_WAIT).unwrap().gap);
}

/// A server that restarts with all it had is none.
#[test]
fn a_restart_that_loses_nothing_is_no_gap() {
    let mut server = Server::durable();
    let store = server.store(clock());
    let cursor = begin(&store);
    put(&store, "before");
    server.kill();
    server.restart();
    put(&store, "after");
    let told = store.changes(Some(cursor), NO_WAIT).unwrap();
    assert_eq!((told.gap, told.items.len()), (false, 2));
}
