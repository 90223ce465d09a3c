use crate::building::{BARE, SIDECAR};
use crate::desk::{Desk, text};
use crate::load::{Keeps, Side, rounds};
use crate::server::Server;
use crate::{Run, answer, forward, gateways};

pub const LOADED: &str = "server CPU a request: 1,000 cached tokens, one server thread";
pub const ALONE: &str = "round trip of one connection, median";
/// Beside the median, which is of a histogram whose steps are some hundredths.
pub const ALONE_MEAN: &str = "round trip of one connection, on average";
pub const BATCHES: &str = "server CPU a token: batches of 64 cached tokens";

/// The sidecar beside bare hyper and the gateways that are here.
pub fn measure(run: &mut Run) {
    if run.failed(SIDECAR) || run.failed(BARE) {
        return;
    }
    run.says("the sidecar beside bare hyper and gateways");
    if let Err(why) = try_measure(run) {
        run.fails("the sidecar beside others", &why);
    }
}

fn try_measure(run: &mut Run) -> Result<(), String> {
    let desk = Desk::new(run, "max_entries = 65536", "sidecar")?;
    let ours = desk.start(run)?;
    let bare_socket = run.work.join("bare.sock");
    let bare = answer::start(run, &desk, &bare_socket)?;
    let tokens = text(&desk.hs);
    let gateways = gateways::start(run, &desk);
    let fronts = forward::start(run, &desk, &bare);
    let mut sides = by_themselves(&desk, &ours, &bare, &text(&bare_socket));
    for (name, server, tokens) in &gateways {
        let to = [
            "--url",
            &server.url(),
            "--tokens",
            &text(tokens),
            "--connections",
            "64",
        ];
        sides.push(side(LOADED, name, server, &to));
    }
    for (name, server) in &fronts {
        let to = [
            "--url",
            &server.url(),
            "--tokens",
            &tokens,
            "--connections",
            "64",
        ];
        let mut both = side(forward::GROUP, name, server, &to);
        both.pids.push(ours.pids()[0]);
        both.keeps = Keeps::CpuAndShareOf(ours.pids()[0]);
        sides.push(both);
    }
    let mut honest = Vec::new();
    for side in sides {
        if side.name.starts_with("bare") {
            honest.push(side);
            continue;
        }
        match desk.sees_forgeries_refused(&side) {
            Ok(()) => honest.push(side),
            Err(why) => run.fails(&side.name, &why),
        }
    }
    rounds(run, &desk, &honest);
    Ok(())
}

fn side(group: &'static str, name: &str, server: &Server, arguments: &[&str]) -> Side {
    Side {
        group,
        name: name.to_owned(),
        arguments: arguments.iter().map(|part| (*part).to_owned()).collect(),
        pids: server.pids(),
        tokens: 1.0,
        keeps: Keeps::Cpu,
    }
}

/// Ours and bare hyper, over TCP and a unix socket, one by one, pipelined, and in batches. Those that
/// are compared come one after the other.
fn by_themselves(desk: &Desk, ours: &Server, bare: &Server, bare_socket: &str) -> Vec<Side> {
    let tokens = text(&desk.hs);
    let (url, bare_url, socket) = (ours.url(), bare.url(), text(&desk.socket));
    let servers = [
        (ours, "bearerd", ["--url", &url], ["--socket", &socket]),
        (
            bare,
            "bare hyper",
            ["--url", &bare_url],
            ["--socket", bare_socket],
        ),
    ];
    let many = ["--connections", "64"];
    let piped = ["--connections", "64", "--pipeline", "16"];
    let one = ["--connections", "1"];
    let mut sides = Vec::new();
    for (group, how, over_unix, more) in [
        (LOADED, "TCP", false, &many[..]),
        (LOADED, "unix socket", true, &many),
        (LOADED, "TCP, 16 pipelined", false, &piped),
        (ALONE, "TCP", false, &one),
        (ALONE, "unix socket", true, &one),
    ] {
        for (server, who, tcp, unix) in &servers {
            let to = if over_unix { unix } else { tcp };
            let arguments = [&to[..], &["--tokens", &tokens], more].concat();
            let mut side = side(group, &format!("{who}, {how}"), server, &arguments);
            if group == ALONE {
                side.keeps = Keeps::Median;
            }
            sides.push(side);
        }
    }
    let batch = ["--connections", "16", "--route", "batch", "--batch", "64"];
    let to = ["--url", &url, "--tokens", &tokens];
    let mut batches = side(BATCHES, "bearerd", ours, &[&to[..], &batch].concat());
    batches.tokens = 64.0;
    sides.push(batches);
    sides
}
