use std::io::{BufRead, BufReader};
use std::process::Child;

use super::*;

/// `bearerd dev` on a free port, killed when the test ends.
struct Dev {
    process: Child,
    folder: TempDir,
    url: String,
}

impl Dev {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new(env!("CARGO_BIN_EXE_bearerd"))
            .env_clear()
            .args(["dev", "--listen", "127.0.0.1:0", "--data"])
            .arg(folder.path().join("data"))
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut first = String::new();
        BufReader::new(process.stdout.as_mut().unwrap())
            .read_line(&mut first)
            .unwrap();
        let url = first.trim_end().rsplit(' ').next().unwrap().to_owned();
        Self {
            process,
            folder,
            url,
        }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }

    /// A short run against it.
    fn bench(&self, more: &[&str]) -> Bearerd {
        let data = self.path("data");
        let mut arguments = vec!["bench", "--url", &self.url, "--data", &data];
        arguments.extend([
            "--time",
            "300ms",
            "--tokens-count",
            "50",
            "--connections",
            "4",
        ]);
        arguments.extend(more);
        bearerd(&arguments)
    }
}

impl Drop for Dev {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn number(found: &Value) -> f64 {
    found
        .as_f64()
        .unwrap_or_else(|| panic!("no number: {found}"))
}

#[test]
fn a_load_that_can_be_held_ends_well_and_one_that_cannot_does_not() {
    let dev = Dev::start();
    // Few enough that a busy machine holds them.
    let held = dev
        .bench(&["--target", "10/s", "--p99", "60s", "--cpu", "1s"])
        .good();
    for part in [
        "target 10/s: met",
        "corrected for coordinated omission",
        "every target is met",
    ] {
        assert!(held.contains(part), "{part}: {held}");
    }
    let run = dev.bench(&["--target", "100M/s"]).run();
    assert_eq!((run.exit, run.err.as_str()), (1, ""), "{run:?}");
    assert!(run.out.contains("target 100,000,000/s: MISSED"), "{run:?}");
    assert!(run.out.ends_with("NOT held\n"), "{run:?}");
    for missed in [["--p99", "1ns"], ["--cpu", "1ns"]] {
        assert_eq!(dev.bench(&missed).run().exit, 1, "{missed:?}");
    }
}

#[test]
fn figures_are_there_for_programs() {
    let dev = Dev::start();
    let found = dev
        .bench(&["--json", "--target", "100/s", "--bad", "10%"])
        .verdict(0);
    assert_eq!(found["held"], true);
    assert_eq!(found["wrong"], 0);
    assert_eq!(found["latency_from"], "due");
    assert_eq!(found["targets"]["requests_per_second"]["met"], true);
    assert_eq!(found["targets"]["p99_ns"], Value::Null);
    let [good, bad] = ["200", "401"].map(|status| number(&found["statuses"][status]));
    assert_eq!(good + bad, number(&found["requests"]));
    assert!(good > bad && bad > 0.0, "{found}");
    // A bad token is never kept, a good one always.
    assert!(
        (number(&found["cache_hit_rate"]) - 0.9).abs() < 0.05,
        "{found}"
    );
    for span in ["server_cpu_ns_per_request", "load_cpu_ns_per_request"] {
        assert!(number(&found[span]) > 0.0, "{span}: {found}");
    }
    let order =
        ["p50", "p90", "p99", "p99.9", "max"].map(|share| number(&found["latency_ns"][share]));
    assert!(order[0] > 0.0 && order.is_sorted(), "{found}");
    assert!(
        number(&found["latency_of_refused_ns"]["p50"]) > 0.0,
        "{found}"
    );
}

#[test]
fn every_route_and_the_socket_can_be_loaded() {
    let dev = Dev::start();
    let (socket, data) = (dev.path("data/data.sock"), dev.path("data"));
    for more in [
        &["--route", "verify"][..],
        &["--route", "verify", "--bad", "20%", "--profile", "hs"],
        &["--route", "batch", "--batch", "8", "--bad", "20%"],
        &[
            "--route",
            "auth",
            "--pipeline",
            "8",
            "--threads",
            "2",
            "--profile",
            "hs",
        ],
    ] {
        let mut arguments = vec![
            "bench", "--socket", &socket, "--data", &data, "--time", "200ms",
        ];
        arguments.extend(["--tokens-count", "40", "--connections", "3", "--json"]);
        arguments.extend(more);
        let found = bearerd(&arguments).verdict(0);
        assert_eq!(
            (&found["wrong"], &found["held"]),
            (&0.into(), &true.into()),
            "{more:?}: {found}"
        );
        assert!(number(&found["requests"]) > 10.0, "{more:?}: {found}");
    }
}

#[test]
fn tokens_are_kept_for_another_run() {
    let dev = Dev::start();
    let file = dev.path("tokens");
    dev.bench(&["--keep-tokens", &file]).good();
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(fs::read_to_string(&file).unwrap().lines().count(), 50);
    dev.bench(&["--keep-tokens", &file])
        .fails(74, &[&file, "not there yet"]);
    let found = bearerd(&[
        "bench", "--url", &dev.url, "--tokens", &file, "--time", "200ms", "--json",
    ]);
    assert!(number(&found.verdict(0)["requests"]) > 10.0);
    let junk = dev.folder.path().join("junk");
    fs::write(&junk, "eyJhbGciOiJIUzI1NiJ9.e30.x\nGET / HTTP/1.1\n").unwrap();
    let junk = junk.display().to_string();
    bearerd(&["bench", "--url", &dev.url, "--tokens", &junk]).fails(64, &[&junk, "line 2"]);
}

#[test]
fn the_library_is_loaded_in_this_process() {
    let desk = Desk::new();
    let config = desk.path("app.toml");
    let bench = |more: &[&str]| {
        let mut arguments = vec![
            "bench",
            "--in-process",
            "--config",
            &config,
            "--time",
            "200ms",
        ];
        arguments.extend(more);
        bearerd(&arguments)
    };
    let found = bench(&["--json", "--threads", "2", "--bad", "50%"]).verdict(0);
    assert_eq!(found["wrong"], 0);
    assert!(
        (number(&found["cache_hit_rate"]) - 0.5).abs() < 0.1,
        "{found}"
    );
    assert!(number(&found["requests"]) > 1_000.0, "{found}");
    assert_eq!(bench(&["--target", "1/s", "--cpu", "1s"]).run().exit, 0);
    assert_eq!(bench(&["--target", "900000M/s"]).run().exit, 1);
}

/// What is wrong is said before anything is timed.
#[test]
fn other_keys_and_other_servers_are_named() {
    let dev = Dev::start();
    let desk = Desk::new();
    let config = desk.path("app.toml");
    bearerd(&["bench", "--url", &dev.url, "--config", &config])
        .fails(74, &["a good token is answered 401", "configuration"]);
    let absent = dev.path("absent");
    bearerd(&["bench", "--url", &dev.url, "--data", &absent]).fails(64, &[&absent, "--config"]);
    assert!(!Path::new(&absent).exists());
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", nobody.local_addr().unwrap());
    // It speaks first, and no HTTP.
    let thread = std::thread::spawn(move || {
        let (mut stream, _) = nobody.accept().unwrap();
        let _ = stream.write_all(b"220 mail.example ESMTP\r\n");
        let _ = stream.read(&mut [0; 4_096]);
    });
    let data = dev.path("data");
    bearerd(&["bench", "--url", &url, "--data", &data]).fails(74, &["is this a bearerd sidecar"]);
    thread.join().unwrap();
    bearerd(&["bench", "--url", &url, "--data", &data]).fails(74, &["is the server running"]);
}

/// A server whose answers turn wrong while it is timed.
#[test]
fn an_answer_that_turns_wrong_is_counted() {
    let dev = Dev::start();
    let data = dev.path("data");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().enumerate() {
            let status = if number == 0 {
                "200 OK"
            } else {
                "503 Service Unavailable"
            };
            let mut stream = stream.unwrap();
            std::thread::spawn(move || {
                let answer = format!("HTTP/1.1 {status}\r\ncontent-length: 0\r\n\r\n");
                let mut request = [0; 4_096];
                while let Ok(1..) = stream.read(&mut request) {
                    if stream.write_all(answer.as_bytes()).is_err() {
                        return;
                    }
                }
            });
        }
    });
    let mut arguments = vec!["bench", "--url", &url, "--data", &data, "--time", "200ms"];
    arguments.extend(["--tokens-count", "1", "--connections", "1"]);
    let run = bearerd(&arguments).run();
    assert_eq!(run.exit, 1, "{run:?}");
    assert!(run.out.contains("status 503 (expected 200)"), "{run:?}");
    assert!(
        run.out.contains("NOT held: there were wrong answers"),
        "{run:?}"
    );
}

