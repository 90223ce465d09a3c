use std::time::Duration;

use redis::Value;

use super::RedisStore;
use super::reply::{self, Foreign};
use crate::error::Fault;
use crate::store::{Bucket, Meter, Take};

impl Meter for RedisStore {
    fn take(&self, name: &[u8; 16], bucket: &Bucket) -> Result<Take, Fault> {
        let key = self.keys.bucket(name);
        let interval = bucket.interval.as_micros().max(1).to_string();
        let burst = bucket.burst.max(1).to_string();
        let arguments = [interval.as_bytes(), burst.as_bytes()];
        let mut lease = self.pool.lease()?;
        match self.run(&mut lease, &self.scripts.take, &[&key], &arguments)? {
            Value::ServerError(error) => Err(self.trouble.refused(&error)),
            reply => self.ours(&mut lease, taken(reply)),
        }
    }
}

fn taken(reply: Value) -> Result<Take, Foreign> {
    let parts = reply::array(reply)?;
    let [taken, number] = parts.as_slice() else {
        return Err(Foreign);
    };
    let number = reply::count(number)?;
    Ok(match reply::count(taken)? {
        0 => Take::Empty {
            retry_after: Duration::from_micros(number as u64),
        },
        _ => Take::Taken {
            remaining: u32::try_from(number).unwrap_or(u32::MAX),
        },
    })
}
