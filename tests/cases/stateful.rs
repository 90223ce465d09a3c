//! In the library, the steps that make, change and end what later ones meet.

use bearerd::claims::TokenKind;
use bearerd::config;
use bearerd::error::{Code, Fault};
use bearerd::sign::{ClaimChange, Failure, Lifetime};
use bearerd::state::SessionId;
use bearerd::state::pats::NewPat;
use serde_json::{Value, json};

use crate::act::{
    Act, ChangeSession, CreatePat, EndSession, RevokePat, Rotate, Sign, SignIn, SignedKind,
};
use crate::in_rust::Replay;
use crate::judge::Outcome;

#[expect(clippy::needless_pass_by_value, reason = "what map_err gives")]
fn fault(fault: Fault) -> Code {
    fault.code()
}

#[expect(clippy::needless_pass_by_value, reason = "what map_err gives")]
fn failure(failure: Failure) -> Code {
    failure.code()
}

impl Replay {
    pub(crate) fn change(&self, act: &Act) -> Outcome {
        match act {
            Act::SignIn(asked) => self.sign_in(asked),
            Act::EndSession(asked) => self.end_session(asked),
            Act::ChangeSession(asked) => self.change_session(asked),
            Act::CreatePat(asked) => self.create_pat(asked),
            Act::RevokePat(asked) => self.revoke_pat(asked),
            Act::Sign(asked) => self.sign(asked),
            Act::Rotate(asked) => self.rotate(asked),
            Act::Verify(_) | Act::Authorization(_) | Act::Revoke(_) => {
                panic!("changes nothing here")
            }
        }
    }

    fn profile(&self, name: Option<&str>) -> Result<&config::Profile, Code> {
        self.profiles.get(name).map(AsRef::as_ref).map_err(fault)
    }

    fn sign_in(&self, asked: &SignIn) -> Outcome {
        let mut wanted = config::SignIn::new(&asked.subject);
        wanted.attributes = asked.attributes.clone();
        wanted.claims = asked.claims.clone();
        wanted.tokens = match asked.kind {
            SignedKind::None => config::SignInTokens::None,
            SignedKind::Access => config::SignInTokens::Access,
            SignedKind::Pair => config::SignInTokens::Pair,
        };
        let profile = self.profile(asked.profile.as_deref())?;
        Ok(profile.sign_in(&wanted).map_err(fault)?.to_json())
    }

    fn end_session(&self, asked: &EndSession) -> Outcome {
        let profile = self.profile(asked.profile.as_deref())?;
        let sessions = profile.required_sessions().map_err(fault)?;
        let except = asked.except.as_deref().map(session).transpose()?;
        let ended = match (&asked.sid, &asked.subject) {
            (Some(sid), None) => sessions.end(session(sid)?).map(usize::from),
            (None, Some(subject)) => sessions.end_all(subject, except),
            _ => panic!("one of sid, subject"),
        };
        Ok(json!({"ended": ended.map_err(fault)?}))
    }

    fn change_session(&self, asked: &ChangeSession) -> Outcome {
        let profile = self.profile(asked.profile.as_deref())?;
        let sessions = profile.required_sessions().map_err(fault)?;
        let (set, remove) = (&asked.set, &asked.remove);
        let changed = match (&asked.sid, &asked.subject) {
            (Some(sid), None) => sessions
                .change_attributes(session(sid)?, set, remove)
                .map(Vec::from_iter),
            (None, Some(subject)) => sessions.change_attributes_of(subject, set, remove),
            _ => panic!("one of sid, subject"),
        };
        let shown: Result<Vec<Value>, Fault> = changed
            .map_err(fault)?
            .iter()
            .map(|session| session.to_json())
            .collect();
        Ok(json!({"sessions": shown.map_err(fault)?}))
    }

    fn create_pat(&self, asked: &CreatePat) -> Outcome {
        let mut new = NewPat::of(&asked.subject);
        new.description = asked.description.clone().unwrap_or_default();
        new.scopes.clone_from(&asked.scopes);
        new.claims = asked.claims.clone();
        let ttl = asked.ttl.as_deref().map(str::parse::<Lifetime>);
        let ttl = ttl.transpose().map_err(|_| Code::ValidationError)?;
        let profile = self.profile(asked.profile.as_deref())?;
        Ok(profile.create_pat(new, ttl).map_err(fault)?.to_json())
    }

    /// One at hand is of the profile that its prefix names.
    fn revoke_pat(&self, asked: &RevokePat) -> Outcome {
        let name = asked.profile.as_deref();
        let revoked = match (&asked.id, &asked.token, &asked.subject) {
            (None, Some(token), None) => {
                let profile = self.profiles.choose(name, token.as_bytes());
                let revoked = profile.map_err(fault)?.revoke_pat(token);
                usize::from(revoked.map_err(failure)?)
            }
            (Some(id), None, None) => {
                let pats = self.profile(name)?.pats().map_err(fault)?;
                usize::from(pats.revoke(id).map_err(fault)?)
            }
            (None, None, Some(subject)) => {
                let pats = self.profile(name)?.pats().map_err(fault)?;
                pats.revoke_all(subject).map_err(fault)?
            }
            _ => panic!("one of id, token, subject"),
        };
        Ok(json!({ "revoked": revoked }))
    }

    fn sign(&self, asked: &Sign) -> Outcome {
        let kind = TokenKind::from_name(&asked.kind).expect("a kind of token");
        let profile = self.profile(asked.profile.as_deref())?;
        let signed = profile.sign(kind, &asked.claims, None).map_err(fault)?;
        Ok(json!({ &asked.kind: signed.token }))
    }

    /// A refresh token of the profile that its `iss` names.
    fn rotate(&self, asked: &Rotate) -> Outcome {
        let change = ClaimChange {
            set: asked.set.clone(),
            remove: asked.remove.clone(),
            ..ClaimChange::default()
        };
        let chosen = (self.profiles).choose(asked.profile.as_deref(), asked.refresh.as_bytes());
        let rotated = chosen.map_err(fault)?.rotate(&asked.refresh, &change, None);
        Ok(serde_json::to_value(rotated.map_err(failure)?).unwrap())
    }
}

fn session(sid: &str) -> Result<SessionId, Code> {
    SessionId::parse(sid).ok_or(Code::ValidationError)
}
