//! Names and values that somebody else has chosen.

use bearerd::error::Code;
use bearerd::state::SessionId;
use serde_json::{Map, json};

use crate::world::{Make, World, object, token, token_of};

const SUBJECTS: [&str; 12] = [
    "a:b",
    "a*",
    "{a}",
    "[a]?",
    "a\nb",
    "a\0b",
    " ",
    "a/b",
    "%2F",
    "\u{202e}x",
    "null",
    "\u{1f480}",
];

fn hostile_subjects_stay_apart(make: Make) {
    let world = World::new(make);
    let (one, other) = (world.process(), world.process());
    let signed: Vec<_> = SUBJECTS
        .iter()
        .map(|subject| one.sign_in(subject))
        .collect();
    for (subject, session) in SUBJECTS.iter().zip(&signed) {
        assert_eq!(other.code(&token(session)), Code::Ok, "{subject:?}");
        assert_eq!(
            other.sessions.list(subject).unwrap().len(),
            1,
            "{subject:?}"
        );
        // Its name with somebody else's subject is nothing.
        for stranger in SUBJECTS.iter().filter(|stranger| *stranger != subject) {
            let forged = json!({"sub": stranger, "sid": session.id().to_string()});
            assert_eq!(other.code(&token_of(forged)), Code::SessionEnded);
        }
    }
    assert_eq!(one.sessions.end_all("a*", None).unwrap(), 1);
    one.follow();
    let live = signed
        .iter()
        .filter(|session| one.code(&token(session)) == Code::Ok);
    assert_eq!(live.count(), SUBJECTS.len() - 1);
}

fn the_longest_subject_is_as_good_and_a_longer_one_is_refused(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let longest = "\u{e9}".repeat(512);
    assert_eq!(process.code(&token(&process.sign_in(&longest))), Code::Ok);
    for subject in ["", &"x".repeat(1_025), &"x".repeat(100_000)] {
        let fault = process
            .sessions
            .create(subject, &Map::new(), None)
            .unwrap_err();
        assert_eq!(fault.code(), Code::ValidationError);
    }
}

fn hostile_attributes_come_back_as_they_were(make: Make) {
    let world = World::new(make);
    let (one, other) = (world.process(), world.process());
    let attributes = json!({
        "": "", "\"": "\\\"", "a\nb": "\u{0}\u{1f}\u{7f}", "\u{202e}": "\u{feff}</script>",
        "n": [1e308, -0.0, 9_007_199_254_740_993_i64], "o": {"a": {"a": null}}, "sub": "root",
    });
    let session = one
        .sessions
        .create("ada", &object(attributes.clone()), None)
        .unwrap();
    let token = token(&session);
    for process in [&one, &other] {
        assert_eq!(process.attributes(&token), attributes);
        let verified = process.verify(&token).unwrap();
        assert_eq!(
            verified.subject().as_deref(),
            Some("ada"),
            "claims are claims"
        );
        let session = verified.session().unwrap();
        assert_eq!(session.attribute("a\nb"), Some("\"\\u0000\\u001f\u{7f}\""));
        assert_eq!(session.attribute("\""), Some("\"\\\\\\\"\""));
    }
}

#[test]
fn one_spelling_a_name() {
    let world = World::new(crate::world::memory);
    let id = world.process().sign_in("ada").id();
    let text = id.to_string();
    assert_eq!(text.len(), SessionId::LENGTH);
    assert_eq!(SessionId::parse(&text), Some(id));
    // 32 bytes leave two bits of the last letter over, and these must be zero.
    let last = text.chars().last().unwrap();
    let other = |letter: char| format!("{}{letter}", &text[..42]);
    let same = ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain(['-', '_']);
    let accepted = same.filter(|letter| SessionId::parse(&other(*letter)).is_some());
    assert_eq!(accepted.count(), 16, "{last}");
    for wrong in [
        "",
        "A",
        &text[1..],
        &format!("{text}A"),
        &format!("{text}="),
        &format!(" {}", &text[1..]),
        &"\u{e9}".repeat(21),
        &"+".repeat(43),
        &"A".repeat(100_000),
    ] {
        assert_eq!(SessionId::parse(wrong), None);
    }
}

on_every_store!(
    hostile_subjects_stay_apart,
    the_longest_subject_is_as_good_and_a_longer_one_is_refused,
    hostile_attributes_come_back_as_they_were,
);
