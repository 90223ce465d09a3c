use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use crate::figures::{Figure, Figures};
use crate::goals::{self, Bound, Part};
use crate::plot::{Bar, bars};
use crate::{Run, cores, machine};

/// Writes the report and its plots, and says where.
pub fn write(run: &Run) -> PathBuf {
    let folder = run.root.join("benches/plots");
    let _ = fs::create_dir_all(&folder);
    let mut page = head(run);
    page.push_str(&goals(&run.figures));
    for (name, svg, about) in plots(&run.figures) {
        if fs::write(folder.join(format!("{name}.svg")), svg).is_ok() {
            let _ = write!(page, "![{about}](plots/{name}.svg)\n\n");
        }
    }
    page.push_str(&tables(&run.figures));
    let file = run.root.join("benches/REPORT.md");
    if let Err(error) = fs::write(&file, page) {
        run.says(&format!("{}: {error}", file.display()));
    }
    file
}

fn head(run: &Run) -> String {
    let mut page = String::from(
        "# Speed, measured\n\nWritten by `make bench`. Within a row both sides took turns in one run; figures are medians of the \
         rounds, and the spread is the least and the most of them. Every answer was asserted before anything was timed, a forgery \
         among them. The ratios are what to look at: nanoseconds are of this machine and this hour.\n\n",
    );
    for line in machine::lines() {
        let _ = writeln!(page, "- {line}");
    }
    let pinned = match cores::pair() {
        Some((server, load)) => {
            format!("servers on processor {server}, the load on processor {load}")
        }
        None => "one processor, shared by server and load".to_owned(),
    };
    let _ = writeln!(page, "- {pinned}");
    let _ = writeln!(
        page,
        "- measured in {} minutes; {} processes were ready to run at the end, on average",
        run.start.elapsed().as_secs().div_ceil(60),
        machine::load()
    );
    if run.quick {
        page.push_str("\n**A quick run, with few and short rounds: it shows that everything works, and its figures say little.**\n");
    }
    if !run.absent.is_empty() {
        page.push_str("\nNot measured here:\n\n");
        for (what, why) in &run.absent {
            let _ = writeln!(page, "- {what}: {why}");
        }
    }
    page.push('\n');
    page
}

fn goals(figures: &Figures) -> String {
    let mut page = String::from("## Goals\n\n| | goal | found | |\n|---|---|---|---|\n");
    for goal in goals::all(figures) {
        let _ = writeln!(page, "| **{}** | | | |", goal.what);
        for part in &goal.parts {
            let verdict = match (part.met(), part.found) {
                (_, None) => "not measured",
                (Some(true), _) => "met",
                (Some(false), _) => "**not met**",
                (None, _) => "",
            };
            let _ = writeln!(
                page,
                "| {} | {} | {} | {verdict} |",
                part.what,
                bound(part),
                found(part)
            );
        }
    }
    page.push('\n');
    page
}

fn bound(part: &Part) -> String {
    match part.bound {
        Some(Bound::Most(most)) => format!("at most {most} {}", part.unit),
        Some(Bound::Least(least)) => format!("at least {least} {}", part.unit),
        None => String::new(),
    }
}

fn found(part: &Part) -> String {
    part.found.map_or_else(
        || "–".to_owned(),
        |found| format!("{} {}", number(found), part.unit),
    )
}

/// Three digits that matter.
fn number(value: f64) -> String {
    match value.abs() {
        n if n >= 100.0 => format!("{value:.0}"),
        n if n >= 10.0 => format!("{value:.1}"),
        n if n >= 1.0 => format!("{value:.2}"),
        _ => format!("{value:.3}"),
    }
}

fn tables(figures: &Figures) -> String {
    let mut page = String::from("## All figures\n");
    for group in figures.groups() {
        let rows: Vec<&Figure> = figures.of(group).collect();
        let alike = rows.iter().all(|row| row.unit == rows[0].unit);
        let _ = write!(
            page,
            "\n### {group}\n\n| | median | least to most | to the first |\n|---|---|---|---|\n"
        );
        for row in &rows {
            let ratio = if alike {
                number(row.median / rows[0].median)
            } else {
                String::new()
            };
            let _ = writeln!(
                page,
                "| {} | {} {} | {} to {} | {ratio} |",
                row.name,
                number(row.median),
                row.unit,
                number(row.least),
                number(row.most)
            );
        }
    }
    page
}

