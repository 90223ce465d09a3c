//! What is no personal access token, or none of the profile.

use bearerd::error::Code;
use serde_json::json;

use super::case::{Ask, Case};
use super::pats::PREFIX;

pub(super) fn cases() -> Vec<Case> {
    vec![spoilt(), never_given_out(), nowhere()]
}

/// One that is good, spelled otherwise.
fn spoilt() -> Case {
    let mut case = Case::new("pat: one that is good, in another spelling", "pats")
        .creates(json!({"subject": "ada"}), "p", "id")
        .asks(Ask::kept("p"), Code::Ok);
    for (before, after) in [
        ("", "A"),
        ("", " "),
        ("", "\n"),
        ("", "\0"),
        ("", "="),
        ("", ".."),
        (" ", ""),
        ("\u{feff}", ""),
        ("A", ""),
        (PREFIX, ""),
        ("Bearer ", ""),
    ] {
        case = case.asks(Ask::around(before, "p", after), Code::Malformed);
    }
    case.asks(Ask::kept("id"), Code::Malformed)
        .asks(Ask::kept("p"), Code::Ok)
}

/// Of the right form or not, the store has none of them.
fn never_given_out() -> Case {
    let random = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg";
    let whole =
        |prefix: &str| format!("{prefix}{random}{}", checksum(&format!("{prefix}{random}")));
    let unknown = whole(PREFIX);
    let swapped = unknown.replacen("01", "10", 1);
    let mut case = Case::new("pat: tokens that nobody was given", "pats")
        .creates(json!({"subject": "ada"}), "p", "id")
        .refuses(&unknown, Code::InvalidSignature)
        .does(
            "revoke_pat",
            json!({ "token": unknown }),
            Code::InvalidSignature,
        )
        .does("revoke_pat", json!({ "token": swapped }), Code::Malformed);
    for token in [
        swapped,
        format!("{PREFIX}{random}000000"),
        format!("{PREFIX}{random}"),
        format!("{PREFIX}{}", "0".repeat(49)),
        PREFIX.to_owned(),
        whole("acme_pat"),
        whole("ACME_PAT_"),
        whole("other_pat_"),
        whole("acme_"),
        whole(""),
        unknown.replacen('0', "é", 1),
        unknown.replacen('0', "-", 1),
    ] {
        case = case.refuses(token, Code::Malformed);
    }
    case.asks(Ask::kept("p"), Code::Ok)
}

/// A profile that takes none, has no sessions and does not sign.
fn nowhere() -> Case {
    let random = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefg";
    let token = format!("{PREFIX}{random}");
    let token = format!("{token}{}", checksum(&token));
    Case::new("pat: a profile without", "hs256")
        .does(
            "create_pat",
            json!({"subject": "ada"}),
            Code::ValidationError,
        )
        .refuses(&token, Code::Malformed)
        .asks(
            Ask::text(&token).guard(json!({"token": "pat"})),
            Code::Malformed,
        )
        .does(
            "revoke_pat",
            json!({"id": "0".repeat(32)}),
            Code::ValidationError,
        )
        .does(
            "revoke_pat",
            json!({ "token": token }),
            Code::ValidationError,
        )
        .does(
            "revoke_pat",
            json!({"subject": "ada"}),
            Code::ValidationError,
        )
        .does(
            "sign_in",
            json!({"subject": "ada", "kind": "none"}),
            Code::ValidationError,
        )
        .does(
            "end_session",
            json!({"subject": "ada"}),
            Code::ValidationError,
        )
        .does(
            "change_session",
            json!({"subject": "ada", "set": {"n": 1}}),
            Code::ValidationError,
        )
        .does("rotate", json!({"refresh": token}), Code::ValidationError)
}

/// CRC-32 of IEEE 802.3 in six digits of base 62, the highest first.
fn checksum(text: &str) -> String {
    const DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut sum = u32::MAX;
    for byte in text.bytes() {
        sum ^= u32::from(byte);
        for _ in 0..8 {
            let carry = sum & 1 == 1;
            sum >>= 1;
            if carry {
                sum ^= 0xedb8_8320;
            }
        }
    }
    let mut rest = !sum as usize;
    let mut digits = [0; 6];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[rest % 62];
        rest /= 62;
    }
    digits.map(char::from).iter().collect()
}
