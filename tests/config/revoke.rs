use std::time::Duration;

use bearerd::config::Revoked;

use super::*;

struct World {
    clock: Arc<ManualClock>,
    profiles: Profiles,
}

impl World {
    fn new(more: &str) -> Self {
        let clock = Arc::new(ManualClock::at(UnixMillis::from_secs(NOW)));
        let text = format!(
            "[profiles.a]\nalgorithms = [\"HS256\"]\nkeys = [{{ secret_base64url = \"{SECRET}\" }}]\n{more}"
        );
        let none = Environment::empty();
        let profiles = Config::from_text(&text, "test", &none)
            .unwrap()
            .build(&none, &(Arc::clone(&clock) as Arc<dyn Clock>))
            .unwrap();
        Self { clock, profiles }
    }

    fn sign(&self, kind: TokenKind, claims: &str) -> String {
        let claims = serde_json::from_str(claims).unwrap();
        let profile = self.profiles.get(None).unwrap();
        profile.sign(kind, &claims, None).unwrap().token
    }

    fn revoke(&self, token: &str) -> Revoked {
        let profile = self.profiles.get(None).unwrap();
        profile.revoke_token(token).unwrap()
    }

    fn verdict(&self, token: &str) -> Code {
        let verifier = self.profiles.get(None).unwrap().verifier();
        match verifier.verify(token, &VerifyOptions::default().any_kind()) {
            Ok(_) => Code::Ok,
            Err(reject) => reject.code(),
        }
    }
}

const SESSIONS: &str =
    "[profiles.a.claims]\nhandle = \"sid\"\n[profiles.a.sign]\naccess = \"15m\"\n";
const FAMILIES: &str = "[profiles.a.claims]\nkind = { claim = \"tokenType\" }\n[profiles.a.sign]\n\
                        [profiles.a.rotation]\ngrace = \"10s\"\n";

/// Signing out with an access token that has run out ends the session all the same.
#[test]
fn a_session_ends_by_an_expired_token_of_it() {
    let world = World::new(SESSIONS);
    let old = world.sign(TokenKind::Access, r#"{"sub": "ada", "sid": "s1"}"#);
    world.clock.advance(Duration::from_secs(1_000));
    let new = world.sign(TokenKind::Access, r#"{"sub": "ada", "sid": "s1"}"#);
    let other = world.sign(TokenKind::Access, r#"{"sub": "ada", "sid": "s2"}"#);
    assert_eq!(world.verdict(&old), Code::Expired);
    assert_eq!(world.verdict(&new), Code::Ok);
    assert_eq!(world.revoke(&old), Revoked::Handle);
    assert_eq!(world.verdict(&new), Code::Revoked);
    assert_eq!(world.verdict(&other), Code::Ok);
}

/// What no key of the profile has signed revokes nothing, expired or not.
#[test]
fn a_token_that_somebody_made_up_ends_nothing() {
    let world = World::new(SESSIONS);
    let old = world.sign(TokenKind::Access, r#"{"sub": "ada", "sid": "s1"}"#);
    world.clock.advance(Duration::from_secs(1_000));
    let new = world.sign(TokenKind::Access, r#"{"sub": "ada", "sid": "s1"}"#);
    let mut forged = old.clone();
    forged.replace_range(old.len() - 8..old.len() - 4, "AAAA");
    let profile = world.profiles.get(None).unwrap();
    let failure = profile.revoke_token(&forged).unwrap_err();
    assert_eq!(failure.code(), Code::InvalidSignature);
    assert_eq!(world.verdict(&new), Code::Ok);
}

/// A refresh token that came without a family founds one when it rotates; revoking it later ends
/// what descends from it.
#[test]
fn a_refresh_token_without_a_family_ends_what_it_founded() {
    let world = World::new(FAMILIES);
    let profile = world.profiles.get(None).unwrap();
    let refresh = foreign_refresh(r#"{"sub": "ada", "tokenType": "refresh"}"#);
    let rotated = profile
        .rotate(&refresh, &ClaimChange::default(), None)
        .unwrap();
    assert_eq!(world.verdict(&rotated.refresh), Code::Ok);
    assert_eq!(world.revoke(&refresh), Revoked::Family);
    assert_eq!(world.verdict(&rotated.refresh), Code::Revoked);
    assert_eq!(world.verdict(&rotated.access), Code::Revoked);
}

/// Of an issuer that shares the secret and knows no families.
fn foreign_refresh(claims: &str) -> String {
    let issuer =
        World::new("[profiles.a.claims]\nkind = { claim = \"kind\" }\n[profiles.a.sign]\n");
    issuer.sign(TokenKind::Refresh, claims)
}
