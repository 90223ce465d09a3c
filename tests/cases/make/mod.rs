//! The description of the shared cases, from which the file is made.

mod algorithms;
mod cache;
mod case;
mod claims;
mod configurations;
mod encoding;
mod ending;
mod faults;
mod form;
mod guards;
mod header;
mod headers;
mod hostile;
mod kinds;
mod mint;
mod pats;
mod payload;
mod permissions;
mod profiles;
mod revocation;
mod revoked_pats;
mod rights;
mod rotation;
mod sessions;
mod side_by_side;
mod signature;
mod times;
mod values;
mod wrong_pats;

use case::Case;
use mint::Mint;

/// When tokens end that are to last: 2100.
const FAR: i64 = 4_102_444_800;
/// When tokens were issued: 2023.
const ISSUED: i64 = 1_700_000_000;
/// When tokens ended that are over: 2001.
const LONG_AGO: i64 = 1_000_000_000;

/// The whole file. Signatures that are random by nature are taken from `before`, where they
/// verify, so that the file stays as it is until its description changes.
pub(crate) fn file(before: &str) -> String {
    let mint = Mint::new(before);
    let cases: Vec<Case> = [
        algorithms::cases(&mint),
        signature::cases(&mint),
        form::cases(&mint),
        encoding::cases(&mint),
        hostile::cases(&mint),
        header::cases(&mint),
        payload::cases(&mint),
        times::cases(&mint),
        values::cases(&mint),
        claims::cases(&mint),
        kinds::cases(&mint),
        guards::cases(&mint),
        permissions::cases(&mint),
        profiles::cases(&mint),
        headers::cases(&mint),
        cache::cases(&mint),
        revocation::cases(&mint),
        faults::cases(&mint),
        sessions::cases(&mint),
        ending::cases(),
        rights::cases(),
        rotation::cases(),
        pats::cases(&mint),
        wrong_pats::cases(),
        revoked_pats::cases(),
        side_by_side::cases(&mint),
    ]
    .into_iter()
    .flatten()
    .collect();
    // One line a step, so that a change shows as the steps it changes.
    let configurations: Vec<String> = configurations::all(&mint)
        .iter()
        .map(|(name, document)| format!("    {name:?}: {document}"))
        .collect();
    let cases: Vec<String> = cases.iter().map(Case::text).collect();
    format!(
        "{{\n  \"configurations\": {{\n{}\n  }},\n  \"cases\": [\n{}\n  ]\n}}\n",
        configurations.join(",\n"),
        cases.join(",\n")
    )
}
