//! The goals, and what was found beside each.

mod cache;
mod growth;
mod languages;
mod sidecar;
mod trouble;
mod verifying;

use crate::figures::{Figures, Spread};
pub use growth::SIZES;

/// Goals that belong together.
pub struct Theme {
    pub title: &'static str,
    /// What a reader needs to know of all of them.
    pub about: &'static str,
    /// How it is run again, alone.
    pub parts: &'static str,
    pub goals: Vec<Goal>,
}

/// A goal, in words, and its numbers.
pub struct Goal {
    pub what: &'static str,
    pub parts: Vec<Part>,
}

/// One number of a goal.
pub struct Part {
    pub what: String,
    pub bound: Option<Bound>,
    pub found: Option<Spread>,
    pub unit: &'static str,
    pub source: Source,
    /// What keeps it from being met, where that is known.
    limit: Option<&'static str>,
}

/// What is said of a goal that some rounds meet, where nothing better is known.
const SPREAD: &str = "rounds differ from each other by more than what is missing";

#[derive(Clone, Copy)]
pub enum Bound {
    Most(f64),
    Least(f64),
}

/// Where a figure comes from: the part of a run, and what has to be there and to work for it.
#[derive(Clone, Copy)]
pub struct Source {
    pub part: &'static str,
    pub needs: &'static [&'static str],
}

impl Part {
    pub fn met(&self) -> Option<bool> {
        let found = self.found?.median;
        Some(match self.bound? {
            Bound::Most(most) => found <= most,
            Bound::Least(least) => found >= least,
        })
    }

    /// What keeps it from being met.
    pub fn limited_by(&self) -> Option<&'static str> {
        let is_met_at_times = || match (self.bound?, self.found?) {
            (Bound::Most(most), found) => (found.least <= most).then_some(SPREAD),
            (Bound::Least(least), found) => (found.most >= least).then_some(SPREAD),
        };
        self.limit.or_else(is_met_at_times)
    }

    fn limit(mut self, limit: &'static str) -> Self {
        self.limit = Some(limit);
        self
    }
}

const X: &str = "×";
const NS: &str = "ns";

impl Source {
    fn part(self, what: &str, bound: Option<Bound>, found: Option<Spread>) -> Part {
        Part {
            what: what.to_owned(),
            bound,
            found,
            unit: X,
            source: self,
            limit: None,
        }
    }

    fn most(self, what: &str, most: f64, found: Option<Spread>) -> Part {
        self.part(what, Some(Bound::Most(most)), found)
    }

    fn least(self, what: &str, least: f64, found: Option<Spread>) -> Part {
        self.part(what, Some(Bound::Least(least)), found)
    }

    /// Without a goal.
    fn told(self, what: &str, found: Option<Spread>) -> Part {
        self.part(what, None, found)
    }
}

impl Part {
    fn unit(mut self, unit: &'static str) -> Self {
        self.unit = unit;
        self
    }
}

fn goal(what: &'static str, parts: Vec<Part>) -> Goal {
    Goal { what, parts }
}

/// All of them.
pub fn all(figures: &Figures) -> Vec<Theme> {
    vec![
        verifying::theme(figures),
        cache::theme(figures),
        growth::theme(figures),
        languages::theme(figures),
        sidecar::theme(figures),
        sidecar::gateways(figures),
        trouble::theme(figures),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(median: f64) -> Option<Spread> {
        Some(Spread {
            median,
            least: median,
            most: median,
        })
    }

    #[test]
    fn a_goal_is_met_at_its_bound_and_not_beyond() {
        let source = Source {
            part: "core",
            needs: &[],
        };
        let met = |part: Part| part.met();
        assert_eq!(met(source.most("", 2.0, found(2.0))), Some(true));
        assert_eq!(met(source.most("", 2.0, found(2.01))), Some(false));
        assert_eq!(met(source.least("", 2.0, found(2.0))), Some(true));
        assert_eq!(met(source.least("", 2.0, found(1.99))), Some(false));
        assert_eq!(met(source.least("", 2.0, None)), None);
        assert_eq!(met(source.told("", found(2.0))), None);
    }

    #[test]
    fn a_goal_within_the_spread_says_so_unless_more_is_known() {
        let source = Source {
            part: "core",
            needs: &[],
        };
        let spread = |least, most| {
            Some(Spread {
                median: 2.0,
                least,
                most,
            })
        };
        let part = |least, most| source.most("", 1.9, spread(least, most));
        assert_eq!(part(1.8, 2.1).limited_by(), Some(SPREAD));
        assert_eq!(part(1.95, 2.1).limited_by(), None);
        assert_eq!(
            part(1.8, 2.1).limit("the kernel").limited_by(),
            Some("the kernel")
        );
        let part = |most| source.least("", 2.1, spread(1.0, most));
        assert_eq!(part(2.2).limited_by(), Some(SPREAD));
        assert_eq!(part(2.05).limited_by(), None);
    }

    #[test]
    fn without_figures_every_goal_still_has_its_line() {
        let themes = all(&Figures::default());
        let parts = themes
            .iter()
            .flat_map(|theme| &theme.goals)
            .flat_map(|goal| &goal.parts);
        let mut bound = 0;
        for part in parts {
            bound += usize::from(part.bound.is_some());
            assert!(part.found.is_none(), "{}", part.what);
            assert!(!part.source.needs.is_empty(), "{}", part.what);
        }
        assert_eq!(bound, GOALS);
    }

    /// Whoever gives a goal up says so here.
    const GOALS: usize = 51;
}
