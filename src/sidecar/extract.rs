//! How [`extract`](crate::extract) reads the headers of a request over HTTP.

use hyper::header::{HeaderMap, HeaderValue};

use crate::extract::Headers;

/// The headers of a request that hyper has read.
#[derive(Debug)]
pub struct Read<'r>(pub &'r HeaderMap);

impl<'r> Headers<'r> for Read<'r> {
    fn values(&self, name: &str) -> impl Iterator<Item = &'r [u8]> {
        self.0.get_all(name).iter().map(HeaderValue::as_bytes)
    }
}
