use std::borrow::Cow;

use serde::de::DeserializeOwned;

use crate::clock::UnixMillis;
use crate::error::{ClaimName, Code, Fault, Malformed, Reject};
use crate::json::{self, Bounds, Kind, Member};
use crate::limits::Limits;

use super::decoded::Decoded;
use super::map::{ClaimKey, Field, Lookup, Target};
use super::value::{Atom, Atoms};
use super::{ClaimMap, TokenKind};

/// The claims of a token whose signature verified.
///
/// Holds the payload's own text; positions take the place of decoded values. Times are checked
/// for type and range when the token is parsed, since a date that cannot be read must not count as
/// absent.
pub struct Claims {
    text: Box<[u8]>,
    fields: [Position; Field::COUNT],
    expires_at: Option<UnixMillis>,
    not_before: Option<UnixMillis>,
    issued_at: Option<UnixMillis>,
    kind: KindClaim,
    required: u32,
    decoded: Decoded,
}

/// Where a claim stands in the payload. 16 bits, because [`Limits::MAX_TOKEN`] fits them.
#[derive(Clone, Copy)]
struct Position {
    start: u16,
    end: u16,
    kind: Option<Kind>,
    escaped: bool,
}

/// Why a claim is not at hand in the type that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotOfType {
    /// There is no such claim.
    Absent,
    /// It is of another type.
    OtherType,
}

