//! Verification against the raw primitive, cold and cached, and the JSON parsers side by side.
//!
//! Prints tables of interleaved rounds, then hands the same calls to criterion. Every answer is
//! asserted before anything is timed.

#![expect(
    clippy::disallowed_methods,
    reason = "benches take the time themselves"
)]
#![expect(
    clippy::cast_precision_loss,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench"
)]

#[expect(unreachable_pub, reason = "shared by packages")]
#[path = "../support/rounds.rs"]
mod rounds;
#[expect(unreachable_pub, reason = "shared by packages")]
#[path = "../support/tokens.rs"]
mod tokens;

mod cold;
mod hits;
mod parsers;

fn main() {
    let rsa = rsa_pem();
    let mut criterion = criterion::Criterion::default()
        .configure_from_args()
        .sample_size(20);
    cold::run(&rsa, &mut criterion);
    hits::run(&rsa, &mut criterion);
    parsers::run();
    criterion.final_summary();
}

fn rsa_pem() -> String {
    use bearerd::crypto::{Algorithm, KeyMaterial, aws_lc_rs};
    match aws_lc_rs().generate(Algorithm::RS256).unwrap() {
        KeyMaterial::Private(key) => bearerd::jwk::private_key_pem(&key).unwrap().to_string(),
        _ => unreachable!("RS256 keys are private keys"),
    }
}
