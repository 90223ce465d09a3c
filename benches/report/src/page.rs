use std::fmt::Write;
use std::fs;
use std::path::PathBuf;

use crate::figures::{Figure, Figures, Spread};
use crate::goals::{self, Bound, Part, Theme};
use crate::{Run, cores, machine, plots, versions};

/// Writes the report and its plots, and says where: a whole run beside the benches, where it is
/// kept; what is quick, unoptimised or of some parts under the folder that cargo builds in.
pub fn write(run: &mut Run) -> Result<PathBuf, String> {
    let arguments = &run.arguments;
    let is_whole = arguments.wants_all() && !arguments.quick && !arguments.debug;
    let folder = if is_whole {
        run.root.join("benches")
    } else {
        run.target.join("report")
    };
    let pictures = folder.join("plots");
    let failed = |path: &PathBuf, error: std::io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(&pictures).map_err(|error| failed(&pictures, error))?;
    let themes = goals::all(&run.figures);
    let unsaid: Vec<String> = themes
        .iter()
        .flat_map(|theme| &theme.goals)
        .flat_map(|goal| goal.parts.iter().map(move |part| (goal, part)))
        .filter(|(_, part)| why_not(run, part).is_some_and(|why| why == UNSAID))
        .map(|(goal, part)| format!("{}: {}", goal.what, part.what))
        .collect();
    if !unsaid.is_empty() {
        let why = format!("no bench gave these figures:\n{}", unsaid.join("\n"));
        run.fails("figures", &why);
    }
    let mut page = head(run);
    page.push_str(&summary(&themes));
    for plot in plots::all(&run.figures) {
        let file = pictures.join(format!("{}.svg", plot.name));
        fs::write(&file, plot.svg).map_err(|error| failed(&file, error))?;
        let _ = write!(page, "![{}](plots/{}.svg)\n\n", plot.about, plot.name);
    }
    for theme in &themes {
        page.push_str(&table(run, theme));
    }
    page.push_str(&figures(&run.figures));
    let file = folder.join("REPORT.md");
    fs::write(&file, page).map_err(|error| failed(&file, error))?;
    Ok(file)
}

fn head(run: &Run) -> String {
    let mut page = String::from(
        "# Speed, measured\n\nWritten by `make bench`. The sides of a ratio took turns in one run, and the ratio is taken round by \
         round: given are the median of the rounds, and the least and the most of them. Every answer was asserted before anything \
         was timed, and whoever checks signatures was seen to refuse a forged token. The ratios are what to look at: nanoseconds are of this machine and \
         this hour.\n",
    );
    if run.arguments.quick || run.arguments.debug {
        page.push_str("\n**Few and short rounds, or an unoptimised build: this shows that everything works, and its figures say nothing.**\n");
    }
    page.push_str("\n## The machine and the versions\n\n");
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
        "- built in {}, then measured in {}; {} processes were ready to run at the end, on average",
        minutes(run.building.as_secs()),
        minutes(run.start.elapsed().as_secs()),
        machine::load()
    );
    for line in versions::lines(run) {
        let _ = writeln!(page, "- {line}");
    }
    for (title, all) in [("Absent here", &run.absent), ("Failed", &run.failed)] {
        if all.is_empty() {
            continue;
        }
        let _ = write!(page, "\n## {title}\n\n");
        for missing in all {
            let mut lines = missing.why.lines();
            let first = lines.next().unwrap_or_default();
            let _ = writeln!(page, "- {}: {first}", missing.what);
            let rest: Vec<&str> = lines.collect();
            if !rest.is_empty() {
                let _ = writeln!(page, "\n  ```text\n  {}\n  ```", rest.join("\n  "));
            }
        }
    }
    page.push('\n');
    page
}

fn minutes(seconds: u64) -> String {
    format!("{} min {:02} s", seconds / 60, seconds % 60)
}

/// How many goals are met, and those that are not.
fn summary(themes: &[Theme]) -> String {
    let parts = || {
        themes
            .iter()
            .flat_map(|theme| &theme.goals)
            .flat_map(|goal| goal.parts.iter().map(move |part| (goal, part)))
    };
    let count = |met| parts().filter(|(_, part)| part.met() == Some(met)).count();
    let (met, not_met) = (count(true), count(false));
    let goals = parts().filter(|(_, part)| part.bound.is_some()).count();
    let mut page = format!(
        "## In short\n\nOf {goals} goals {met} are met, {not_met} are not, and {} were not measured.\n\n",
        goals - met - not_met
    );
    for (goal, part) in parts().filter(|(_, part)| part.met() == Some(false)) {
        let limit = part
            .limited_by()
            .map_or_else(String::new, |limit| format!(" What limits it: {limit}."));
        let found = part
            .found
            .map_or_else(String::new, |found| told(found.median, part.unit));
        let _ = writeln!(
            page,
            "- Not met: {}: {}: {found}, {} wanted.{limit}",
            goal.what,
            part.what,
            bound(part)
        );
    }
    page.push('\n');
    page
}

fn table(run: &Run, theme: &Theme) -> String {
    let mut page = format!(
        "## {}\n\n{} Again: `make bench BENCH=\"{}\"`.\n\n| | found | least to most | goal | |\n|---|---|---|---|---|\n",
        theme.title, theme.about, theme.parts
    );
    for goal in &theme.goals {
        let _ = writeln!(page, "| **{}** | | | | |", goal.what);
        for part in &goal.parts {
            let (found, spread) = part.found.map_or_else(
                || ("–".to_owned(), String::new()),
                |found| (told(found.median, part.unit), rounds(found, part.unit)),
            );
            let verdict = match (part.met(), why_not(run, part)) {
                (_, Some(why)) => why,
                (Some(true), None) => "met".to_owned(),
                (Some(false), None) => part.limited_by().map_or_else(
                    || "**not met**".to_owned(),
                    |limit| format!("**not met**: {limit}"),
                ),
                (None, None) => String::new(),
            };
            let _ = writeln!(
                page,
                "| {} | {found} | {spread} | {} | {verdict} |",
                part.what,
                bound(part)
            );
        }
    }
    page.push('\n');
    page
}

