use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;

use crate::clock::Clock;
use crate::error::Fault;
use crate::state::{Follower, FollowerStats, Following, Revocations, Sessions};
use crate::store::Store;

/// A store that other processes may share, and what it takes to follow it again in a child of a
/// fork.
pub(super) struct SharedState {
    store: Arc<dyn Store>,
    clock: Arc<dyn Clock>,
    staleness: Duration,
    followed: Vec<Followed>,
    following: ArcSwap<Following>,
}

/// What is followed for a profile.
pub(super) struct Followed {
    pub(super) profile: String,
    pub(super) index: Arc<Revocations>,
    pub(super) sessions: Option<Arc<Sessions>>,
    pub(super) fails_closed: bool,
}

impl SharedState {
    /// Reads the store once, if it answers, and follows it from then on.
    pub(super) fn start(
        store: Arc<dyn Store>,
        clock: &Arc<dyn Clock>,
        staleness: Duration,
        followed: Vec<Followed>,
    ) -> Result<Self, Fault> {
        let following = follow(&store, clock, staleness, &followed)?;
        Ok(Self {
            store,
            clock: Arc::clone(clock),
            staleness,
            followed,
            following: ArcSwap::from_pointee(following),
        })
    }

    pub(super) fn start_again(&self) -> Result<(), Fault> {
        let following = follow(&self.store, &self.clock, self.staleness, &self.followed)?;
        self.following.store(Arc::new(following));
        Ok(())
    }

    pub(super) fn stats(&self) -> FollowerStats {
        self.following.load().stats()
    }
}

fn follow(
    store: &Arc<dyn Store>,
    clock: &Arc<dyn Clock>,
    staleness: Duration,
    followed: &[Followed],
) -> Result<Following, Fault> {
    let mut follower = Follower::new(Arc::clone(store), Arc::clone(clock), staleness);
    for one in followed {
        follower.follow(&one.profile, Arc::clone(&one.index), one.fails_closed)?;
        if let Some(sessions) = &one.sessions {
            follower.follow_sessions(Arc::clone(sessions))?;
        }
    }
    Following::start(follower)
}

impl std::fmt::Debug for SharedState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SharedState")
            .field("stats", &self.stats())
            .finish_non_exhaustive()
    }
}
