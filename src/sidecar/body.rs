use std::sync::atomic::Ordering;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body, Incoming};

use super::core::Shared;

/// Why a body did not come together.
pub(super) enum Spoiled {
    /// It is over its own limit.
    TooLarge,
    /// It is not what its framing promised.
    Broken,
    /// All bodies together are over theirs.
    NoRoom,
}

/// A body's share of what all bodies may hold, given back with the request.
pub(super) struct Held<'a> {
    shared: &'a Shared,
    bytes: usize,
}

impl<'a> Held<'a> {
    pub(super) fn new(shared: &'a Shared) -> Self {
        Self { shared, bytes: 0 }
    }

    /// Gathers a body of at most `limit` bytes. One that comes in one piece is not copied.
    pub(super) async fn collect(
        &mut self,
        mut body: Incoming,
        limit: usize,
    ) -> Result<Bytes, Spoiled> {
        let mut whole = BytesMut::new();
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|_| Spoiled::Broken)?.into_data() else {
                continue;
            };
            if whole.len().saturating_add(data.len()) > limit {
                return Err(Spoiled::TooLarge);
            }
            self.grow(data.len())?;
            if whole.is_empty() && body.is_end_stream() {
                return Ok(data);
            }
            whole.extend_from_slice(&data);
        }
        Ok(whole.freeze())
    }

    fn grow(&mut self, by: usize) -> Result<(), Spoiled> {
        self.bytes += by;
        let others = self.shared.bodies.fetch_add(by, Ordering::Relaxed);
        if others.saturating_add(by) > self.shared.limits.bodies {
            return Err(Spoiled::NoRoom);
        }
        Ok(())
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.shared.bodies.fetch_sub(self.bytes, Ordering::Relaxed);
    }
}
