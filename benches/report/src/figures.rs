use std::path::Path;

use serde_json::Value;

/// What the rounds of one side found, in the order in which they were.
#[derive(Clone, Debug)]
pub struct Figure {
    pub group: String,
    pub name: String,
    pub unit: String,
    pub rounds: Vec<f64>,
}

/// The median of some rounds, and the least and the most of them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spread {
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

impl Spread {
    fn of(rounds: &[f64]) -> Option<Self> {
        let mut sorted = rounds.to_vec();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            median: *sorted.get(sorted.len() / 2)?,
            least: *sorted.first()?,
            most: *sorted.last()?,
        })
    }
}

impl Figure {
    /// There is no figure without rounds.
    pub fn spread(&self) -> Spread {
        Spread::of(&self.rounds).unwrap_or(Spread {
            median: f64::NAN,
            least: f64::NAN,
            most: f64::NAN,
        })
    }
}

/// A side by its group and its name.
pub type Place<'a> = (&'a str, &'a str);

/// Everything that was measured, in the order in which it was.
#[derive(Debug, Default)]
pub struct Figures(pub Vec<Figure>);

impl Figures {
    /// Takes the lines that the benches left behind.
    pub fn read(&mut self, file: &Path) {
        let text = std::fs::read_to_string(file).unwrap_or_default();
        self.0.extend(text.lines().filter_map(figure));
    }

    /// Adds the rounds of one side.
    pub fn add(&mut self, group: &str, name: &str, unit: &str, rounds: Vec<f64>) {
        if rounds.is_empty() {
            return;
        }
        self.0.push(Figure {
            group: group.to_owned(),
            name: name.to_owned(),
            unit: unit.to_owned(),
            rounds,
        });
    }

    pub fn get(&self, group: &str, name: &str) -> Option<Spread> {
        self.find(group, name).map(Figure::spread)
    }

    /// The figure of that group and name, else the first whose group and name begin so: titles go
    /// on with lengths and versions.
    pub fn find(&self, group: &str, name: &str) -> Option<&Figure> {
        let begins =
            |figure: &&Figure| figure.group.starts_with(group) && figure.name.starts_with(name);
        let rank = |figure: &&Figure| (figure.name != name, figure.group != group);
        // Of equals, the first.
        self.0.iter().filter(begins).min_by_key(rank)
    }

    /// Round by round where both took turns, so that what slows the machine for a while is in both.
    pub fn ratio(&self, of: Place<'_>, to: Place<'_>) -> Option<Spread> {
        self.both(of, to, |of, to| of / to)
    }

    /// As [`ratio`](Self::ratio), what the one takes beyond the other.
    pub fn minus(&self, of: Place<'_>, what: Place<'_>) -> Option<Spread> {
        self.both(of, what, |of, what| of - what)
    }

    pub fn both(
        &self,
        one: Place<'_>,
        other: Place<'_>,
        with: impl Fn(f64, f64) -> f64,
    ) -> Option<Spread> {
        let (one, other) = (self.find(one.0, one.1)?, self.find(other.0, other.1)?);
        if one.rounds.len() == other.rounds.len() {
            let pairs = one.rounds.iter().zip(&other.rounds);
            let each: Vec<f64> = pairs.map(|(one, other)| with(*one, *other)).collect();
            return Spread::of(&each);
        }
        // Two runs: everything between the worst and the best that they allow.
        let (one, other) = (one.spread(), other.spread());
        let ends = [(one.least, other.most), (one.most, other.least)];
        let [first, second] = ends.map(|(one, other)| with(one, other));
        Some(Spread {
            median: with(one.median, other.median),
            least: first.min(second),
            most: first.max(second),
        })
    }

    /// How often ours does it while the best of the others does it once; each stands beside ours in its
    /// group.
    pub fn over_best(&self, ours: &str, theirs: &[Place<'_>]) -> Option<Spread> {
        let ratios = theirs
            .iter()
            .filter_map(|their| self.ratio(*their, (their.0, ours)));
        ratios.min_by(|one, other| one.median.total_cmp(&other.median))
    }

    pub fn groups(&self) -> Vec<&str> {
        let mut groups: Vec<&str> = Vec::new();
        for figure in &self.0 {
            if !groups.contains(&figure.group.as_str()) {
                groups.push(&figure.group);
            }
        }
        groups
    }

    pub fn of<'a>(&'a self, group: &'a str) -> impl Iterator<Item = &'a Figure> {
        self.0.iter().filter(move |figure| figure.group == group)
    }
}

fn figure(line: &str) -> Option<Figure> {
    let value: Value = serde_json::from_str(line).ok()?;
    let text = |name: &str| value[name].as_str().map(str::to_owned);
    let rounds = value["rounds"].as_array()?.iter().map(Value::as_f64);
    let rounds: Vec<f64> = rounds.collect::<Option<_>>()?;
    (!rounds.is_empty()).then_some(Figure {
        group: text("group")?,
        name: text("name")?,
        unit: text("unit")?,
        rounds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_is_whole_goes_before_one_that_goes_on() {
        let mut figures = Figures::default();
        for (group, name, median) in [
            ("cold, 700 characters", "bearerd, four claims", 1.0),
            ("cold, 700 characters", "bearerd", 2.0),
            ("cold, 1500 characters", "bearerd", 3.0),
            ("cold, 700 characters", "jwt 5.1", 4.0),
        ] {
            figures.add(group, name, "ns", vec![median, 9.0, 0.0]);
        }
        let median = |group, name| figures.get(group, name).map(|found| found.median);
        assert_eq!(median("cold", "bearerd"), Some(2.0));
        assert_eq!(median("cold, 1500", "bearerd"), Some(3.0));
        assert_eq!(median("cold", "jwt"), Some(4.0));
        assert_eq!(median("warm", "jwt"), None);
    }

    #[test]
    fn ratios_are_taken_round_by_round() {
        let mut figures = Figures::default();
        // The machine is ten times slower in the second round.
        figures.add("a", "ours", "ns", vec![1.0, 10.0, 2.0]);
        figures.add("a", "theirs", "ns", vec![3.0, 30.0, 8.0]);
        figures.add("a", "best", "ns", vec![2.0, 20.0, 5.0]);
        figures.add("b", "theirs", "ns", vec![6.0]);
        let spread = |median, least, most| {
            Some(Spread {
                median,
                least,
                most,
            })
        };
        assert_eq!(
            figures.ratio(("a", "theirs"), ("a", "ours")),
            spread(3.0, 3.0, 4.0)
        );
        assert_eq!(
            figures.minus(("a", "theirs"), ("a", "ours")),
            spread(6.0, 2.0, 20.0)
        );
        assert_eq!(
            figures.over_best("ours", &[("a", "theirs"), ("a", "best"), ("x", "x")]),
            spread(2.0, 2.0, 2.5)
        );
        assert_eq!(
            figures.ratio(("b", "theirs"), ("a", "ours")),
            spread(3.0, 0.6, 6.0)
        );
    }

    #[test]
    fn a_line_without_rounds_is_no_figure() {
        let line =
            |rounds: &str| format!(r#"{{"group":"g","name":"n","unit":"ns","rounds":{rounds}}}"#);
        assert!(figure(&line("[1.5]")).is_some());
        for wrong in ["[]", "[null]", "1"] {
            assert!(figure(&line(wrong)).is_none());
        }
    }
}
