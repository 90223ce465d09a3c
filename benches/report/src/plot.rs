use std::fmt::Write;

/// A bar: its label, its length, and whether it is ours.
pub struct Bar {
    pub label: String,
    pub value: f64,
    pub text: String,
    pub ours: bool,
}

const WIDTH: f64 = 760.0;
const LABELS: f64 = 290.0;
const ROW: f64 = 22.0;
const TOP: f64 = 46.0;

/// Horizontal bars, as SVG that is readable on a light page and on a dark one. With `logarithmic`,
/// every division is ten times the one before.
pub fn bars(title: &str, axis: &str, logarithmic: bool, bars: &[Bar]) -> String {
    let most = bars
        .iter()
        .map(|bar| bar.value)
        .fold(f64::MIN_POSITIVE, f64::max);
    let least = bars
        .iter()
        .map(|bar| bar.value)
        .fold(most, f64::min)
        .max(f64::MIN_POSITIVE);
    let floor = 10_f64.powf(least.log10().floor());
    let room = WIDTH - LABELS - 110.0;
    let length = |value: f64| {
        let share = if logarithmic {
            (value / floor).log10() / (most / floor).log10().max(f64::MIN_POSITIVE)
        } else {
            value / most
        };
        (share * room).max(2.0)
    };
    let height = TOP + ROW * bars.len() as f64 + 34.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"13\" role=\"img\" aria-label=\"{title}\">\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n\
         <text x=\"12\" y=\"26\" font-size=\"16\" font-weight=\"600\" fill=\"#1b1f24\">{title}</text>\n",
        title = escaped(title)
    );
    for (at, bar) in bars.iter().enumerate() {
        let y = TOP + ROW * at as f64;
        let color = if bar.ours { "#0a66c2" } else { "#9aa4af" };
        let width = length(bar.value);
        let _ = write!(
            svg,
            "<text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill=\"#1b1f24\">{}</text>\n\
             <rect x=\"{LABELS}\" y=\"{y}\" width=\"{width:.1}\" height=\"{}\" rx=\"2\" fill=\"{color}\"/>\n\
             <text x=\"{:.1}\" y=\"{}\" fill=\"#1b1f24\">{}</text>\n",
            LABELS - 8.0,
            y + 13.5,
            escaped(&bar.label),
            ROW - 5.0,
            LABELS + width + 6.0,
            y + 13.5,
            escaped(&bar.text),
        );
    }
    let scale = if logarithmic { ", logarithmic" } else { "" };
    let _ = write!(
        svg,
        "<text x=\"{LABELS}\" y=\"{}\" font-size=\"12\" fill=\"#57606a\">{}{scale}: shorter is better</text>\n</svg>\n",
        height - 12.0,
        escaped(axis)
    );
    svg
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
