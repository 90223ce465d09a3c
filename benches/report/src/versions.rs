use std::fs::read_to_string;
use std::path::Path;

use crate::Run;
use crate::machine;

/// What was compared, by its version, a line for each kind.
pub fn lines(run: &Run) -> Vec<String> {
    let mut lines = vec![
        format!(
            "tools: {}",
            joined(&[
                machine::said("rustc", &["--version"]),
                machine::said("cc", &["--version"]),
                machine::said("node", &["--version"]).replace('v', "Node "),
                machine::said("go", &["version"]),
                machine::said("python3", &["--version"]),
            ])
        ),
        format!(
            "crates: {}",
            joined(&[
                locked(
                    run,
                    "Cargo.lock",
                    &["aws-lc-rs", "ring", "moka", "quick_cache"]
                ),
                locked(run, "benches/bare/Cargo.lock", &["hyper", "tokio"]),
                locked(
                    run,
                    "benches/rivals/Cargo.lock",
                    &["jsonwebtoken", "jwt-simple"]
                ),
            ])
        ),
    ];
    let c: Vec<String> = ["libjwt", "cjose"]
        .iter()
        .map(|name| {
            format!(
                "{name} {}",
                machine::said("pkg-config", &["--modversion", name])
            )
        })
        .filter(|text| text.chars().filter(|letter| *letter == ' ').count() == 1)
        .collect();
    lines.push(format!("libraries in C: {}", joined(&c)));
    for (what, file, sign) in [
        (
            "packages of Node",
            "bindings/node/bench/package.json",
            "\": \"",
        ),
        (
            "packages of Python",
            "bindings/python/bench/requirements.txt",
            "==",
        ),
    ] {
        lines.push(format!(
            "{what}: {}",
            joined(&[named(&run.root.join(file), sign)])
        ));
    }
    let modules = read_to_string(run.root.join("bindings/go/bench/go.mod")).unwrap_or_default();
    let modules: Vec<String> = [
        "golang-jwt/jwt/v5",
        "go-jose/go-jose/v4",
        "lestrrat-go/jwx/v3",
    ]
    .iter()
    .filter_map(|name| {
        let line = modules.lines().find(|line| line.contains(name))?;
        Some(line.trim().trim_start_matches("require ").to_owned())
    })
    .collect();
    lines.push(format!("modules of Go: {}", joined(&modules)));
    let gateways: Vec<String> = [
        ("haproxy", "-v"),
        ("nginx", "-v"),
        ("envoy", "--version"),
        ("caddy", "version"),
        ("traefik", "version"),
    ]
    .iter()
    .filter_map(|(name, option)| {
        let program = machine::find(name)?;
        let said = machine::said(&program.display().to_string(), &[option]);
        // Envoy begins with its path.
        let said = said
            .split("version: ")
            .last()
            .unwrap_or_default()
            .to_owned();
        let first = said.split_whitespace().next().unwrap_or_default();
        Some(if first.to_lowercase().contains(name) {
            said
        } else {
            format!("{name} {said}")
        })
    })
    .collect();
    lines.push(format!("gateways: {}", joined(&gateways)));
    lines.retain(|line| !line.ends_with(": "));
    lines
}

fn joined(texts: &[String]) -> String {
    let told: Vec<&str> = texts
        .iter()
        .map(String::as_str)
        .filter(|text| !text.is_empty() && !text.ends_with(": not here"))
        .collect();
    told.join("; ")
}

/// Versions of crates in a lock file.
fn locked(run: &Run, file: &str, names: &[&str]) -> String {
    let text = read_to_string(run.root.join(file)).unwrap_or_default();
    let version = |name: &&str| {
        let (_, rest) = text.split_once(&format!("name = \"{name}\"\nversion = \""))?;
        Some(format!("{name} {}", rest.split('"').next()?))
    };
    let all: Vec<String> = names.iter().filter_map(version).collect();
    all.join("; ")
}

/// `NAME SIGN VERSION` lines, those alone that a reader would look for.
fn named(file: &Path, sign: &str) -> String {
    const WANTED: [&str; 7] = [
        "fast-jwt",
        "jose",
        "jsonwebtoken",
        "PyJWT",
        "oxyjwt",
        "joserfc",
        "orjson",
    ];
    let text = read_to_string(file).unwrap_or_default();
    let each = text.lines().filter_map(|line| {
        let (name, version) = line.split_once(sign)?;
        let name = name.trim().trim_matches('"');
        let version = version.trim_end_matches(['"', ',']);
        WANTED.contains(&name).then(|| format!("{name} {version}"))
    });
    each.collect::<Vec<_>>().join("; ")
}
