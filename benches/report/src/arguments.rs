/// What was asked for on the command line.
#[derive(Debug)]
pub struct Arguments {
    /// Few and short rounds.
    pub quick: bool,
    pub build: bool,
    /// Without optimisation.
    pub debug: bool,
    /// All without any.
    parts: Vec<String>,
}

pub enum Stop {
    Help(String),
    Usage(String),
}

const PARTS: [(&str, &str); 6] = [
    (
        "core",
        "the verifier and its cache beside bare primitives and other caches",
    ),
    ("million", "one million live entries; takes 5 GB of memory"),
    ("peers", "beside libraries in Rust and C"),
    (
        "bindings",
        "Node, Go and Python beside the libraries of each",
    ),
    (
        "sidecar",
        "the sidecar beside bare hyper, and gateways that are installed",
    ),
    (
        "trouble",
        "the sidecar while keys are read again, while its cache evicts, and under forged tokens",
    ),
];

impl Arguments {
    pub fn read(given: impl Iterator<Item = String>) -> Result<Self, Stop> {
        let mut read = Self {
            quick: false,
            build: true,
            debug: false,
            parts: Vec::new(),
        };
        for argument in given {
            match argument.as_str() {
                "-h" | "--help" => return Err(Stop::Help(help())),
                "--quick" => read.quick = true,
                "--built" => read.build = false,
                "--debug" => read.debug = true,
                option if option.starts_with('-') => {
                    let why = format!(
                        "there is no option {option}; choose from --quick, --built, --debug"
                    );
                    return Err(Stop::Usage(why));
                }
                part if PARTS.iter().any(|(name, _)| *name == part) => {
                    read.parts.push(argument);
                }
                part => {
                    let names = PARTS.map(|(name, _)| name).join(", ");
                    let why = format!("there is no part {part}; choose from {names}");
                    return Err(Stop::Usage(why));
                }
            }
        }
        Ok(read)
    }

    pub fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|wanted| wanted == part)
    }

    pub fn wants_all(&self) -> bool {
        self.parts.is_empty()
    }
}

fn help() -> String {
    let mut text =
        "Compares bearerd with its peers on this machine and writes benches/REPORT.md\n\n\
         Usage: make bench [BENCH=\"[OPTION]... [PART]...\"]\n\nParts, all of them without any:\n"
            .to_owned();
    for (name, about) in PARTS {
        text.push_str(&format!("  {name:<10} {about}\n"));
    }
    text.push_str(
        "\nOptions:\n\
         \x20 --quick    Few and short rounds: shows that everything works, and its figures say little\n\
         \x20 --built    Takes what was built before\n\
         \x20 --debug    Builds without optimisation, to try the report itself; keeps a library that is staged\n\
         \x20 -h, --help This text\n\n\
         Gateways (haproxy, nginx, envoy, caddy, traefik) are looked for in the folders of BENCH_PATH,\n\
         then of PATH, and said to be absent where they are in neither; none is downloaded. The libraries of Node, Go,\n\
         Python and Rust come from their registries while building, by the versions that the repository names.\n\n\
         Examples:\n\
         \x20 make bench\n\
         \x20 make bench BENCH=\"--quick sidecar\"\n\
         \x20 BENCH_PATH=/opt/gateways/bin make bench BENCH=\"sidecar\"\n\n\
         A quick run, or one of some parts, is written to target/report/REPORT.md. Exit codes: 0 everything that is here was measured,\n\
         1 something failed (it is named at the end), 64 wrong usage, 74 I/O.\n",
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_options_are_known_or_named() {
        let read = |text: &str| Arguments::read(text.split_whitespace().map(str::to_owned));
        let all = read("--quick").ok().unwrap();
        assert!(all.quick && all.build && all.wants("core") && all.wants_all());
        let one = read("--built sidecar").ok().unwrap();
        assert!(!one.build && one.wants("sidecar") && !one.wants("core"));
        for (wrong, named) in [("--fast", "--fast"), ("sidecars", "sidecars")] {
            assert!(matches!(read(wrong), Err(Stop::Usage(why)) if why.contains(named)));
        }
        assert!(
            matches!(read("--help"), Err(Stop::Help(text)) if text.contains("make bench BENCH="))
        );
    }
}
