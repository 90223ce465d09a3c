//! One device, one fingerprint; two devices, two.

use std::collections::BTreeSet;
use std::net::IpAddr;

use bearerd::crypto::providers;
use bearerd::error::Code;
use bearerd::state::devices::Fingerprint;
use proptest::prelude::*;

fn of(subject: &str, ip: &str, agent: &str) -> Fingerprint {
    Fingerprint::of(providers()[0], subject, ip.parse().unwrap(), agent).unwrap()
}

/// The encoding is written down: another implementation comes to the same. Computed by
/// `printf '\0\0\0\0\0\0\0\30bearerd trusted device 1\0\0\0\0\0\0\0\3ada\0\0\0\0\0\0\0\4\300\0\2\7\0\0\0\0\0\0\0\3x/1' | sha256sum`.
#[test]
fn the_fingerprint_is_as_written_down() {
    let expected = "d1d829a63943905d18b14426b043749e87659f411549f5ab4a6ea550d6076682";
    assert_eq!(of("ada", "192.0.2.7", "x/1").as_str(), expected);
    for provider in providers() {
        let ip = "192.0.2.7".parse().unwrap();
        let other = Fingerprint::of(*provider, "ada", ip, "x/1").unwrap();
        assert_eq!(other.as_str(), expected);
    }
}

/// Parts that run into each other, digits that could be lengths, addresses that look like agents.
#[test]
fn no_two_devices_share_a_fingerprint() {
    let subjects = [
        "a",
        "ab",
        "b",
        "a\0",
        "\0",
        "1",
        "a1",
        "a:b",
        "ä",
        "a192.0.2.7",
    ];
    let ips = [
        "192.0.2.7",
        "192.0.2.70",
        "::1",
        "::",
        "2001:db8::7",
        "0.0.0.1",
    ];
    let agents = [
        "",
        "a",
        "b",
        "\0",
        "1",
        "Mozilla/5.0",
        "mozilla/5.0",
        "Mozilla/5.0 ",
        "192.0.2.7",
    ];
    let mut seen = BTreeSet::new();
    for subject in subjects {
        for ip in ips {
            for agent in agents {
                assert!(seen.insert(of(subject, ip, agent).as_str().to_owned()));
            }
        }
    }
}

#[test]
fn one_address_in_two_spellings_is_one_address() {
    assert_eq!(of("a", "192.0.2.7", "x"), of("a", "::ffff:192.0.2.7", "x"));
    assert_eq!(
        of("a", "2001:db8::7", "x"),
        of("a", "2001:0DB8:0:0::0007", "x")
    );
    assert_ne!(of("a", "192.0.2.7", "x"), of("a", "::192.0.2.7", "x"));
}

#[test]
fn what_is_too_long_or_no_id_is_refused_by_name() {
    let ip: IpAddr = "::1".parse().unwrap();
    let make = |subject: &str, agent: &str| Fingerprint::of(providers()[0], subject, ip, agent);
    for (made, member) in [
        (make("", "x"), "subject: "),
        (make(&"s".repeat(513), "x"), "subject: "),
        (make("s", &"x".repeat(4_097)), "user_agent: "),
    ] {
        let fault = made.unwrap_err();
        assert_eq!(fault.code(), Code::ValidationError);
        assert!(fault.to_string().starts_with(member), "{fault}");
    }
    assert!(make(&"s".repeat(512), &"x".repeat(4_096)).is_ok());
    let good = of("a", "::1", "x");
    assert_eq!(Fingerprint::parse(good.as_str()).unwrap(), good);
    assert!(!format!("{good:?}").contains(&good.as_str()[..8]));
    let upper = good.as_str().to_uppercase();
    for bad in [
        "",
        "x",
        "../../..",
        &upper,
        &"a".repeat(63),
        &"a".repeat(65),
        &"g".repeat(64),
    ] {
        assert_eq!(
            Fingerprint::parse(bad).unwrap_err().code(),
            Code::ValidationError
        );
    }
}

proptest! {
    /// However the same text is cut into subject and agent.
    #[test]
    fn where_the_text_is_cut_matters(text in "[a-c0-9\0]{2,12}", cut in 1_usize..11, other in 1_usize..11) {
        let (cut, other) = (cut.min(text.len() - 1), other.min(text.len() - 1));
        let at = |cut: usize| of(&text[..cut], "::1", &text[cut..]);
        prop_assert_eq!(at(cut) == at(other), cut == other);
    }
}
