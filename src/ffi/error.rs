use std::ffi::c_char;
use std::fmt::{self, Write};
use std::mem::offset_of;

use super::bearerd_code;
use super::call::Failed;
use crate::error::Code;

/// What went wrong, in the caller's own memory: nothing to free, and no state of a thread. NULL is
/// allowed wherever one is asked for. Fill in `size` before the first use, as in
/// `bearerd_error error = {sizeof error, 0, ""};`
#[derive(Debug)]
#[repr(C)]
pub struct bearerd_error {
    /// sizeof(bearerd_error). With less than the first two members, nothing is reported.
    pub size: u32,
    /// The code that the call returned.
    pub code: bearerd_code,
    /// For the operator: NUL-terminated UTF-8, cut to what fits, empty after success. For a refused
    /// token it is the code's name with the detail, such as "INVALID_CLAIM (aud)"; for everything
    /// else it says what failed, where, and why. It never holds a token or a secret.
    pub message: [c_char; 248],
}

const MESSAGE: usize = 248;

impl bearerd_error {
    #[cfg(test)]
    pub(super) fn empty() -> Self {
        Self {
            size: u32::try_from(size_of::<Self>()).unwrap_or(0),
            code: 0,
            message: [0; MESSAGE],
        }
    }

    #[cfg(test)]
    pub(super) fn text(&self) -> String {
        // SAFETY: `report` ends every message with a zero.
        let text = unsafe { std::ffi::CStr::from_ptr(self.message.as_ptr()) };
        text.to_string_lossy().into_owned()
    }

    #[inline]
    pub(super) fn clear(error: *mut Self) {
        if !error.is_null() {
            Self::write(error, Code::Ok, |_| Ok(()));
        }
    }

    #[inline]
    pub(super) fn report(error: *mut Self, failed: &Failed) {
        if error.is_null() {
            return;
        }
        Self::write(error, failed.code(), |message| match failed {
            Failed::Misuse(code, what) => write!(message, "{}: {what}", code.name()),
            Failed::Empty(what) => write!(
                message,
                "VALIDATION_ERROR: {what}: is empty; pass NULL to leave it out"
            ),
            Failed::Reject(reject) => write!(message, "{reject}"),
            Failed::Fault(fault) => write!(message, "{}: {}", fault.code(), fault.chain()),
        });
    }

    fn write(error: *mut Self, code: Code, text: impl FnOnce(&mut Message<'_>) -> fmt::Result) {
        // SAFETY: not null, and the caller of the ABI has said that at least `size` is there.
        let size = unsafe { (*error).size } as usize;
        if size < offset_of!(Self, message) {
            return;
        }
        // SAFETY: `size` covers the member.
        unsafe { (*error).code = u32::from(code.number()) };
        let room = (size - offset_of!(Self, message)).min(MESSAGE);
        if room == 0 {
            return;
        }
        // SAFETY: `room` bytes from `message` on lie within `size`, and nobody else uses them.
        let bytes = unsafe {
            std::slice::from_raw_parts_mut((&raw mut (*error).message).cast::<u8>(), room)
        };
        let mut message = Message { bytes, len: 0 };
        // Cut where it is full.
        let _ = text(&mut message);
        message.end();
    }
}

struct Message<'a> {
    bytes: &'a mut [u8],
    len: usize,
}

impl Message<'_> {
    fn end(self) {
        if let Some(end) = self.bytes.get_mut(self.len) {
            *end = 0;
        }
    }
}

impl Write for Message<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        // One is kept for the zero.
        let room = self.bytes.len() - 1 - self.len;
        let mut fits = room.min(text.len());
        while !text.is_char_boundary(fits) {
            fits -= 1;
        }
        self.bytes[self.len..self.len + fits].copy_from_slice(&text.as_bytes()[..fits]);
        self.len += fits;
        if fits < text.len() {
            Err(fmt::Error)
        } else {
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Fault;

    #[test]
    fn a_long_message_is_cut_between_characters() {
        let mut error = bearerd_error::empty();
        let fault = Fault::new(Code::Internal, "ä".repeat(500));
        bearerd_error::report(&raw mut error, &Failed::Fault(fault));
        let text = error.text();
        assert!((MESSAGE - 2..MESSAGE).contains(&text.len()));
        assert!(text.starts_with("INTERNAL: ä") && text.ends_with('ä'));
        bearerd_error::clear(&raw mut error);
        assert_eq!((error.code, error.text().as_str()), (0, ""));
    }

    #[test]
    fn a_caller_that_knows_less_of_it_gets_less() {
        let mut error = bearerd_error::empty();
        error.message = [1; MESSAGE];
        error.size = 12;
        bearerd_error::report(&raw mut error, &Failed::null("out"));
        assert_eq!(error.code, 100);
        assert_eq!(error.text(), "NUL");
        assert_eq!(error.message[4], 1);
        error.size = 4;
        error.code = 7;
        bearerd_error::clear(&raw mut error);
        assert_eq!(error.code, 7);
    }
}
