use crate::building::{BARE, SIDECAR};
use crate::desk::{Desk, text};
use crate::load::{Keeps, Side, rounds};
use crate::server::Server;
use crate::{Run, answer, cores, forward, gateways};

pub const LOADED: &str = "server CPU a request: 1,000 cached tokens, one server thread";
pub const ALONE: &str = "round trip of one connection, median";
pub const BATCHES: &str = "server CPU a token: batches of 64 cached tokens";

/// The sidecar beside bare hyper and the gateways that are here.
pub fn measure(run: &mut Run) {
    if run.failed(SIDECAR) || run.failed(BARE) {
        return;
    }
    run.says("the sidecar beside bare hyper and gateways");
    if cores::pair().is_none() {
        run.lacks(
            "server and load apart",
            "a second processor; they share the one there is",
        );
    }
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

/// Ours and bare hyper, over TCP and a unix socket, one by one, pipelined, and in batches.
fn by_themselves(desk: &Desk, ours: &Server, bare: &Server, bare_socket: &str) -> Vec<Side> {
    let tokens = text(&desk.hs);
    let (url, bare_url, socket) = (ours.url(), bare.url(), text(&desk.socket));
    let tcp = |server: &Server| {
        let url = if server.port == ours.port {
            &url
        } else {
            &bare_url
        };
        vec!["--url", url.as_str(), "--tokens", tokens.as_str()]
    };
    let unix = |server: &Server| {
        let path = if server.port == ours.port {
            &socket
        } else {
            bare_socket
        };
        vec!["--socket", path, "--tokens", tokens.as_str()]
    };
    let many = ["--connections", "64"];
    let piped = ["--connections", "64", "--pipeline", "16"];
    let one = ["--connections", "1"];
    let batch = ["--connections", "16", "--route", "batch", "--batch", "64"];
    let mut sides = Vec::new();
    for (server, who) in [(ours, "bearerd"), (bare, "bare hyper")] {
        for (how, to) in [("TCP", tcp(server)), ("unix socket", unix(server))] {
            let name = format!("{who}, {how}");
            let arguments = [&to[..], &many].concat();
            sides.push(side(LOADED, &name, server, &arguments));
            let mut alone = side(ALONE, &name, server, &[&to[..], &one].concat());
            alone.keeps = Keeps::Median;
            sides.push(alone);
        }
        let name = format!("{who}, TCP, 16 pipelined");
        let arguments = [&tcp(server)[..], &piped].concat();
        sides.push(side(LOADED, &name, server, &arguments));
    }
    let arguments = [&tcp(ours)[..], &batch].concat();
    let mut batches = side(BATCHES, "bearerd", ours, &arguments);
    batches.tokens = 64.0;
    sides.push(batches);
    // Those that are compared come one after the other.
    sides.sort_by_key(|side| (side.group, side.name.rsplit(", ").next() != Some("TCP")));
    sides
}