const UNSAID: &str = "**missing**";

/// Why there is no figure, where there is none.
fn why_not(run: &Run, part: &Part) -> Option<String> {
    if part.found.is_some() {
        return None;
    }
    if !run.arguments.wants(part.source.part) {
        return Some(format!("not in this run: `{}`", part.source.part));
    }
    let needs = |what: &str| part.source.needs.contains(&what);
    if let Some(missing) = run.absent.iter().find(|missing| needs(&missing.what)) {
        return Some(format!("absent: {}", missing.why));
    }
    if run.failed.iter().any(|missing| needs(&missing.what)) {
        return Some("**failed**, see above".to_owned());
    }
    Some(UNSAID.to_owned())
}

fn bound(part: &Part) -> String {
    match part.bound {
        Some(Bound::Most(most)) => format!("at most {}", with_unit(&most.to_string(), part.unit)),
        Some(Bound::Least(least)) => {
            format!("at least {}", with_unit(&least.to_string(), part.unit))
        }
        None => String::new(),
    }
}

fn told(value: f64, unit: &str) -> String {
    let (factor, unit) = scale(value, unit);
    with_unit(&number(value / factor), unit)
}

/// The unit that reads best.
fn scale(value: f64, unit: &str) -> (f64, &str) {
    match (unit, value.abs()) {
        ("ns", n) if n >= 1e7 => (1e6, "ms"),
        ("ns", n) if n >= 1e4 => (1e3, "µs"),
        ("bytes", n) if n >= 1e6 => (1e6, "MB"),
        ("bytes", n) if n >= 1e4 => (1e3, "kB"),
        _ => (1.0, unit),
    }
}

fn with_unit(number: &str, unit: &str) -> String {
    if unit.is_empty() {
        number.to_owned()
    } else {
        format!("{number} {unit}")
    }
}

fn rounds(found: Spread, unit: &str) -> String {
    if found.least.to_bits() == found.most.to_bits() {
        return "the same".to_owned();
    }
    // In the unit of the median beside it.
    let (factor, _) = scale(found.median, unit);
    let [least, most] = [found.least, found.most].map(|value| number(value / factor));
    format!("{least} to {most}")
}

/// Three digits that matter.
fn number(value: f64) -> String {
    match value.abs() {
        n if n >= 100.0 => format!("{value:.0}"),
        n if n >= 10.0 => format!("{value:.1}"),
        n if n >= 1.0 => format!("{value:.2}"),
        0.0 => "0".to_owned(),
        _ => format!("{value:.3}"),
    }
}

fn figures(figures: &Figures) -> String {
    let mut page = String::from(
        "## All figures\n\nAs they were measured; what a row is of the first of its table is taken round by round.\n",
    );
    for group in figures.groups() {
        let rows: Vec<&Figure> = figures.of(group).collect();
        let alike = rows.iter().all(|row| row.unit == rows[0].unit);
        let _ = write!(
            page,
            "\n### {group}\n\n| | median | least to most | of the first |\n|---|---|---|---|\n"
        );
        for row in &rows {
            let to = (row.group.as_str(), rows[0].name.as_str());
            let of = (row.group.as_str(), row.name.as_str());
            let ratio = figures.ratio(of, to).filter(|_| alike);
            let found = row.spread();
            let _ = writeln!(
                page,
                "| {} | {} | {} | {} |",
                row.name,
                told(found.median, &row.unit),
                rounds(found, &row.unit),
                ratio.map_or_else(String::new, |ratio| number(ratio.median))
            );
        }
    }
    page
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;

    fn of_goal(run: &Run, name: &str) -> String {
        let themes = goals::all(&run.figures);
        let mut parts = themes
            .iter()
            .flat_map(|theme| &theme.goals)
            .flat_map(|goal| &goal.parts);
        let part = parts.find(|part| part.what == name).unwrap();
        why_not(run, part).unwrap_or_default()
    }

    #[test]
    fn what_has_no_figure_says_why() {
        let arguments = Arguments::read(["sidecar", "bindings"].map(str::to_owned).into_iter());
        let mut run = Run::begin(arguments.ok().unwrap()).ok().unwrap();
        run.lacks("HAProxy, HS256", "install haproxy");
        run.fails("Node", "npm install: exit status: 1");
        assert_eq!(of_goal(&run, "HAProxy, HS256"), "absent: install haproxy");
        assert_eq!(
            of_goal(&run, "HS256 seen before, than jose"),
            "**failed**, see above"
        );
        assert_eq!(of_goal(&run, "Envoy, HS256, its cache on"), UNSAID);
        assert_eq!(
            of_goal(&run, "Zipf, time of moka's"),
            "not in this run: `core`"
        );
        let page = head(&run);
        assert!(page.contains("- HAProxy, HS256: install haproxy\n"));
        assert!(page.contains("- Node: npm install: exit status: 1\n"));
        run.end();
    }

    #[test]
    fn times_are_told_in_the_unit_that_reads_best() {
        assert_eq!(told(9_999.0, "ns"), "9999 ns");
        assert_eq!(told(32_767_999.0, "ns"), "32.8 ms");
        assert_eq!(told(0.912, "×"), "0.912 ×");
        let found = Spread {
            median: 20_000.0,
            least: 15_500.0,
            most: 31_250.0,
        };
        assert_eq!(rounds(found, "ns"), "15.5 to 31.2");
    }
}
