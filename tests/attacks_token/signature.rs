//! Signatures that are not, and second texts of those that are.

use super::*;

#[test]
fn t09_signatures_that_are_not() {
    for provider in providers() {
        for algorithm in offered(*provider) {
            let text = good(algorithm);
            let pair = Pair::new(*provider, &[algorithm], "", &text);
            let [head, payload, encoded] = parts(&text);
            let input = format!("{head}.{payload}");
            let signature = base64url::decode(encoded.as_bytes()).unwrap();
            let length = signature.len();
            let elsewhere = token(
                algorithm,
                key(algorithm),
                header(algorithm),
                claims(r#""x":1"#),
            );
            let elsewhere = base64url::decode(parts(&elsewhere)[2].as_bytes()).unwrap();
            let mut forged = vec![
                ("empty", Vec::new()),
                ("one byte", vec![signature[0]]),
                ("half", signature[..length / 2].to_vec()),
                ("without its last byte", signature[..length - 1].to_vec()),
                ("without its first byte", signature[1..].to_vec()),
                ("with a zero behind", [&signature[..], &[0]].concat()),
                ("with a zero before", [&[0], &signature[..]].concat()),
                ("twice", [&signature[..], &signature[..]].concat()),
                ("all zero", vec![0; length]),
                ("all ones", vec![0xff; length]),
                ("backwards", signature.iter().rev().copied().collect()),
                ("2 kB of zeros", vec![0; 2_000]),
                ("of another token", elsewhere),
                (
                    "of another key",
                    sign(algorithm, other_key(algorithm), input.as_bytes()),
                ),
                (
                    "over the payload alone",
                    sign(algorithm, key(algorithm), payload.as_bytes()),
                ),
                (
                    "over the text with a dot",
                    sign(algorithm, key(algorithm), format!("{input}.").as_bytes()),
                ),
            ];
            for bit in [0, 7, length * 4, length * 8 - 1] {
                let mut flipped = signature.clone();
                flipped[bit / 8] ^= 1 << (bit % 8);
                forged.push(("with one bit changed", flipped));
            }
            for (what, signature) in forged {
                let text = format!("{input}.{}", base64url::encode(&signature));
                pair.refuses((algorithm, what), &text, bad_signature());
            }
            pair.nothing_stuck();
        }
    }
}

/// A profile that has that RSA key, as JWK, for that algorithm.
fn rsa_bench(provider: Provider, algorithm: &str, jwk: &serde_json::Value) -> Bench {
    let text = format!(
        "[profiles.api]\nprovider = \"{}\"\nalgorithms = [\"{algorithm}\"]\n\n[[profiles.api.keys]]\njwk = '{jwk}'\n",
        provider.name()
    );
    Bench::from_toml(provider, &text)
}

#[test]
fn t10_rsa_signatures_made_by_hand() {
    let document: serde_json::Value =
        serde_json::from_str(include_str!("../vectors/rsa_forgeries.json")).unwrap();
    let tokens = document["tokens"].as_array().unwrap();
    assert!(tokens.len() > 60);
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    for provider in providers() {
        for name in ["e65537", "e3"] {
            for algorithm in ["RS256", "PS256"] {
                let start = base64url::encode(format!(r#"{{"alg":"{algorithm}"}}"#).as_bytes());
                let of_algorithm = tokens.iter().filter(|entry| {
                    entry["key"] == name && text(&entry["token"]).starts_with(&start)
                });
                let (good, forged): (Vec<_>, Vec<_>) =
                    of_algorithm.partition(|entry| entry["good"] == true);
                assert_eq!(good.len(), 1);
                assert!(forged.len() >= 10);
                let jwk = &document["keys"][name];
                let good = text(&good[0]["token"]);
                let pair = Pair::of(|| rsa_bench(*provider, algorithm, jwk), &good);
                for entry in forged {
                    pair.refuses(
                        (name, &entry["name"]),
                        text(&entry["token"]),
                        bad_signature(),
                    );
                }
                pair.nothing_stuck();
            }
        }
    }
}

/// Big-endian `a + b`; `None` where the sum is longer.
fn add(a: &[u8], b: &[u8]) -> Option<Vec<u8>> {
    let (mut sum, mut carry) = (vec![0; a.len()], 0);
    for at in (0..a.len()).rev() {
        let digit = u16::from(a[at]) + u16::from(b[at]) + carry;
        sum[at] = u8::try_from(digit & 0xff).expect("is masked");
        carry = digit >> 8;
    }
    (carry == 0).then_some(sum)
}

/// Big-endian `a - b`, where `a` is the larger.
fn subtract(a: &[u8], b: &[u8]) -> Vec<u8> {
    let (mut rest, mut borrow) = (vec![0; a.len()], 0);
    for at in (0..a.len()).rev() {
        let digit = i16::from(a[at]) - i16::from(b[at]) - borrow;
        rest[at] = u8::try_from(digit.rem_euclid(256)).expect("is reduced");
        borrow = i16::from(digit < 0);
    }
    rest
}

#[test]
fn t10_a_second_text_for_one_rsa_signature() {
    let algorithms = [
        RS256,
        Algorithm::RS512,
        Algorithm::PS256,
        Algorithm::PS384,
        Algorithm::PS512,
    ];
    for algorithm in algorithms {
        // One of some 256 signatures begins with a zero octet: look for one.
        let (short, wide) = find_signatures(algorithm);
        let Some(PublicKey::Rsa { n, .. }) = key(algorithm).public() else {
            panic!("another family")
        };
        for provider in providers() {
            let (input, signature) = &short;
            let with =
                |input: &str, signature: &[u8]| format!("{input}.{}", base64url::encode(signature));
            let pair = Pair::new(*provider, &[algorithm], "", &with(input, signature));
            pair.refuses(
                (algorithm, "without its zero"),
                with(input, &signature[1..]),
                bad_signature(),
            );
            pair.refuses(
                (algorithm, "with another zero"),
                with(input, &[&[0], &signature[..]].concat()),
                bad_signature(),
            );
            let zeros = [&[0; 256], &signature[..]].concat();
            pair.refuses(
                (algorithm, "twice as long"),
                with(input, &zeros),
                bad_signature(),
            );
            let larger = add(signature, n).expect("it begins with a zero");
            pair.refuses((algorithm, "s + n"), with(input, &larger), bad_signature());
            pair.refuses((algorithm, "n"), with(input, n), bad_signature());
            let (input, signature) = &wide;
            pair.refuses(
                (algorithm, "n - s"),
                with(input, &subtract(n, signature)),
                bad_signature(),
            );
            pair.nothing_stuck();
        }
    }
}

/// A signing input whose signature begins with a zero octet, and one whose does not.
fn find_signatures(algorithm: Algorithm) -> ((String, Vec<u8>), (String, Vec<u8>)) {
    let head = base64url::encode(header(algorithm).as_bytes());
    let (mut short, mut wide) = (None, None);
    for n in 0..20_000 {
        let payload = base64url::encode(claims(&format!(r#""n":{n}"#)).as_bytes());
        let input = format!("{head}.{payload}");
        let signature = sign(algorithm, key(algorithm), input.as_bytes());
        let found = if signature[0] == 0 {
            &mut short
        } else {
            &mut wide
        };
        found.get_or_insert((input, signature));
        if short.is_some() && wide.is_some() {
            break;
        }
    }
    (short.expect("one of 256"), wide.expect("the others"))
}

#[test]
fn t11_ecdsa_signatures() {
    let orders = [
        (
            Algorithm::ES256,
            "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551",
        ),
        (
            Algorithm::ES384,
            "ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973",
        ),
    ];
    for provider in providers() {
        for (algorithm, order) in orders {
            let order: Vec<u8> = (0..order.len() / 2)
                .map(|at| u8::from_str_radix(&order[2 * at..2 * at + 2], 16).unwrap())
                .collect();
            let size = order.len();
            let text = good(algorithm);
            let pair = Pair::new(*provider, &[algorithm], "", &text);
            let [head, payload, encoded] = parts(&text);
            let with = |r: &[u8], s: &[u8]| {
                format!("{head}.{payload}.{}", base64url::encode(&[r, s].concat()))
            };
            let signature = base64url::decode(encoded.as_bytes()).unwrap();
            let (r, s) = signature.split_at(size);
            let zero = vec![0; size];
            let mut one = zero.clone();
            one[size - 1] = 1;
            let full = vec![0xff; size];
            for (what, forged) in [
                ("r = 0", with(&zero, s)),
                ("s = 0", with(r, &zero)),
                ("both 0", with(&zero, &zero)),
                ("both 1", with(&one, &one)),
                ("r = n", with(&order, s)),
                ("s = n", with(r, &order)),
                ("r = s = n", with(&order, &order)),
                ("all ones", with(&full, &full)),
                ("swapped", with(s, r)),
                ("r alone", with(r, &[])),
                ("r short", with(&r[1..], s)),
                ("s short", with(r, &s[1..])),
                ("r long", with(&[&[0], r].concat(), s)),
                ("both long", with(&[&[0], r].concat(), &[&[0], s].concat())),
                ("DER", with(&der_of(r, s), &[])),
            ] {
                pair.refuses((algorithm, what), forged, bad_signature());
            }
            if let Some(larger) = add(r, &order) {
                pair.refuses((algorithm, "r + n"), with(&larger, s), bad_signature());
            }

            // The twin is another signature over the same text: whether it counts is the
            // provider's to say, but it is another token, with an entry of its own or none.
            let twin = with(r, &subtract(&order, s));
            assert_ne!(twin, text);
            let bench = Bench::new(*provider, &[algorithm], "");
            let options = VerifyOptions::default();
            let first = bench.verifier().verify(&text, &options).unwrap();
            let name = provider.name();
            match bench.verifier().verify(&twin, &options) {
                Ok(second) => {
                    assert!(!second.was_cached(), "{name} {algorithm}");
                    assert_ne!(first.slot(), second.slot(), "{name} {algorithm}");
                    assert_ne!(
                        first.generation(),
                        second.generation(),
                        "{name} {algorithm}"
                    );
                }
                Err(reject) => assert_eq!(reject, bad_signature(), "{name} {algorithm}"),
            }
            let fresh = Bench::new(*provider, &[algorithm], "");
            assert_eq!(
                fresh.verify(&twin),
                bench.verify(&twin),
                "{name} {algorithm}"
            );
            assert_eq!(bench.cached(&text), Ok(true), "{name} {algorithm}");
            pair.nothing_stuck();
        }
    }
}

/// `SEQUENCE { INTEGER r, INTEGER s }`.
fn der_of(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let start = number
            .iter()
            .position(|byte| *byte != 0)
            .unwrap_or(number.len() - 1);
        let mut bytes = number[start..].to_vec();
        if bytes[0] >= 0x80 {
            bytes.insert(0, 0);
        }
        let length = u8::try_from(bytes.len()).expect("is short");
        [&[2, length], &bytes[..]].concat()
    };
    let body = [integer(r), integer(s)].concat();
    [
        &[0x30, u8::try_from(body.len()).expect("is short")],
        &body[..],
    ]
    .concat()
}
