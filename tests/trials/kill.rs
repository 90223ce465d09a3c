//! `kill -9` of the sidecar at any moment, with clients that rotate and revoke all the while.

use std::collections::HashMap;
use std::env;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::client::{Answer, Client};
use crate::random::{Random, seed};
use crate::redis::Server;
use crate::sidecar::{Sidecar, in_file};

const CLIENTS: u64 = 6;

/// How many times it is killed.
fn rounds() -> u64 {
    let asked = env::var_os("BEARERD_TEST_KILLS");
    asked.map_or(40, |text| text.to_str().unwrap().parse().unwrap())
}

/// Rows R1, R3 and R6.
#[test]
fn killed_with_its_state_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    run("SQLite", &in_file(&folder.path().join("state.db")));
}

/// Rows R1, R3 and R6.
#[test]
fn killed_with_its_state_on_redis() {
    let server = Server::start(&[]);
    run("Redis", &format!("\"unix://{}\"", server.socket()));
}

fn run(store: &str, state: &str) {
    let (seed, rounds, begun) = (seed(), rounds(), Instant::now());
    println!("{store}: {rounds} kills, BEARERD_TEST_SEED={seed}");
    let mut random = Random::new(seed);
    let mut sidecar = Sidecar::prepare(state, "rotation = { grace = \"10m\" }");
    let mut callers: Vec<Caller> = (0..CLIENTS)
        .map(|number| Caller::new(number, Random::new(random.next())))
        .collect();
    let mut starts = Vec::new();
    for _ in 0..rounds {
        starts.push(sidecar.restart());
        let alive = Duration::from_micros(random.below(120_000));
        thread::scope(|scope| {
            for caller in &mut callers {
                caller.meet(&sidecar);
                scope.spawn(|| caller.work_until_it_is_gone());
            }
            thread::sleep(alive);
            sidecar.kill();
        });
    }
    sidecar.restart();
    let mut tally = Tally::default();
    for caller in &mut callers {
        caller.meet(&sidecar);
        caller.check_all();
        tally.add(caller.tally);
    }
    starts.sort_unstable();
    println!(
        "{store}: {tally:?}; starts: median {:?}, longest {:?}; {:?} in all",
        starts[starts.len() / 2],
        starts[starts.len() - 1],
        begun.elapsed()
    );
    assert!(tally.repeated > 0 || rounds < 40, "no answer was ever lost");
    assert!(tally.revoked > rounds / 4 && tally.rotated > rounds / 4);
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    rotated: u64,
    /// Rotations whose answer was lost, asked again.
    repeated: u64,
    /// Rotations that were repeated for no reason.
    again: u64,
    revoked: u64,
    checked: u64,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.rotated += other.rotated;
        self.repeated += other.repeated;
        self.again += other.again;
        self.revoked += other.revoked;
        self.checked += other.checked;
    }
}

/// One client, with a family of its own and all that it was ever told.
struct Caller {
    number: u64,
    random: Random,
    data: Option<Client>,
    control: Option<Client>,
    family: Option<Family>,
    /// What each refresh token was exchanged for.
    successors: HashMap<String, String>,
    /// Tokens whose revocation was answered: those before `proven` were refused after a restart.
    revoked: Vec<String>,
    proven: usize,
    tally: Tally,
}

struct Family {
    access: String,
    refresh: String,
    spent: Option<String>,
    /// Its rotation was asked for, and no answer came.
    unanswered: bool,
}

/// The sidecar has gone.
struct Gone;

impl Caller {
    fn new(number: u64, random: Random) -> Self {
        Self {
            number,
            random,
            data: None,
            control: None,
            family: None,
            successors: HashMap::new(),
            revoked: Vec::new(),
            proven: 0,
            tally: Tally::default(),
        }
    }

    fn meet(&mut self, sidecar: &Sidecar) {
        self.data = Some(sidecar.data());
        self.control = Some(sidecar.control());
    }

    fn work_until_it_is_gone(&mut self) {
        while self.step().is_ok() {}
    }

    /// First of all what was promised before the last kill, then more promises.
    fn step(&mut self) -> Result<(), Gone> {
        let Some(family) = &self.family else {
            return self.sign_in();
        };
        if family.unanswered {
            return self.rotate();
        }
        if self.proven < self.revoked.len() {
            let token = self.revoked[self.proven].clone();
            self.expect(&token, "REVOKED")?;
            self.proven += 1;
            return Ok(());
        }
        match self.random.below(8) {
            0 => self.revoke_family(),
            1 | 2 => self.revoke_another(),
            3 => self.rotate_what_was_spent(),
            4 => {
                let access = family.access.clone();
                self.expect(&access, "OK")
            }
            _ => self.rotate(),
        }
    }

