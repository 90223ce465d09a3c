use bearerd::clock::UnixMillis;
use bearerd::crypto::Algorithm;
use bearerd::error::Code;
use bearerd::keys::managed::{KeyOrder, SealKey};
use bearerd::secret::Secret;
use bearerd::store::{Namespace, StoreKey};
use serde_json::Value;

use crate::world::{AHEAD, Process, STORES, World, in_memory};

/// The book as the store has it.
fn text(world: &World, process: &Process) -> String {
    let entry = world
        .store
        .get(process.keeper.vault().key())
        .unwrap()
        .unwrap();
    String::from_utf8(entry.value.expose().to_vec()).unwrap()
}

fn write(world: &World, key: &StoreKey, text: &str) {
    world.store.delete(key).unwrap();
    let put = world
        .store
        .put_if_absent(key, text.as_bytes(), UnixMillis::MAX);
    assert!(put.is_ok());
}

/// Why a process cannot take the book, old keys staying as they are.
#[track_caller]
fn refused(process: &Process) -> String {
    let before = process.kids();
    let fault = process.keeper.settle().unwrap_err();
    assert_eq!(fault.code(), Code::ConfigError);
    assert_eq!(process.kids(), before);
    assert!(process.keeper.stats().failures_in_a_row > 0);
    fault.chain()
}

#[test]
fn what_is_sealed_shows_nothing() {
    for algorithm in [Algorithm::ES256, Algorithm::HS256, Algorithm::EdDSA] {
        let mut world = World::new(in_memory);
        world.schedule.algorithm = algorithm;
        let sealed = text(&world, &world.started());
        assert!(
            !sealed.contains("\"d\"") && !sealed.contains("kty"),
            "{sealed}"
        );
        world.seal = None;
        world.profile = "other";
        let open: Value = serde_json::from_str(&text(&world, &world.started())).unwrap();
        assert_eq!(open["sealed"], false);
        let key = open["keys"][0]["key"].as_str().unwrap();
        let jwk = bearerd::base64url::decode(key.as_bytes()).unwrap();
        assert!(String::from_utf8(jwk).unwrap().contains("\"kty\""));
    }
}

#[test]
fn another_seal_key_opens_nothing() {
    for make in STORES {
        let mut world = World::new(make);
        let good = world.started();
        let kids = good.kids();
        for wrong in [Some([8; 32]), None] {
            world.seal = wrong;
            let why = refused(&world.process());
            assert!(why.contains("seal_file"), "{why}");
        }
        world.seal = Some([7; 32]);
        let again = world.process();
        again.settle();
        assert_eq!(again.kids(), kids, "nothing was written over");
    }
    assert!(SealKey::new(Secret::new(vec![7; 31])).is_err());
}

/// One process after the other learns the new seal key, then seals with it, then forgets the old one;
/// at no moment is there one that cannot read what another has written.
#[test]
fn a_seal_key_is_replaced_without_a_moment_of_silence() {
    let of = |byte: u8| SealKey::new(Secret::new(vec![byte; 32])).unwrap();
    for make in STORES {
        let world = World::new(make);
        let [old, learnt, replaced, new] =
            [of(7), of(7).opening(of(8)), of(8).opening(of(7)), of(8)]
                .map(|seal| world.process_with(Some(seal)));
        world.started();
        let activate = KeyOrder::Activate {
            kid: None,
            force: false,
        };
        let step = |writer: &Process, reader: &Process| {
            writer.settle();
            let staged = writer.order(&KeyOrder::Stage).unwrap();
            reader.settle();
            assert_eq!(reader.kids(), writer.kids());
            world.clock.advance(AHEAD);
            assert_eq!(reader.order(&activate), Ok(staged));
        };
        step(&old, &learnt);
        step(&replaced, &learnt);
        step(&learnt, &replaced);
        // A change seals all of it anew.
        let why = refused(&old);
        assert!(why.contains("seal_file"), "{why}");
        step(&new, &replaced);
    }
}

#[test]
fn what_was_tampered_with_is_refused_and_the_keys_stay() {
    let world = World::new(in_memory);
    let process = world.started();
    let good = text(&world, &process);
    let key = process.keeper.vault().key().clone();
    let book: Value = serde_json::from_str(&good).unwrap();
    let change = |at: &str, to: Value| {
        let mut book = book.clone();
        *book.pointer_mut(at).unwrap() = to;
        book.to_string()
    };
    let later = book["keys"][0]["activates"].as_i64().unwrap() + 1;
    let mut flipped = book["keys"][0]["key"].as_str().unwrap().to_owned();
    let first = if flipped.starts_with('A') { "B" } else { "A" };
    flipped.replace_range(0..1, first);
    for bad in [
        change("/keys/0/key", flipped.into()),
        change("/keys/0/key", "AAAA".into()),
        change("/keys/0/key", "*".into()),
        change("/keys/0/kid", "another".into()),
        change("/keys/0/alg", "ES384".into()),
        change("/keys/0/alg", "none".into()),
        change("/keys/0/activates", later.into()),
        change("/keys/0/staged", 0.into()),
        change("/keys/0/keep", u64::MAX.into()),
        change("/profile", "other".into()),
        change("/sealed", false.into()),
        change("/version", 2.into()),
        change(
            "/keys",
            serde_json::json!([book["keys"][0], book["keys"][0]]),
        ),
        "{}".to_owned(),
        "[]".to_owned(),
        "a letter to the editor".to_owned(),
        String::new(),
    ] {
        write(&world, &key, &bad);
        let why = refused(&process);
        assert!(why.contains("\"web\"") && why.contains("stay"), "{why}");
        let order = KeyOrder::Stage;
        assert!(process.order(&order).is_err());
        assert_eq!(text(&world, &process), bad, "nothing is written over");
    }
    write(&world, &key, &good);
    process.settle();
}

#[test]
fn a_record_of_another_profile_or_kid_does_not_open() {
    for seal in [Some([7; 32]), None] {
        let mut world = World::new(in_memory);
        world.seal = seal;
        let web = world.started();
        world.profile = "other";
        let other = world.started();
        let (of_web, of_other) = (text(&world, &web), text(&world, &other));
        let key = other.keeper.vault().key().clone();
        write(&world, &key, &of_web);
        let why = refused(&other);
        assert!(why.contains("another profile"), "{why}");
        // Under its own name, and under that of the key that was there.
        let theirs: Value = serde_json::from_str(&of_web).unwrap();
        let mut renamed = theirs.clone();
        renamed["profile"] = "other".into();
        let mut swapped: Value = serde_json::from_str(&of_other).unwrap();
        swapped["keys"][0]["key"] = theirs["keys"][0]["key"].clone();
        let sealed = seal.is_some();
        for (copy, is_refused) in [(renamed, sealed), (swapped, true)] {
            write(&world, &key, &copy.to_string());
            if is_refused {
                let why = refused(&other);
                assert!(why.contains("\"other\""), "{why}");
            }
        }
    }
}

#[test]
fn books_lie_apart_whatever_profiles_are_called() {
    const BOOKS: Namespace = Namespace::new("signing-keys");
    let world = World::new(in_memory);
    let web = world.started();
    let expected = StoreKey::new(BOOKS, &[b"web"]).unwrap();
    assert_eq!(*web.keeper.vault().key(), expected);
}