/// What a claim says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stated<'a> {
    /// A string, decoded
    Text(Cow<'a, str>),
    /// Anything else but null, in the very JSON that was signed
    Json(&'a str),
}

/// A claim that was looked for by name.
struct Found {
    kind: Kind,
    start: usize,
    end: usize,
}

impl Found {
    /// Where its JSON stands, the quotes of a string included.
    fn outer(&self) -> (usize, usize) {
        let quote = usize::from(self.kind == Kind::String);
        (self.start - quote, self.end + quote)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum KindClaim {
    Absent,
    Known(TokenKind),
    Unknown,
}

const ABSENT: Position = Position {
    start: 0,
    end: 0,
    kind: None,
    escaped: false,
};

impl Claims {
    /// Parses a payload.
    ///
    /// # Errors
    /// `MALFORMED` where it is not one strict JSON object within the limits; `INVALID_CLAIM` where
    /// a registered claim is of the wrong type (RFC 7519 §4.1) or a date is negative or past 2^53.
    pub fn parse(text: Box<[u8]>, map: &ClaimMap, limits: &Limits) -> Result<Self, Reject> {
        if text.len() > usize::from(u16::MAX) {
            return Err(Reject::malformed(Malformed::TooLong));
        }
        let mut claims = Self {
            text: Box::default(),
            fields: [ABSENT; Field::COUNT],
            expires_at: None,
            not_before: None,
            issued_at: None,
            kind: KindClaim::Absent,
            required: 0,
            decoded: Decoded::default(),
        };
        let mut wrong = None;
        let bounds = Bounds {
            depth: limits.depth,
            members: limits.members,
        };
        json::scan(&text, bounds, |member| {
            map.targets(&member.name, member.hash, |target| {
                if let Err(claim) = claims.take(target, &member, &text, map) {
                    wrong.get_or_insert(claim);
                }
            });
        })
        .map_err(|_| Reject::malformed(Malformed::ClaimsJson))?;
        if let Some(claim) = wrong {
            return Err(Reject::claim(Code::InvalidClaim, claim));
        }
        claims.text = text;
        Ok(claims)
    }

    /// The same as claims of that kind, whatever they say about it themselves.
    pub(crate) fn of_kind(mut self, kind: TokenKind) -> Self {
        self.kind = KindClaim::Known(kind);
        self
    }

    #[inline]
    fn take(
        &mut self,
        target: Target,
        member: &Member<'_>,
        text: &[u8],
        map: &ClaimMap,
    ) -> Result<(), ClaimName> {
        let raw = &text[member.start..member.end];
        let date = |claim| match member.kind {
            Kind::Number => json::numeric_date(raw)
                .map(|millis| Some(UnixMillis::from_millis(millis)))
                .ok_or(claim),
            _ => Err(claim),
        };
        let field = match target {
            Target::Field(field) => field,
            Target::Expiration => {
                self.expires_at = date(ClaimName::Expiration)?;
                return Ok(());
            }
            Target::NotBefore => {
                self.not_before = date(ClaimName::NotBefore)?;
                return Ok(());
            }
            Target::IssuedAt => {
                self.issued_at = date(ClaimName::IssuedAt)?;
                return Ok(());
            }
            Target::Required(at) => {
                self.required |= u32::from(member.kind != Kind::Null) << at;
                return Ok(());
            }
        };
        let string = member.kind == Kind::String;
        match field {
            Field::Issuer if !string => return Err(ClaimName::Issuer),
            Field::Subject if !string => return Err(ClaimName::Subject),
            Field::TokenId if !string => return Err(ClaimName::TokenId),
            Field::Audience if !string && !is_array_of_strings(member.kind, raw) => {
                return Err(ClaimName::Audience);
            }
            Field::Handle if !string && member.kind != Kind::Number => {
                return Err(ClaimName::Handle);
            }
            Field::Family if !string && member.kind != Kind::Number => {
                return Err(ClaimName::Family);
            }
            Field::Kind if !string => return Err(ClaimName::Kind),
            Field::Kind => self.kind = KindClaim::of(Atom::Text(raw), map),
            Field::Scope | Field::Role | Field::Vip | Field::Team | Field::Device
                if member.kind == Kind::Null =>
            {
                return Ok(());
            }
            _ => {}
        }
        self.fields[field as usize] = Position {
            start: narrow(member.start),
            end: narrow(member.end),
            kind: Some(member.kind),
            escaped: member.escaped,
        };
        Ok(())
    }

    /// The payload as it was signed: one JSON object.
    #[must_use]
    pub fn json(&self) -> &str {
        // The scan has checked the encoding; a lossless borrow is the only case there is.
        simdutf8::basic::from_utf8(&self.text).unwrap_or_default()
    }

    /// The same as bytes, which costs nothing.
    #[inline]
    #[must_use]
    pub fn json_bytes(&self) -> &[u8] {
        &self.text
    }

    /// The payload as a value of the caller's own type.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` where the claims do not have that type's shape.
    pub fn deserialize<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_slice(&self.text).map_err(|error| {
            Fault::new(
                Code::ValidationError,
                "the claims are not of the type asked for",
            )
            .caused_by(error)
        })
    }

    /// Any claim by its own name; `None` where it is absent. Reads through the payload once.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<serde_json::Value> {
        serde_json::from_str(self.raw_value(name)?).ok()
    }

    /// A claim that is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        let found = self.find(name)?;
        (found.kind == Kind::String).then(|| {
            let raw = &self.text[found.start..found.end];
            json::unescape(raw, raw.contains(&b'\\'))
        })
    }

    /// Any claim in the very JSON that was signed; `None` where it is absent.
    #[must_use]
    pub fn raw_value(&self, name: &str) -> Option<&str> {
        let (start, end) = self.find(name)?.outer();
        std::str::from_utf8(&self.text[start..end]).ok()
    }

    /// What the claim of `key` says; `None` where it is absent or null. A load where the map gives the
    /// claim a role; else it reads through the payload once.
    #[must_use]
    pub fn stated(&self, key: &ClaimKey) -> Option<Stated<'_>> {
        let (kind, raw, escaped) = match &key.0 {
            Lookup::Kept(field) => {
                let position = &self.fields[*field as usize];
                (position.kind?, self.raw(position), position.escaped)
            }
            Lookup::Named(name) => {
                let found = self.find(name)?;
                let raw = &self.text[found.start..found.end];
                (found.kind, raw, raw.contains(&b'\\'))
            }
        };
        match kind {
            Kind::Null => None,
            Kind::String => Some(Stated::Text(json::unescape(raw, escaped))),
            _ => std::str::from_utf8(raw).ok().map(Stated::Json),
        }
    }

    /// A claim that is a string, for as long as the claims live. One that is written with escapes
    /// is decoded once and then kept beside the claims.
    ///
    /// # Errors
    /// [`NotOfType`] where there is no such claim, or it is no string.
    pub fn borrowed_text(&self, name: &str) -> Result<&str, NotOfType> {
        match self.find(name).ok_or(NotOfType::Absent)? {
            Found {
                kind: Kind::String,
                start,
                end,
            } => Ok(self.borrowed(start, end, self.text[start..end].contains(&b'\\'))),
            _ => Err(NotOfType::OtherType),
        }
    }

    /// As [`subject`](Self::subject), for as long as the claims live.
    #[must_use]
    pub fn borrowed_subject(&self) -> Option<&str> {
        let position = &self.fields[Field::Subject as usize];
        position.kind?;
        Some(self.borrowed(position.start.into(), position.end.into(), position.escaped))
    }

    fn borrowed(&self, start: usize, end: usize, escaped: bool) -> &str {
        match json::unescape(&self.text[start..end], escaped) {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => self.decoded.keep(start, text),
        }
    }

    /// A claim that is a boolean.
    ///
    /// # Errors
    /// [`NotOfType`] where there is no such claim, or it is no boolean.
    pub fn boolean(&self, name: &str) -> Result<bool, NotOfType> {
        match self.find(name).ok_or(NotOfType::Absent)?.kind {
            Kind::True => Ok(true),
            Kind::False => Ok(false),
            _ => Err(NotOfType::OtherType),
        }
    }

    /// A claim that is a number written as an integer.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        let found = self.find(name)?;
        match found.kind {
            Kind::Number => json::integer(&self.text[found.start..found.end]),
            _ => None,
        }
    }

    /// `iss`
    #[must_use]
    pub fn issuer(&self) -> Option<Cow<'_, str>> {
        self.string(Field::Issuer)
    }

    /// `sub`, or the claim that the profile maps to it
    #[must_use]
    pub fn subject(&self) -> Option<Cow<'_, str>> {
        self.string(Field::Subject)
    }

    /// `jti`
    #[must_use]
    pub fn token_id(&self) -> Option<Cow<'_, str>> {
        self.string(Field::TokenId)
    }

    /// The claim by which the profile revokes: a string, or a number in its own digits.
    #[must_use]
    pub fn handle(&self) -> Option<Cow<'_, str>> {
        self.string(Field::Handle)
    }

    /// The refresh family.
    #[must_use]
    pub fn family(&self) -> Option<Cow<'_, str>> {
        self.string(Field::Family)
    }

    /// The session, where the claim that the profile maps is a string.
    #[must_use]
    pub fn session(&self) -> Option<Cow<'_, str>> {
        let position = &self.fields[Field::Session as usize];
        (position.kind == Some(Kind::String))
            .then(|| json::unescape(self.raw(position), position.escaped))
    }

    /// The device that the token belongs to.
    #[must_use]
    pub fn device(&self) -> Option<Cow<'_, str>> {
        self.string(Field::Device)
    }

    /// `exp`
    #[inline]
    #[must_use]
    pub fn expires_at(&self) -> Option<UnixMillis> {
        self.expires_at
    }

    /// `nbf`
    #[inline]
    #[must_use]
    pub fn not_before(&self) -> Option<UnixMillis> {
        self.not_before
    }

    /// `iat`
    #[inline]
    #[must_use]
    pub fn issued_at(&self) -> Option<UnixMillis> {
        self.issued_at
    }

    /// Access or refresh, where the issuer says so by the claim that the profile maps; that of a
    /// personal access token in any case.
    #[inline]
    #[must_use]
    pub fn kind(&self) -> Option<TokenKind> {
        match self.kind {
            KindClaim::Known(kind) => Some(kind),
            _ => None,
        }
    }

    /// Whether `iss` is that very string.
    #[inline]
    pub(crate) fn issuer_is(&self, expected: &str) -> bool {
        self.atom(Field::Issuer)
            .is_some_and(|atom| atom.is_text(expected))
    }

    /// Whether `aud` is, or lists, that very string.
    #[inline]
    pub(crate) fn audience_has(&self, expected: &str) -> bool {
        self.atoms(Field::Audience)
            .any(|atom| atom.is_text(expected))
    }

    /// Whether the claim `name` of the rules is present.
    pub(crate) fn has(&self, claim: ClaimName) -> bool {
        match claim {
            ClaimName::Issuer => self.fields[Field::Issuer as usize].kind.is_some(),
            ClaimName::Audience => self.fields[Field::Audience as usize].kind.is_some(),
            ClaimName::Required(at) => self.required >> at & 1 == 1,
            _ => false,
        }
    }

    /// The scopes.
    #[inline]
    #[must_use]
    pub fn scopes(&self) -> Atoms<'_> {
        let position = &self.fields[Field::Scope as usize];
        match position.kind {
            Some(Kind::String) => Atoms::Words(self.raw(position)),
            _ => self.atoms(Field::Scope),
        }
    }

    /// The roles.
    #[inline]
    #[must_use]
    pub fn roles(&self) -> Atoms<'_> {
        self.atoms(Field::Role)
    }

    /// The teams.
    #[inline]
    #[must_use]
    pub fn teams(&self) -> Atoms<'_> {
        self.atoms(Field::Team)
    }

    /// The VIP mark; `None` where it is absent, null or no boolean.
    #[inline]
    #[must_use]
    pub fn vip(&self) -> Option<bool> {
        match self.fields[Field::Vip as usize].kind {
            Some(Kind::True) => Some(true),
            Some(Kind::False) => Some(false),
            _ => None,
        }
    }

    /// Whether the device claim is that very string.
    #[inline]
    #[must_use]
    pub fn device_is(&self, device: &str) -> bool {
        self.atom(Field::Device)
            .is_some_and(|atom| atom.is_text(device))
    }

    /// The bytes that it occupies beside its own struct.
    #[must_use]
    pub fn heap_size(&self) -> usize {
        self.text.len()
    }

    fn find(&self, name: &str) -> Option<Found> {
        let mut found = None;
        let bounds = Bounds {
            depth: Limits::MAX_DEPTH,
            members: usize::MAX,
        };
        json::scan(&self.text, bounds, |member| {
            if *member.name == *name.as_bytes() {
                found = Some(Found {
                    kind: member.kind,
                    start: member.start,
                    end: member.end,
                });
            }
        })
        .ok()?;
        found
    }

    #[inline]
    fn raw(&self, position: &Position) -> &[u8] {
        &self.text[usize::from(position.start)..usize::from(position.end)]
    }

    #[inline]
    fn atom(&self, field: Field) -> Option<Atom<'_>> {
        let position = &self.fields[field as usize];
        Some(Atom::new(position.kind?, self.raw(position)))
    }

    #[inline(always)]
    fn atoms(&self, field: Field) -> Atoms<'_> {
        let position = &self.fields[field as usize];
        match position.kind {
            None => Atoms::Absent,
            Some(Kind::Array) => Atoms::Array(self.raw(position)),
            Some(kind) => Atoms::One(Atom::new(kind, self.raw(position))),
        }
    }

    fn string(&self, field: Field) -> Option<Cow<'_, str>> {
        let position = &self.fields[field as usize];
        match position.kind? {
            Kind::String | Kind::Number => {
                Some(json::unescape(self.raw(position), position.escaped))
            }
            _ => None,
        }
    }
}

impl KindClaim {
    fn of(value: Atom<'_>, map: &ClaimMap) -> Self {
        match &map.names().kind {
            Some(names) if value.is_text(&names.access) => Self::Known(TokenKind::Access),
            Some(names) if value.is_text(&names.refresh) => Self::Known(TokenKind::Refresh),
            _ => Self::Unknown,
        }
    }
}

/// Names no claim value: claims are somebody's data.
impl std::fmt::Debug for Claims {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Claims")
            .field("bytes", &self.text.len())
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

fn is_array_of_strings(kind: Kind, raw: &[u8]) -> bool {
    kind == Kind::Array && json::elements(raw).all(|(kind, _)| kind == Kind::String)
}

fn narrow(position: usize) -> u16 {
    u16::try_from(position).unwrap_or(u16::MAX)
}
