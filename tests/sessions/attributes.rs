//! Attributes reach the caller, change without a new sign-in, and are bounded.

use bearerd::error::Code;
use serde_json::json;

use crate::world::{Make, World, object, token};

fn a_change_reaches_tokens_that_are_out(make: Make) {
    let world = World::new(make);
    let (one, other) = (world.process(), world.process());
    let begun = object(json!({"position": "clerk", "floor": 2}));
    let session = one.sessions.create("ada", &begun, None).unwrap();
    let second = one.sessions.create("ada", &begun, None).unwrap();
    let (token, second) = (token(&session), token(&second));
    assert_eq!(
        one.attributes(&token),
        json!({"position": "clerk", "floor": 2})
    );
    assert_eq!(other.attributes(&token), one.attributes(&token));
    let set = object(json!({"position": "lead"}));
    let remove = ["floor".to_owned(), "none".to_owned()];
    let changed = one.sessions.change_attributes(session.id(), &set, &remove);
    assert_eq!(
        changed.unwrap().unwrap().attributes(),
        "{\"position\":\"lead\"}"
    );
    assert_eq!(one.attributes(&token), json!({"position": "lead"}), "here");
    assert_eq!(
        one.attributes(&second),
        json!({"position": "clerk", "floor": 2})
    );
    other.follow();
    let asked = world.store.asked();
    assert_eq!(
        other.attributes(&token),
        json!({"position": "lead"}),
        "there"
    );
    assert_eq!(world.store.asked(), asked, "the feed has brought it");
    // All of a user's, in one step.
    let set = object(json!({"department": {"modules": ["hr"]}}));
    let changed = other
        .sessions
        .change_attributes_of("ada", &set, &[])
        .unwrap();
    assert_eq!(changed.len(), 2);
    one.follow();
    for process in [&one, &other] {
        for token in [&token, &second] {
            let attributes = process.attributes(token);
            assert_eq!(attributes["department"]["modules"][0], "hr");
        }
    }
    // Neither made nor kept alive by a change.
    assert!(one.sessions.end(session.id()).unwrap());
    let changed = one.sessions.change_attributes(session.id(), &set, &[]);
    assert!(changed.unwrap().is_none());
    assert!(
        one.sessions
            .change_attributes_of("bob", &set, &[])
            .unwrap()
            .is_empty()
    );
    assert!(one.sessions.list("bob").unwrap().is_empty());
    assert_eq!(one.code(&token), Code::SessionEnded);
}

fn too_much_is_refused_and_changes_nothing(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let session = process.sign_in("ada");
    let wrong = |fault: bearerd::error::Fault| {
        assert_eq!(fault.code(), Code::ValidationError);
        assert!(fault.to_string().contains("attributes"), "{fault}");
    };
    let mut deep = json!(1);
    for _ in 0..40 {
        deep = json!([deep]);
    }
    for value in [json!("x".repeat(4_096)), deep, json!(vec![0; 1_100])] {
        let attributes = object(json!({ "a": value }));
        wrong(
            process
                .sessions
                .create("bob", &attributes, None)
                .unwrap_err(),
        );
        let changed = process
            .sessions
            .change_attributes(session.id(), &attributes, &[]);
        wrong(changed.unwrap_err());
        let changed = process
            .sessions
            .change_attributes_of("ada", &attributes, &[]);
        wrong(changed.unwrap_err());
    }
    assert!(process.sessions.list("bob").unwrap().is_empty());
    assert_eq!(process.attributes(&token(&session)), json!({}));
}

on_every_store!(
    a_change_reaches_tokens_that_are_out,
    too_much_is_refused_and_changes_nothing,
);
