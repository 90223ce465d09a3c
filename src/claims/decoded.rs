use std::sync::OnceLock;

/// Strings that had to be decoded, kept for as long as their claims: whoever borrowed one holds a
/// pointer into it.
///
/// A list that only grows, and by one node for each string with escapes that was asked for: at
/// most as long as the claims themselves. Claims without escapes, which is nearly all of them,
/// keep it empty.
#[derive(Default)]
pub(super) struct Decoded(OnceLock<Box<Node>>);

struct Node {
    at: usize,
    text: Box<str>,
    next: Decoded,
}

impl Decoded {
    /// The kept text of the string that begins at `at`, which is `text`.
    pub(super) fn keep(&self, at: usize, text: String) -> &str {
        let mut text = Some(text.into_boxed_str());
        let mut link = self;
        loop {
            // Other threads may add nodes meanwhile; the loop ends at ours or at one like it.
            let node = link.0.get_or_init(|| {
                Box::new(Node {
                    at,
                    text: text.take().unwrap_or_default(),
                    next: Self::default(),
                })
            });
            if node.at == at {
                return &node.text;
            }
            link = &node.next;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn each_is_kept_once_and_stays_where_it_is() {
        let decoded = Decoded::default();
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for at in 0..50 {
                        let first = decoded.keep(at, at.to_string());
                        let again = decoded.keep(at, at.to_string());
                        assert_eq!(first, at.to_string());
                        assert!(std::ptr::eq(first, again));
                    }
                });
            }
        });
    }
}
