#![expect(unsafe_code, reason = "calls the library as C does")]

use std::hint::black_box;
use std::ptr;
use std::sync::Arc;

use bearerd::claims::TokenKind;
use bearerd::clock::{Clock, SystemClock};
use bearerd::config::{Config, Environment, Profiles};
use bearerd::crypto::{Algorithm, KeyMaterial, KeyStrength, aws_lc_rs};
use bearerd::ffi::{
    bearerd_slot, bearerd_str, bearerd_verifier_new, bearerd_verify_opts, bearerd_verify_slot,
};
use bearerd::guard::Guard;
use bearerd::secret::Secret;
use bearerd::verify::VerifyOptions;

pub(crate) const NAMES: [&str; 8] = [
    "hit",
    "hit-with-guard",
    "cold-HS256",
    "sign-HS256",
    "chosen-hit",
    "rejected-signature",
    "rejected-form",
    "slot-call-of-the-C-ABI",
];

const SECRET: &str = "vRQJ8mTn0cWf5yB2xKqZ7hLpSd3gUeA1oNiXw4bYtEM";
/// The same bytes in every run, and good until the year 2100.
const CLAIMS: &str = r#"{"sub":"user-00000001","iat":1763792400,"exp":4102444800,"jti":"0b5a3f8e-7b1c-4d1e-9a61-2f6f1f2f3a4b","tokenType":"access","roleId":4,"vip":true,"teamId":"team-00042","scope":["read:orders","write:orders","read:users"],"deviceId":"d4c1-7f9e-22ab"}"#;

/// What of them a signer is given.
const SIGNED: &str = r#"{"sub":"user-00000001","roleId":4,"vip":true,"teamId":"team-00042","scope":["read:orders","write:orders","read:users"],"deviceId":"d4c1-7f9e-22ab"}"#;

/// The only code that is counted.
#[inline(never)]
fn measured_work(work: &mut dyn FnMut()) {
    work();
}

