use crate::clock::UnixMillis;
use crate::error::{Code, Fault};
use crate::jwk::{JwkSet, Trust};

use super::KeyRing;
use super::remote::{Accepted, KeySink};
use super::source::from_jwk;

impl KeySink for KeyRing {
    fn accept(&self, document: &[u8]) -> Result<Accepted, Fault> {
        let refused = || {
            Fault::new(
                Code::KeysUnavailable,
                "the fetched key set is refused; the keys stay as they were",
            )
        };
        let set =
            JwkSet::parse(document, Trust::Public).map_err(|error| refused().caused_by(error))?;
        let specs = set
            .keys
            .into_iter()
            .map(|jwk| from_jwk("fetched key set", jwk))
            .collect();
        let usable = self.replace_remote(specs)?;
        Accepted::of(usable).ok_or_else(refused)
    }

    fn trust_until(&self, until: UnixMillis) {
        self.set_trust_until(until);
    }
}
