use std::collections::HashMap;
use std::sync::Arc;

use crate::base64url;
use crate::error::{Code, Fault};
use crate::json::{self, Bounds, Kind};
use crate::jws::Compact;
use crate::limits::Limits;

use super::Verifier;

/// The verifiers of a process, by profile.
///
/// The choice only selects the rules: the token is then verified strictly under them, `iss`
/// included.
#[derive(Debug, Default)]
pub struct Verifiers {
    /// A handful: comparing their names costs less than hashing one.
    all: Vec<Arc<Verifier>>,
    by_issuer: HashMap<Box<str>, Arc<Verifier>>,
    mapped: Vec<Mapped>,
    /// Those that take personal access tokens
    with_pats: Vec<Arc<Verifier>>,
    default: Option<Arc<Verifier>>,
}

/// A verifier that issuers are mapped to, and which.
#[derive(Debug)]
struct Mapped {
    verifier: Arc<Verifier>,
    issuers: Vec<Box<str>>,
}

impl Verifiers {
    /// Puts verifiers together. `default` names the one for requests that name none and tokens
    /// whose issuer is not mapped.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where two profiles share a name or the beginning of a prefix, a mapping names a profile that is not
    /// there, or the default does.
    pub fn new(
        verifiers: impl IntoIterator<Item = Arc<Verifier>>,
        issuers: impl IntoIterator<Item = (String, String)>,
        default: Option<&str>,
    ) -> Result<Self, Fault> {
        let mut all = Self::default();
        for verifier in verifiers {
            all.check_prefix(&verifier)?;
            if all.get(verifier.name()).is_some() {
                return Err(Fault::config(format!(
                    "two profiles are named {:?}; rename one",
                    verifier.name()
                )));
            }
            if verifier.pats().is_some() {
                all.with_pats.push(Arc::clone(&verifier));
            }
            all.all.push(verifier);
        }
        for (issuer, profile) in issuers {
            let verifier = all.get(&profile).ok_or_else(|| unknown(&profile))?;
            let verifier = Arc::clone(verifier);
            all.by_issuer.insert(issuer.into(), verifier);
        }
        for verifier in &all.all {
            let issuers: Vec<Box<str>> = all
                .by_issuer
                .iter()
                .filter(|(_, mapped)| Arc::ptr_eq(mapped, verifier))
                .map(|(issuer, _)| issuer.clone())
                .collect();
            if !issuers.is_empty() {
                let verifier = Arc::clone(verifier);
                all.mapped.push(Mapped { verifier, issuers });
            }
        }
        if let Some(profile) = default {
            all.default = Some(Arc::clone(
                all.get(profile).ok_or_else(|| unknown(profile))?,
            ));
        }
        Ok(all)
    }

    /// A prefix chooses the profile, so none may be the beginning of another's.
    fn check_prefix(&self, verifier: &Verifier) -> Result<(), Fault> {
        let Some(new) = verifier.pats().map(|pats| &pats.settings().format) else {
            return Ok(());
        };
        let clash = self.with_pats.iter().find(|known| {
            let known = known.pats().map(|pats| &pats.settings().format);
            known.is_some_and(|known| known.overlaps(new))
        });
        match clash {
            None => Ok(()),
            Some(known) => Err(Fault::config(format!(
                "profiles {:?} and {:?}: pat.prefix of one begins that of the other, so a token could \
                 be of either; change one",
                known.name(),
                verifier.name()
            ))),
        }
    }

    /// The verifier of a profile.
    #[must_use]
    pub fn get(&self, profile: &str) -> Option<&Arc<Verifier>> {
        self.all.iter().find(|verifier| verifier.name() == profile)
    }

    /// Every verifier, in the order in which they were given.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Verifier>> {
        self.all.iter()
    }

    /// The verifier for a token: by the request's profile where it names one, else by the prefix of
    /// a personal access token, else by the token's `iss` where that is mapped, else the default.
    ///
    /// `iss` is read before the signature is verified, and is trusted with nothing but this
    /// choice. A token that a mapped verifier remembers is found without being parsed.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where the named profile does not exist, or there is none to fall back on.
    pub fn choose(&self, profile: Option<&str>, token: &[u8]) -> Result<&Arc<Verifier>, Fault> {
        if let Some(profile) = profile {
            return self.get(profile).ok_or_else(|| {
                Fault::new(
                    Code::ValidationError,
                    "profile: no profile has that name; see the configuration",
                )
            });
        }
        let takes = |verifier: &&Arc<Verifier>| verifier.takes_as_pat(token);
        if let Some(verifier) = self.with_pats.iter().find(takes) {
            return Ok(verifier);
        }
        if !self.by_issuer.is_empty()
            && let Some(verifier) = self
                .remembering(token)
                .or_else(|| self.by_claimed_issuer(token))
        {
            return Ok(verifier);
        }
        self.default.as_ref().ok_or_else(|| {
            Fault::new(
                Code::ValidationError,
                "profile: there is no default profile; name one in the request",
            )
        })
    }

    /// A verifier remembers tokens that were sent to it by name as well, so the remembered `iss`
    /// must map to it: a hit must choose as a miss does.
    ///
    /// Whoever asks goes on to verify the token, which is what counts as a hit or a miss.
    fn remembering(&self, token: &[u8]) -> Option<&Arc<Verifier>> {
        let remembers = |mapped: &&Mapped| {
            let Some(seen) = mapped.verifier.cache.peek(token) else {
                return false;
            };
            let mut issuers = mapped.issuers.iter();
            issuers.any(|issuer| seen.claims.issuer_is(issuer))
        };
        let mapped = self.mapped.iter().find(remembers)?;
        Some(&mapped.verifier)
    }

    fn by_claimed_issuer(&self, token: &[u8]) -> Option<&Arc<Verifier>> {
        let limits = self.widest_limits();
        let compact = Compact::split(token, &limits).ok()?;
        let payload = base64url::decode(compact.payload).ok()?;
        let bounds = Bounds {
            depth: limits.depth,
            members: limits.members,
        };
        let mut issuer = None;
        json::scan(&payload, bounds, |member| {
            if *member.name == *b"iss" && member.kind == Kind::String {
                let raw = &payload[member.start..member.end];
                issuer = Some(json::unescape(raw, member.escaped));
            }
        })
        .ok()?;
        self.by_issuer.get(&*issuer?)
    }

    /// Which profile the token is for is not known yet, so no profile's own limits and claim names
    /// may have a say in the choice; the chosen one applies its own.
    fn widest_limits(&self) -> Limits {
        let mut widest = Limits::default();
        for limits in self.all.iter().map(|verifier| verifier.limits()) {
            widest.token = widest.token.max(limits.token);
            widest.header = widest.header.max(limits.header);
            widest.depth = widest.depth.max(limits.depth);
            widest.members = widest.members.max(limits.members);
        }
        widest
    }
}

fn unknown(profile: &str) -> Fault {
    Fault::config(format!(
        "no profile is named {profile:?}; correct the name or add the profile"
    ))
}
