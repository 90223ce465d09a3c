//! `include/bearerd.h` is made from `src/ffi`, and is what C and C++ compilers take it for.

#![cfg(feature = "ffi")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test's helpers panic"
)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// In the order in which somebody would read them.
const FILES: [&str; 21] = [
    "version", "code", "text", "error", "verifier", "keys", "describe", "options", "verify",
    "extract", "route", "claims", "session", "context", "guards", "sign", "sign_in", "sessions",
    "pats", "revoke", "log",
];

fn generate() -> String {
    let config = cbindgen::Config::from_file(root().join("include/cbindgen.toml")).unwrap();
    let builder = FILES.iter().fold(
        cbindgen::Builder::new().with_config(config),
        |builder, file| builder.with_src(root().join(format!("src/ffi/{file}.rs"))),
    );
    let mut header = Vec::new();
    builder.generate().unwrap().write(&mut header);
    String::from_utf8(header).unwrap()
}

/// `BLESS=1` writes it anew.
#[test]
fn the_header_is_what_the_code_says() {
    let path = root().join("include/bearerd.h");
    let generated = generate();
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "include/bearerd.h is not what src/ffi says; BLESS=1 cargo test --all-features --test header writes it"
    );
}

/// Every function that is exported is declared, which is to say: no file was forgotten above.
#[test]
fn every_function_is_declared() {
    let header = generate();
    let mut functions = 0;
    for entry in fs::read_dir(root().join("src/ffi")).unwrap() {
        let source = fs::read_to_string(entry.unwrap().path()).unwrap();
        for line in source.lines() {
            let Some((_, rest)) = line.split_once("extern \"C\" fn bearerd_") else {
                continue;
            };
            let name = rest.split('(').next().unwrap();
            assert!(
                header.contains(&format!("bearerd_{name}(")),
                "bearerd_{name} is not declared"
            );
            functions += 1;
        }
    }
    assert!(functions > 40, "{functions}");
}

/// Alone and twice, with every warning an error.
#[test]
fn the_header_compiles_alone_as_c_and_as_cpp() {
    let folder = tempfile::tempdir().unwrap();
    let source = "#include \"bearerd.h\"\n#include \"bearerd.h\"\nint main(void) { return (int)(BEARERD_ABI_VERSION - 1u); }\n";
    for (compiler, file, standard) in [
        ("cc", "alone.c", "c99"),
        ("cc", "alone.c", "c11"),
        ("c++", "alone.cpp", "c++11"),
        ("c++", "alone.cpp", "c++20"),
    ] {
        let path = folder.path().join(file);
        fs::write(&path, source).unwrap();
        compile(compiler, standard, &path);
    }
}

fn compile(compiler: &str, standard: &str, path: &Path) {
    let output = Command::new(compiler)
        .arg(format!("-std={standard}"))
        .args([
            "-Wall",
            "-Wextra",
            "-Wpedantic",
            "-Werror",
            "-fsyntax-only",
            "-I",
        ])
        .arg(root().join("include"))
        .arg(path)
        .output()
        .expect("a C and a C++ compiler");
    assert!(
        output.status.success(),
        "{compiler} -std={standard}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
