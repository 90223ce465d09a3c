use super::{NS, Part, Source, Theme, goal};
use crate::building::{BARE, SIDECAR};
use crate::figures::{Figures, Spread};
use crate::forward;
use crate::sidecar::{ALONE, ALONE_MEAN, BATCHES, LOADED};

const OURS: Source = Source {
    part: "sidecar",
    needs: &["the sidecar beside others", SIDECAR, BARE],
};

const OUT_OF_CACHE: &str = "the system calls are those of bare hyper; of what comes on top a quarter waits for the entry and its \
                            token, which the kernel has pushed out of the core's caches, and the rest is reading and writing \
                            headers";

pub(super) fn theme(figures: &Figures) -> Theme {
    let tcp = (LOADED, "bearerd, TCP");
    let unix = (LOADED, "bearerd, unix socket");
    let beyond = |how: &str| -> Option<Spread> {
        let [ours, bare] = ["bearerd", "bare hyper"].map(|who| format!("{who}, {how}"));
        figures.minus((ALONE, &ours), (ALONE, &bare))
    };
    Theme {
        title: "The sidecar",
        about: "`/v1/auth` with 1,000 cached tokens in turn, kept-alive connections, one server thread; the server's processor \
                time by the system's accounting. Bare hyper reads the same requests and writes the same answers, and verifies \
                nothing.",
        parts: "sidecar",
        goals: vec![
            goal(
                "64 connections over TCP",
                vec![
                    OURS.most(
                        "server CPU a request, of bare hyper's",
                        1.10,
                        figures.ratio(tcp, (LOADED, "bare hyper, TCP")),
                    )
                    .limit(OUT_OF_CACHE),
                ],
            ),
            goal(
                "64 connections over a unix socket",
                vec![
                    OURS.most(
                        "server CPU a request, of that over TCP",
                        0.65,
                        figures.ratio(unix, tcp),
                    ),
                    OURS.most(
                        "of bare hyper's on a unix socket",
                        1.25,
                        figures.ratio(unix, (LOADED, "bare hyper, unix socket")),
                    )
                    .limit(OUT_OF_CACHE),
                ],
            ),
            goal(
                "16 requests pipelined on each connection",
                vec![
                    OURS.most(
                        "server CPU a request, of one by itself",
                        0.25,
                        figures.ratio((LOADED, "bearerd, TCP, 16"), tcp),
                    ),
                ],
            ),
            goal(
                "Batches of 64 cached tokens",
                vec![
                    OURS.most(
                        "server CPU a token, all in",
                        400.0,
                        figures.get(BATCHES, "bearerd"),
                    )
                    .unit(NS)
                    .limit(
                        "nearly half is the kernel's, which moves 420 bytes in and 330 out for each token, and the hit itself \
                         finds its entry out of the core's caches",
                    ),
                ],
            ),
            goal(
                "One call at a time on one connection",
                vec![
                    OURS.most(
                        "round trip over TCP, beyond bare hyper's",
                        1_000.0,
                        beyond("TCP"),
                    )
                    .unit(NS),
                    OURS.told(
                        "round trip over a unix socket, beyond bare hyper's",
                        beyond("unix socket"),
                    )
                    .unit(NS),
                    OURS.told(
                        "on average over TCP, beyond bare hyper's",
                        figures.minus(
                            (ALONE_MEAN, "bearerd, TCP"),
                            (ALONE_MEAN, "bare hyper, TCP"),
                        ),
                    )
                    .unit(NS),
                    OURS.told(
                        "the whole round trip over TCP",
                        figures.get(ALONE, "bearerd, TCP"),
                    )
                    .unit(NS),
                ],
            ),
        ],
    }
}

macro_rules! gateway {
    ($name:literal) => {
        (
            $name,
            Source {
                part: "sidecar",
                needs: &[$name, "the sidecar beside others", SIDECAR, BARE],
            },
        )
    };
}

const KERNEL: &str = "most of a request is the kernel's and hyper's: see below how far a server gets that verifies nothing";

pub(super) fn gateways(figures: &Figures) -> Theme {
    let peer = |(name, source): (&'static str, Source), least: f64| -> Part {
        let found = figures.ratio((LOADED, name), (LOADED, "bearerd, TCP"));
        source.least(name, least, found).limit(KERNEL)
    };
    let bare = |(name, source): (&'static str, Source)| -> Part {
        let found = figures.ratio((LOADED, name), (LOADED, "bare hyper, TCP"));
        source.told(name, found)
    };
    let front = |(name, source): (&'static str, Source)| -> Vec<Part> {
        let share = format!("{}: bearerd's share", forward::GROUP);
        let group = forward::GROUP;
        let with = |all: f64, percent: f64| all * percent / 100.0;
        let ours = figures.both((group, name), (&share, name), with);
        let theirs = figures.both((group, name), (&share, name), |all, percent| {
            all - with(all, percent)
        });
        vec![
            source
                .told(
                    &format!("{name}: our share of the CPU of both"),
                    figures.get(&share, name),
                )
                .unit("%"),
            source
                .told(&format!("{name}: ours a request"), ours)
                .unit(NS),
            source
                .told(&format!("{name}: the gateway's a request"), theirs)
                .unit(NS),
        ]
    };
    let fronts = [
        gateway!("nginx, auth_request"),
        gateway!("Caddy, forward_auth"),
        gateway!("Traefik, ForwardAuth"),
    ];
    Theme {
        title: "Beside gateways, and behind them",
        about: "The same tokens, the same load. Gateways check what bearerd checks (algorithm, signature, iss, aud and exp) \
                with one thread and answer by themselves; as forward auth they ask bearerd about each request and pass it on to \
                bare hyper.",
        parts: "sidecar",
        goals: vec![
            goal(
                "Server CPU a request, of ours",
                vec![
                    peer(gateway!("Envoy, HS256, its cache on"), 3.5),
                    peer(gateway!("Envoy, HS256, its cache off"), 8.0),
                    peer(gateway!("Envoy, RS256, its cache on"), 3.5),
                    peer(gateway!("Envoy, RS256, its cache off"), 8.0),
                    peer(gateway!("HAProxy, HS256"), 2.5),
                    peer(gateway!("HAProxy, HS256, signature alone"), 1.6),
                    peer(gateway!("HAProxy, RS256"), 5.0),
                    peer(gateway!("nginx with Lua, HS256"), 2.5),
                ],
            ),
            goal(
                "The same, of bare hyper's, which verifies nothing: as far as any server of ours could get",
                vec![
                    bare(gateway!("Envoy, HS256, its cache on")),
                    bare(gateway!("Envoy, HS256, its cache off")),
                    bare(gateway!("Envoy, RS256, its cache on")),
                    bare(gateway!("Envoy, RS256, its cache off")),
                    bare(gateway!("HAProxy, HS256")),
                    bare(gateway!("HAProxy, HS256, signature alone")),
                    bare(gateway!("HAProxy, RS256")),
                    bare(gateway!("nginx with Lua, HS256")),
                ],
            ),
            goal(
                "As forward auth",
                fronts.into_iter().flat_map(front).collect(),
            ),
        ],
    }
}
