use std::time::Duration;

use crate::guard::Guard;

use super::Config;
use super::rotation_section::RotationMode;
use super::schema::{Expiration, ProfileSection, StaleChoice};
use super::state_section::StateSection;

impl Config {
    /// What each profile does not check, in words for an operator. Empty: nothing to say.
    #[must_use]
    pub fn lint(&self) -> Vec<(String, String)> {
        let mut remarks = Vec::new();
        let bound = self
            .state
            .as_ref()
            .map_or(Duration::ZERO, StateSection::bound);
        for (name, profile) in &self.profiles {
            let managed = profile.managed_remark(bound);
            remarks.extend(managed.map(|remark| (name.clone(), remark)));
            let guards_need_rights = self.guards.values().any(Guard::needs_rights);
            remarks.extend(
                profile
                    .lint(guards_need_rights)
                    .into_iter()
                    .map(|remark| (name.clone(), remark.to_owned())),
            );
        }
        remarks
    }
}

impl ProfileSection {
    fn lint(&self, guards_need_rights: bool) -> Vec<&'static str> {
        let no_end = self.expiration == Expiration::Optional;
        let kinds = self.claims.kind.is_some();
        [
            (self.issuer.is_none(), "does not check iss: tokens of any issuer that holds the key are accepted"),
            (self.audience.is_none(), "does not check aud: tokens meant for other services are accepted"),
            (self.types.is_none(), "does not check typ: other JWTs of the issuer, such as ID tokens, may pass"),
            (!kinds, "does not tell access from refresh tokens: claims.kind is not set"),
            (no_end && self.max_age.is_none(), "accepts tokens without exp and sets no max_age: they live for ever"),
            (no_end && self.max_age.is_some(), "accepts tokens without exp up to max_age"),
            (
                guards_need_rights && self.permissions.is_none(),
                "has no [permissions] section: guards that ask for permissions refuse all of its tokens",
            ),
            (self.allow_weak_keys, "accepts weak keys: short secrets, placeholders, RSA from 1024 bits"),
            (
                self.jwks.as_ref().is_some_and(|jwks| jwks.allow_http),
                "fetches keys over plain HTTP: whoever is on the way chooses the keys",
            ),
            (
                self.jwks.as_ref().is_some_and(|jwks| jwks.cache_dir.is_none()),
                "keeps no copy of fetched keys: a start while the issuer is down answers KEYS_UNAVAILABLE",
            ),
            (
                self.when_stale == StaleChoice::Accept,
                "accepts tokens while the store does not answer: what others revoked meanwhile is not known",
            ),
            (
                self.rotation.as_ref().is_some_and(|rotation| rotation.reuse == RotationMode::Stateless),
                "rotates without detecting reuse: a stolen refresh token works until it expires",
            ),
        ]
        .into_iter()
        .filter_map(|(applies, remark)| applies.then_some(remark))
        .collect()
    }
}
