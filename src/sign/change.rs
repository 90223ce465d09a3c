use crate::error::{Code, Fault};

use super::ClaimValues;

/// What a rotation changes in the claims that the new tokens inherit.
#[derive(Clone, Debug, Default)]
pub struct ClaimChange {
    /// Claims to set, replacing those of the same name
    pub set: ClaimValues,
    /// Claims to remove; one that is absent is no error
    pub remove: Vec<String>,
    /// Claims of the new access token alone, replacing inherited ones of the same name: a narrower
    /// scope, say, while the refresh token keeps its own (RFC 6749 §6)
    pub access: ClaimValues,
}

impl ClaimChange {
    /// Applies the change to inherited claims: removals first, then what is set.
    ///
    /// # Errors
    /// `VALIDATION_ERROR` naming the claim where it is both set and removed, or would change
    /// `subject`: a refresh token is good for the subject it was given to (RFC 6749 §1.5).
    pub(super) fn apply(&self, claims: &mut ClaimValues, subject: &str) -> Result<(), Fault> {
        let refuse = |message: String| Err(Fault::new(Code::ValidationError, message));
        if let Some(name) = self.remove.iter().find(|name| self.set.contains_key(*name)) {
            return refuse(format!(
                "remove: {} is set as well; do one or the other",
                shown(name)
            ));
        }
        let names = self
            .set
            .keys()
            .map(|name| ("set", name))
            .chain(self.remove.iter().map(|name| ("remove", name)))
            .chain(self.access.keys().map(|name| ("access", name)));
        for (member, name) in names {
            if name == subject {
                return refuse(format!(
                    "{member}: {name:?} is who the token was given to; sign a new one instead"
                ));
            }
        }
        for name in &self.remove {
            claims.shift_remove(name);
        }
        for (name, value) in &self.set {
            claims.insert(name.clone(), value.clone());
        }
        Ok(())
    }
}

/// A claim's name as it may be repeated: a long one may be a token in the wrong place.
fn shown(name: &str) -> String {
    if name.len() <= 24 {
        format!("{name:?}")
    } else {
        "a claim".to_owned()
    }
}
