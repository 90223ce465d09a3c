use std::process;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use parking_lot::Mutex;
use rusqlite::Connection;

use super::connection::Open;
use super::failure::{Failure, unavailable};
use super::file::DatabaseFile;
use super::room::Room;
use crate::clock::Clock;
use crate::error::{Code, Fault};
use crate::fork::{self, Forking};

/// The two connections of a store, and when they may be used.
///
/// One writes and one reads, so that a reader waits for no commit. Each is opened when it is
/// first needed, opened anew when its file was replaced or it reported more than a lock or a lack
/// of room, and closed before a fork.
///
/// # Forks
/// Locks belong to a process and a child inherits none, but it does inherit SQLite's own list of
/// the locks that its process holds. A child that opens the file anew while an inherited
/// connection exists is taken for a holder of those locks by itself, and by nobody else: its log
/// is deleted under it when the parent closes. Only a process that forks without any connection
/// leaves its child a list that is true. Where a fork bypassed [`fork::prepare`], the child is
/// refused, and its copies of the connections are never touched again.
pub(crate) struct Access {
    pub(crate) file: DatabaseFile,
    pub(crate) room: Room,
    clock: Arc<dyn Clock>,
    /// The process that the connections belong to, [`NOBODY`] while there are none.
    home: AtomicU32,
    pub(crate) writing: Mutex<Option<Open>>,
    pub(crate) reading: Mutex<Option<Open>>,
}

const NOBODY: u32 = 0;

/// How long to wait before a lock is tried again, at most. The attempts are ours and not
/// SQLite's, so that neither a lock nor a fork waits for them.
const LONGEST_PAUSE: Duration = Duration::from_millis(10);

impl Access {
    /// Opens the file for the first time, which is the only time that it may be created.
    pub(crate) fn new(
        file: DatabaseFile,
        room: Room,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Fault> {
        let access = Self {
            file,
            room,
            clock,
            home: AtomicU32::new(process::id()),
            writing: Mutex::default(),
            reading: Mutex::default(),
        };
        access.patiently(|| {
            let _undivided = fork::undivided();
            let open = Open::new(&access.file, room, true, access.clock.now())?;
            *access.writing.lock() = Some(open);
            Ok(())
        })?;
        Ok(access)
    }

    /// Runs `work` on a connection, again and again while another process holds the lock.
    pub(crate) fn with<T>(
        &self,
        side: &Mutex<Option<Open>>,
        mut work: impl FnMut(&mut Connection) -> Result<T, Failure>,
    ) -> Result<T, Fault> {
        self.patiently(|| self.once(side, &mut work))
    }

    fn once<T>(
        &self,
        side: &Mutex<Option<Open>>,
        work: &mut impl FnMut(&mut Connection) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let _undivided = fork::undivided();
        self.claim()?;
        let mut side = side.lock();
        self.drop_stale(&mut side)?;
        let open = match &mut *side {
            Some(open) => open,
            none => none.insert(self.open_again()?),
        };
        let outcome = work(open.connection());
        if let Err(failure) = &outcome
            && !failure.is_busy()
            && !failure.is_full()
        {
            // What it remembers of the file may be wrong: the next call begins anew.
            *side = None;
        }
        outcome
    }

    /// Says that the connections belong to this process, if they can.
    fn claim(&self) -> Result<(), Fault> {
        let me = process::id();
        let claimed = self
            .home
            .compare_exchange(NOBODY, me, Ordering::SeqCst, Ordering::SeqCst);
        match claimed {
            Ok(_) => Ok(()),
            Err(home) if home == me => Ok(()),
            Err(_) => Err(unavailable(
                &self.file,
                "was open when this process was forked, in a way that SQLite cannot follow; open \
                 the store after the fork",
            )),
        }
    }

    /// Lets go of a connection to a file that is no longer there.
    fn drop_stale(&self, side: &mut Option<Open>) -> Result<(), Failure> {
        let Some(open) = side.take_if(|open| !open.is_current(&self.file)) else {
            return Ok(());
        };
        if open.left_its_log(&self.file) && self.file.identity().is_some() {
            let what = "was replaced, but the log of the old one is still beside it; stop every \
                        process that uses it, and remove the files -wal and -shm before the \
                        new one is used";
            *side = Some(open);
            return Err(unavailable(&self.file, what).into());
        }
        open.abandon();
        Ok(())
    }

    fn open_again(&self) -> Result<Open, Failure> {
        let opened = Open::new(&self.file, self.room, false, self.clock.now());
        opened.map_err(|failure| match failure {
            // No longer a matter of the configuration: it was right when the store was opened.
            Failure::Fault(fault) => Fault::new(Code::StoreUnavailable, fault.chain()).into(),
            other => other,
        })
    }

    fn patiently<T>(&self, mut attempt: impl FnMut() -> Result<T, Failure>) -> Result<T, Fault> {
        let mut waited = Duration::ZERO;
        let mut pause = Duration::from_millis(1);
        loop {
            match attempt() {
                Err(failure) if failure.is_busy() && waited < self.room.wait => {
                    thread::sleep(pause);
                    waited += pause;
                    pause = (pause * 2).min(LONGEST_PAUSE);
                }
                outcome => {
                    return outcome.map_err(|failure| failure.fault(&self.file, waited));
                }
            }
        }
    }
}

impl Forking for Access {
    fn before_fork(&self) {
        if self.home.load(Ordering::SeqCst) != process::id() {
            return;
        }
        // Free, since whoever holds them is undivided; and if not, the child is refused.
        let (Some(mut writing), Some(mut reading)) =
            (self.writing.try_lock(), self.reading.try_lock())
        else {
            return;
        };
        for side in [&mut writing, &mut reading] {
            if let Some(open) = side.take() {
                open.abandon();
            }
        }
        self.home.store(NOBODY, Ordering::SeqCst);
    }
}

impl Drop for Access {
    fn drop(&mut self) {
        let _undivided = fork::undivided();
        let home = self.home.load(Ordering::SeqCst);
        for side in [self.writing.get_mut(), self.reading.get_mut()] {
            match side.take() {
                Some(open) if home != process::id() => open.leak(),
                Some(open) if !open.is_current(&self.file) => open.abandon(),
                _ => {}
            }
        }
    }
}
