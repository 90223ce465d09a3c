use std::borrow::Cow;

use zeroize::Zeroizing;

use crate::base64url;
use crate::json::{self, Bounds, JsonError, Kind, Member};

use super::KeyProblem;

/// Depth and width of one key document: room for [`super::MAX_KEYS`] keys with certificate chains.
pub(super) const BOUNDS: Bounds = Bounds {
    depth: 16,
    members: 200_000,
};

/// The members of one object, by name, without copying their values.
pub(super) struct Members<'a> {
    text: &'a [u8],
    list: Vec<Member<'a>>,
}

impl<'a> Members<'a> {
    /// The one place where a document from outside is checked: see [`crate::json`].
    pub(super) fn scan(text: &'a [u8]) -> Result<Self, JsonError> {
        let mut list = Vec::new();
        json::scan(text, BOUNDS, |member| list.push(member))?;
        Ok(Self { text, list })
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// A string.
    pub(super) fn text(&self, name: &'static str) -> Result<Option<Cow<'a, str>>, KeyProblem> {
        match self.find(name) {
            None => Ok(None),
            Some(member) if member.kind == Kind::String => {
                Ok(Some(json::unescape(self.raw(member), member.escaped)))
            }
            Some(_) => Err(KeyProblem::NotText(name)),
        }
    }

    /// The bytes of a base64url string that must be there and not be empty.
    pub(super) fn bytes(&self, name: &'static str) -> Result<Zeroizing<Vec<u8>>, KeyProblem> {
        let member = self.find(name).ok_or(KeyProblem::Missing(name))?;
        if member.kind != Kind::String {
            return Err(KeyProblem::NotText(name));
        }
        let bytes = base64url::decode(self.raw(member))
            .map(Zeroizing::new)
            .map_err(|_| KeyProblem::NotBase64Url(name))?;
        if bytes.is_empty() {
            return Err(KeyProblem::Missing(name));
        }
        Ok(bytes)
    }

    /// As [`bytes`](Self::bytes), of exactly that length.
    pub(super) fn bytes_of(
        &self,
        member: &'static str,
        expected: usize,
    ) -> Result<Zeroizing<Vec<u8>>, KeyProblem> {
        let bytes = self.bytes(member)?;
        if bytes.len() != expected {
            return Err(KeyProblem::WrongLength { member, expected });
        }
        Ok(bytes)
    }

    /// The elements of an array; `None` where there is no such array.
    pub(super) fn array(&self, name: &str) -> Option<impl Iterator<Item = (Kind, &'a [u8])>> {
        let member = self.find(name)?;
        (member.kind == Kind::Array).then(|| json::elements(self.raw(member)))
    }

    fn find(&self, name: &str) -> Option<&Member<'a>> {
        self.list
            .iter()
            .find(|member| *member.name == *name.as_bytes())
    }

    fn raw(&self, member: &Member<'a>) -> &'a [u8] {
        &self.text[member.start..member.end]
    }
}
