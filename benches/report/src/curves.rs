use std::fmt::Write;

use crate::bars::{begin, escaped, round_steps, span};

/// A line through some points: what grows, and what it then costs in nanoseconds.
pub struct Curve {
    pub label: String,
    /// One of the classes of the style.
    pub class: &'static str,
    pub dashed: bool,
    pub points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 380.0;
const LEFT: f64 = 76.0;
const RIGHT: f64 = 190.0;
const TOP: f64 = 56.0;
const BOTTOM: f64 = 56.0;
/// What two labels are apart at least.
const APART: f64 = 15.0;

/// Lines over something that grows tenfold from division to division.
pub fn curves(title: &str, across: &str, up: &str, curves: &[Curve]) -> String {
    let points = || curves.iter().flat_map(|curve| &curve.points);
    let most = points().map(|point| point.1).fold(1.0, f64::max);
    let (first, last) = points().fold((f64::MAX, f64::MIN_POSITIVE), |(first, last), point| {
        (first.min(point.0), last.max(point.0))
    });
    let (width, height) = (WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM);
    let x = |value: f64| LEFT + width * (value / first).log10() / (last / first).log10().max(0.1);
    let y = |value: f64| TOP + height * (1.0 - value / most);
    let mut svg = begin(title, WIDTH, HEIGHT);
    for tick in round_steps(most) {
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{LEFT}\" y1=\"{0:.1}\" x2=\"{1:.1}\" y2=\"{0:.1}\"/>\n\
             <text class=\"soft\" x=\"{2:.1}\" y=\"{3:.1}\" font-size=\"11\" text-anchor=\"end\">{4}</text>\n",
            y(tick),
            LEFT + width,
            LEFT - 6.0,
            y(tick) + 4.0,
            span(tick)
        );
    }
    let mut division = first;
    while division <= last * 1.01 {
        let _ = writeln!(
            svg,
            "<text class=\"soft\" x=\"{:.1}\" y=\"{:.1}\" font-size=\"11\" text-anchor=\"middle\">{}</text>",
            x(division),
            TOP + height + 18.0,
            grouped(division)
        );
        division *= 10.0;
    }
    let mut ends: Vec<(f64, &Curve)> = Vec::new();
    for curve in curves {
        let Some(end) = curve.points.last() else {
            continue;
        };
        let path: Vec<String> = curve
            .points
            .iter()
            .map(|point| format!("{:.1},{:.1}", x(point.0), y(point.1)))
            .collect();
        let dash = if curve.dashed {
            " stroke-dasharray=\"6 4\""
        } else {
            ""
        };
        let _ = writeln!(
            svg,
            "<polyline class=\"{}\" fill=\"none\" stroke-width=\"2\"{dash} points=\"{}\"/>",
            curve.class,
            path.join(" ")
        );
        ends.push((y(end.1), curve));
    }
    ends.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut above = f64::MIN;
    for (end, curve) in ends {
        let place = end.max(above + APART);
        above = place;
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" font-size=\"12\">{}</text>",
            LEFT + width + 8.0,
            place + 4.0,
            escaped(&curve.label)
        );
    }
    let _ = write!(
        svg,
        "<text class=\"soft\" x=\"{:.1}\" y=\"{:.1}\" font-size=\"12\" text-anchor=\"middle\">{}</text>\n\
         <text class=\"soft\" x=\"12\" y=\"46\" font-size=\"12\">{}; lower is better</text>\n</svg>\n",
        LEFT + width / 2.0,
        HEIGHT - 14.0,
        escaped(across),
        escaped(up)
    );
    svg
}

/// A whole number, its digits in groups of three.
fn grouped(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at) % 3 == 0 {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plot_has_its_axes_and_its_labels_apart() {
        let curve = |label: &str, end: f64| Curve {
            label: label.to_owned(),
            class: "line-ours",
            dashed: false,
            points: vec![(1e3, 40.0), (1e6, end)],
        };
        let svg = curves(
            "growth",
            "live entries",
            "time of a hit",
            &[curve("one", 300.0), curve("other", 301.0)],
        );
        for text in [
            "1,000<",
            "1,000,000<",
            "live entries",
            "time of a hit",
            ">200 ns<",
        ] {
            assert!(svg.contains(text), "{text}");
        }
        let place = |label: &str| -> f64 {
            let (before, _) = svg
                .split_once(&format!("\" font-size=\"12\">{label}<"))
                .unwrap();
            before.rsplit("y=\"").next().unwrap().parse().unwrap()
        };
        assert!((place("one") - place("other")).abs() >= APART);
    }
}
