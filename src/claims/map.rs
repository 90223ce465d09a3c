use crate::error::{ClaimName, Fault};
use crate::json;

/// An issuer's spellings of the claims that have a role.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClaimNames {
    /// Who the token is about
    pub subject: String,
    /// Access or refresh; `None` where the issuer does not tell them apart by a claim.
    pub kind: Option<KindNames>,
    /// Scopes: an array, or a string separated by spaces (RFC 8693 §4.2)
    pub scope: String,
    /// Roles: an id, a name, or a list of either
    pub role: String,
    /// The VIP mark, a boolean
    pub vip: String,
    /// The team: an id, a name, or a list
    pub team: String,
    /// The device that the token belongs to
    pub device: String,
    /// The claim by which the profile revokes one token or session
    pub handle: String,
    /// The claim that names the refresh family
    pub family: String,
    /// The claim of a refresh token that tells when its family was founded, in seconds since the
    /// epoch. The signer's alone, where the profile limits how long a family lives.
    pub founded: String,
    /// The claim that names the session
    pub session: String,
}

/// How an issuer marks the two kinds of token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindNames {
    /// The claim, such as `tokenType`
    pub claim: String,
    /// Its value in access tokens
    pub access: String,
    /// Its value in refresh tokens
    pub refresh: String,
}

/// What a token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TokenKind {
    /// Presented to resources
    Access,
    /// Presented for rotation alone
    Refresh,
    /// A personal access token: presented to resources, and told apart by what it is, not by a claim
    Pat,
}

impl Default for ClaimNames {
    fn default() -> Self {
        Self {
            subject: "sub".into(),
            kind: None,
            scope: "scope".into(),
            role: "role".into(),
            vip: "vip".into(),
            team: "team".into(),
            device: "device_id".into(),
            handle: "jti".into(),
            family: "family".into(),
            founded: "family_iat".into(),
            session: "sid".into(),
        }
    }
}

impl TokenKind {
    /// The name in the guard language and in HTTP bodies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Refresh => "refresh",
            Self::Pat => "pat",
        }
    }

    /// The kind of that exact name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Access, Self::Refresh, Self::Pat]
            .into_iter()
            .find(|kind| kind.as_str() == name)
    }
}

/// The claims whose position is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Issuer,
    Subject,
    Audience,
    TokenId,
    Kind,
    Scope,
    Role,
    Vip,
    Team,
    Device,
    Handle,
    Family,
    Session,
}

impl Field {
    pub(super) const COUNT: usize = 13;
}

/// Where a member of the payload goes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    Field(Field),
    Expiration,
    NotBefore,
    IssuedAt,
    Required(u8),
}

/// A claim's name, compiled for who asks for the same claim of many tokens: see
/// [`ClaimMap::key`] and [`Claims::stated`](super::Claims::stated).
#[derive(Clone, Debug)]
pub struct ClaimKey(pub(super) Lookup);

/// How a claim is found.
#[derive(Clone, Debug)]
pub(super) enum Lookup {
    /// Its position is kept.
    Kept(Field),
    /// The payload is read through.
    Named(Box<str>),
}

/// [`ClaimNames`] and the required claims, compiled for look-up by name.
#[derive(Clone, Debug)]
pub struct ClaimMap {
    names: ClaimNames,
    targets: Vec<(u64, Box<str>, Target)>,
    /// For each remainder of a name's hash, which targets have it, as bits.
    by_hash: [u64; Self::BUCKETS],
    required: Vec<Box<str>>,
}

impl ClaimMap {
    /// The most claims that a profile may require.
    pub const MAX_REQUIRED: usize = 32;
    const BUCKETS: usize = 64;

    /// Compiles names, and the claims that must be present whatever they hold.
    ///
    /// # Errors
    /// `CONFIG_ERROR` where a name is empty or more than [`MAX_REQUIRED`](Self::MAX_REQUIRED)
    /// claims are required.
    pub fn new(names: ClaimNames, required: &[String]) -> Result<Self, Fault> {
        if required.len() > Self::MAX_REQUIRED {
            return Err(Fault::config(format!(
                "{} claims are required, at most {} can be; shorten the list",
                required.len(),
                Self::MAX_REQUIRED
            )));
        }
        let mut map = Self {
            targets: Vec::new(),
            by_hash: [0; Self::BUCKETS],
            required: required.iter().map(|name| name.as_str().into()).collect(),
            names,
        };
        let names = map.names.clone();
        for (name, target) in [
            ("iss", Target::Field(Field::Issuer)),
            (names.subject.as_str(), Target::Field(Field::Subject)),
            ("aud", Target::Field(Field::Audience)),
            ("jti", Target::Field(Field::TokenId)),
            (names.scope.as_str(), Target::Field(Field::Scope)),
            (names.role.as_str(), Target::Field(Field::Role)),
            (names.vip.as_str(), Target::Field(Field::Vip)),
            (names.team.as_str(), Target::Field(Field::Team)),
            (names.device.as_str(), Target::Field(Field::Device)),
            (names.handle.as_str(), Target::Field(Field::Handle)),
            (names.family.as_str(), Target::Field(Field::Family)),
            (names.session.as_str(), Target::Field(Field::Session)),
            ("exp", Target::Expiration),
            ("nbf", Target::NotBefore),
            ("iat", Target::IssuedAt),
        ] {
            map.add(name, target)?;
        }
        if let Some(kind) = &names.kind {
            map.add(&kind.claim, Target::Field(Field::Kind))?;
        }
        for (at, name) in required.iter().enumerate() {
            map.add(name, Target::Required(u8::try_from(at).unwrap_or(u8::MAX)))?;
        }
        Ok(map)
    }

