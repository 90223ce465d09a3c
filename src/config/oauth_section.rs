use std::collections::HashSet;

use serde::Deserialize;

use super::server_section::ServerSection;
use crate::error::Fault;

/// A client of the OAuth endpoints, known by a secret of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OauthClientSection {
    /// Its name: letters, digits, `-`, `.`, `_` and `~`
    pub id: String,
    /// The SHA-256 of its secret, in hexadecimal. The secret must be random (`openssl rand -hex
    /// 32`): one that a person thought up can be found from its hash.
    pub secret_sha256: String,
}

impl OauthClientSection {
    /// The hash as bytes.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the client where the hash is none.
    pub fn hash(&self) -> Result<[u8; 32], Fault> {
        let mut hash = [0; 32];
        let text = self.secret_sha256.as_bytes();
        let digit = |byte: u8| char::from(byte).to_digit(16);
        for (byte, pair) in hash.iter_mut().zip(text.chunks(2)) {
            let both = match *pair {
                [high, low] => digit(high).zip(digit(low)),
                _ => None,
            };
            let Some((high, low)) = both else { break };
            *byte = u8::try_from(high << 4 | low).unwrap_or_default();
        }
        if text.len() == 64 && text.iter().all(u8::is_ascii_hexdigit) {
            return Ok(hash);
        }
        // The text itself is not repeated: it may be the secret in the place of its hash.
        Err(Fault::config(format!(
            "server.oauth_clients: secret_sha256 of client {:?} is no SHA-256 in 64 hexadecimal digits; \
             make one with printf %s SECRET | sha256sum",
            self.id
        )))
    }
}

impl ServerSection {
    /// The names of the clients are names, and each is there once.
    ///
    /// # Errors
    /// `CONFIG_ERROR` naming the client.
    pub fn check_oauth_clients(&self) -> Result<(), Fault> {
        let mut seen = HashSet::new();
        for client in &self.oauth_clients {
            let named = client
                .id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte));
            if client.id.is_empty() || !named {
                return Err(Fault::config(format!(
                    "server.oauth_clients: id {:?} must be of letters, digits, -, ., _ and ~",
                    client.id
                )));
            }
            if !seen.insert(&client.id) {
                return Err(Fault::config(format!(
                    "server.oauth_clients: id {:?} stands there twice; leave one out",
                    client.id
                )));
            }
        }
        Ok(())
    }
}
