use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};

use bearerd::store::{RedisConfig, RedisUrl};
use rustix::process::Signal;

use super::*;

const SHORT: Duration = Duration::from_millis(300);

pub(super) fn hasty(mut config: RedisConfig) -> RedisStore {
    config.timeout = SHORT;
    config.connect_timeout = SHORT;
    RedisStore::open(config, clock()).unwrap()
}

/// Row R6: stopped, every call ends in time; continued, every call works, without a restart.
#[test]
fn a_stopped_server_is_unavailable_until_it_goes_on() {
    let server = Server::start(&[]);
    let store = hasty(server.config());
    let warm = |store: &RedisStore| calls(store).into_iter().all(|(_, answer)| answer.is_ok());
    eventually("a busy machine", || warm(&store));
    server.signal(Signal::STOP);
    for _ in 0..2 {
        let start = Instant::now();
        for (name, answer) in calls(&store) {
            let fault = unavailable(answer, "does not answer within 300ms");
            assert!(
                fault.to_string().contains(&server.socket()),
                "{name}: {fault}"
            );
        }
        // Seven calls, each of them connecting and asking at most.
        assert!(
            start.elapsed() < SHORT * 7 * 2 + LONG / 4,
            "{:?}",
            start.elapsed()
        );
    }
    server.signal(Signal::CONT);
    eventually("it goes on", || warm(&store));
}

/// A follower with a long wait notices long before that.
#[test]
fn a_follower_notices_that_the_server_is_silent() {
    let server = Server::start(&[]);
    let store = hasty(server.config());
    let mut cursor = None;
    eventually("a busy machine", || {
        cursor = store.changes(None, NO_WAIT).ok().map(|told| told.next);
        cursor.is_some()
    });
    thread::scope(|scope| {
        let follower = scope.spawn(|| store.changes(cursor, Duration::from_secs(3_600)));
        eventually("a follower waits", || {
            format!("{:?}", server.ask(&["CLIENT", "LIST"])).contains("cmd=xread")
        });
        server.signal(Signal::STOP);
        unavailable(follower.join().unwrap(), "does not answer");
    });
    server.signal(Signal::CONT);
}

/// A stopped server whose queue is full: even connecting to a socket file ends in time.
#[test]
fn connecting_to_a_full_queue_ends_in_time() {
    let server = Server::start(&["--tcp-backlog", "1"]);
    server.signal(Signal::STOP);
    let queue: Vec<_> = (0..16)
        .map(|_| {
            let path = server.socket();
            // A plain connect, on a thread that is left behind once the queue is full.
            thread::spawn(move || std::os::unix::net::UnixStream::connect(path))
        })
        .collect();
    thread::sleep(Duration::from_millis(100));
    let store = hasty(server.config());
    unavailable(store.get(&key("some")), "does not answer");
    server.signal(Signal::CONT);
    for socket in queue {
        drop(socket.join().unwrap());
    }
    eventually("the queue moves", || store.get(&key("some")).is_ok());
}

/// A server of our own that answers every connection as `answer` does.
pub(super) fn pretender(answer: fn(&mut TcpStream)) -> RedisConfig {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        while let Ok((mut socket, _)) = listener.accept() {
            thread::spawn(move || answer(&mut socket));
        }
    });
    RedisConfig::new(RedisUrl::parse(&format!("redis://:hunter2@127.0.0.1:{port}")).unwrap())
}

/// A byte now and then does not buy time.
#[test]
fn a_server_that_drips_is_unavailable() {
    let config = pretender(|socket| {
        let _ = socket.write_all(b"$100\r\n");
        while socket.write_all(b"x").is_ok() {
            thread::sleep(Duration::from_millis(30));
        }
    });
    let start = Instant::now();
    unavailable(
        hasty(config).get(&key("some")),
        "does not answer within 300ms",
    );
    assert!(start.elapsed() < LONG / 2, "{:?}", start.elapsed());
}

