use std::fmt::Write;

/// A bar: its label, its length, and whether it is ours.
pub struct Bar {
    pub label: String,
    pub value: f64,
    pub ours: bool,
}

const WIDTH: f64 = 760.0;
const LABELS: f64 = 260.0;
const RIGHT: f64 = 90.0;
const ROW: f64 = 22.0;
const TOP: f64 = 46.0;

/// What both kinds of plots look like, on a light page and on a dark one: by what the reader's
/// system asks for, on a ground of their own.
pub const STYLE: &str = "<style>\n\
    text { fill: #1b1f24; } .page { fill: #ffffff; } .soft { fill: #57606a; } .grid { stroke: #d8dee4; }\n\
    .ours { fill: #0a66c2; } .theirs { fill: #9aa4af; } .line-ours { stroke: #0a66c2; } .line-a { stroke: #bc4c00; } .line-b { stroke: #6e7781; }\n\
    @media (prefers-color-scheme: dark) {\n\
    text { fill: #e6edf3; } .page { fill: #0d1117; } .soft { fill: #9198a1; } .grid { stroke: #30363d; }\n\
    .ours { fill: #58a6ff; } .theirs { fill: #6e7681; } .line-ours { stroke: #58a6ff; } .line-a { stroke: #f0883e; } .line-b { stroke: #9198a1; }\n\
    }\n</style>\n";

/// Horizontal bars of times in nanoseconds. With `logarithmic`, every division is ten times the one
/// before.
pub fn bars(title: &str, axis: &str, logarithmic: bool, bars: &[Bar]) -> String {
    let values = || bars.iter().map(|bar| bar.value);
    let most = values().fold(f64::MIN_POSITIVE, f64::max);
    let least = values().fold(most, f64::min).max(f64::MIN_POSITIVE);
    let floor = if logarithmic {
        // A bar that ends at its own beginning would not be seen.
        10_f64.powf((least / 1.5).log10().floor())
    } else {
        0.0
    };
    let room = WIDTH - LABELS - RIGHT;
    let length = |value: f64| {
        let share = if logarithmic {
            (value / floor).log10() / (most / floor).log10()
        } else {
            value / most
        };
        share * room
    };
    let bottom = TOP + ROW * bars.len() as f64;
    let mut svg = begin(title, WIDTH, bottom + 50.0);
    for tick in ticks(floor, most, logarithmic) {
        let x = LABELS + length(tick);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{x:.1}\" y1=\"{:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\"/>\n\
             <text class=\"soft\" x=\"{x:.1}\" y=\"{:.1}\" font-size=\"11\" text-anchor=\"middle\">{}</text>\n",
            TOP - 4.0,
            bottom + 15.0,
            span(tick)
        );
    }
    for (at, bar) in bars.iter().enumerate() {
        let y = TOP + ROW * at as f64;
        let class = if bar.ours { "ours" } else { "theirs" };
        let width = length(bar.value).max(2.0);
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\n\
             <rect class=\"{class}\" x=\"{LABELS}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{:.1}\" rx=\"2\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\">{}</text>\n",
            LABELS - 8.0,
            y + 13.5,
            escaped(&bar.label),
            ROW - 5.0,
            LABELS + width + 6.0,
            y + 13.5,
            span(bar.value),
        );
    }
    let scale = if logarithmic {
        ", each division ten times the one before"
    } else {
        ""
    };
    let _ = write!(
        svg,
        "<text class=\"soft\" x=\"{LABELS}\" y=\"{:.1}\" font-size=\"12\">{}{scale}; shorter is better</text>\n</svg>\n",
        bottom + 36.0,
        escaped(axis)
    );
    svg
}

/// The head of a plot, up to its title.
pub fn begin(title: &str, width: f64, height: f64) -> String {
    let title = escaped(title);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height:.0}\" width=\"{width}\" height=\"{height:.0}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\" role=\"img\" aria-label=\"{title}\">\n{STYLE}\
         <rect class=\"page\" width=\"100%\" height=\"100%\" rx=\"6\"/>\n\
         <text x=\"12\" y=\"26\" font-size=\"16\" font-weight=\"600\">{title}</text>\n"
    )
}

fn ticks(floor: f64, most: f64, logarithmic: bool) -> Vec<f64> {
    if logarithmic {
        let all = (0..20).map(|n| floor * 10_f64.powi(n));
        return all.take_while(|tick| *tick <= most).collect();
    }
    round_steps(most)
}

/// Some four round numbers from nought on.
pub fn round_steps(most: f64) -> Vec<f64> {
    let rough = most / 4.0;
    let ten = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0]
        .map(|times| times * ten)
        .into_iter()
        .find(|step| *step >= rough)
        .unwrap_or(rough);
    let all = (0..20).map(|n| f64::from(n) * step);
    all.take_while(|tick| *tick <= most).collect()
}

/// Nanoseconds in the unit that reads best.
pub fn span(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        n if n < 1e3 => (n, "ns"),
        n if n < 1e6 => (n / 1e3, "µs"),
        n => (n / 1e6, "ms"),
    };
    let digits = usize::from(value < 100.0 && value.fract() > 0.01)
        + usize::from(value < 10.0 && value.fract() > 0.01);
    format!("{value:.digits$} {unit}")
}

pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_round_and_reach_the_most() {
        assert_eq!(round_steps(1_000.0), [0.0, 500.0, 1_000.0]);
        assert_eq!(round_steps(35.0), [0.0, 10.0, 20.0, 30.0]);
        assert_eq!(ticks(10.0, 5_000.0, true), [10.0, 100.0, 1_000.0]);
    }

    #[test]
    fn spans_have_two_or_three_digits() {
        assert_eq!(
            [0.0, 46.25, 120.4, 1_000.0, 2_345.0, 45_600.0, 1.5e6].map(span),
            [
                "0 ns", "46.2 ns", "120 ns", "1 µs", "2.35 µs", "45.6 µs", "1.50 ms"
            ]
        );
    }

    #[test]
    fn a_plot_is_text_with_its_axis_and_nothing_unescaped() {
        let bar = Bar {
            label: "a < b".to_owned(),
            value: 120.0,
            ours: true,
        };
        let svg = bars("times & more", "time a call", true, &[bar]);
        assert!(svg.contains("a &lt; b") && svg.contains("times &amp; more"));
        assert!(svg.contains("time a call, each division") && svg.contains(">100 ns<"));
    }
}
