//! The form of a token, and what is refused by it alone.

use bearerd::error::{Code, Malformed, Reject};
use bearerd::state::pats::PatFormat;
use bearerd::verify::VerifyOptions;
use proptest::prelude::*;

use crate::world::{PREFIX, ada, alone, changed};

#[test]
fn a_token_is_found_by_one_regular_expression() {
    let (_, process) = alone();
    let token = process.create(ada()).token;
    let tail = token.strip_prefix(PREFIX).unwrap();
    assert_eq!(tail.len(), 49);
    assert!(tail.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    assert_eq!(PatFormat::TAIL, 49);
}

/// Row R5: nothing of another form costs a read of the store.
#[test]
fn r5_what_is_not_of_the_form_is_refused_without_the_store() {
    let (world, process) = alone();
    let token = process.create(ada()).token;
    let asked = world.store.calls();
    let form = Reject::malformed(Malformed::PatForm);
    let sum = Reject::malformed(Malformed::PatChecksum);
    let short = token[..token.len() - 1].to_owned();
    let mut cases = vec![
        (PREFIX.to_owned(), form),
        (short, form),
        (format!("{}0", *token), form),
        (format!("{} ", *token), form),
        (format!("{}\n", &token[..token.len() - 1]), form),
        (format!("{}-{}", &token[..20], &token[21..]), form),
        (format!("{}é{}", &token[..20], &token[22..]), form),
        (format!("{}\0{}", &token[..20], &token[21..]), form),
        (
            format!("{PREFIX}{PREFIX}{}", &token[2 * PREFIX.len()..]),
            form,
        ),
        (format!("{PREFIX}{}", "a".repeat(1 << 20)), form),
        (format!("{PREFIX}{}", "0".repeat(49)), sum),
    ];
    for at in PREFIX.len()..token.len() {
        cases.push((changed(&token, at), sum));
    }
    for at in PREFIX.len()..token.len() - 1 {
        let mut swapped = token.as_bytes().to_vec();
        swapped.swap(at, at + 1);
        if swapped != token.as_bytes() {
            cases.push((String::from_utf8(swapped).unwrap(), sum));
        }
    }
    for _ in 0..2 {
        for (wrong, reject) in &cases {
            let verdict = process.verifier.verify(wrong, &VerifyOptions::default());
            assert_eq!(verdict.map(|_| ()), Err(*reject));
        }
    }
    assert_eq!(world.store.calls(), asked, "the store was asked");
    assert_eq!(process.verifier.cache_stats().inserts, 0);
}

/// Row R5: without the prefix it is no such token, whatever follows; nor does a JWT have it.
#[test]
fn r5_another_prefix_is_another_kind_of_token() {
    let (world, process) = alone();
    let token = process.create(ada()).token;
    let asked = world.store.calls();
    let tail = &token[PREFIX.len()..];
    for other in [
        "",
        "acme_pa_",
        "ACME_PAT_",
        " acme_pat_",
        "bp_",
        "acme_pat",
        "Bearer acme_pat_",
    ] {
        assert_eq!(
            process.code(format!("{other}{tail}")),
            Code::Malformed,
            "{other}"
        );
    }
    let jwt = "eyJhbGciOiJub25lIn0.e30.AAAA";
    assert_eq!(process.code(jwt), Code::UnsupportedAlg);
    let mixed = format!("{PREFIX}{jwt}");
    assert_eq!(process.code(mixed), Code::Malformed);
    assert_eq!(world.store.calls(), asked);
}

#[test]
fn prefixes_that_would_be_mistaken_are_refused() {
    for good in ["memos_pat_", "bp_", "a1_", "eat_", "acme_pat_v2_"] {
        assert!(PatFormat::new(good).is_ok(), "{good}");
    }
    let long = format!("{}_", "a".repeat(32));
    let bad = [
        "", "_", "a_", "ab", "abc", "1a_", "_ab_", "Abc_", "a-b_", "a b_", "a.b_", "é__", "ab_\n",
        "a/b_", "ey_", "eyj_", "e0_", "ew_", "e__", &long,
    ];
    for bad in bad {
        let fault = PatFormat::new(bad).unwrap_err();
        assert_eq!(fault.code(), Code::ConfigError);
        assert!(fault.to_string().starts_with("pat.prefix: "), "{fault}");
    }
}

proptest! {
    /// Whatever is sent is refused without the store, unless its checksum holds by chance.
    #[test]
    fn r5_noise_never_reaches_the_store(tail in any::<Vec<u8>>(), like in "[0-9A-Za-z]{49}") {
        let (world, process) = alone();
        let asked = world.store.calls();
        for tail in [&tail[..], like.as_bytes()] {
            let token = [PREFIX.as_bytes(), tail].concat();
            prop_assert_eq!(process.code(token), Code::Malformed);
        }
        prop_assert_eq!(world.store.calls(), asked);
    }
}
