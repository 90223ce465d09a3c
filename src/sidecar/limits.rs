use std::time::Duration;

/// Every bound that the edge holds a client to.
///
/// All are finite, so a client that is slow, silent or greedy costs at most what stands here and
/// others are served meanwhile. Times are kept to a quarter of a second or better.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerLimits {
    /// Open connections on the data plane. More are answered 503 and closed. Default 16,384,
    /// lowered at start to what the process may open.
    pub connections: usize,
    /// Open connections on the control plane, counted apart so that a flood of data-plane clients
    /// cannot lock the operator out. Default 64.
    pub control_connections: usize,
    /// Connections that the kernel holds before they are accepted. Default 1,024.
    pub backlog: u16,
    /// Bytes of a request's head, and of the header list in HTTP/2: more is 431. Default 32 KiB,
    /// at least 8 KiB.
    pub head: usize,
    /// Header lines in a request: more is 431. Default 100.
    pub headers: usize,
    /// Bytes of a request body on the data plane: more is 413. Default 1 MiB.
    pub body: usize,
    /// Bytes of a request body on the control plane: more is 413. Default 1 MiB.
    pub control_body: usize,
    /// Bytes of all bodies that are held at once, in the whole process: a body that would exceed
    /// it is answered 503. Default 256 MiB.
    pub bodies: usize,
    /// From the first byte of a request to the end of its head: longer is 408. Default 10 s.
    pub header_timeout: Duration,
    /// From the end of the head to the end of the body: longer is 408. Default 10 s.
    pub body_timeout: Duration,
    /// How long a connection may stay without a request. Default 75 s.
    pub idle_timeout: Duration,
    /// How long the client may leave an answer unread before it is cut. Default 10 s.
    pub write_timeout: Duration,
    /// How long a refused client may keep sending before the socket is closed under it, so that
    /// it can read the refusal. Default 1 s.
    pub linger: Duration,
    /// From the order to stop to the moment when what still runs is cut. Default 10 s.
    pub drain: Duration,
    /// Concurrent requests on one HTTP/2 connection. Default 128.
    pub streams: u32,
    /// Threads a core for requests that wait for a store. Default 8.
    pub waiting_threads: usize,
}

impl Default for ServerLimits {
    fn default() -> Self {
        Self {
            connections: 16_384,
            control_connections: 64,
            backlog: 1_024,
            head: 32 * 1_024,
            headers: 100,
            body: 1 << 20,
            control_body: 1 << 20,
            bodies: 256 << 20,
            header_timeout: Duration::from_secs(10),
            body_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            write_timeout: Duration::from_secs(10),
            linger: Duration::from_secs(1),
            drain: Duration::from_secs(10),
            streams: 128,
            waiting_threads: 8,
        }
    }
}

impl ServerLimits {
    /// The least that `head` may be set to: what the HTTP parser needs.
    pub const MIN_HEAD: usize = 8 * 1_024;

    /// How often the timeouts are looked at: an eighth of the shortest, within reason.
    pub(super) fn tick(&self) -> Duration {
        let shortest = self
            .header_timeout
            .min(self.idle_timeout)
            .min(self.write_timeout);
        (shortest / 8).clamp(Duration::from_millis(5), Duration::from_millis(250))
    }
}
