//! The floors of `src/lib.rs`, held by a test: a module imports only floors below its own.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test's helpers panic"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Floor by module, read from the drawing in `src/lib.rs`: the drawing is the rule.
fn floors() -> BTreeMap<String, u32> {
    let lib = fs::read_to_string(root().join("src/lib.rs")).unwrap();
    let drawing = lib
        .split("```text")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    let mut floors = BTreeMap::new();
    let mut floor = None;
    for line in drawing.lines() {
        let line = line.trim_start_matches("//!").trim();
        let mut words = line.split_whitespace().peekable();
        if let Some(number) = words.peek().and_then(|word| word.parse().ok()) {
            floor = Some(number);
            words.next();
        }
        for word in words.take_while(|word| word.ends_with('/') || word.ends_with(".rs")) {
            let name = word.trim_end_matches('/').to_owned();
            floors.insert(
                name,
                floor.expect("a floor has a number before its first module"),
            );
        }
    }
    floors
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// The top-level modules that a source text names by `crate::`, groups included.
fn imports(source: &str) -> Vec<String> {
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut found = Vec::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let names = match rest.strip_prefix('{') {
            Some(group) => group.split('}').next().unwrap().split(',').collect(),
            None => vec![rest],
        };
        for name in names {
            let name: String = name
                .trim()
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            found.push(name);
        }
    }
    found
}

fn violations(floors: &BTreeMap<String, u32>, module: &str, source: &str) -> Vec<String> {
    let own = floors[module];
    imports(source)
        .into_iter()
        .filter(|name| name != module && floors.get(name).is_some_and(|floor| *floor >= own))
        .map(|name| {
            format!(
                "{module} (floor {own}) imports {name} (floor {})",
                floors[&name]
            )
        })
        .collect()
}

#[test]
fn every_module_stands_on_a_floor_and_imports_only_those_below() {
    let floors = floors();
    let mut wrong = Vec::new();
    for entry in fs::read_dir(root().join("src")).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_dir() || path.ends_with("bin") {
            continue;
        }
        let module = path.file_name().unwrap().to_str().unwrap().to_owned();
        let files = rust_files(&path);
        if files.is_empty() {
            continue;
        }
        assert!(
            floors.contains_key(&module),
            "src/{module} stands on no floor of src/lib.rs"
        );
        for file in files {
            let source = fs::read_to_string(&file).unwrap();
            for violation in violations(&floors, &module, &source) {
                wrong.push(format!("{}: {violation}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn an_upward_or_sideways_import_is_seen() {
    let floors = floors();
    assert_eq!(
        violations(&floors, "claims", "use crate::verify::Verifier;").len(),
        1
    );
    assert_eq!(
        violations(
            &floors,
            "claims",
            "use crate::{\n    error::Reject,\n    keys::KeySet,\n};"
        )
        .len(),
        1
    );
    assert_eq!(
        violations(&floors, "claims", "fn f() { crate::sign::x() }").len(),
        1
    );
    assert_eq!(
        violations(
            &floors,
            "verify",
            "use crate::claims::Claims;\n// crate::sidecar is above"
        ),
        [""; 0]
    );
}

#[test]
fn unsafe_code_is_allowed_in_ffi_alone() {
    for file in rust_files(&root().join("src")) {
        let source = fs::read_to_string(&file).unwrap();
        let allows = source.contains("allow(unsafe_code") || source.contains("expect(unsafe_code");
        assert!(
            !allows || file.starts_with(root().join("src/ffi")),
            "{}",
            file.display()
        );
    }
}
