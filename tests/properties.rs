//! What holds for any token, any mutation of one, and any moment.
#![cfg(all(feature = "aws-lc-rs", feature = "ring"))]
#![expect(
    clippy::expect_used,
    reason = "a helper of a test fails as the test would"
)]

#[expect(
    dead_code,
    unreachable_pub,
    reason = "each file of tests uses its part"
)]
mod common;

use std::sync::LazyLock;

use bearerd::claims::TokenKind;
use bearerd::clock::UnixMillis;
use bearerd::crypto::Algorithm;
use bearerd::error::{Code, Reject};
use bearerd::guard::Guard;
use bearerd::verify::VerifyOptions;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use common::NOW;
use common::bench::Bench;
use common::forge::{header, key, token};
use common::providers;

const HS256: Algorithm = Algorithm::HS256;
/// Each with one signature a text, so that no mutation is a second good one.
const ALGORITHMS: [Algorithm; 3] = [HS256, Algorithm::RS256, Algorithm::EdDSA];

/// One profile a provider, shared by all cases: whatever they leave behind must not matter.
fn shared() -> &'static [Bench] {
    static BENCHES: LazyLock<Vec<Bench>> = LazyLock::new(|| {
        let bench = |provider: &_| Bench::new(*provider, &ALGORITHMS, "");
        providers().iter().map(bench).collect()
    });
    &BENCHES
}

