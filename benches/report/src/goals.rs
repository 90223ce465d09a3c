use crate::figures::Figures;

/// A goal, in words, and what was found.
pub struct Goal {
    pub what: &'static str,
    pub parts: Vec<Part>,
}

/// One number of a goal.
pub struct Part {
    pub what: String,
    /// `<=` or `>=` and the number.
    pub bound: Option<Bound>,
    pub found: Option<f64>,
    pub unit: &'static str,
}

#[derive(Clone, Copy)]
pub enum Bound {
    Most(f64),
    Least(f64),
}

impl Part {
    pub fn met(&self) -> Option<bool> {
        Some(match self.bound? {
            Bound::Most(most) => self.found? <= most,
            Bound::Least(least) => self.found? >= least,
        })
    }
}

use Bound::{Least, Most};

fn part(what: &str, bound: Bound, found: Option<f64>, unit: &'static str) -> Part {
    Part {
        what: what.to_owned(),
        bound: Some(bound),
        found,
        unit,
    }
}

fn told(what: &str, found: Option<f64>, unit: &'static str) -> Part {
    Part {
        what: what.to_owned(),
        bound: None,
        found,
        unit,
    }
}

const X: &str = "×";
const NS: &str = "ns";

/// All goals, beside what was found.
#[expect(clippy::too_many_lines, reason = "a table")]
pub fn all(figures: &Figures) -> Vec<Goal> {
    let ratio = |of, to| figures.ratio(of, to);
    let minus = |of: (&str, &str), what: (&str, &str)| {
        Some(figures.get(of.0, of.1)? - figures.get(what.0, what.1)?)
    };
    let over_best = |group: &'static str, ours: &str, theirs: &[&str]| {
        Some(figures.best(group, theirs)? / figures.get(group, ours)?)
    };
    let goal = |what, parts| Goal { what, parts };
    let (s, r) = ("cold HS256 on aws-lc-rs", "cold RS256 on aws-lc-rs");
    let hit = "a hit, 1,000 hot tokens";
    let abi = "a hit through the C ABI";
    let rust = [
        "jsonwebtoken (rust_crypto)",
        "jsonwebtoken (aws_lc)",
        "jwt-simple",
    ];
    let (cs, cr) = ("C: S", "C: R");
    let c = ["libjwt", "cjose"];
    let (ns, nr) = ("Node: HS256", "Node: RS256");
    let (ps, pr) = ("Python: HS256", "Python: RS256");
    let (gs, gr) = ("Go: HS256, 1000", "Go: RS256, 1000");
    let go = ["golang-jwt 5, into a struct", "golang-jwt 5, into a map"];
    let loaded = "server CPU a request: 1,000 cached";
    let tcp = (loaded, "bearerd, TCP");
    let peer = |name: &'static str| ratio((loaded, name), tcp);
    let alone = "round trip of one connection";
    vec![
        goal(
            "HS256 verified anew, claims checked",
            vec![
                part(
                    "of a bare HMAC over the same bytes",
                    Most(2.0),
                    ratio((s, "bearerd"), (s, "the bare")),
                    X,
                ),
                part(
                    "faster than the best library in Rust",
                    Least(3.0),
                    over_best("rivals: cold HS256", "bearerd", &rust),
                    X,
                ),
            ],
        ),
        goal(
            "RS256 verified anew",
            vec![
                part(
                    "of a bare RSA verification, key parsed",
                    Most(1.05),
                    ratio((r, "bearerd"), (r, "the bare")),
                    X,
                ),
                told(
                    "faster than the best library in Rust",
                    over_best("rivals: cold RS256", "bearerd", &rust),
                    X,
                ),
            ],
        ),
        goal(
            "a verified token seen again, on one thread",
            vec![
                part(
                    "1,000 hot, the whole verification, of a look-up in moka",
                    Most(0.2),
                    ratio((hit, "bearerd, the whole"), (hit, "moka")),
                    X,
                ),
                part(
                    "10,000 Zipf, the cache alone, of moka",
                    Most(0.25),
                    cache_ratio(figures, "cache: 10,000 Zipf", "moka"),
                    X,
                ),
                part(
                    "10,000 Zipf, the cache alone, of quick_cache with the same hash",
                    Most(1.0),
                    cache_ratio(figures, "cache: 10,000 Zipf", "quick_cache, tail"),
                    X,
                ),
                part(
                    "10,000 uniform, the cache alone, of moka",
                    Most(0.25),
                    cache_ratio(figures, "cache: 10,000 uniform", "moka"),
                    X,
                ),
                part(
                    "10,000 uniform, the cache alone, of quick_cache with the same hash",
                    Most(1.0),
                    cache_ratio(figures, "cache: 10,000 uniform", "quick_cache, tail"),
                    X,
                ),
            ],
        ),
        goal(
            "the same on two threads, throughput of one thread's",
            vec![
                part(
                    "different tokens",
                    Least(1.8),
                    figures.get("hits on two threads", "different"),
                    X,
                ),
                part(
                    "one token from both",
                    Least(1.2),
                    figures.get("hits on two threads", "one token"),
                    X,
                ),
                told(
                    "a control that shares nothing: what the machine gave",
                    figures.get("hits on two threads", "control"),
                    X,
                ),
            ],
        ),
        goal(
            "one million live entries",
            vec![
                part(
                    "a hit, Zipf, of moka",
                    Most(0.4),
                    cache_ratio(figures, "cache: 1,000,000 Zipf", "moka"),
                    X,
                ),
                part(
                    "a hit, uniform, of moka",
                    Most(0.4),
                    cache_ratio(figures, "cache: 1,000,000 uniform", "moka"),
                    X,
                ),
                part(
                    "memory an entry beyond token and claims",
                    Most(100.0),
                    figures.get("memory of 1,000,000", "ours"),
                    "bytes",
                ),
                part(
                    "hit ratio where every other token comes once, of TinyLFU's",
                    Least(0.97),
                    cache_ratio(
                        figures,
                        "hit ratio: 10,000 places, Zipf over 100,000",
                        "moka",
                    ),
                    X,
                ),
            ],
        ),
        goal(
            "a guard of role, scopes and kind on a hit",
            vec![part(
                "on top of the hit",
                Most(30.0),
                minus((hit, "bearerd, with a guard"), (hit, "bearerd, the whole")),
                NS,
            )],
        ),
        goal(
            "the C ABI",
            vec![
                part(
                    "verify, read the subject, free: on top of the hit",
                    Most(30.0),
                    minus((abi, "bearerd_verify, view"), (abi, "bearerd in Rust")),
                    NS,
                ),
                part(
                    "faster than libjwt, seen before (HS256)",
                    Least(100.0),
                    ratio((cs, "libjwt"), (cs, "bearerd, cached")),
                    X,
                ),
                part(
                    "faster than the best library in C, HS256 anew",
                    Least(3.0),
                    over_best(cs, "bearerd, cold", &c),
                    X,
                ),
                part(
                    "faster than the best library in C, RS256 anew",
                    Least(1.1),
                    over_best(cr, "bearerd, cold", &c),
                    X,
                ),
            ],
        ),
        goal(
            "Node",
            vec![
                part(
                    "faster than fast-jwt with its cache on, seen before",
                    Least(12.0),
                    ratio((ns, "fast-jwt cache on"), (ns, "bearerd cached")),
                    X,
                ),
                part(
                    "faster than fast-jwt with its cache off, HS256 seen before",
                    Least(40.0),
                    ratio((ns, "fast-jwt cache off"), (ns, "bearerd cached")),
                    X,
                ),
                part(
                    "faster than fast-jwt with its cache off, RS256 seen before",
                    Least(100.0),
                    ratio((nr, "fast-jwt cache off"), (nr, "bearerd cached")),
                    X,
                ),
                part(
                    "HS256 anew, than fast-jwt",
                    Least(1.5),
                    ratio((ns, "fast-jwt cache off"), (ns, "bearerd cold")),
                    X,
                ),
                part(
                    "RS256 anew, than fast-jwt",
                    Least(1.1),
                    ratio((nr, "fast-jwt cache off"), (nr, "bearerd cold")),
                    X,
                ),
            ],
        ),
        goal(
            "Python",
            vec![
                part(
                    "faster than PyJWT, seen before",
                    Least(100.0),
                    ratio((ps, "PyJWT"), (ps, "bearerd, cached")),
                    X,
                ),
                part(
                    "faster than oxyjwt, seen before",
                    Least(12.0),
                    ratio((ps, "oxyjwt"), (ps, "bearerd, cached")),
                    X,
                ),
                part(
                    "HS256 anew, than oxyjwt",
                    Least(1.0),
                    ratio((ps, "oxyjwt"), (ps, "bearerd, cold")),
                    X,
                ),
                part(
                    "HS256 anew, than PyJWT",
                    Least(6.0),
                    ratio((ps, "PyJWT"), (ps, "bearerd, cold")),
                    X,
                ),
                part(
                    "RS256 anew, than PyJWT",
                    Least(2.5),
                    ratio((pr, "PyJWT"), (pr, "bearerd, cold")),
                    X,
                ),
            ],
        ),
        goal(
            "Go",
            vec![
                part(
                    "faster than golang-jwt, HS256 seen before",
                    Least(80.0),
                    over_best(gs, "bearerd, seen before", &go),
                    X,
                ),
                part(
                    "faster than golang-jwt, RS256 seen before",
                    Least(300.0),
                    over_best(gr, "bearerd, seen before", &go),
                    X,
                ),
                part(
                    "HS256 anew, than golang-jwt",
                    Least(2.0),
                    over_best(gs, "bearerd, no cache", &go),
                    X,
                ),
                part(
                    "RS256 anew, than golang-jwt",
                    Least(2.0),
                    over_best(gr, "bearerd, no cache", &go),
                    X,
                ),
            ],
        ),
        goal(
            "the sidecar, TCP, 64 connections",
            vec![part(
                "server CPU a request, of bare hyper with the same bytes",
                Most(1.10),
                ratio(tcp, (loaded, "bare hyper, TCP")),
                X,
            )],
        ),
        goal(
            "the sidecar, less CPU than gateways that check the same claims",
            vec![
                part(
                    "Envoy, HS256, its cache on",
                    Least(3.5),
                    peer("Envoy, HS256, its cache on"),
                    X,
                ),
                part(
                    "Envoy, HS256, its cache off",
                    Least(8.0),
                    peer("Envoy, HS256, its cache off"),
                    X,
                ),
                told(
                    "Envoy, RS256, its cache off",
                    peer("Envoy, RS256, its cache off"),
                    X,
                ),
                part("HAProxy, HS256", Least(2.5), peer("HAProxy, HS256"), X),
                part("HAProxy, RS256", Least(5.0), peer("HAProxy, RS256"), X),
                part(
                    "nginx with Lua, HS256",
                    Least(2.5),
                    peer("nginx with Lua"),
                    X,
                ),
            ],
        ),
        goal(
            "the sidecar over a unix socket",
            vec![
                part(
                    "of what it takes over TCP",
                    Most(0.65),
                    ratio((loaded, "bearerd, unix"), tcp),
                    X,
                ),
                part(
                    "of bare hyper on a unix socket",
                    Most(1.25),
                    ratio((loaded, "bearerd, unix"), (loaded, "bare hyper, unix")),
                    X,
                ),
            ],
        ),
        goal(
            "the sidecar, 16 requests pipelined",
            vec![part(
                "of what a request takes by itself",
                Most(0.25),
                ratio((loaded, "bearerd, TCP, 16"), tcp),
                X,
            )],
        ),
        goal(
            "batches of 64 cached tokens",
            vec![part(
                "server CPU a token",
                Most(400.0),
                figures.get("server CPU a token", "bearerd"),
                NS,
            )],
        ),
        goal(
            "one request at a time on one connection",
            vec![
                part(
                    "round trip over TCP, on top of bare hyper's",
                    Most(1_000.0),
                    minus((alone, "bearerd, TCP"), (alone, "bare hyper, TCP")),
                    NS,
                ),
                told(
                    "round trip over a unix socket, on top of bare hyper's",
                    minus((alone, "bearerd, unix"), (alone, "bare hyper, unix")),
                    NS,
                ),
            ],
        ),
        goal(
            "signing",
            vec![
                part(
                    "HS256, on top of one and a half bare HMACs",
                    Most(400.0),
                    figures
                        .get("sign HS256 on aws-lc-rs", "bearerd")
                        .zip(figures.get("sign HS256 on aws-lc-rs", "the bare"))
                        .map(|(ours, bare)| ours - 1.5 * bare),
                    NS,
                ),
                part(
                    "RS256, of a bare RSA signature",
                    Most(1.02),
                    ratio(
                        ("sign RS256 on aws-lc-rs", "bearerd"),
                        ("sign RS256 on aws-lc-rs", "the bare"),
                    ),
                    X,
                ),
            ],
        ),
    ]
}

fn cache_ratio(figures: &Figures, group: &str, to: &str) -> Option<f64> {
    figures.ratio((group, "ours"), (group, to))
}