#[test]
fn a_server_that_dies_is_an_error_and_no_figure() {
    let mut dev = Dev::start();
    let data = dev.path("data");
    let arguments = [
        "bench",
        "--url",
        &dev.url,
        "--data",
        &data,
        "--time",
        "60s",
        "--tokens-count",
        "5",
    ];
    let bench = bearerd(&arguments);
    let (url, pid) = (dev.url.clone(), dev.process.id());
    // Killed once it answers the load: it has served more than what is asserted.
    let killer = std::thread::spawn(move || {
        let served = || -> Option<f64> {
            let mut stream = std::net::TcpStream::connect(url.strip_prefix("http://")?).ok()?;
            let request = b"GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
            stream.write_all(request).ok()?;
            let mut text = String::new();
            stream.read_to_string(&mut text).ok()?;
            let line = text.lines().find(|line| line.contains("code=\"OK\""))?;
            line.rsplit(' ').next()?.parse().ok()
        };
        while served().unwrap_or_default() < 500.0 {
            std::thread::yield_now();
        }
        assert!(
            Command::new("kill")
                .args(["-9", &pid.to_string()])
                .status()
                .unwrap()
                .success()
        );
    });
    bench.fails(
        74,
        &["a connection was lost after", "is the server still running"],
    );
    killer.join().unwrap();
    let _ = dev.process.wait();
}

#[test]
fn wrong_options_are_named() {
    for (arguments, named) in [
        (&["--url", "https://x.example"][..], "--url"),
        (&["--url", "http://127.0.0.1:1/v1/auth"], "--url"),
        (
            &["--url", "http://127.0.0.1:1", "--socket", "s"],
            "--socket",
        ),
        (&["--in-process", "--socket", "s"], "--in-process"),
        (&["--config", "a", "--data", "b"], "--data"),
        (&["--tokens", "a", "--tokens-count", "5"], "--tokens"),
        (&["--time", "1ms"], "--time"),
        (&["--connections", "0"], "--connections"),
        (&["--pipeline", "5000"], "--pipeline"),
        (&["--tokens-count", "many"], "--tokens-count"),
        (&["--bad", "10"], "--bad"),
        (&["--target", "fast"], "--target"),
        (&["--p99", "1"], "--p99"),
        (&["--cpu", "0us"], "--cpu"),
        (&["--route", "sign"], "--route"),
        (&["--route", "batch", "--in-process"], "--route"),
        (&["--profile", "a&b"], "--profile"),
    ] {
        let mut all = vec!["bench"];
        all.extend(arguments);
        bearerd(&all).fails(64, &[named]);
    }
}
