use crate::bars::{Bar, bars};
use crate::curves::{Curve, curves};
use crate::figures::Figures;
use crate::goals::SIZES;
use crate::sidecar::LOADED;

/// A picture: the name of its file, what it shows, and itself.
pub struct Plot {
    pub name: &'static str,
    pub about: &'static str,
    pub svg: String,
}

/// Those for which there are figures.
pub fn all(figures: &Figures) -> Vec<Plot> {
    [
        languages(figures),
        anew(figures),
        growth(figures),
        sidecar(figures),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Group, name, label.
type Row<'a> = (&'a str, &'a str, &'a str);

fn rows(figures: &Figures, rows: &[Row<'_>]) -> Vec<Bar> {
    let bar = |(group, name, label): &Row<'_>| {
        let found = figures.get(group, name)?;
        Some(Bar {
            label: (*label).to_owned(),
            value: found.median,
            ours: name.starts_with("bearerd"),
        })
    };
    rows.iter().filter_map(bar).collect()
}

fn languages(figures: &Figures) -> Option<Plot> {
    let rows = rows(
        figures,
        &[
            (
                "a hit, 1,000 hot tokens, one thread",
                "bearerd, the whole",
                "Rust: bearerd",
            ),
            (
                "rivals, rust_crypto: cold HS256",
                "jsonwebtoken",
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
        ],
    );
    let about = "An HS256 token that was seen before";
    (rows.len() > 1).then(|| Plot {
        name: "cached",
        about,
        svg: bars(about, "time a call", true, &rows),
    })
}

fn anew(figures: &Figures) -> Option<Plot> {
    let (s, r) = ("cold HS256 on aws-lc-rs", "cold RS256 on aws-lc-rs");
    let (rust, lc) = ("rust_crypto", "aws_lc");
    let group = |backend: &str, algorithm: &str| format!("rivals, {backend}: cold {algorithm}");
    let groups = [group(rust, "HS256"), group(lc, "HS256"), group(lc, "RS256")];
    let rows = rows(
        figures,
        &[
            (s, "the bare", "HS256: a bare HMAC"),
            (s, "bearerd", "HS256: bearerd"),
            (
                &groups[0],
                "jsonwebtoken",
                "HS256: jsonwebtoken, RustCrypto",
            ),
            (&groups[1], "jsonwebtoken", "HS256: jsonwebtoken, AWS-LC"),
            (&groups[0], "jwt-simple", "HS256: jwt-simple"),
            (r, "the bare", "RS256: a bare RSA verification"),
            (r, "bearerd", "RS256: bearerd"),
            (&groups[2], "jsonwebtoken", "RS256: jsonwebtoken, AWS-LC"),
            (&groups[2], "jwt-simple", "RS256: jwt-simple"),
        ],
    );
    let about = "A token verified anew, in Rust";
    (rows.len() > 1).then(|| Plot {
        name: "cold",
        about,
        svg: bars(about, "time a call", true, &rows),
    })
}

fn growth(figures: &Figures) -> Option<Plot> {
    let mut lines = Vec::new();
    for (name, label, class) in [
        ("ours", "bearerd", "line-ours"),
        ("moka", "moka", "line-a"),
        ("quick_cache, tail", "quick_cache", "line-b"),
    ] {
        for (draw, dashed) in [("uniform", false), ("Zipf", true)] {
            let point = |(_, entries, uniform, zipf): &(&str, f64, &str, &str)| {
                let group = if dashed { zipf } else { uniform };
                Some((*entries, figures.get(group, name)?.median))
            };
            lines.push(Curve {
                label: format!("{label}, {draw}"),
                class,
                dashed,
                points: SIZES.iter().filter_map(point).collect(),
            });
        }
    }
    let about = "A hit as the cache grows";
    let is_line = lines.iter().any(|line| line.points.len() > 1);
    is_line.then(|| Plot {
        name: "growth",
        about,
        svg: curves(about, "live entries", "time of a hit", &lines),
    })
}

fn sidecar(figures: &Figures) -> Option<Plot> {
    let rows: Vec<Bar> = figures
        .of(LOADED)
        .map(|figure| Bar {
            label: figure.name.clone(),
            value: figure.spread().median,
            ours: figure.name.starts_with("bearerd"),
        })
        .collect();
    let about = "A cached token verified over HTTP";
    let axis = "processor time of the server a request, 64 connections";
    (rows.len() > 1).then(|| Plot {
        name: "sidecar",
        about,
        svg: bars(about, axis, false, &rows),
    })
}
