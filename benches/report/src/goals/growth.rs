use super::{Goal, NS, Part, Source, Theme, goal};
use crate::building::BENCHES;
use crate::figures::Figures;

const SMALL: Source = Source {
    part: "core",
    needs: &["the cache beside others", BENCHES],
};
const MEMORY: Source = Source {
    part: "core",
    needs: &["memory of the cache", BENCHES],
};
const MILLION: Source = Source {
    part: "million",
    needs: &["one million live entries", BENCHES],
};

/// How many entries, and the groups of figures with uniform draws and with Zipf's.
pub const SIZES: [(&str, f64, &str, &str); 4] = [
    ("1,000", 1e3, "cache: 1,000 hot", "cache: 1,000 Zipf"),
    ("10,000", 1e4, "cache: 10,000 uniform", "cache: 10,000 Zipf"),
    (
        "100,000",
        1e5,
        "cache: 100,000 uniform",
        "cache: 100,000 Zipf",
    ),
    (
        "1,000,000",
        1e6,
        "cache: 1,000,000 uniform",
        "cache: 1,000,000 Zipf",
    ),
];

pub(super) fn theme(figures: &Figures) -> Theme {
    let goals = SIZES
        .iter()
        .map(|(size, entries, uniform, zipf)| {
            let source = if *entries < 1e6 { SMALL } else { MILLION };
            let memory = if *entries < 1e6 { MEMORY } else { MILLION };
            let time = |how: &str, group: &str| -> [Part; 2] {
                let of_moka = figures.ratio((group, "ours"), (group, "moka"));
                [
                    source
                        .told(&format!("{how}, a hit"), figures.get(group, "ours"))
                        .unit(NS),
                    source.told(&format!("{how}, of moka's"), of_moka),
                ]
            };
            let group = format!("memory of {size} live");
            let mut parts: Vec<Part> = Vec::new();
            parts.extend(time("uniform", uniform));
            parts.extend(time("Zipf", zipf));
            for (who, name) in [
                ("ours", "ours"),
                ("moka", "moka"),
                ("quick_cache", "quick_cache"),
            ] {
                let found = figures.get(&group, name);
                let what = format!("{who}: memory an entry, beyond token and claims");
                parts.push(memory.told(&what, found).unit("bytes"));
            }
            title(size, parts)
        })
        .collect();
    Theme {
        title: "As the work grows",
        about: "The same table with more and more live entries: what a hit takes, and what an entry takes beyond its token \
                (416 bytes) and claims (251).",
        parts: "core million",
        goals,
    }
}

fn title(size: &str, parts: Vec<Part>) -> Goal {
    let what = match size {
        "1,000" => "1,000 entries",
        "10,000" => "10,000 entries",
        "100,000" => "100,000 entries",
        _ => "1,000,000 entries",
    };
    goal(what, parts)
}
