//! Profiles of a configuration: who takes a token, and what a document may not say.

use std::sync::Arc;
use std::time::Duration;

use bearerd::claims::TokenKind;
use bearerd::clock::{Clock, ManualClock};
use bearerd::config::{Config, Environment, Profiles, Revoked};
use bearerd::error::{Code, Fault};
use bearerd::sign::{ClaimChange, Failure, Lifetime};
use bearerd::state::pats::NewPat;
use bearerd::verify::VerifyOptions;
use serde_json::json;

use crate::world::{DAY, START, ada};

const SECRET: &str = "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEM";

fn try_build(text: &str) -> Result<Profiles, Fault> {
    let environment = Environment::empty();
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(START));
    Config::from_text(text, "test", &environment)?.build(&environment, &clock)
}

fn three() -> Profiles {
    try_build(&format!(
        r#"
        default_profile = "signed"
        [profiles.signed]
        algorithms = ["HS256"]
        keys = [{{ secret_base64url = "{SECRET}" }}]
        sign = {{}}
        [profiles.both]
        algorithms = ["HS256"]
        keys = [{{ secret_base64url = "{SECRET}" }}]
        claims = {{ kind = {{ claim = "type" }} }}
        sign = {{}}
        rotation = {{}}
        pat = {{ prefix = "both_", max_lifetime = "90d" }}
        [profiles.pats]
        algorithms = []
        pat = {{ prefix = "only_", last_used_every = "1m" }}
        "#
    ))
    .unwrap()
}

fn code(profiles: &Profiles, name: Option<&str>, token: &str) -> Code {
    let verifier = profiles.verifier(name, token.as_bytes()).unwrap();
    match verifier.verify(token, &VerifyOptions::default()) {
        Ok(_) => Code::Ok,
        Err(reject) => reject.code(),
    }
}

/// Its prefix chooses the profile, as `iss` does for a JWT; a name that is given goes first.
#[test]
fn a_prefix_chooses_the_profile() {
    let profiles = three();
    let both = profiles
        .get(Some("both"))
        .unwrap()
        .create_pat(ada(), None)
        .unwrap();
    let only = profiles
        .get(Some("pats"))
        .unwrap()
        .create_pat(ada(), None)
        .unwrap();
    for (created, own, other) in [(&both, "both", "pats"), (&only, "pats", "both")] {
        assert_eq!(
            profiles
                .choose(None, created.token.as_bytes())
                .unwrap()
                .name(),
            own
        );
        assert_eq!(code(&profiles, None, &created.token), Code::Ok);
        assert_eq!(code(&profiles, Some(own), &created.token), Code::Ok);
        assert_eq!(
            code(&profiles, Some(other), &created.token),
            Code::Malformed
        );
        assert_eq!(
            code(&profiles, Some("signed"), &created.token),
            Code::Malformed
        );
    }
    assert_eq!(
        profiles.choose(None, b"other_token").unwrap().name(),
        "signed"
    );
}

/// A profile without keys takes no signed token, not even one that another profile signed.
#[test]
fn a_profile_may_be_without_keys() {
    let profiles = three();
    let claims = json!({"sub": "ada"}).as_object().unwrap().clone();
    let signed = profiles
        .get(None)
        .unwrap()
        .sign(TokenKind::Access, &claims, None)
        .unwrap();
    assert_eq!(
        code(&profiles, Some("pats"), &signed.token),
        Code::UnsupportedAlg
    );
    assert_eq!(code(&profiles, None, &signed.token), Code::Ok);
    assert!(profiles.reload_keys().is_ok());
}

/// What signs and rotates takes none, and makes none.
#[test]
fn nothing_is_signed_or_rotated() {
    let profiles = three();
    let both = profiles.get(Some("both")).unwrap();
    let created = both.create_pat(ada(), None).unwrap();
    match both.rotate(&*created.token, &ClaimChange::default(), None) {
        Err(Failure::Reject(reject)) => assert_eq!(reject.code(), Code::WrongTokenKind),
        other => panic!("{other:?}"),
    }
    let claims = json!({"sub": "ada"}).as_object().unwrap().clone();
    let fault = both.sign(TokenKind::Pat, &claims, None).unwrap_err();
    assert_eq!(fault.code(), Code::ValidationError);
    // A signed token cannot say that it is one.
    let claims = json!({"sub": "ada", "type": "pat"})
        .as_object()
        .unwrap()
        .clone();
    let signed = profiles
        .get(None)
        .unwrap()
        .sign(TokenKind::Access, &claims, None)
        .unwrap();
    assert_eq!(
        code(&profiles, Some("both"), &signed.token),
        Code::WrongTokenKind
    );
}

