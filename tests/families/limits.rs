use super::*;

const LIFETIME: &str = "rotation.family_lifetime = \"30d\"";
const IDLE: &str = "sign.refresh = \"none\"\nrotation.idle = \"7d\"";

#[test]
fn a_family_ends_when_its_time_is_up_however_often_it_rotates() {
    for make in STORES {
        let world = make(LIFETIME);
        let mut refresh = world.sign_in();
        for day in [5, 10, 15, 20, 25, 29] {
            world.at(day * DAY);
            let rotated = world.rotate(&refresh).unwrap();
            assert_eq!(world.claim(&rotated.refresh, "family_iat"), json!(START));
            let end = START + (day + 7).min(30) * DAY;
            assert_eq!(rotated.refresh_expires_at, Some(end), "day {day}");
            assert_eq!(world.claim(&rotated.refresh, "exp"), json!(end));
            assert_eq!(rotated.payload.keys().collect::<Vec<_>>(), ["sub"]);
            refresh = rotated.refresh;
        }
        world.at(30 * DAY - 1);
        assert!(world.rotate(&refresh).is_ok());
        world.at(30 * DAY);
        assert_eq!(world.refused(&refresh), Code::Expired);
    }
}

/// A token of another signer says less than it should; its family is counted all the same.
#[test]
fn the_limit_holds_for_tokens_without_an_end() {
    for reuse in ["detect", "stateless"] {
        let world = in_memory(&format!("rotation.reuse = \"{reuse}\"\n{LIFETIME}"));
        let refresh = world.foreign(json!({"sub": "ada"}));
        world.at(6 * DAY);
        let rotated = world.rotate(&refresh).unwrap();
        assert_eq!(world.claim(&rotated.refresh, "family_iat"), json!(START));
        // A caller that gives refresh tokens itself gets none that outlives its family.
        let signed = world
            .api()
            .sign(TokenKind::Refresh, &ada(), Some("90d".parse().unwrap()))
            .unwrap();
        let end = START + 36 * DAY;
        assert_eq!(signed.expires_at, Some(UnixMillis::from_secs(end)));
        world.at(30 * DAY);
        let other = world.foreign(json!({"sub": "ada", "family_iat": START}));
        assert_eq!(world.refused(&other), Code::Expired);
    }
}

#[test]
fn a_founding_cannot_be_moved() {
    let world = in_memory(LIFETIME);
    let refresh = world.sign_in();
    world.at(DAY);
    let set = ClaimChange {
        set: values(json!({"family_iat": START + DAY})),
        ..ClaimChange::default()
    };
    let remove = ClaimChange {
        remove: vec!["family_iat".to_owned()],
        ..ClaimChange::default()
    };
    let of_access = ClaimChange {
        access: values(json!({"family_iat": START + DAY})),
        ..ClaimChange::default()
    };
    for change in [set, remove, of_access] {
        let failure = world.api().rotate(&refresh, &change, None).unwrap_err();
        assert_eq!(failure.code(), Code::ValidationError);
        assert!(failure.to_string().contains("family_iat"), "{failure}");
    }
    let claims = values(json!({"sub": "ada", "family_iat": START}));
    let fault = world.api().sign_pair(&claims, None).unwrap_err();
    assert_eq!(fault.code(), Code::ValidationError);
    // None is younger than its token, and none is what cannot be read.
    let later = world.foreign(json!({"sub": "ada", "family_iat": START + 9 * DAY}));
    let rotated = world.rotate(&later).unwrap();
    assert_eq!(
        world.claim(&rotated.refresh, "family_iat"),
        json!(START + DAY)
    );
    for odd in [
        json!("1"),
        json!(-1),
        json!(1.5),
        json!([]),
        json!(null),
        json!(1e300),
    ] {
        let odd = world.foreign(json!({"sub": "ada", "family_iat": odd}));
        assert_eq!(world.refused(&odd), Code::InvalidClaim);
    }
}

#[test]
fn the_claim_may_have_another_name() {
    let world = in_memory(&format!("claims.founded = \"since\"\n{LIFETIME}"));
    let refresh = world.sign_in();
    assert_eq!(world.claim(&refresh, "since"), json!(START));
    assert_eq!(world.claim(&refresh, "family_iat"), Value::Null);
    let access = world.api().sign_pair(&ada(), None).unwrap().access.token;
    assert_eq!(world.claim(&access, "since"), Value::Null);
    let text = configuration("memory", &format!("claims.founded = \"sub\"\n{LIFETIME}"));
    let clock: Arc<dyn Clock> = world.clock.clone();
    let fault = try_build(&text, &clock).unwrap_err();
    assert!(fault.chain().contains("\"sub\""), "{}", fault.chain());
}

#[test]
fn what_lies_unused_rotates_no_more() {
    for make in STORES {
        let world = make("rotation.idle = \"3d\"");
        let (used, unused) = (world.sign_in(), world.sign_in());
        world.at(2 * DAY);
        let used = world.rotate(&used).unwrap().refresh;
        world.at(3 * DAY - 1);
        assert!(world.rotate(&unused).is_ok());
        let unused = world.sign_in();
        world.at(5 * DAY - 1);
        assert!(world.rotate(&used).is_ok());
        world.at(6 * DAY - 1);
        assert_eq!(world.refused(&unused), Code::Expired, "its exp is later");
    }
}

#[test]
fn idleness_counts_where_there_is_no_exp() {
    for reuse in ["detect", "stateless"] {
        let text = configuration("memory", &format!("rotation.reuse = \"{reuse}\"\n{IDLE}"));
        let text = text.replace("sign.refresh = \"7d\"\n", "");
        let clock = Arc::new(ManualClock::at(UnixMillis::from_secs(START)));
        let shared: Arc<dyn Clock> = clock.clone();
        let world = World {
            profiles: try_build(&text, &shared).unwrap(),
            clock,
            _on: None,
        };
        let refresh = world.sign_in();
        assert_eq!(world.claim(&refresh, "exp"), Value::Null);
        world.at(7 * DAY - 1);
        let successor = world.rotate(&refresh).unwrap().refresh;
        world.at(7 * DAY);
        assert_eq!(world.refused(&refresh), Code::Expired);
        world.at(14 * DAY - 2);
        assert!(world.rotate(&successor).is_ok());
    }
}

#[test]
fn a_limit_of_no_time_is_refused() {
    for (key, value) in [("family_lifetime", "0"), ("idle", "\"900ms\"")] {
        let text = configuration("memory", &format!("rotation.{key} = {value}"));
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(UnixMillis::EPOCH));
        let fault = try_build(&text, &clock).unwrap_err();
        assert_eq!(fault.code(), Code::ConfigError);
        assert!(fault.chain().contains(key), "{}", fault.chain());
    }
}
