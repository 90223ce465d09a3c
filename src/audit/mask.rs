use serde_json::Value;

use crate::secret::Secret;

/// What stands in the place of what was masked.
pub(super) const MASKED: &str = "[masked]";

/// Finds what must not be kept: tokens and other credentials, in whatever field they came.
///
/// Masked are
/// - what begins like a JSON object in base64url (`eyJ`), so every part of a JWS that says
///   something, and whatever hangs together with it;
/// - runs of 32 and more letters, digits, `-` and `_` in which capitals, small letters and digits
///   all occur: random values in base64url, such as a signature or a personal access token. A UUID
///   and a digest in hexadecimal are none;
/// - what follows `Bearer`, `Basic` or `Digest`;
/// - a whole text that holds a PEM block, or a secret that the mask was told of;
/// - in a detail, the value of a member whose name ends in `password`, `secret`, `token`,
///   `authorization`, `cookie`, `credential`, `api_key` or `private_key`.
///
/// This is a net below those who know better than to send a credential, and no excuse: a password
/// of eight letters looks like a word.
#[derive(Clone, Debug, Default)]
pub struct Mask {
    known: Vec<Secret>,
}

const NAMES: [&str; 10] = [
    "password",
    "passwd",
    "secret",
    "token",
    "authorization",
    "cookie",
    "credential",
    "credentials",
    "apikey",
    "privatekey",
];
const SCHEMES: [&str; 3] = ["bearer", "basic", "digest"];
/// The shortest run that is taken for random, where it looks like it.
const RANDOM: usize = 32;
/// What follows the prefix of a personal access token.
const PAT_TAIL: usize = 49;

impl Mask {
    /// A mask that knows these secrets, beside what it knows by its looks.
    #[must_use]
    pub fn of(known: Vec<Secret>) -> Self {
        Self { known }
    }

    /// The text without what must not be kept; `None` where there is nothing of the kind.
    #[must_use]
    pub fn text(&self, text: &str) -> Option<String> {
        self.hide(text, |run| holds_json(run) || looks_random(run))
    }

    /// As [`text`](Self::text), but for what is known to be an id, and may be random: only what is
    /// certain to be a token is masked.
    pub(super) fn certain(&self, text: &str) -> Option<String> {
        self.hide(text, |run| holds_json(run) || holds_pat(run))
    }

    fn hide(&self, text: &str, is_credential: impl Fn(&str) -> bool) -> Option<String> {
        let knows = |secret: &Secret| {
            let bytes = secret.expose();
            !bytes.is_empty() && memchr::memmem::find(text.as_bytes(), bytes).is_some()
        };
        if text.contains("-----BEGIN ") || self.known.iter().any(knows) {
            return Some(MASKED.to_owned());
        }
        let mut shown = String::new();
        let mut kept = 0;
        let mut scheme = false;
        for (start, run) in runs(text) {
            let follows = scheme && (run.len() >= 20 || run.bytes().any(|b| b.is_ascii_digit()));
            if follows || is_credential(run) {
                shown.push_str(&text[kept..start]);
                shown.push_str(MASKED);
                kept = start + run.len();
            }
            scheme = SCHEMES.iter().any(|name| run.eq_ignore_ascii_case(name));
        }
        if kept == 0 {
            return None;
        }
        shown.push_str(&text[kept..]);
        Some(shown)
    }

    /// Masks within a value, names of members included. Says whether there was anything.
    pub(super) fn value(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) => match self.text(text) {
                Some(hidden) => {
                    *text = hidden;
                    true
                }
                None => false,
            },
            Value::Array(list) => list
                .iter_mut()
                .fold(false, |masked, value| self.value(value) | masked),
            Value::Object(members) => {
                let mut masked = false;
                for (name, mut value) in std::mem::take(members) {
                    let hides = matches!(value, Value::String(_) | Value::Number(_))
                        || matches!(&value, Value::Array(_) | Value::Object(_));
                    if hides && names_a_credential(&name) {
                        value = MASKED.into();
                        masked = true;
                    }
                    masked |= self.value(&mut value);
                    let shown = self.text(&name);
                    masked |= shown.is_some();
                    members.insert(shown.unwrap_or(name), value);
                }
                masked
            }
            _ => false,
        }
    }
}

fn names_a_credential(name: &str) -> bool {
    let bare: String = name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| letter.to_ascii_lowercase())
        .collect();
    NAMES.iter().any(|ending| bare.ends_with(ending))
}

