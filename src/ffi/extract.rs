use super::call::{Failed, guard, output};
use super::{bearerd_code, bearerd_error, bearerd_str, bearerd_verifier};
use crate::extract::Headers;

/// One header of a request: its name in any case, and its value.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct bearerd_header {
    /// The name.
    pub name: bearerd_str,
    /// The value.
    pub value: bearerd_str,
}

/// Finds the one token of a request, where the profile looks (`token_from`): in the
/// `Authorization` header, in headers and cookies that the configuration names.
///
/// `headers`: `n` of them; one that was sent twice stands here twice, for a hidden second token is
/// how a gateway and a service come to read two different ones. Others than those that are looked at
/// may be left out. `profile`: NULL for the default; without a default, `Authorization` is looked
/// at. `*token` lies within one of the values.
///
/// Owns: nothing; `*token` lives as long as `headers`. Threads: any, at once. Errors:
/// ::BEARERD_MISSING_TOKEN where there is none, ::BEARERD_MALFORMED where there are two that differ,
/// or a form that can be read in more than one way.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_extract(
    verifier: *const bearerd_verifier,
    profile: bearerd_str,
    headers: *const bearerd_header,
    n: usize,
    token: *mut bearerd_str,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        let (verifier, token, profile, sent) = unsafe {
            let token = output(token, "token")?;
            *token = bearerd_str::EMPTY;
            (
                bearerd_verifier::ready(verifier)?,
                token,
                profile.option("profile")?,
                Sent::read(headers, n)?,
            )
        };
        let found = verifier.profiles.token_places(profile)?.token(&sent)?;
        *token = bearerd_str::of(found);
        Ok(())
    })
}

struct Sent<'a>(Vec<(&'a [u8], &'a [u8])>);

impl Sent<'_> {
    /// # Safety
    /// `headers` points at `n` headers, or `n` is 0.
    unsafe fn read(headers: *const bearerd_header, n: usize) -> Result<Self, Failed> {
        if n > 0 && headers.is_null() {
            return Err(Failed::null("headers"));
        }
        let mut read = Vec::with_capacity(n.min(MOST));
        for at in 0..n {
            // SAFETY: the caller's promise.
            unsafe {
                let header = &*headers.add(at);
                read.push((header.name.bytes("name")?, header.value.bytes("value")?));
            }
        }
        Ok(Self(read))
    }
}

/// More headers than any server takes; a length beyond it is a mistake, found when it is read.
const MOST: usize = 1_024;

impl<'r> Headers<'r> for Sent<'r> {
    fn values(&self, name: &str) -> impl Iterator<Item = &'r [u8]> {
        self.0
            .iter()
            .filter(move |(sent, _)| sent.eq_ignore_ascii_case(name.as_bytes()))
            .map(|(_, value)| *value)
    }
}