    fn add(&mut self, name: &str, target: Target) -> Result<(), Fault> {
        if name.is_empty() {
            return Err(Fault::config(
                "a claim name is empty; name the claim, or leave the key out",
            ));
        }
        let hash = json::name_hash(name.as_bytes());
        self.by_hash[Self::bucket(hash)] |= 1 << self.targets.len();
        self.targets.push((hash, name.into(), target));
        Ok(())
    }

    #[expect(clippy::cast_possible_truncation, reason = "the remainder is small")]
    fn bucket(hash: u64) -> usize {
        (hash % Self::BUCKETS as u64) as usize
    }

    /// Tells every target of a member of that name: one claim may have several roles. `hash` is the
    /// scan's.
    ///
    /// By hash and not by length: half of the registered names have three letters, and comparing
    /// each with each took a sixth of a cold HS256 verification.
    #[inline]
    pub(super) fn targets(&self, name: &[u8], hash: u64, mut tell: impl FnMut(Target)) {
        let mut bits = self.by_hash[Self::bucket(hash)];
        while bits != 0 {
            let at = bits.trailing_zeros() as usize;
            bits &= bits - 1;
            let (known, candidate, target) = &self.targets[at];
            if *known == hash && json::same_text(candidate.as_bytes(), name) {
                tell(*target);
            }
        }
    }

    /// The claim of that name, whatever its role. Good for claims that were parsed with this map.
    #[must_use]
    pub fn key(&self, name: &str) -> ClaimKey {
        let kept = self
            .targets
            .iter()
            .find_map(|(_, known, target)| match target {
                Target::Field(field) if **known == *name => Some(*field),
                _ => None,
            });
        ClaimKey(kept.map_or_else(|| Lookup::Named(name.into()), Lookup::Kept))
    }

    /// The names it was made from.
    #[inline]
    #[must_use]
    pub fn names(&self) -> &ClaimNames {
        &self.names
    }

    /// The claims that must be present.
    #[inline]
    #[must_use]
    pub fn required(&self) -> &[Box<str>] {
        &self.required
    }

    /// The spelling of a claim under this map.
    #[must_use]
    pub fn spelling(&self, claim: ClaimName) -> &str {
        let names = &self.names;
        match claim {
            ClaimName::Subject => &names.subject,
            ClaimName::Kind => names
                .kind
                .as_ref()
                .map_or(claim.as_str(), |kind| kind.claim.as_str()),
            ClaimName::Scope => &names.scope,
            ClaimName::Role => &names.role,
            ClaimName::Vip => &names.vip,
            ClaimName::Team => &names.team,
            ClaimName::Device => &names.device,
            ClaimName::Handle => &names.handle,
            ClaimName::Family => &names.family,
            ClaimName::Session => &names.session,
            ClaimName::Required(at) => self
                .required
                .get(usize::from(at))
                .map_or(claim.as_str(), |name| name),
            other => other.as_str(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::claims::{Claims, Stated};
    use crate::limits::Limits;

    #[test]
    fn a_key_finds_what_its_name_finds() {
        let names = ClaimNames {
            subject: "uid".into(),
            handle: "jti".into(),
            ..ClaimNames::default()
        };
        let map = ClaimMap::new(names, &["email".into(), "role".into()]).unwrap();
        let text = r#"{"iss":"https:\/\/a","uid":"J\u00fcrgen","sub":7,"jti":"1","role":[ 4, "x" ],
            "scope":null,"email":"a@b","name":"Zo\u00eb","vip":true,"sid":{"a":[1]},"nothing":null}"#;
        let limits = Limits::default();
        let claims = Claims::parse(text.as_bytes().into(), &map, &limits).unwrap();
        for name in [
            "iss",
            "uid",
            "sub",
            "jti",
            "role",
            "scope",
            "email",
            "name",
            "vip",
            "sid",
            "nothing",
            "device_id",
            "absent",
            "",
        ] {
            let stated = claims.stated(&map.key(name)).map(|stated| match stated {
                Stated::Text(text) => serde_json::Value::from(text),
                Stated::Json(json) => serde_json::from_str(json).unwrap(),
            });
            let value = claims.get(name).filter(|value| !value.is_null());
            assert_eq!(stated, value, "{name}");
        }
        for (name, is_kept) in [
            ("uid", true),
            ("jti", true),
            ("sub", false),
            ("email", false),
        ] {
            assert_eq!(
                matches!(map.key(name).0, Lookup::Kept(_)),
                is_kept,
                "{name}"
            );
        }
    }
}
