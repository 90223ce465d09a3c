use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use parking_lot::Mutex;

use super::id::Owner;
use super::{Session, SessionId};
use crate::fork;

/// The sessions that a process has in memory, user by user.
///
/// Bounded in users and in bytes. Who was not asked for lately leaves when there is no room, and is
/// read from the store when he comes back.
///
/// # Why a slow read brings nothing back
/// Whoever reads a store takes a [`Ticket`] first. Every change of what is known of a user, and
/// every read that is taken over, uses up the tickets of its shard: what was read before is then
/// not taken over. So memory never goes back to a state that it has left.
pub(super) struct Table {
    shards: Box<[Shard]>,
    limits: TableLimits,
}

/// How much of the sessions of a profile is kept in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableLimits {
    /// The most users
    pub users: usize,
    /// The most bytes
    pub bytes: usize,
}

/// What memory says of a session.
pub(super) enum Known {
    Live(Arc<Session>),
    /// It was there and has ended.
    Ended,
    /// Memory cannot say.
    Nothing,
}

/// The moment before a read of the store.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Ticket(u64);

/// A cache line of its own, so that neighbours do not slow each other down.
#[repr(align(64))]
#[derive(Default)]
struct Shard(Mutex<Users>);

#[derive(Default)]
struct Users {
    by_owner: HashMap<Owner, Place>,
    /// Who leaves first, but for those who were asked for since they were put here.
    queue: VecDeque<Owner>,
    bytes: usize,
    /// Counts what uses up tickets.
    changes: u64,
}

#[derive(Default)]
struct Place {
    sessions: Vec<Arc<Session>>,
    /// Sessions that have ended: their tokens are refused without asking the store.
    ended: VecDeque<[u8; 16]>,
    bytes: usize,
}

const SHARDS: usize = 64;
/// What a user takes beside his sessions: his place in map and queue.
const USER: usize = 160;
/// What a session takes beside its attributes: its struct, its count, its pointer.
const SESSION: usize = size_of::<Session>() + 24;
/// How many ended sessions of a user are remembered.
const ENDED: usize = 32;

impl Default for TableLimits {
    fn default() -> Self {
        Self {
            users: 100_000,
            bytes: 64 << 20,
        }
    }
}

impl Table {
    pub(super) fn new(limits: TableLimits) -> Self {
        Self {
            shards: (0..SHARDS).map(|_| Shard::default()).collect(),
            limits,
        }
    }

    pub(super) fn get(&self, id: SessionId) -> Known {
        let _undivided = fork::undivided();
        let users = self.shard(id.owner).lock();
        let Some(place) = users.by_owner.get(&id.owner) else {
            return Known::Nothing;
        };
        match place.sessions.iter().find(|one| one.id() == id) {
            Some(session) => Known::Live(Arc::clone(session)),
            None if place.ended.contains(&id.own) => Known::Ended,
            None => Known::Nothing,
        }
    }

    /// To be taken before a store is read.
    pub(super) fn ticket(&self, owner: Owner) -> Ticket {
        let _undivided = fork::undivided();
        Ticket(self.shard(owner).lock().changes)
    }

    /// Uses up the tickets of a user whose record was changed by somebody; false where nothing is
    /// known of him.
    pub(super) fn touch(&self, owner: Owner) -> bool {
        let _undivided = fork::undivided();
        let mut users = self.shard(owner).lock();
        users.changes += 1;
        users.by_owner.contains_key(&owner)
    }

    /// Takes over all that a store was found to hold of a user, unless something happened since the
    /// ticket was taken. What is then not kept is good for one look and marked as superseded.
    pub(super) fn take_over(&self, owner: Owner, ticket: Ticket, sessions: &[Arc<Session>]) {
        let _undivided = fork::undivided();
        let mut users = self.shard(owner).lock();
        if users.changes == ticket.0 {
            users.changes += 1;
            users.put(owner, sessions, &[]);
            users.make_room(self.each());
        } else {
            sessions.iter().for_each(|session| session.supersede());
        }
    }

