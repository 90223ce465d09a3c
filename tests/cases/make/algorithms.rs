use bearerd::crypto::Algorithm;
use bearerd::error::Code;

use super::FAR;
use super::case::Case;
use super::mint::Mint;

pub(super) fn cases(mint: &Mint) -> Vec<Case> {
    let mut cases: Vec<Case> = Algorithm::all()
        .map(|algorithm| alone(mint, algorithm))
        .collect();
    cases.extend([
        one_rsa_key(mint),
        every_kind_of_key(mint),
        jwk_set(mint),
        another_key(mint),
    ]);
    cases
}

fn payload(algorithm: Algorithm) -> String {
    format!(r#"{{"sub":"ada","by":"{algorithm}","exp":{FAR}}}"#)
}

/// Each accepted by its own profile, and a changed payload or signature refused.
fn alone(mint: &Mint, algorithm: Algorithm) -> Case {
    let configuration = match algorithm {
        Algorithm::HS256 => "hs256",
        Algorithm::HS384 => "hs384",
        Algorithm::HS512 => "hs512",
        Algorithm::RS256 => "rs256",
        Algorithm::RS384 => "rs384",
        Algorithm::RS512 => "rs512",
        Algorithm::PS256 => "ps256",
        Algorithm::PS384 => "ps384",
        Algorithm::PS512 => "ps512",
        Algorithm::ES256 => "es256",
        Algorithm::ES384 => "es384",
        Algorithm::ES512 => "es512",
        _ => "eddsa",
    };
    let good = mint.token(algorithm, payload(algorithm));
    let mallory = mint.token(algorithm, payload(algorithm).replace("ada", "eve"));
    let transplanted = mallory.with(2, |_| good.parts()[2].to_owned());
    let flipped = good.with(2, |signature| {
        let first = if signature.starts_with('A') { "B" } else { "A" };
        format!("{first}{}", &signature[1..])
    });
    Case::new(format!("algorithm: {algorithm}"), configuration).beside(
        &good,
        [transplanted, flipped],
        Code::InvalidSignature,
    )
}

/// A key without an algorithm of its own serves those of its family that the profile lists, and
/// a signature of one of them is none of another.
fn one_rsa_key(mint: &Mint) -> Case {
    let family = [
        Algorithm::RS256,
        Algorithm::RS384,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
    ];
    let mut case = Case::new("algorithm: one RSA key serves six", "one RSA key");
    for algorithm in family {
        case = case.accepts(&mint.token(algorithm, payload(algorithm)));
    }
    for (said, signed) in [
        (Algorithm::RS256, Algorithm::PS256),
        (Algorithm::PS256, Algorithm::RS256),
        (Algorithm::RS384, Algorithm::RS256),
        (Algorithm::PS512, Algorithm::PS384),
    ] {
        let header = format!(r#"{{"alg":"{said}"}}"#);
        let token = mint.with_header(signed, header, payload(signed));
        case = case.refuses(&token.text, Code::InvalidSignature);
    }
    case
}

fn every_kind_of_key(mint: &Mint) -> Case {
    let mut case = Case::new(
        "algorithm: a profile with every kind of key",
        "every kind of key",
    );
    for (algorithm, kid) in KIDS {
        let named = format!(r#"{{"alg":"{algorithm}","kid":"{kid}"}}"#);
        case = case
            .accepts(&mint.with_header(algorithm, named, payload(algorithm)))
            .accepts(&mint.token(algorithm, payload(algorithm)));
    }
    for (algorithm, _) in KIDS {
        for (_, kid) in KIDS
            .iter()
            .filter(|(other, _)| *other != algorithm && other.family() != algorithm.family())
        {
            let crossed = format!(r#"{{"alg":"{algorithm}","kid":"{kid}"}}"#);
            let token = mint.with_header(algorithm, crossed, payload(algorithm));
            case = case.refuses(&token.text, Code::UnknownKey);
        }
    }
    case
}

const KIDS: [(Algorithm, &str); 5] = [
    (Algorithm::HS256, "hs"),
    (Algorithm::RS256, "rsa"),
    (Algorithm::PS256, "rsa"),
    (Algorithm::ES256, "ec"),
    (Algorithm::EdDSA, "ed"),
];

/// What in a set is for another purpose or algorithm is not used.
fn jwk_set(mint: &Mint) -> Case {
    let token = |algorithm: Algorithm, kid: &str| {
        let header = format!(r#"{{"alg":"{algorithm}","kid":"{kid}"}}"#);
        mint.with_header(algorithm, header, payload(algorithm))
    };
    let mut case = Case::new("keys: a JWK set with keys for other purposes", "JWK set")
        .accepts(&token(Algorithm::RS256, "r"))
        .accepts(&token(Algorithm::ES256, "e"));
    for (algorithm, kid, code) in [
        (Algorithm::ES256, "enc", Code::UnknownKey),
        (Algorithm::RS256, "ps", Code::UnknownKey),
        (Algorithm::ES256, "later", Code::UnknownKey),
        (Algorithm::PS256, "ps", Code::UnsupportedAlg),
        (Algorithm::RS256, "e", Code::UnknownKey),
    ] {
        case = case.refuses(token(algorithm, kid), code);
    }
    case
}

fn another_key(mint: &Mint) -> Case {
    Case::new(
        "keys: signed by an RSA key that is not the profile's",
        "another RSA key",
    )
    .refuses(
        mint.token(Algorithm::RS256, payload(Algorithm::RS256)),
        Code::InvalidSignature,
    )
}
