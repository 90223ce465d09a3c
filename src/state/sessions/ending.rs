use super::id::Owner;
use super::{SessionId, Sessions};
use crate::clock::UnixMillis;
use crate::error::Fault;

impl Sessions {
    /// Ends a session; false where there was none. Its tokens are refused from the next call on in
    /// this process, and in the others as soon as they have read it.
    ///
    /// # Errors
    /// `STORE_UNAVAILABLE` where it cannot be recorded.
    pub fn end(&self, id: SessionId) -> Result<bool, Fault> {
        let mut ended = false;
        self.change(id.owner, None, |user| {
            let before = user.sessions.len();
            user.sessions.retain(|kept| kept.own != id.own);
            ended = user.sessions.len() < before;
            Ok(ended)
        })?;
        Ok(ended)
    }

    /// Ends all sessions of a user in one step, but for `except`; says how many there were.
    ///
    /// # Errors
    /// As [`end`](Self::end).
    pub fn end_all(&self, subject: &str, except: Option<SessionId>) -> Result<usize, Fault> {
        self.end_where(subject, |own, _| {
            except.is_none_or(|except| except.own != *own)
        })
    }

    /// Ends what a user opened before that moment.
    ///
    /// # Errors
    /// As [`end`](Self::end).
    pub fn end_created_before(&self, subject: &str, before: UnixMillis) -> Result<usize, Fault> {
        self.end_where(subject, |_, created| created < before)
    }

    fn end_where(
        &self,
        subject: &str,
        is_over: impl Fn(&[u8; 16], UnixMillis) -> bool,
    ) -> Result<usize, Fault> {
        let mut ended = 0;
        let owner = Owner::of(self.provider, subject);
        self.change(owner, Some(subject), |user| {
            let before = user.sessions.len();
            user.sessions
                .retain(|kept| !is_over(&kept.own, kept.times.created));
            ended = before - user.sessions.len();
            Ok(ended > 0)
        })?;
        Ok(ended)
    }
}
