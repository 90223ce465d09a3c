use super::{NS, Source, Theme, goal};
use crate::building::{BENCHES, SIDECAR};
use crate::figures::Figures;
use crate::trouble::{FLOOD, LATENCY};

const HITS: Source = Source {
    part: "core",
    needs: &["hits in trouble", BENCHES],
};
const REVOKED: Source = Source {
    part: "core",
    needs: &["hits beside a million revocations", BENCHES],
};
const FLOODED: Source = Source {
    part: "trouble",
    needs: &["the flood", SIDECAR],
};
const STEADY: Source = Source {
    part: "trouble",
    needs: &["latency in trouble", SIDECAR],
};

pub(super) fn theme(figures: &Figures) -> Theme {
    let tail = "a hit in trouble, p99.9";
    let hit = |what: &str| HITS.told(what, figures.get(tail, what)).unit(NS);
    let steady = |what: &str| STEADY.told(what, figures.get(LATENCY, what)).unit(NS);
    let flood = |what: &str| figures.get(FLOOD, what);
    let (alone, beside) = (
        "share of its rate that is answered, alone",
        "share of its rate that is answered, beside the flood",
    );
    Theme {
        title: "In trouble",
        about: "What good traffic meets while something else goes on. In process each hit is timed by itself, which costs some \
                25 ns, while another thread gives the trouble; the sidecar has one thread for all, and good traffic comes at a \
                steady rate, timed from when each request was due.",
        parts: "core trouble",
        goals: vec![
            goal(
                "p99.9 of a hit in process",
                vec![
                    hit("in peace"),
                    hit("beside a thread that shares nothing"),
                    hit("the keys replaced 50 times a second"),
                    hit("a million revocations read anew"),
                    hit("the cache evicts as fast as it can"),
                    hit("a flood of tokens with wrong signatures"),
                ],
            ),
            goal(
                "A hit beside a million revocations",
                vec![REVOKED.told(
                    "median, of a hit beside none",
                    figures.ratio(
                        ("a hit, 1,000 hot tokens, revocations", "a million"),
                        ("a hit, 1,000 hot tokens, revocations", "nothing"),
                    ),
                )],
            ),
            goal(
                "p99.9 of the sidecar's answers, 2,000 requests a second",
                vec![
                    steady("in peace"),
                    steady("keys read again 50 times a second"),
                    steady("20,000 tokens in turn, a cache of 500"),
                ],
            ),
            goal(
                "A flood of forged tokens at the sidecar, beside a tenth of what it can answer",
                vec![
                    FLOODED
                        .told("share of good traffic that survives", flood(beside))
                        .unit(""),
                    FLOODED
                        .told("the same without the flood", flood(alone))
                        .unit(""),
                    FLOODED
                        .told("p99 of good traffic", flood("p99, beside the flood"))
                        .unit(NS),
                    FLOODED
                        .told("the same without the flood", flood("p99, alone"))
                        .unit(NS),
                    FLOODED
                        .told(
                            "forged tokens refused meanwhile",
                            flood("bad tokens refused"),
                        )
                        .unit("/s"),
                    FLOODED
                        .told(
                            "growth of the server's memory in a round",
                            flood("growth of the server's memory"),
                        )
                        .unit("bytes"),
                    FLOODED
                        .told(
                            "the server's processor meanwhile, how much of one",
                            flood("the server's processor"),
                        )
                        .unit(""),
                ],
            ),
        ],
    }
}