fn plots(figures: &Figures) -> Vec<(&'static str, String, &'static str)> {
    let mut plots = Vec::new();
    let mut add = |name, title: &'static str, axis, logarithmic, rows: Vec<Bar>| {
        if rows.len() > 1 {
            plots.push((name, bars(title, axis, logarithmic, &rows), title));
        }
    };
    let row = |group: &str, name: &str, label: &str| {
        figures.find(group, name).map(|figure| Bar {
            label: label.to_owned(),
            value: figure.median,
            text: span(figure.median),
            ours: name.starts_with("bearerd"),
        })
    };
    let seen = [
        ("a hit, 1,000 hot", "bearerd, the whole", "Rust: bearerd"),
        (
            "rivals: cold HS256",
            "jsonwebtoken (aws_lc)",
            "Rust: jsonwebtoken",
        ),
        ("C: S", "bearerd, cached", "C: bearerd"),
        ("C: S", "cjose", "C: cjose"),
        ("C: S", "libjwt", "C: libjwt"),
        ("Go: HS256, 1000", "bearerd, seen before", "Go: bearerd"),
        (
            "Go: HS256, 1000",
            "golang-jwt 5, into a struct",
            "Go: golang-jwt",
        ),
        ("Node: HS256", "bearerd cached", "Node: bearerd"),
        (
            "Node: HS256",
            "fast-jwt cache on",
            "Node: fast-jwt, its cache on",
        ),
        ("Node: HS256", "jsonwebtoken", "Node: jsonwebtoken"),
        ("Python: HS256", "bearerd, cached", "Python: bearerd"),
        ("Python: HS256", "oxyjwt", "Python: oxyjwt"),
        ("Python: HS256", "PyJWT", "Python: PyJWT"),
    ];
    let rows = seen
        .iter()
        .filter_map(|(group, name, label)| row(group, name, label))
        .collect();
    add(
        "cached",
        "An HS256 token that was seen before",
        "time a call",
        true,
        rows,
    );
    let cold = [
        ("cold HS256 on aws-lc-rs", "the bare", "HS256: a bare HMAC"),
        ("cold HS256 on aws-lc-rs", "bearerd", "HS256: bearerd"),
        (
            "rivals: cold HS256",
            "jsonwebtoken (rust_crypto)",
            "HS256: jsonwebtoken, rust_crypto",
        ),
        (
            "rivals: cold HS256",
            "jsonwebtoken (aws_lc)",
            "HS256: jsonwebtoken, aws_lc",
        ),
        ("rivals: cold HS256", "jwt-simple", "HS256: jwt-simple"),
        (
            "cold RS256 on aws-lc-rs",
            "the bare",
            "RS256: a bare RSA verification",
        ),
        ("cold RS256 on aws-lc-rs", "bearerd", "RS256: bearerd"),
        (
            "rivals: cold RS256",
            "jsonwebtoken (aws_lc)",
            "RS256: jsonwebtoken, aws_lc",
        ),
        ("rivals: cold RS256", "jwt-simple", "RS256: jwt-simple"),
    ];
    let rows = cold
        .iter()
        .filter_map(|(group, name, label)| row(group, name, label))
        .collect();
    add(
        "cold",
        "A token verified anew, in Rust",
        "time a call",
        true,
        rows,
    );
    let group = "server CPU a request: 1,000 cached tokens, one server thread";
    let rows = figures
        .of(group)
        .filter_map(|figure| row(group, &figure.name, &figure.name))
        .collect();
    add(
        "sidecar",
        "Forward auth: processor time a request",
        "of the server, 64 connections",
        false,
        rows,
    );
    plots
}

fn span(nanoseconds: f64) -> String {
    match nanoseconds {
        n if n < 1e3 => format!("{n:.0} ns"),
        n if n < 1e6 => format!("{} µs", number(n / 1e3)),
        n => format!("{} ms", number(n / 1e6)),
    }
}
