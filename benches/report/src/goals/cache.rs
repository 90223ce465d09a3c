use super::{Source, Theme, goal};
use crate::building::BENCHES;
use crate::figures::{Figures, Spread};

const ALONE: Source = Source {
    part: "core",
    needs: &["the cache beside others", BENCHES],
};
const MILLION: Source = Source {
    part: "million",
    needs: &["one million live entries", BENCHES],
};
const THREADS: Source = Source {
    part: "core",
    needs: &["the cache on two threads", BENCHES],
};
const RATIOS: Source = Source {
    part: "core",
    needs: &["hit ratios", BENCHES],
};

pub(super) fn theme(figures: &Figures) -> Theme {
    let of = |group: &str, other: &str| -> Option<Spread> {
        figures.ratio((group, "ours"), (group, other))
    };
    let (zipf, uniform) = ("cache: 10,000 Zipf", "cache: 10,000 uniform");
    let (tail, moka) = ("quick_cache, tail", "moka");
    let once = "hit ratio: 10,000 places, Zipf over 100,000";
    let scans = "hit ratio: 10,000 places, scans of 20,000";
    let two_lines = "from 10,000 entries on, a hit waits for two cache lines from beyond the second-level cache";
    Theme {
        title: "The claims cache by itself",
        about: "Its table alone, beside caches that could have been its engine; quick_cache with the same hash of a token's \
                tail, and the whole token compared. A batch of 64 tokens is written into fresh buffers before its clock starts.",
        parts: "core million",
        goals: vec![
            goal(
                "A hit among 10,000 entries",
                vec![
                    ALONE.most("Zipf, time of moka's", 0.25, of(zipf, moka)),
                    ALONE
                        .most("Zipf, time of quick_cache's", 1.0, of(zipf, tail))
                        .limit(two_lines),
                    ALONE
                        .most("uniform, time of moka's", 0.25, of(uniform, moka))
                        .limit(two_lines),
                    ALONE
                        .most("uniform, time of quick_cache's", 1.0, of(uniform, tail))
                        .limit(two_lines),
                ],
            ),
            goal(
                "A hit on two threads, throughput of one thread's",
                vec![
                    THREADS.least(
                        "1,000 hot",
                        1.8,
                        figures.get("cache on two threads: 1,000 hot", "ours"),
                    ),
                    THREADS.least(
                        "10,000 Zipf",
                        1.8,
                        figures.get("cache on two threads: 10,000 Zipf", "ours"),
                    ),
                ],
            ),
            goal(
                "One million live entries",
                vec![
                    MILLION.most(
                        "a hit, Zipf, time of moka's",
                        0.4,
                        of("cache: 1,000,000 Zipf", moka),
                    ),
                    MILLION.most(
                        "a hit, uniform, time of moka's",
                        0.4,
                        of("cache: 1,000,000 uniform", moka),
                    ),
                    MILLION
                        .most(
                            "memory an entry, beyond token and claims",
                            100.0,
                            figures.get("memory of 1,000,000", "ours"),
                        )
                        .unit("bytes"),
                    MILLION
                        .told("the same of moka", figures.get("memory of 1,000,000", moka))
                        .unit("bytes"),
                ],
            ),
            goal(
                "Hit ratio of tokens that return",
                vec![
                    RATIOS.least(
                        "every other token comes once: of TinyLFU's (moka)",
                        0.97,
                        of(once, moka),
                    ),
                    RATIOS.told("the same, of plain LRU's", of(once, "plain LRU")),
                    RATIOS.told(
                        "scans of 20,000 that come once: of plain LRU's",
                        of(scans, "plain LRU"),
                    ),
                    RATIOS.told("the same, of TinyLFU's", of(scans, moka)),
                ],
            ),
        ],
    }
}
