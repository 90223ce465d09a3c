use std::error::Error;
use std::fmt;

use super::Code;

/// A failure of ours: a file, a key, a URL, a store, a configuration.
///
/// `Display` says one level and names the thing that failed; `source()` says the next. Neither
/// ever holds a token or a secret.
pub struct Fault {
    inner: Box<Inner>,
}

struct Inner {
    code: Code,
    message: String,
    source: Option<Box<dyn Error + Send + Sync>>,
}

impl Fault {
    /// A fault with what failed and what to do about it, in one sentence.
    #[cold]
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self {
            inner: Box::new(Inner {
                code,
                message: message.into(),
                source: None,
            }),
        }
    }

    /// `CONFIG_ERROR`.
    #[cold]
    pub fn config(message: impl Into<String>) -> Self {
        Self::new(Code::ConfigError, message)
    }

    /// The same fault with the error that led to it.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.inner.source = Some(source.into());
        self
    }

    /// The row of the table.
    #[must_use]
    pub fn code(&self) -> Code {
        self.inner.code
    }

    /// The whole chain on one line, outermost first.
    #[must_use]
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut next = self.source();
        while let Some(error) = next {
            text.push_str(": ");
            text.push_str(&error.to_string());
            next = error.source();
        }
        text
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.inner.message)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.inner.code, self.chain())
    }
}

impl Error for Fault {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.inner
            .source
            .as_deref()
            .map(|error| error as &(dyn Error + 'static))
    }
}
