//! Listing: a token that exists is listed, page by page, and what a list shows cannot be used.

use std::collections::BTreeSet;
use std::time::Duration;

use bearerd::error::Code;
use bearerd::state::pats::NewPat;

use crate::stores::{Make, on_every_store};
use crate::world::{DAY, World, ada};

on_every_store!(
    tokens_are_listed_page_by_page,
    a_crash_while_creating_leaves_no_token_that_is_not_listed,
    expired_ones_are_listed_for_a_while,
);

fn tokens_are_listed_page_by_page(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let made: BTreeSet<String> = (0..25)
        .map(|number| {
            let mut new = ada();
            new.description = format!("number {number}");
            process.create(new).pat.id
        })
        .collect();
    let _ = process.create(NewPat::of("ad"));
    let _ = process.create(NewPat::of("ada/"));
    let mut listed = BTreeSet::new();
    let mut after = None;
    loop {
        let page = process.pats.list("ada", after.as_deref(), 10).unwrap();
        assert!(page.pats.len() <= 10);
        for pat in page.pats {
            assert_eq!(pat.subject, "ada");
            assert!(listed.insert(pat.id), "listed twice");
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(listed, made);
    for (subject, after) in [("", None), ("ada", Some("x")), ("ada", Some(""))] {
        let fault = process.pats.list(subject, after, 10).unwrap_err();
        assert_eq!(fault.code(), Code::ValidationError);
    }
    assert!(
        process
            .pats
            .list("nobody", None, 10)
            .unwrap()
            .pats
            .is_empty()
    );
}

fn a_crash_while_creating_leaves_no_token_that_is_not_listed(make: Make) {
    for writes in 0..3 {
        let world = World::new(make);
        let process = world.process();
        let prepared = process.pats.prepare(ada()).unwrap();
        let id = prepared.pat().id.clone();
        world.store.stop_after(writes);
        let created = process.pats.commit(prepared);
        assert_eq!(created.is_ok(), writes == 2);
        world.store.stop_after(usize::MAX);
        let exists = process.pats.get(&id).unwrap().is_some();
        let listed = process.pats.list("ada", None, 10).unwrap().pats;
        assert_eq!(
            exists,
            listed.iter().any(|pat| pat.id == id),
            "after {writes} writes"
        );
    }
}

fn expired_ones_are_listed_for_a_while(make: Make) {
    let world = World::new(make);
    let process = world.process();
    let mut new = ada();
    new.lifetime = Some(Duration::from_secs(60));
    let _ = process.create(new);
    world.clock.advance(29 * DAY);
    assert_eq!(process.pats.list("ada", None, 10).unwrap().pats.len(), 1);
    world.clock.advance(2 * DAY);
    assert!(process.pats.list("ada", None, 10).unwrap().pats.is_empty());
}