/// The longest stretches of what tokens are made of, and where each begins.
fn runs(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let of_token = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~+/".contains(&byte);
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes[at..].iter().position(|byte| of_token(*byte))?;
        let length = bytes[start..]
            .iter()
            .take_while(|byte| of_token(**byte))
            .count();
        at = start + length;
        Some((start, &text[start..at]))
    })
}

fn holds_json(run: &str) -> bool {
    run.match_indices("eyJ").any(|(at, _)| {
        let part = run[at..].bytes().take_while(|byte| of_base64url(*byte));
        part.count() >= 12
    })
}

/// A prefix that ends in `_`, and 49 letters and digits at random: a personal access token, where
/// the rest of what looks random may be an id.
fn holds_pat(run: &str) -> bool {
    run.split(|letter: char| !u8::try_from(letter).is_ok_and(of_base64url))
        .filter_map(|part| part.rsplit_once('_'))
        .any(|(prefix, tail)| {
            let formed = tail.len() == PAT_TAIL && tail.bytes().all(|b| b.is_ascii_alphanumeric());
            !prefix.is_empty() && formed && is_random(tail)
        })
}

fn looks_random(run: &str) -> bool {
    run.split(|letter: char| !u8::try_from(letter).is_ok_and(of_base64url))
        .any(is_random)
}

fn of_base64url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'
}

fn is_random(part: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| part.as_bytes().iter().any(kind);
    part.len() >= RANDOM
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_digit)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const JWS: &str =
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

    fn shown(text: &str) -> String {
        Mask::default()
            .text(text)
            .unwrap_or_else(|| text.to_owned())
    }

    #[test]
    fn what_looks_like_a_credential_is_masked_wherever_it_stands() {
        let pat = "bp_pat_q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";
        for (text, expected) in [
            (JWS.to_owned(), "[masked]"),
            (format!("said {JWS}!"), "said [masked]!"),
            (
                format!("/reset?token={JWS}&x=1"),
                "/reset?token=[masked]&x=1",
            ),
            (format!("a/{JWS}/b c"), "[masked] c"),
            (JWS[..40].to_owned(), "[masked]"),
            (JWS.split('.').next_back().unwrap().to_owned(), "[masked]"),
            (format!("({pat})"), "([masked])"),
            (
                "Authorization: Bearer abc123def4".to_owned(),
                "Authorization: Bearer [masked]",
            ),
            ("bearer\thunter2hunter2".to_owned(), "bearer\t[masked]"),
            ("Basic dXNlcjpwYXNzd29yZA==".to_owned(), "Basic [masked]=="),
            ("x -----BEGIN PRIVATE KEY-----\nMII".to_owned(), "[masked]"),
        ] {
            assert_eq!(shown(&text), expected, "{text}");
        }
    }

    #[test]
    fn an_id_may_be_random_and_no_token() {
        let pat = format!("main_pat_q83vEjRWeJ{}", "a".repeat(39));
        let certain = |text: &str| Mask::default().certain(text);
        for token in [JWS, &pat, &format!("by {pat}.")] {
            assert!(certain(token).is_some_and(|shown| shown.contains(MASKED)));
        }
        for id in [
            "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA",
            "user_q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ",
            &pat[..pat.len() - 1],
        ] {
            assert_eq!(certain(id), None, "{id}");
        }
    }

    #[test]
    fn what_is_none_stays() {
        for text in [
            "",
            "invoice 2024-117 approved",
            "the bearer of bad news, basic rules",
            "6f1b2a8e-3c4d-4e5f-9a0b-1c2d3e4f5a6b",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36",
            "Größe geändert von Änne Müller-Lüdenscheidt",
        ] {
            assert_eq!(Mask::default().text(text), None, "{text}");
        }
    }

    #[test]
    fn members_are_masked_by_their_names_and_by_what_they_hold() {
        let mut value = json!({
            "user": "ada", "new_password": "short", "access-token": 12345,
            "nested": [{"Cookie": {"sid": "x"}, "note": JWS}], "tokens": 3, "secret": null,
            JWS: 1,
        });
        assert!(Mask::default().value(&mut value));
        assert_eq!(
            value,
            json!({
                "user": "ada", "new_password": "[masked]", "access-token": "[masked]",
                "nested": [{"Cookie": "[masked]", "note": "[masked]"}], "tokens": 3,
                "secret": null, "[masked]": 1,
            })
        );
        assert!(!Mask::default().value(&mut json!({"amount": 3})));
    }

    #[test]
    fn what_it_was_told_of_is_masked() {
        let mask = Mask::of(vec![Secret::new(b"c0ntr0l-short".to_vec())]);
        assert_eq!(mask.text("by c0ntr0l-short").as_deref(), Some(MASKED));
        assert_eq!(mask.text("by c0ntr0l"), None);
    }
}
