//! The tokens of the benches, and profiles that accept them.

use std::sync::Arc;

use bearerd::claims::TokenKind;
use bearerd::clock::{Clock, SystemClock};
use bearerd::config::{Config, Environment, Profile, Profiles};

pub const SECRET: &str = "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEM";

/// A profile for HS256 and one for RS256 with a `kid`, their claims caches of that size.
pub fn profiles(provider: &str, rsa_pem: &str, cache_entries: usize) -> Profiles {
    let text = document(provider, rsa_pem, cache_entries);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let none = Environment::empty();
    Config::from_text(&text, "bench", &none)
        .unwrap()
        .build(&none, &clock)
        .unwrap()
}

/// Their configuration.
pub fn document(provider: &str, rsa_pem: &str, cache_entries: usize) -> String {
    let shared = format!(
        "provider = \"{provider}\"\n[profiles.NAME.claims]\nrole = \"roleId\"\nteam = \"teamId\"\n\
         kind = {{ claim = \"tokenType\" }}\n[profiles.NAME.cache]\nmax_entries = {cache_entries}\n\
         max_bytes = 2000000000\n[profiles.NAME.sign]\naccess = \"1h\"\n"
    );
    let hs = format!(
        "[profiles.hs]\nalgorithms = [\"HS256\"]\nkeys = [{{ secret_base64url = \"{SECRET}\" }}]\n"
    );
    let rs = format!(
        "[profiles.rs]\nalgorithms = [\"RS256\"]\nkeys = [{{ pem = '''{rsa_pem}''', kid = \"2026-11\" }}]\n"
    );
    format!(
        "{hs}{}{rs}{}",
        shared.replace("NAME", "hs"),
        shared.replace("NAME", "rs")
    )
}

/// Some 250 bytes of claims, as an application's access token has them; with `long`, 1.5 kB and
/// forty members.
pub fn claims(n: usize, long: bool) -> serde_json::Value {
    let mut claims = serde_json::json!({
        "sub": format!("user-{n:08}"), "roleId": 4, "vip": n.is_multiple_of(2), "teamId": "team-00042",
        "scope": ["read:orders", "write:orders", "read:users"], "deviceId": "d4c1-7f9e-22ab-4b1d-9a61-2f6f1f2f",
    });
    if long {
        for extra in 0..30 {
            claims[format!("attribute_{extra:02}")] =
                format!("value-of-attribute-{extra:08}").into();
        }
    }
    claims
}

/// A token with those claims.
pub fn sign(profile: &Profile, n: usize, long: bool) -> String {
    let claims = claims(n, long);
    profile
        .sign(TokenKind::Access, claims.as_object().unwrap(), None)
        .unwrap()
        .token
}

/// `count` distinct tokens.
pub fn many(profile: &Profile, count: usize) -> Vec<String> {
    (0..count).map(|n| sign(profile, n, false)).collect()
}

/// Goes through a list for ever.
pub struct Turn(usize);

impl Turn {
    pub fn new() -> Self {
        Self(0)
    }

    pub fn next<'a, T>(&mut self, list: &'a [T]) -> &'a T {
        self.0 = if self.0 + 1 >= list.len() {
            0
        } else {
            self.0 + 1
        };
        &list[self.0]
    }
}
