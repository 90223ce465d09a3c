use std::fs::File;
use std::path::Path;

use serde_json::Value;

use crate::base64url;
use crate::claims::TokenKind;
use crate::config::Profile;
use crate::limits::Limits;
use crate::sign::{ClaimValues, Lifetime};

use super::super::Failure;
use super::super::input::read_text;

/// A token of the load.
pub(super) struct Token {
    pub(super) text: String,
    /// Whether it is to be accepted.
    pub(super) good: bool,
    /// Its claims, unverified: what whoever accepts it must give back.
    pub(super) claims: Value,
}

/// The most that a file of tokens may have, in bytes.
const LARGEST_FILE: usize = 1 << 30;

/// As many tokens as are asked for, of a profile that signs: some 250 bytes of claims each, as an
/// application's access token has them.
pub(super) fn make(
    profile: &Profile,
    count: usize,
    lifetime: Lifetime,
    mut watch: impl FnMut(usize),
) -> Result<Vec<Token>, Failure> {
    (0..count)
        .map(|number| {
            watch(number);
            let signed = profile.sign(TokenKind::Access, &claims(number), Some(lifetime));
            let text = signed.map_err(|fault| {
                Failure::from(fault).hint(
                    "--config names a configuration whose profile signs; --profile chooses it; --tokens FILE brings tokens along",
                )
            })?;
            token(text.token).ok_or_else(|| Failure::internal("the signer made no JWT"))
        })
        .collect()
}

fn claims(number: usize) -> ClaimValues {
    let claims = serde_json::json!({
        "sub": format!("user-{number:08}"), "roleId": 4, "vip": number.is_multiple_of(2),
        "teamId": "team-00042", "scope": ["read:orders", "write:orders", "read:users"],
        "deviceId": "d4c1-7f9e-22ab-4b1d-9a61-2f6f1f2f",
    });
    match claims {
        Value::Object(claims) => claims,
        _ => ClaimValues::new(),
    }
}

/// The tokens of a file, one a line.
pub(super) fn read(path: &Path) -> Result<Vec<Token>, Failure> {
    let name = path.display().to_string();
    let mut file = File::open(path).map_err(|error| {
        Failure::io(&name, &error).hint("--tokens names a file with one token a line")
    })?;
    let text = read_text(&mut file, &name, LARGEST_FILE)?;
    let mut tokens = Vec::new();
    for (at, line) in text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.is_empty())
    {
        let wrong = || Failure::usage(format!("{name}: line {} is no JWT", at + 1));
        tokens.push(token(line.to_owned()).ok_or_else(wrong)?);
    }
    if tokens.is_empty() {
        return Err(Failure::usage(format!("{name}: holds no token")));
    }
    Ok(tokens)
}

fn token(text: String) -> Option<Token> {
    if text.len() > Limits::MAX_TOKEN || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let claims = text.split('.').nth(1)?;
    let claims = serde_json::from_slice(&base64url::decode(claims.as_bytes()).ok()?).ok()?;
    let whole = text.split('.').count() == 3 && !text.ends_with('.');
    whole.then_some(Token {
        text,
        good: true,
        claims,
    })
}

/// Spoils the signatures of so many in a hundred, evenly spread. To refuse one costs a server a
/// whole verification, each time.
pub(super) fn spoil(tokens: &mut [Token], share: u32) {
    let share = share as usize;
    for (at, token) in tokens.iter_mut().enumerate() {
        if (at + 1) * share / 100 == at * share / 100 {
            continue;
        }
        token.good = false;
        if let Some(dot) = token.text.rfind('.') {
            let other = if token.text[dot + 1..].starts_with('A') {
                "B"
            } else {
                "A"
            };
            token.text.replace_range(dot + 1..dot + 2, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_spoiled_and_spread() {
        for (share, expected) in [(0, 0), (10, 20), (33, 66), (100, 200)] {
            let mut tokens: Vec<Token> = (0..200)
                .map(|_| token("e30.e30.Abc".to_owned()).unwrap())
                .collect();
            spoil(&mut tokens, share);
            let bad = |tokens: &[Token]| tokens.iter().filter(|token| !token.good).count();
            assert_eq!(bad(&tokens), expected);
            assert!(bad(&tokens[..100]).abs_diff(expected / 2) <= 1);
            for token in tokens {
                assert_eq!(
                    token.text,
                    if token.good {
                        "e30.e30.Abc"
                    } else {
                        "e30.e30.Bbc"
                    }
                );
            }
        }
    }

    #[test]
    fn what_is_no_token_is_not_sent() {
        for wrong in [
            "",
            "a",
            "a.b.c",
            "e30.e30",
            "e30.e30.",
            "e30.e30.c\r\nHost: x",
            "e30.e30.c.d",
        ] {
            assert!(token(wrong.to_owned()).is_none(), "{wrong:?}");
        }
    }
}
