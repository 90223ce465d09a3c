use std::fmt;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use redis::Value;
use rustls::ClientConfig;

use super::connection::{Connection, NoConnection};
use super::trouble::Trouble;
use super::{RedisConfig, durability};
use crate::clock::{Clock, SystemClock};
use crate::error::Fault;
use crate::fork;

/// A few connections, made when they are needed and kept for the next.
///
/// One that failed is dropped, and so is one that the server closed meanwhile: nothing is sent
/// twice, because nobody could say whether a write whose reply was lost has happened. A child that
/// was forked drops what it inherited and connects anew.
pub(super) struct Pool {
    config: Arc<RedisConfig>,
    tls: Option<Arc<ClientConfig>>,
    trouble: Arc<Trouble>,
    most: usize,
    /// The server may be another one, or have other settings, than when it was last asked.
    unchecked: AtomicBool,
    state: Mutex<State>,
    returned: Condvar,
}

#[derive(Default)]
struct State {
    generation: u32,
    idle: Vec<Connection>,
    /// Idle ones, those that are lent, and those that are being made.
    open: usize,
}

/// A connection for a while.
pub(super) struct Lease<'a> {
    pool: &'a Pool,
    generation: u32,
    connection: Option<Connection>,
}

impl Pool {
    pub(super) fn new(
        config: Arc<RedisConfig>,
        tls: Option<Arc<ClientConfig>>,
        trouble: Arc<Trouble>,
        most: usize,
        checks: bool,
    ) -> Self {
        Self {
            config,
            tls,
            trouble,
            most,
            unchecked: AtomicBool::new(checks),
            state: Mutex::default(),
            returned: Condvar::new(),
        }
    }

    /// A connection that is idle, else a new one; waits where there are as many as there may be.
    pub(super) fn lease(&self) -> Result<Lease<'_>, Fault> {
        let deadline = SystemClock.monotonic() + self.config.timeout;
        // Held while waiting as well, for the lock is taken again after that: a fork may have to
        // wait for one timeout where all connections are busy.
        let undivided = fork::undivided();
        let mut state = self.state();
        loop {
            if let Some(connection) = state.idle.pop() {
                if connection.is_quiet() {
                    return Ok(self.lent(state.generation, Some(connection)));
                }
                state.open -= 1;
                self.unchecked.store(true, Ordering::Relaxed);
                continue;
            }
            if state.open < self.most {
                break;
            }
            let left = deadline.saturating_sub(SystemClock.monotonic());
            if left.is_zero() {
                return Err(self.trouble.busy(self.most));
            }
            let waited = self.returned.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.open += 1;
        // From here on the lease gives the place back, whatever happens.
        let mut lease = self.lent(state.generation, None);
        drop(state);
        drop(undivided);
        let connection = self
            .connect()
            .map_err(|why| self.trouble.no_connection(why))?;
        lease.connection = Some(connection);
        Ok(lease)
    }

    fn connect(&self) -> Result<Connection, NoConnection> {
        let deadline = SystemClock.monotonic() + self.config.connect_timeout;
        let mut connection = Connection::open(&self.config.url, self.tls.as_ref(), deadline)?;
        if self.unchecked.swap(false, Ordering::Relaxed) {
            let checked = durability::check(&mut connection, self.trouble.server(), deadline);
            checked.inspect_err(|_| self.unchecked.store(true, Ordering::Relaxed))?;
        }
        Ok(connection)
    }

    fn lent(&self, generation: u32, connection: Option<Connection>) -> Lease<'_> {
        Lease {
            pool: self,
            generation,
            connection,
        }
    }

    /// The state of this very process. Take it undivided.
    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = fork::generation();
        if state.generation != generation {
            *state = State {
                generation,
                ..State::default()
            };
        }
        state
    }
}

impl Lease<'_> {
    /// Sends a command and reads its reply; gives the connection up where that fails.
    pub(super) fn call(&mut self, command: &[&[u8]], wait: Duration) -> Result<Value, Fault> {
        let deadline = SystemClock.monotonic() + self.pool.config.timeout + wait;
        let reply = match &mut self.connection {
            Some(connection) => connection.call(command, deadline),
            None => Err(io::ErrorKind::NotConnected.into()),
        };
        reply.map_err(|error| {
            self.give_up();
            self.pool.trouble.broken(error)
        })
    }

    /// Drops the connection: what it answered makes no sense.
    pub(super) fn give_up(&mut self) {
        self.connection = None;
        self.pool.unchecked.store(true, Ordering::Relaxed);
    }
}

impl Drop for Lease<'_> {
    fn drop(&mut self) {
        let _undivided = fork::undivided();
        let mut state = self.pool.state();
        if state.generation == self.generation {
            match self.connection.take() {
                Some(connection) => state.idle.push(connection),
                None => state.open -= 1,
            }
            self.pool.returned.notify_one();
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool")
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}
