//! Verification against the raw primitive, cold and cached, and the JSON parsers side by side.
//!
//! Prints tables of interleaved rounds, then hands the same calls to criterion, which is passed over
//! where the figures are wanted for a report. Every answer is
//! asserted before anything is timed.

#![expect(
    clippy::disallowed_methods,
    reason = "benches take the time themselves"
)]
#![expect(
    clippy::cast_precision_loss,
    clippy::expect_used,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench"
)]

#[expect(unreachable_pub, reason = "shared by packages")]
#[path = "../support/record.rs"]
mod record;
#[expect(unreachable_pub, reason = "shared by packages")]
#[path = "../support/rounds.rs"]
mod rounds;
#[expect(unreachable_pub, reason = "shared by packages")]
#[path = "../support/tokens.rs"]
mod tokens;

mod c_abi;
mod cold;
mod hits;
mod latency;
mod parsers;
mod pats;
mod permissions;
mod revoked;

fn main() {
    let rsa = rsa_pem();
    let mut criterion = Statistics((!record::wanted()).then(|| {
        criterion::Criterion::default()
            .configure_from_args()
            .sample_size(20)
    }));
    // `cargo bench --bench verify -- cold` runs that part alone; criterion reads the same filter.
    let filter = std::env::args()
        .skip(1)
        .find(|argument| !argument.starts_with('-'));
    let wanted = |part: &str| {
        filter
            .as_ref()
            .is_none_or(|filter| filter.starts_with(part))
    };
    if wanted("cold") {
        cold::run(&rsa, &mut criterion);
    }
    if wanted("hit") {
        hits::run(&rsa, &mut criterion);
    }
    if wanted("c_abi") {
        c_abi::run(&rsa);
    }
    if wanted("pats") {
        pats::run(&rsa, &mut criterion);
    }
    if wanted("permissions") {
        permissions::run();
    }
    if wanted("parsers") {
        parsers::run();
    }
    if wanted("latency") {
        latency::run(&rsa);
    }
    if wanted("revoked") {
        revoked::run(&rsa);
    }
    if let Some(criterion) = criterion.0 {
        criterion.final_summary();
    }
}

/// Criterion, where it is wanted.
struct Statistics(Option<criterion::Criterion>);

impl Statistics {
    fn bench(&mut self, name: &str, mut call: impl FnMut() -> bool) {
        if let Some(criterion) = &mut self.0 {
            criterion.bench_function(name, |bencher| bencher.iter(&mut call));
        }
    }
}

fn rsa_pem() -> String {
    use bearerd::crypto::{Algorithm, KeyMaterial, aws_lc_rs};
    match aws_lc_rs().generate(Algorithm::RS256).unwrap() {
        KeyMaterial::Private(key) => bearerd::jwk::private_key_pem(&key).unwrap().to_string(),
        _ => unreachable!("RS256 keys are private keys"),
    }
}
