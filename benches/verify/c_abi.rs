#![expect(unsafe_code, reason = "calls the library as C does")]

use std::hint::black_box;
use std::ptr;

use bearerd::ffi::{
    bearerd_claims, bearerd_claims_free, bearerd_claims_view, bearerd_code, bearerd_slot,
    bearerd_str, bearerd_verifier_free, bearerd_verifier_new, bearerd_verify, bearerd_verify_opts,
    bearerd_verify_slot, bearerd_view,
};
use bearerd::verify::VerifyOptions;

use crate::rounds::{compare, contender};
use crate::tokens::{Turn, document, many, profiles};

type Free<T> = unsafe extern "C" fn(*mut T);

/// Row 7: what the C ABI adds to a hit. The functions are called through pointers that the compiler
/// cannot see through, as a caller in another language does.
pub(crate) fn run(rsa: &str) {
    let all = profiles("aws-lc-rs", rsa, 65_536);
    let own = all.get(Some("hs")).unwrap();
    let list = many(own, 1_000);
    let options = VerifyOptions::default();
    let config = document("aws-lc-rs", rsa, 65_536);
    let mut verifier = ptr::null_mut();
    // SAFETY: the text and the outputs live for the calls; the tokens do so for all of them.
    unsafe {
        let made = bearerd_verifier_new(
            config.as_ptr().cast(),
            config.len(),
            &raw mut verifier,
            ptr::null_mut(),
        );
        assert_eq!(made, 0);
    }
    let profile = "hs";
    let opts = bearerd_verify_opts {
        size: u32::try_from(size_of::<bearerd_verify_opts>()).unwrap(),
        kind: 0,
        profile: text(profile),
        audience: NONE,
        device: NONE,
        guard: ptr::null(),
    };
    let call = black_box(bearerd_verify as unsafe extern "C" fn(_, _, _, _, _, _) -> bearerd_code);
    let slot =
        black_box(bearerd_verify_slot as unsafe extern "C" fn(_, _, _, _, _, _, _) -> bearerd_code);
    let view = black_box(bearerd_claims_view as unsafe extern "C" fn(_, _) -> bearerd_code);
    let free = black_box(bearerd_claims_free as Free<_>);
    let whole = |token: &str| {
        let mut claims: *mut bearerd_claims = ptr::null_mut();
        // SAFETY: everything lives for the calls, and the claims are freed once.
        unsafe {
            let code = call(
                verifier.cast_const(),
                token.as_ptr().cast(),
                token.len(),
                &raw const opts,
                &raw mut claims,
                ptr::null_mut(),
            );
            let mut seen: bearerd_view = std::mem::zeroed();
            seen.size = u32::try_from(size_of::<bearerd_view>()).unwrap_or(0);
            let read = view(claims.cast_const(), &raw mut seen);
            let length = seen.subject.len;
            free(claims);
            (code, read, length)
        }
    };
    let name = |token: &str| {
        let mut entry = bearerd_slot {
            slot: 0,
            was_cached: 0,
            generation: 0,
        };
        // SAFETY: everything lives for the call.
        let code = unsafe {
            slot(
                verifier.cast_const(),
                token.as_ptr().cast(),
                token.len(),
                &raw const opts,
                &raw mut entry,
                ptr::null_mut(),
                ptr::null_mut(),
            )
        };
        (code, entry)
    };
    let verify = own.verifier();
    let mut kept = Vec::new();
    for token in list {
        assert!(verify.verify(&token, &options).is_ok());
        assert_eq!(whole(&token), (0, 0, "user-00000000".len()));
        let again = verify.verify(&token, &options).unwrap().was_cached();
        if again && name(&token).1.was_cached == 1 {
            kept.push(token);
        }
    }
    assert!(kept.len() > 950, "{} of 1000 are kept", kept.len());
    let (mut one, mut two, mut three) = (Turn::new(), Turn::new(), Turn::new());
    compare(
        "a hit through the C ABI, 1,000 hot tokens",
        vec![
            contender("bearerd in Rust, subject read", || {
                let verified = verify.verify(one.next(&kept), &options);
                verified.is_ok_and(|claims| claims.subject().is_some())
            }),
            contender("bearerd_verify, view with subject, free", || {
                whole(two.next::<String>(&kept)).2 > 0
            }),
            contender("bearerd_verify_slot", || {
                name(three.next::<String>(&kept)).0 == 0
            }),
        ],
    );
    // SAFETY: the handle is not used again.
    unsafe { bearerd_verifier_free(verifier) };
}

const NONE: bearerd_str = bearerd_str {
    ptr: ptr::null(),
    len: 0,
};

fn text(text: &str) -> bearerd_str {
    bearerd_str {
        ptr: text.as_ptr().cast(),
        len: text.len(),
    }
}
