use std::time::Duration;

use redis::Value;

use super::RedisStore;
use super::keys::digits;
use super::pool::Lease;
use super::reply::{self, Foreign, Written};
use super::script::Script;
use super::trouble::Trouble;
use crate::clock::UnixMillis;
use crate::error::Fault;
use crate::store::{Entry, StoreKey, Version};

/// How much later than the caller's clock the server may wipe an entry by itself.
const BACKSTOP: Duration = Duration::from_secs(86_400);
/// An expiry from here on is none to the server: its times are of 64 bits, but those of a sorted
/// set and of a script of 53.
const NEVER: i64 = 1 << 53;
/// How many entries one script wipes, and from how many on a write bothers.
pub(super) const WIPE: usize = 128;
const WORTH_WIPING: usize = 16;
/// How many values are read at once: at the longest, together they fit a reply.
const READ: usize = 64;

/// What the methods of the store are made of.
impl RedisStore {
    /// A command whose reply is no error.
    pub(super) fn ask(
        &self,
        lease: &mut Lease<'_>,
        command: &[&[u8]],
        wait: Duration,
    ) -> Result<Value, Fault> {
        match lease.call(command, wait)? {
            Value::ServerError(error) => Err(self.trouble.refused(&error)),
            reply => Ok(reply),
        }
    }

    /// A script by its name, or by its text where the server has not seen it yet. Errors that the
    /// server answers with are left to the caller.
    pub(super) fn run(
        &self,
        lease: &mut Lease<'_>,
        script: &Script,
        keys: &[&[u8]],
        arguments: &[&[u8]],
    ) -> Result<Value, Fault> {
        let count = keys.len().to_string();
        let mut command: Vec<&[u8]> = vec![b"EVALSHA", script.hash(), count.as_bytes()];
        command.extend_from_slice(keys);
        command.extend_from_slice(arguments);
        match lease.call(&command, Duration::ZERO)? {
            Value::ServerError(error) if Trouble::lacks_script(&error) => {
                command[0] = b"EVAL";
                command[1] = script.text();
                lease.call(&command, Duration::ZERO)
            }
            reply => Ok(reply),
        }
    }

    pub(super) fn write(
        &self,
        key: &StoreKey,
        expected: Option<Version>,
        value: &[u8],
        expires: UnixMillis,
    ) -> Result<Written, Fault> {
        Entry::check_value(key, value)?;
        let now = self.clock.now();
        let (now_text, expires_text) = (digits(now), digits(expires));
        let expected = expected.map_or(String::new(), |version| format!("{:020}", version.raw()));
        let lifetime = if expires.millis() < NEVER {
            let left = expires.millis().saturating_sub(now.millis()).max(0);
            UnixMillis::from_millis(left)
                .plus(BACKSTOP)
                .millis()
                .to_string()
        } else {
            String::new()
        };
        let entry = self.keys.entry(key.as_str());
        let keys: [&[u8]; 5] = [
            &self.keys.life,
            &self.keys.feed,
            &self.keys.index,
            &self.keys.expiries,
            &entry,
        ];
        let arguments: [&[u8]; 7] = [
            now_text.as_bytes(),
            expected.as_bytes(),
            expires_text.as_bytes(),
            value,
            lifetime.as_bytes(),
            key.as_str().as_bytes(),
            self.changes.as_bytes(),
        ];
        let mut lease = self.pool.lease()?;
        let mut reply = self.run(&mut lease, &self.scripts.write, &keys, &arguments)?;
        if let Value::ServerError(error) = &reply
            && Trouble::is_full(error)
            && self.wipe_due(&mut lease, now, WIPE)?.0 > 0
        {
            reply = self.run(&mut lease, &self.scripts.write, &keys, &arguments)?;
        }
        if let Value::ServerError(error) = &reply {
            return Err(self.trouble.refused(error));
        }
        let written = self.ours(&mut lease, reply::written(reply))?;
        if let Written::Stored { due, .. } = &written
            && due.len() >= WORTH_WIPING
        {
            // The write is done, whatever becomes of this.
            let _ = self.wipe(&mut lease, due, now);
        }
        Ok(written)
    }

    /// Wipes those of `names` that are over, and says how many were.
    pub(super) fn wipe(
        &self,
        lease: &mut Lease<'_>,
        names: &[StoreKey],
        now: UnixMillis,
    ) -> Result<usize, Fault> {
        let entries: Vec<Vec<u8>> = names
            .iter()
            .map(|name| self.keys.entry(name.as_str()))
            .collect();
        let mut keys: Vec<&[u8]> = vec![
            &self.keys.life,
            &self.keys.feed,
            &self.keys.index,
            &self.keys.expiries,
        ];
        keys.extend(entries.iter().map(Vec::as_slice));
        let now = digits(now);
        let mut arguments = vec![now.as_bytes()];
        arguments.extend(names.iter().map(|name| name.as_str().as_bytes()));
        match self.run(lease, &self.scripts.wipe, &keys, &arguments)? {
            Value::ServerError(error) => Err(self.trouble.refused(&error)),
            reply => self.ours(lease, reply::count(&reply)),
        }
    }

    /// Wipes up to `at_most` entries that are over by `now`: how many were, and out of how many.
    pub(super) fn wipe_due(
        &self,
        lease: &mut Lease<'_>,
        now: UnixMillis,
        at_most: usize,
    ) -> Result<(usize, usize), Fault> {
        let (now_text, at_most) = (digits(now), at_most.to_string());
        let command: [&[u8]; 7] = [
            b"ZRANGEBYSCORE",
            &self.keys.expiries,
            b"-inf",
            now_text.as_bytes(),
            b"LIMIT",
            b"0",
            at_most.as_bytes(),
        ];
        let reply = self.ask(lease, &command, Duration::ZERO)?;
        let names = self.ours(lease, reply::names(reply))?;
        if names.is_empty() {
            return Ok((0, 0));
        }
        Ok((self.wipe(lease, &names, now)?, names.len()))
    }

    /// The entries at `names`, those that are missing included.
    pub(super) fn read(
        &self,
        lease: &mut Lease<'_>,
        names: &[StoreKey],
    ) -> Result<Vec<Option<Entry>>, Fault> {
        let mut entries = Vec::with_capacity(names.len());
        for names in names.chunks(READ) {
            let keys: Vec<Vec<u8>> = names
                .iter()
                .map(|name| self.keys.entry(name.as_str()))
                .collect();
            let mut command: Vec<&[u8]> = vec![b"MGET"];
            command.extend(keys.iter().map(Vec::as_slice));
            let reply = self.ask(lease, &command, Duration::ZERO)?;
            let read = reply::array(reply)
                .and_then(|parts| {
                    parts
                        .into_iter()
                        .map(reply::entry)
                        .collect::<Result<Vec<_>, _>>()
                })
                .and_then(|read| {
                    if read.len() == names.len() {
                        Ok(read)
                    } else {
                        Err(Foreign)
                    }
                });
            entries.extend(self.ours(lease, read)?);
        }
        Ok(entries)
    }

    /// A reply that makes no sense condemns the connection as well.
    pub(super) fn ours<T>(
        &self,
        lease: &mut Lease<'_>,
        reply: Result<T, Foreign>,
    ) -> Result<T, Fault> {
        reply.map_err(|Foreign| {
            lease.give_up();
            self.trouble.foreign()
        })
    }
}
