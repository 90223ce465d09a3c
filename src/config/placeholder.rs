use crate::crypto::KeyMaterial;
use crate::error::Fault;
use crate::keys::KeySpec;

/// Words that stand in secrets which nobody meant to keep.
const WORDS: [&str; 10] = [
    "secret",
    "changeme",
    "change-me",
    "change_me",
    "password",
    "example",
    "default",
    "placeholder",
    "insecure",
    "dev-",
];

pub(super) fn refuse_placeholders(specs: &[KeySpec]) -> Result<(), Fault> {
    for spec in specs {
        if let KeyMaterial::Symmetric(secret) = &spec.material
            && let Some(why) = placeholder(secret.expose())
        {
            return Err(Fault::config(format!(
                "key {}: the secret looks like a placeholder ({why}); make a random one with `bearerd keygen --alg HS256`",
                spec.label()
            )));
        }
    }
    Ok(())
}

/// Why a shared secret is plainly not one; `None` where it may be random.
///
/// A secret of enough entropy has many different bytes and no English in it. This catches what is
/// copied from tutorials, not what is cleverly bad.
fn placeholder(secret: &[u8]) -> Option<String> {
    let lower = secret.to_ascii_lowercase();
    let has = |word: &str| {
        lower
            .windows(word.len())
            .any(|window| window == word.as_bytes())
    };
    if let Some(word) = WORDS.into_iter().find(|word| has(word)) {
        return Some(format!("it contains the word {word:?}"));
    }
    let mut seen = [false; 256];
    secret
        .iter()
        .for_each(|byte| seen[usize::from(*byte)] = true);
    let distinct = seen.into_iter().filter(|seen| *seen).count();
    (distinct < 8).then(|| format!("it has only {distinct} different bytes"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tutorial_secrets_are_recognised() {
        for text in [
            "dev-secret-dev-secret-dev-secret!",
            "my-super-SECRET-key-that-is-long-enough",
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        ] {
            assert!(placeholder(text.as_bytes()).is_some(), "{text}");
        }
        assert_eq!(
            placeholder(b"q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"),
            None
        );
    }
}