/// Warms a case up, then runs it so many times under [`measured_work`].
pub(crate) fn run(name: &str, calls: u64) {
    let token = token();
    let (head, signature) = token.rsplit_once('.').unwrap();
    let forged = format!("{head}.A{}", &signature[1..]);
    assert_ne!(forged, token);
    let none = VerifyOptions::default();
    let guard =
        Guard::from_json(br#"{"roles":[4],"scopes":["read:orders"],"token":"access"}"#).unwrap();
    let guarded = VerifyOptions::default().guard(&guard);
    let (cached, cold) = (profiles("65536"), profiles("0"));
    let accepts = |profiles: &Profiles, token: &str, options| {
        profiles
            .get(None)
            .unwrap()
            .verifier()
            .verify(black_box(token), options)
            .is_ok()
    };
    let verifier = Arc::clone(cached.get(None).unwrap().verifier());
    let bare = Arc::clone(cold.get(None).unwrap().verifier());
    assert!(accepts(&cached, &token, &guarded) && accepts(&cold, &token, &guarded));
    assert!(!accepts(&cached, &forged, &none));
    assert!(verifier.verify(&token, &none).unwrap().was_cached());
    match name {
        "hit" => repeat(calls, || verifier.verify(black_box(&token), &none).is_ok()),
        "hit-with-guard" => repeat(calls, || {
            verifier.verify(black_box(&token), &guarded).is_ok()
        }),
        "cold-HS256" => repeat(calls, || bare.verify(black_box(&token), &none).is_ok()),
        "sign-HS256" => {
            let profile = cached.get(None).unwrap();
            let claims = serde_json::from_str(SIGNED).unwrap();
            let sign = || profile.sign(TokenKind::Access, black_box(&claims), None);
            assert!(accepts(&cached, &sign().unwrap().token, &guarded));
            repeat(calls, || sign().is_ok());
        }
        "chosen-hit" => chosen(calls, &token),
        "rejected-signature" => {
            repeat(calls, || {
                verifier.verify(black_box(&forged), &none).is_err()
            });
        }
        "rejected-form" => repeat(calls, || verifier.verify(black_box(head), &none).is_err()),
        "slot-call-of-the-C-ABI" => slot(calls, &token),
        other => panic!("there is no case {other}"),
    }
}

fn repeat(calls: u64, mut right: impl FnMut() -> bool) {
    for _ in 0..10 {
        assert!(right());
    }
    let mut wrong = 0;
    for _ in 0..calls {
        measured_work(&mut || wrong += u32::from(!right()));
    }
    assert_eq!(wrong, 0);
}

/// As a sidecar does where several issuers are mapped to profiles: the profile is chosen by the
/// token, which is then verified. Every profile keeps claims.
fn chosen(calls: u64, token: &str) {
    let profile = |name: &str| {
        format!(
            "[profiles.{name}]\nalgorithms = [\"HS256\"]\nissuer = \"https://{name}.example\"\n\
             keys = [{{ secret_base64url = \"{SECRET}\" }}]\nsign = {{}}\n"
        )
    };
    let names = ["one", "two", "three", "four"];
    let mut text: String = names.map(profile).concat();
    text.push_str("[issuers]\n");
    for name in names {
        text.push_str(&format!("\"https://{name}.example\" = \"{name}\"\n"));
    }
    let profiles = build(&text);
    let own = profiles.get(Some("three")).unwrap();
    let claims = serde_json::from_str(SIGNED).unwrap();
    let signed = own.sign(TokenKind::Access, &claims, None).unwrap().token;
    let none = VerifyOptions::default();
    assert!(own.verifier().verify(token, &none).is_err());
    let verify = || {
        let signed = black_box(signed.as_bytes());
        let verifier = profiles.verifier(None, signed).unwrap();
        verifier.verify(signed, &none).unwrap().was_cached()
    };
    assert!(!verify());
    repeat(calls, verify);
}

fn slot(calls: u64, token: &str) {
    let config = document("65536");
    let mut verifier = ptr::null_mut();
    // SAFETY: the text and the output live for the call.
    let made = unsafe {
        let text = config.as_ptr().cast();
        bearerd_verifier_new(text, config.len(), &raw mut verifier, ptr::null_mut())
    };
    assert_eq!(made, 0);
    let none = || bearerd_str {
        ptr: ptr::null(),
        len: 0,
    };
    let opts = bearerd_verify_opts {
        size: u32::try_from(size_of::<bearerd_verify_opts>()).unwrap(),
        kind: 0,
        profile: none(),
        audience: none(),
        device: none(),
        guard: ptr::null(),
    };
    let call = black_box(
        bearerd_verify_slot
            as unsafe extern "C" fn(_, _, _, _, _, _, _) -> bearerd::ffi::bearerd_code,
    );
    repeat(calls, || {
        let mut entry = bearerd_slot {
            slot: 0,
            was_cached: 0,
            generation: 0,
        };
        // SAFETY: everything lives for the call; the verifier is never freed.
        let code = unsafe {
            call(
                verifier.cast_const(),
                token.as_ptr().cast(),
                token.len(),
                &raw const opts,
                &raw mut entry,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        code == 0 && entry.generation != 0
    });
}

fn profiles(entries: &str) -> Profiles {
    build(&document(entries))
}

fn build(text: &str) -> Profiles {
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let none = Environment::empty();
    let config = Config::from_text(text, "instructions", &none).unwrap();
    config.build(&none, &clock).unwrap()
}

fn document(entries: &str) -> String {
    format!(
        "[profiles.hs]\nalgorithms = [\"HS256\"]\nkeys = [{{ secret_base64url = \"{SECRET}\" }}]\n\
         claims = {{ role = \"roleId\", team = \"teamId\", kind = {{ claim = \"tokenType\" }} }}\n\
         cache = {{ max_entries = {entries} }}\nsign = {{}}\n"
    )
}

fn token() -> String {
    let secret = bearerd::base64url::decode(SECRET.as_bytes()).unwrap();
    let material = KeyMaterial::Symmetric(Secret::new(secret));
    let key = aws_lc_rs()
        .sign_key(Algorithm::HS256, &material, KeyStrength::Standard)
        .unwrap();
    let encode = bearerd::base64url::encode;
    let message = format!(
        "{}.{}",
        encode(br#"{"alg":"HS256","typ":"JWT"}"#),
        encode(CLAIMS.as_bytes())
    );
    let mut signature = Vec::new();
    key.sign(message.as_bytes(), &mut signature).unwrap();
    format!("{message}.{}", encode(&signature))
}
