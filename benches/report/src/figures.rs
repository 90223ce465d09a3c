use std::path::Path;

use serde_json::Value;

/// The median of some rounds, and the least and the most of them.
#[derive(Clone, Debug)]
pub struct Figure {
    pub group: String,
    pub name: String,
    pub unit: String,
    pub median: f64,
    pub least: f64,
    pub most: f64,
}

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
    pub fn add(&mut self, group: &str, name: &str, unit: &str, mut rounds: Vec<f64>) {
        rounds.sort_by(f64::total_cmp);
        let (Some(least), Some(most)) = (rounds.first(), rounds.last()) else {
            return;
        };
        self.0.push(Figure {
            group: group.to_owned(),
            name: name.to_owned(),
            unit: unit.to_owned(),
            median: rounds[rounds.len() / 2],
            least: *least,
            most: *most,
        });
    }

    /// The median of a figure: see [`find`](Self::find).
    pub fn get(&self, group: &str, name: &str) -> Option<f64> {
        self.find(group, name).map(|figure| figure.median)
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

    pub fn ratio(&self, of: (&str, &str), to: (&str, &str)) -> Option<f64> {
        Some(self.get(of.0, of.1)? / self.get(to.0, to.1)?)
    }

    /// The fastest of those that are there.
    pub fn best(&self, group: &str, names: &[&str]) -> Option<f64> {
        names
            .iter()
            .filter_map(|name| self.get(group, name))
            .min_by(f64::total_cmp)
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
    Some(Figure {
        group: text("group")?,
        name: text("name")?,
        unit: text("unit")?,
        median: value["median"].as_f64()?,
        least: value["least"].as_f64()?,
        most: value["most"].as_f64()?,
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
        assert_eq!(figures.get("cold", "bearerd"), Some(2.0));
        assert_eq!(figures.get("cold, 1500", "bearerd"), Some(3.0));
        assert_eq!(figures.get("cold", "jwt"), Some(4.0));
        assert_eq!(figures.get("warm", "jwt"), None);
        assert_eq!(
            figures.ratio(("cold", "jwt"), ("cold", "bearerd")),
            Some(2.0)
        );
    }
}