#[test]
fn a_token_at_hand_is_revoked() {
    let profiles = three();
    let both = profiles.get(Some("both")).unwrap();
    let created = both.create_pat(ada(), None).unwrap();
    assert_eq!(code(&profiles, None, &created.token), Code::Ok);
    assert_eq!(both.revoke_token(&created.token).unwrap(), Revoked::Pat);
    assert_eq!(both.revoke_token(&created.token).unwrap(), Revoked::Nothing);
    assert_eq!(code(&profiles, None, &created.token), Code::Revoked);
    for wrong in ["both_", "only_x", "", &created.token[..40]] {
        match both.revoke_pat(wrong) {
            Err(Failure::Reject(reject)) => assert_eq!(reject.code(), Code::Malformed),
            other => panic!("{other:?}"),
        }
    }
    let by_handle = both.create_pat(ada(), None).unwrap();
    both.revoke_handle(&by_handle.pat.id).unwrap();
    assert_eq!(code(&profiles, None, &by_handle.token), Code::Revoked);
}

#[test]
fn lifetimes_are_the_profiles() {
    let profiles = three();
    let both = profiles.get(Some("both")).unwrap();
    let ends = |lifetime| {
        both.create_pat(ada(), lifetime)
            .map(|made| made.pat.expires_at)
    };
    assert_eq!(ends(None).unwrap(), Some(START.plus(90 * DAY)));
    assert_eq!(
        ends(Some(Lifetime::For(DAY))).unwrap(),
        Some(START.plus(DAY))
    );
    for wrong in [Lifetime::Unlimited, Lifetime::For(91 * DAY)] {
        assert_eq!(ends(Some(wrong)).unwrap_err().code(), Code::ValidationError);
    }
    let pats = profiles.get(Some("pats")).unwrap();
    let endless = pats.create_pat(ada(), Some(Lifetime::Unlimited)).unwrap();
    assert_eq!(endless.pat.expires_at, None);
    assert_eq!(
        pats.pats().unwrap().store().settings().last_used_every,
        Duration::from_secs(60)
    );
    let fault = profiles
        .get(None)
        .unwrap()
        .create_pat(NewPat::of("x"), None)
        .unwrap_err();
    assert_eq!(fault.code(), Code::ValidationError);
    assert!(
        fault.to_string().contains("[profiles.signed.pat]"),
        "{fault}"
    );
}

#[test]
fn what_a_document_may_not_say() {
    let pair = |one: &str, two: &str| {
        format!(
            "[profiles.a]\nalgorithms = []\n[profiles.a.pat]\nprefix = \"{one}\"\n[profiles.b]\nalgorithms = []\n[profiles.b.pat]\nprefix = \"{two}\"\n"
        )
    };
    for (one, two) in [("bp_", "bp_"), ("bp_", "bp_x_"), ("bp_x_", "bp_")] {
        let fault = try_build(&pair(one, two)).unwrap_err();
        assert_eq!(fault.code(), Code::ConfigError);
        assert!(
            fault.chain().contains("pat.prefix of one begins"),
            "{}",
            fault.chain()
        );
    }
    assert!(try_build(&pair("bp_", "bpx_")).is_ok());
    for (text, what) in [
        (
            "[profiles.a]\nalgorithms = []\n[profiles.a.pat]\nprefix = \"BP_\"\n",
            "pat.prefix",
        ),
        (
            "[profiles.a]\nalgorithms = []\n[profiles.a.pat]\nprefix = \"eyJ_\"\n",
            "pat.prefix",
        ),
        (
            "[profiles.a]\nalgorithms = []\n[profiles.a.pat]\nprefix = \"bp_\"\nmax_lifetime = 0\n",
            "pat.max_lifetime",
        ),
        (
            "[profiles.a]\nalgorithms = []\n[profiles.a.pat]\nprefix = \"bp_\"\nlast_used_every = 0\n",
            "pat.last_used_every",
        ),
        (
            "[profiles.a]\nalgorithms = []\n[profiles.a.pat]\nprefix = \"bp_\"\nlifetime = 1\n",
            "lifetime",
        ),
        (
            "[profiles.a]\nalgorithms = []\n[profiles.a.pat]\n",
            "prefix",
        ),
        ("[profiles.a]\nalgorithms = []\n", "keys"),
        (
            "[profiles.a]\nalgorithms = []\nclaims = { kind = { claim = \"t\", access = \"pat\" } }\npat = { prefix = \"bp_\" }\n",
            "claims.kind",
        ),
        (
            "[profiles.a]\nalgorithms = []\nclaims = { kind = { claim = \"sub\" } }\npat = { prefix = \"bp_\" }\n",
            "claims.kind",
        ),
    ] {
        let fault = try_build(text).unwrap_err();
        assert_eq!(fault.code(), Code::ConfigError);
        assert!(fault.chain().contains(what), "{}", fault.chain());
    }
}