    /// Takes over what this process has written, and that `ended` have ended; where something else
    /// happened since the ticket was taken, the latter alone, and the rest is forgotten.
    pub(super) fn wrote(
        &self,
        owner: Owner,
        ticket: Ticket,
        sessions: &[Arc<Session>],
        ended: &[[u8; 16]],
    ) {
        let _undivided = fork::undivided();
        let mut users = self.shard(owner).lock();
        let in_time = users.changes == ticket.0;
        users.changes += 1;
        if in_time {
            users.put(owner, sessions, ended);
        } else {
            sessions.iter().for_each(|session| session.supersede());
            users.remove(owner);
            users.put(owner, &[], ended);
        }
        users.make_room(self.each());
    }

    /// Forgets a user.
    pub(super) fn forget(&self, owner: Owner) {
        let _undivided = fork::undivided();
        let mut users = self.shard(owner).lock();
        users.changes += 1;
        users.remove(owner);
    }

    /// Forgets everybody.
    pub(super) fn clear(&self) {
        for shard in &self.shards {
            let _undivided = fork::undivided();
            let mut users = shard.0.lock();
            users.changes += 1;
            while let Some(owner) = users.queue.pop_front() {
                users.remove(owner);
            }
        }
    }

    /// Users, sessions and bytes.
    pub(super) fn sizes(&self) -> (usize, usize, usize) {
        let mut sizes = (0, 0, 0);
        for shard in &self.shards {
            let _undivided = fork::undivided();
            let users = shard.0.lock();
            let sessions = users.by_owner.values().map(|place| place.sessions.len());
            sizes.0 += users.by_owner.len();
            sizes.1 += sessions.sum::<usize>();
            sizes.2 += users.bytes;
        }
        sizes
    }

    fn shard(&self, owner: Owner) -> &Mutex<Users> {
        &self.shards[usize::from(owner.0[0]) % self.shards.len()].0
    }

    /// What one shard may hold.
    fn each(&self) -> TableLimits {
        TableLimits {
            users: self.limits.users.div_ceil(SHARDS),
            bytes: self.limits.bytes / SHARDS,
        }
    }
}

impl Users {
    /// Puts all that is known of a user in place of what was: what is not among it has ended.
    fn put(&mut self, owner: Owner, sessions: &[Arc<Session>], ended: &[[u8; 16]]) {
        if !self.by_owner.contains_key(&owner) {
            // Nobody fills memory with users who have no session.
            if sessions.is_empty() && ended.is_empty() {
                return;
            }
            self.queue.push_back(owner);
        }
        let place = self.by_owner.entry(owner).or_default();
        let lives = |own: &[u8; 16]| sessions.iter().any(|one| one.id().own == *own);
        let mut over: Vec<[u8; 16]> = Vec::with_capacity(ended.len());
        for session in place.sessions.drain(..) {
            session.supersede();
            over.push(session.id().own);
        }
        over.extend(ended);
        place.ended.retain(|own| !lives(own) && !over.contains(own));
        place.ended.extend(over.iter().filter(|own| !lives(own)));
        while place.ended.len() > ENDED {
            place.ended.pop_front();
        }
        place.sessions.extend(sessions.iter().cloned());
        let heap = place.sessions.iter().map(|one| SESSION + one.heap());
        let bytes = USER + heap.sum::<usize>() + 16 * place.ended.len();
        self.bytes = self.bytes - place.bytes + bytes;
        place.bytes = bytes;
        // Whoever was forgotten and came back stands in the queue twice.
        if self.queue.len() > 2 * self.by_owner.len() + 16 {
            self.queue = self.by_owner.keys().copied().collect();
        }
    }

    fn remove(&mut self, owner: Owner) {
        if let Some(place) = self.by_owner.remove(&owner) {
            self.bytes -= place.bytes;
            place
                .sessions
                .iter()
                .for_each(|session| session.supersede());
        }
    }

    /// Second chance: one who was asked for goes to the end of the queue once.
    fn make_room(&mut self, limits: TableLimits) {
        let mut spared = self.queue.len();
        while self.by_owner.len() > limits.users || self.bytes > limits.bytes {
            let Some(owner) = self.queue.pop_front() else {
                return;
            };
            // All of them are asked: each forgets that it was used.
            let asked_for =
                |place: &Place| place.sessions.iter().filter(|one| one.was_used()).count() > 0;
            if spared > 0 && self.by_owner.get(&owner).is_some_and(asked_for) {
                spared -= 1;
                self.queue.push_back(owner);
                continue;
            }
            self.remove(owner);
        }
    }
}
