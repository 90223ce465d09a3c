use std::io::{self, ErrorKind, Write};
use std::sync::Arc;
use std::time::Duration;

use redis::{Parser, Value};
use rustls::ClientConfig;
use zeroize::Zeroizing;

use super::RedisUrl;
use super::stream::Stream;

/// One connection, logged in and in its database.
///
/// It speaks RESP2, command and reply in turn. After an error it is out of step and must be
/// dropped; dropping it sends nothing, so a child may drop what it inherited.
pub(super) struct Connection {
    stream: Stream,
    parser: Parser,
}

/// Why there is no connection.
pub(super) enum NoConnection {
    Broken(io::Error),
    /// The server answered, with an error.
    Refused(redis::ServerError),
}

impl Connection {
    pub(super) fn open(
        url: &RedisUrl,
        tls: Option<&Arc<ClientConfig>>,
        deadline: Duration,
    ) -> Result<Self, NoConnection> {
        let stream = Stream::connect(&url.endpoint, tls, deadline)?;
        let mut connection = Self {
            stream,
            parser: Parser::new(),
        };
        let db = url.db.to_string();
        let password = url
            .password
            .as_ref()
            .map_or(&b""[..], |password| password.expose());
        let login: &[&[u8]] = match &url.user {
            Some(user) => &[b"AUTH", user.as_bytes(), password],
            None if url.password.is_some() => &[b"AUTH", password],
            None => &[],
        };
        let select: &[&[u8]] = if url.db == 0 {
            &[]
        } else {
            &[b"SELECT", db.as_bytes()]
        };
        for command in [login, select] {
            if command.is_empty() {
                continue;
            }
            match connection.call(command, deadline)? {
                Value::Okay => {}
                Value::ServerError(error) => return Err(NoConnection::Refused(error)),
                _ => return Err(NoConnection::Broken(ErrorKind::InvalidData.into())),
            }
        }
        Ok(connection)
    }

    /// Sends a command and reads its reply, which may be an error of the server's.
    pub(super) fn call(&mut self, command: &[&[u8]], deadline: Duration) -> io::Result<Value> {
        self.stream.begin(deadline);
        self.stream.write_all(&packed(command))?;
        let reply = self.parser.parse_value(&mut self.stream);
        // The text of an error would show bytes of the reply, so its kind is all that is kept.
        reply.map_err(|error| match error {
            _ if self.stream.is_overrun() => ErrorKind::InvalidData.into(),
            error if error.is_timeout() => ErrorKind::TimedOut.into(),
            error if error.is_io_error() => ErrorKind::ConnectionAborted.into(),
            _ => ErrorKind::InvalidData.into(),
        })
    }

    pub(super) fn is_quiet(&self) -> bool {
        self.stream.is_quiet()
    }
}

impl From<io::Error> for NoConnection {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

/// The bytes of a command. Wiped, since values and passwords are among them, and written into one
/// allocation, for growing would leave copies behind.
fn packed(command: &[&[u8]]) -> Zeroizing<Vec<u8>> {
    const FRAME: usize = 24;
    let length: usize = command.iter().map(|part| part.len() + FRAME).sum();
    let mut bytes = Zeroizing::new(Vec::with_capacity(length + FRAME));
    bytes.extend_from_slice(format!("*{}\r\n", command.len()).as_bytes());
    for part in command {
        bytes.extend_from_slice(format!("${}\r\n", part.len()).as_bytes());
        bytes.extend_from_slice(part);
        bytes.extend_from_slice(b"\r\n");
    }
    bytes
}