fn good(algorithm: Algorithm) -> String {
    let payload = format!(r#"{{"sub":"ada","scope":"a b","exp":{}}}"#, NOW + 600);
    token(algorithm, key(algorithm), header(algorithm), payload)
}

#[derive(Clone, Debug)]
enum Mutation {
    Replace(Index, u8),
    FlipBit(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Swap(Index, Index),
    Cut(Index),
    Append(Vec<u8>),
    Repeat(Index, Index),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let index = any::<Index>;
    let digit = prop_oneof![
        any::<u8>(),
        select(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.=".to_vec()),
    ];
    prop_oneof![
        (index(), digit.clone()).prop_map(|(at, byte)| Mutation::Replace(at, byte)),
        (index(), 0..8_u8).prop_map(|(at, bit)| Mutation::FlipBit(at, bit)),
        (index(), digit.clone()).prop_map(|(at, byte)| Mutation::Insert(at, byte)),
        index().prop_map(Mutation::Remove),
        (index(), index()).prop_map(|(one, other)| Mutation::Swap(one, other)),
        index().prop_map(Mutation::Cut),
        prop::collection::vec(digit, 1..8).prop_map(Mutation::Append),
        prop::collection::vec(select(b"=. \n\0+/A".to_vec()), 1..3).prop_map(Mutation::Append),
        (index(), index()).prop_map(|(from, to)| Mutation::Repeat(from, to)),
    ]
}

fn mutate(text: &mut Vec<u8>, mutation: &Mutation) {
    if text.is_empty() {
        return;
    }
    let length = text.len();
    match mutation {
        Mutation::Replace(at, byte) => text[at.index(length)] = *byte,
        Mutation::FlipBit(at, bit) => text[at.index(length)] ^= 1 << bit,
        Mutation::Insert(at, byte) => text.insert(at.index(length + 1), *byte),
        Mutation::Remove(at) => {
            text.remove(at.index(length));
        }
        Mutation::Swap(one, other) => text.swap(one.index(length), other.index(length)),
        Mutation::Cut(at) => text.truncate(at.index(length)),
        Mutation::Append(bytes) => text.extend(bytes),
        Mutation::Repeat(from, to) => {
            let (from, to) = (from.index(length), to.index(length));
            let part = text[from.min(to)..from.max(to)].to_vec();
            text.extend(part);
        }
    }
}

/// A JSON value that a claim may hold, good or bad.
fn value() -> impl Strategy<Value = String> {
    let near = (NOW - 120..NOW + 120).prop_map(|at| at.to_string());
    let far = select(vec![
        "0",
        "-1",
        "1e9",
        "1e30",
        "9007199254740993",
        "1.5",
        "null",
        "true",
        "{}",
        "[]",
    ]);
    let text = select(vec![
        "\"a\"",
        "\"b\"",
        "\"a b\"",
        "\"\"",
        "\"access\"",
        "\"refresh\"",
        "\"\\u0061\"",
        "[\"a\",\"b\"]",
        "[\"a\",1]",
        "7",
        "[7]",
    ]);
    prop_oneof![3 => near, 1 => far.prop_map(str::to_owned), 4 => text.prop_map(str::to_owned)]
}

const NAMES: [&str; 14] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "nbf",
    "iat",
    "jti",
    "kind",
    "scope",
    "role",
    "vip",
    "team",
    "device_id",
    "family",
];

fn claims() -> impl Strategy<Value = String> {
    let member = (0..NAMES.len(), value());
    let members = prop::collection::btree_map(0..NAMES.len(), value(), 0..8);
    (
        members,
        any::<bool>(),
        any::<bool>(),
        prop::option::weighted(0.05, member),
    )
        .prop_map(|(mut members, lives, known, twice)| {
            if known {
                members.insert(6, "\"a\"".to_owned());
            }
            if lives {
                members.insert(3, (NOW + 60).to_string());
            }
            let mut all: Vec<String> = members
                .iter()
                .chain(twice.as_ref().map(|(at, value)| (at, value)))
                .map(|(at, value)| format!(r#""{}":{value}"#, NAMES[*at]))
                .collect();
            all.rotate_left(members.len() / 2);
            format!("{{{}}}", all.join(","))
        })
}

fn rules() -> impl Strategy<Value = String> {
    let lines = select(vec![
        "issuer = \"a\"",
        "audience = \"a\"",
        "leeway = \"30s\"",
        "max_age = \"1m\"",
        "expiration = \"optional\"",
        "claims.kind = { claim = \"kind\" }",
        "claims.handle = \"sub\"",
        "require = [\"role\"]",
        "type = \"JWT\"",
        "cache.cap = \"10s\"",
    ]);
    prop::collection::btree_set(lines, 0..4)
        .prop_map(|lines| lines.into_iter().collect::<Vec<_>>().join("\n"))
}

/// What a call asks for: audience, guard, device, kind.
#[derive(Clone, Debug)]
struct Call {
    audience: Option<&'static str>,
    guard: Option<Guard>,
    device: Option<&'static str>,
    kind: Option<TokenKind>,
    any_kind: bool,
    at: i64,
}

impl Call {
    fn options(&self) -> VerifyOptions<'_> {
        let mut options = VerifyOptions::default();
        if let Some(audience) = self.audience {
            options = options.audience(audience);
        }
        if let Some(guard) = &self.guard {
            options = options.guard(guard);
        }
        if let Some(device) = self.device {
            options = options.device(device);
        }
        if let Some(kind) = self.kind {
            options = options.kind(kind);
        }
        if self.any_kind {
            options = options.any_kind();
        }
        options
    }
}

fn call() -> impl Strategy<Value = Call> {
    let guards = select(vec![
        r#"{"roles":["a",7]}"#,
        r#"{"scopes":["a"]}"#,
        r#"{"any_scope":["b","c"]}"#,
        r#"{"vip":true}"#,
        r#"{"team":true}"#,
        r#"{"device":true}"#,
        r#"{"token":"refresh"}"#,
        r#"{"not":{"roles":["b"]}}"#,
        r#"{"any":[{"vip":true},{"not":{"scopes":["b"]}}]}"#,
    ]);
    let guard = guards.prop_map(|rule| Guard::from_json(rule.as_bytes()).expect("a guard"));
    let kinds = select(vec![TokenKind::Access, TokenKind::Refresh]);
    let audience = prop::option::of(select(vec!["a", "b", ""]));
    let device = prop::option::of(select(vec!["a", ""]));
    (
        prop::option::weighted(0.2, audience),
        prop::option::of(guard),
        device,
        prop::option::weighted(0.2, kinds),
        prop::bool::weighted(0.1),
        -200..200_i64,
    )
        .prop_map(|(audience, guard, device, kind, any_kind, at)| Call {
            audience: audience.flatten(),
            guard,
            device,
            kind,
            any_kind,
            at,
        })
}

fn verdict(bench: &Bench, token: &[u8], call: &Call) -> Result<(), Reject> {
    bench.clock.set(UnixMillis::from_secs(NOW + call.at));
    bench.verify_with(token, &call.options())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// A token is its bytes: change any of them and it verifies no more.
    #[test]
    fn no_mutation_of_a_good_token_verifies(
        which in 0..ALGORITHMS.len(),
        mutations in prop::collection::vec(mutation(), 1..4),
    ) {
        let original = good(ALGORITHMS[which]).into_bytes();
        let mut text = original.clone();
        mutations.iter().for_each(|mutation| mutate(&mut text, mutation));
        for bench in shared() {
            prop_assert_eq!(bench.verify(&original), Ok(()));
            for _ in 0..2 {
                prop_assert_eq!(bench.verify(&text).is_ok(), text == original);
            }
            prop_assert_eq!(bench.verify(&original), Ok(()));
        }
    }

    /// Any bytes are answered, and the answer is that they are no token of ours.
    #[test]
    fn random_bytes_are_refused(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let options = VerifyOptions::default();
        for bench in shared() {
            let refused = bench.verify(&bytes);
            prop_assert!(refused.is_err());
            prop_assert_eq!(bench.verifier().explain(&bytes, &options).verdict, refused);
            prop_assert!(bench.profiles.choose(None, &bytes).is_ok());
        }
    }

    /// Any header and any payload, in good form and with a good signature, are answered the same
    /// the second time.
    #[test]
    fn random_parts_are_answered_twice_alike(
        head in prop_oneof![any::<Vec<u8>>(), Just(br#"{"alg":"HS256"}"#.to_vec())],
        payload in any::<Vec<u8>>(),
    ) {
        let text = token(HS256, key(HS256), head, payload);
        for bench in shared() {
            prop_assert_eq!(bench.verify(&text), bench.verify(&text));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// What a cache remembers never shows in a verdict: any history of calls at any moments ends
    /// as a verifier without a cache, and one that was made just now, say.
    #[test]
    fn a_hit_says_what_a_miss_says(
        payloads in prop::collection::vec(claims(), 1..3),
        lines in rules(),
        calls in prop::collection::vec((any::<Index>(), call()), 1..12),
        revoke in prop::option::of(any::<Index>()),
    ) {
        let tokens: Vec<String> = payloads.iter().map(|payload| token(HS256, key(HS256), header(HS256), payload)).collect();
        for provider in providers() {
            let warm = Bench::new(*provider, &[HS256], &lines);
            let bare = Bench::new(*provider, &[HS256], &format!("{lines}\ncache.max_entries = 0"));
            for (step, (which, call)) in calls.iter().enumerate() {
                if revoke.is_some_and(|at| at.index(calls.len()) == step) {
                    for bench in [&warm, &bare] {
                        let index = bench.verifier().revocations();
                        index.revoke_handle(b"a", UnixMillis::MAX).unwrap();
                        index.revoke_subject(b"b", UnixMillis::from_secs(NOW), UnixMillis::MAX).unwrap();
                    }
                }
                let text = which.get(&tokens).as_bytes();
                let first = verdict(&warm, text, call);
                prop_assert_eq!(verdict(&warm, text, call), first, "again");
                prop_assert_eq!(verdict(&bare, text, call), first, "without a cache");
                let explained = warm.verifier().explain(text, &call.options());
                prop_assert_eq!(explained.verdict, first, "explained");
                let said = explained.explanation.is_some();
                let says_more = matches!(first, Err(reject) if !matches!(reject.code(), Code::Malformed | Code::Revoked));
                prop_assert_eq!(said, says_more, "{:?}: {:?}", first, explained);
            }
        }
    }
}