/// Row R6: whatever it says, it is no answer; nothing panics and nothing of it is repeated.
#[test]
fn a_server_that_answers_garbage_is_unavailable() {
    macro_rules! says {
        ($($text:expr),* $(,)?) => { [$(|socket: &mut TcpStream| say(socket, $text)),*] };
    }
    let answers: [fn(&mut TcpStream); 19] = says![
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\0\0\0\0",
        b"",
        b"+",
        b":\r\n",
        b"$99999999999999999999\r\n",
        b"$9223372036854775807\r\nhunter2",
        b"*9223372036854775807\r\n",
        b"*2147483647\r\n:1\r\n",
        b"%9223372036854775807\r\n",
        b"|1\r\n+a\r\n+b\r\n",
        b">3\r\n+a\r\n+b\r\n+c\r\n",
        b"*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n",
        b"+hunter2\r\n+hunter2\r\n",
        b":1\r\n",
        b"*3\r\n:1\r\n$3\r\nabc\r\n*0\r\n",
        b"*2\r\n:0\r\n$40\r\n0000000000000000000x00000000000000000001\r\n",
        b"-\r\n",
        b"-hunter2 \xff\xfe\r\n",
    ];
    fn say(socket: &mut TcpStream, text: &[u8]) {
        let mut asked = [0; 65_536];
        let _ = socket.read(&mut asked);
        let _ = socket.write_all(b"+OK\r\n");
        while let Ok(read @ 1..) = socket.read(&mut asked) {
            if !asked[..read].windows(6).any(|word| word == b"CONFIG") {
                let _ = socket.write_all(text);
                return;
            }
            let _ = socket.write_all(b"*2\r\n$1\r\na\r\n$1\r\nb\r\n");
        }
    }
    for (number, answer) in answers.into_iter().enumerate() {
        let store = hasty(pretender(answer));
        for (name, answer) in calls(&store) {
            // A bare number is what a deletion is answered with.
            let Err(fault) = answer else {
                assert!(name == "delete", "{number}: {name} believes it");
                continue;
            };
            assert_eq!(fault.code(), Code::StoreUnavailable, "{number}: {name}");
            assert!(fault.to_string().contains("127.0.0.1"), "{fault}");
            assert!(!fault.chain().contains("hunter2"), "{fault:?}");
        }
    }
}

/// Nor does a reply without an end fill the memory.
#[test]
fn a_reply_without_an_end_is_cut() {
    static SENT: AtomicUsize = AtomicUsize::new(0);
    let mut config = pretender(|socket| {
        let mut part = format!("${}\r\n", 1 << 20).into_bytes();
        part.extend(vec![b'x'; 1 << 20]);
        part.extend(b"\r\n");
        let _ = socket.write_all(b"+OK\r\n*2147483647\r\n");
        while socket.write_all(&part).is_ok() {
            SENT.fetch_add(part.len(), Ordering::SeqCst);
        }
    });
    config.timeout = LONG;
    config.connect_timeout = LONG;
    let store = RedisStore::open(config, clock()).unwrap();
    unavailable(store.get(&key("some")), "answers what no Redis answers");
    assert!(
        SENT.load(Ordering::SeqCst) < 128 << 20,
        "{SENT:?} bytes were taken"
    );
}

/// Not there at all, and then there.
#[test]
fn a_server_that_starts_late_is_found() {
    let mut server = Server::start(&[]);
    let store = server.store(clock());
    put(&store, "before");
    server.kill();
    for (name, answer) in calls(&store) {
        let fault = unavailable(answer, "");
        assert!(
            fault.to_string().contains(&server.socket()),
            "{name}: {fault}"
        );
    }
    unavailable(
        store.get(&key("some")),
        "cannot be reached: start it, or correct the URL",
    );
    server.restart();
    for (name, answer) in calls(&store) {
        assert!(answer.is_ok(), "{name}: {answer:?}");
    }
}
