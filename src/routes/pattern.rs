use std::cmp::Ordering;

/// What paths a rule is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Pattern {
    segments: Vec<Segment>,
    /// Whether everything below is meant as well.
    below: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Word(String),
    Any,
}

impl Pattern {
    /// # Errors
    /// What is wrong with the text.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let Some(words) = text.strip_prefix('/') else {
            return Err("must begin with a slash, as /api/orders and /api/* do");
        };
        // Written as the path is once its escapes are decoded.
        if text.contains(['%', '?', '#', '\\', ';']) {
            return Err("must be written without escapes, query, fragment, \\ and ;");
        }
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return Err("must not hold blanks or control characters");
        }
        let mut words: Vec<&str> = words.split('/').collect();
        if words == [""] {
            words.clear();
        }
        if words.iter().any(|word| ["", ".", ".."].contains(word)) {
            return Err(
                "must hold no empty segment, . or .., and must not end with a slash: with or without, it is the same path",
            );
        }
        let below = words.last() == Some(&"*");
        if below {
            words.pop();
        }
        let segments = words
            .into_iter()
            .map(|word| match word {
                "*" => Ok(Segment::Any),
                word if word.contains('*') => Err("must have * for a whole segment, or not at all"),
                word => Ok(Segment::Word(word.to_owned())),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { segments, below })
    }

    /// Whether the segments of a path are meant, letters compared by `same`.
    pub(super) fn matches(&self, path: &[&str], same: fn(&str, &str) -> bool) -> bool {
        let length = self.segments.len();
        let long_enough = if self.below {
            path.len() >= length
        } else {
            path.len() == length
        };
        long_enough
            && self
                .segments
                .iter()
                .zip(path)
                .all(|(segment, found)| match segment {
                    Segment::Word(word) => same(word, found),
                    Segment::Any => true,
                })
    }

    /// Whether the two differ in the case of letters alone.
    pub(super) fn is_twin(&self, other: &Self) -> bool {
        let twins = |(one, other): (&Segment, &Segment)| match (one, other) {
            (Segment::Word(one), Segment::Word(other)) => folded(one, other),
            (one, other) => one == other,
        };
        self.below == other.below
            && self.segments.len() == other.segments.len()
            && self.segments.iter().zip(&other.segments).all(twins)
    }

    /// The more specific first: of two that match one path, never equal.
    pub(super) fn specificity(&self, other: &Self) -> Ordering {
        self.ranks().cmp(other.ranks())
    }

    fn ranks(&self) -> impl Iterator<Item = u8> {
        let end = if self.below { 2 } else { 0 };
        self.segments
            .iter()
            .map(|segment| match segment {
                Segment::Word(_) => 0,
                Segment::Any => 1,
            })
            .chain([end])
    }
}

/// Equal but for the case of letters, in any script.
pub(super) fn folded(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
        || !(one.is_ascii() && other.is_ascii())
            && one.to_uppercase().to_lowercase() == other.to_uppercase().to_lowercase()
}