    /// All that was ever answered, however long ago.
    fn check_all(&mut self) {
        self.proven = 0;
        while self.proven < self.revoked.len() || self.family.as_ref().is_some_and(|f| f.unanswered)
        {
            assert!(self.step().is_ok(), "nobody kills it now");
        }
        for spent in self.successors.keys().cloned().collect::<Vec<_>>() {
            let body = json!({ "refresh": spent });
            let answer = self.control.as_mut().unwrap().post("/v1/rotate", &body);
            let answer = answer.expect("nobody kills it now");
            // Some of their families were revoked since, by us.
            match answer.code() {
                "OK" => assert_eq!(self.successors[&spent], answer.text("refresh")),
                code => assert_eq!(code, "REVOKED"),
            }
        }
        if self.family.is_some() {
            assert!(self.rotate().is_ok(), "nobody kills it now");
        }
    }

    /// Asks until the store answers.
    fn control(&mut self, target: &str, body: &serde_json::Value) -> Result<Answer, Gone> {
        loop {
            let answer = self.control.as_mut().unwrap().post(target, body);
            let answer = answer.ok_or(Gone)?;
            if answer.code() != "STORE_UNAVAILABLE" {
                return Ok(answer);
            }
        }
    }

    fn expect(&mut self, token: &str, verdict: &str) -> Result<(), Gone> {
        loop {
            let answer = self.data.as_mut().unwrap().verify(token).ok_or(Gone)?;
            if answer.code() != "STORE_UNAVAILABLE" {
                assert_eq!(answer.code(), verdict, "client {}", self.number);
                self.tally.checked += 1;
                return Ok(());
            }
        }
    }

    fn sign(&mut self) -> Result<(String, String), Gone> {
        let subject = format!("client {}", self.number);
        let body = json!({"kind": "pair", "claims": {"sub": subject}});
        let answer = self.control("/v1/sign", &body)?;
        Ok((answer.text("access"), answer.text("refresh")))
    }

    fn sign_in(&mut self) -> Result<(), Gone> {
        let (access, refresh) = self.sign()?;
        self.family = Some(Family {
            access,
            refresh,
            spent: None,
            unanswered: false,
        });
        Ok(())
    }

    fn rotate(&mut self) -> Result<(), Gone> {
        let family = self.family.as_mut().unwrap();
        self.tally.repeated += u64::from(family.unanswered);
        family.unanswered = true;
        let refresh = family.refresh.clone();
        let answer = self.control("/v1/rotate", &json!({ "refresh": refresh }))?;
        assert_eq!(answer.code(), "OK", "a family was revoked that nobody did");
        let successor = answer.text("refresh");
        self.successors.insert(refresh.clone(), successor.clone());
        self.family = Some(Family {
            access: answer.text("access"),
            refresh: successor,
            spent: Some(refresh),
            unanswered: false,
        });
        self.tally.rotated += 1;
        Ok(())
    }

    /// Within the grace, which is longer than the trial: what it was exchanged for before.
    fn rotate_what_was_spent(&mut self) -> Result<(), Gone> {
        let Some(spent) = self.family.as_ref().and_then(|family| family.spent.clone()) else {
            return Ok(());
        };
        let answer = self.control("/v1/rotate", &json!({ "refresh": spent }))?;
        assert_eq!(answer.code(), "OK");
        assert_eq!(
            answer.text("refresh"),
            self.successors[&spent],
            "spent twice"
        );
        self.tally.again += 1;
        Ok(())
    }

    fn revoke_family(&mut self) -> Result<(), Gone> {
        // Whether it is revoked if the answer is lost, nobody knows: it is not used again.
        let family = self.family.take().unwrap();
        let body = json!({ "token": family.refresh });
        assert_eq!(self.control("/v1/revoke", &body)?.code(), "OK");
        self.revoked.push(family.access);
        self.tally.revoked += 1;
        Ok(())
    }

    fn revoke_another(&mut self) -> Result<(), Gone> {
        let (access, _) = self.sign()?;
        let body = json!({ "token": access });
        assert_eq!(self.control("/v1/revoke", &body)?.code(), "OK");
        self.revoked.push(access);
        self.tally.revoked += 1;
        Ok(())
    }
}
