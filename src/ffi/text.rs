use std::ffi::c_char;
use std::ptr;

use zeroize::Zeroizing;

use super::call::{Failed, guard_value};
use crate::error::Code;

/// Borrowed text: UTF-8, not NUL-terminated. Where `len` is 0, `ptr` may be NULL. Text that may be
/// left out is left out by NULL; empty text in its place is ::BEARERD_VALIDATION_ERROR, since a
/// variable that nobody filled in must not ask for less than was meant.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct bearerd_str {
    /// The first byte.
    pub ptr: *const c_char,
    /// How many bytes there are.
    pub len: usize,
}

/// Owned text: a token, or JSON. Immutable, and wiped from memory when it is freed.
pub struct bearerd_text(Zeroizing<String>);

impl bearerd_str {
    /// No text.
    pub(super) const EMPTY: Self = Self {
        ptr: ptr::null(),
        len: 0,
    };

    /// Text that lives as long as the library.
    pub(super) const fn of_static(text: &'static str) -> Self {
        Self {
            ptr: text.as_ptr().cast(),
            len: text.len(),
        }
    }

    /// Text that the C side may use for as long as its owner lives.
    pub(super) fn of(text: &str) -> Self {
        Self::of_bytes(text.as_bytes())
    }

    /// The same of bytes that are known to be UTF-8: checking them again would cost more than a hit.
    pub(super) fn of_bytes(text: &[u8]) -> Self {
        Self {
            ptr: text.as_ptr().cast(),
            len: text.len(),
        }
    }

    /// The bytes.
    ///
    /// # Safety
    /// `ptr` and `len` describe memory that nobody writes to during the call, or `len` is 0.
    #[inline]
    pub(super) unsafe fn bytes<'a>(self, what: &'static str) -> Result<&'a [u8], Failed> {
        if self.len == 0 {
            return Ok(&[]);
        }
        if self.ptr.is_null() {
            return Err(Failed::null(what));
        }
        if self.len > isize::MAX as usize {
            return Err(Failed::invalid(
                "a length is over half of the address space",
            ));
        }
        // SAFETY: not null, of a length that a slice may have, and the rest is the caller's promise.
        Ok(unsafe { std::slice::from_raw_parts(self.ptr.cast::<u8>(), self.len) })
    }

    /// The bytes, as UTF-8.
    ///
    /// # Safety
    /// As [`bytes`](Self::bytes).
    #[inline]
    pub(super) unsafe fn text<'a>(self, what: &'static str) -> Result<&'a str, Failed> {
        // SAFETY: the caller's promise is the same.
        let bytes = unsafe { self.bytes(what) }?;
        simdutf8::basic::from_utf8(bytes).map_err(|_| Failed::Misuse(Code::InvalidUtf8, what))
    }

    /// The text, where there is one: NULL stands for none. Text that is there and empty is an error,
    /// for it is a variable that nobody filled in, and would ask for less than was meant.
    ///
    /// # Safety
    /// As [`bytes`](Self::bytes).
    #[inline]
    pub(super) unsafe fn option<'a>(self, what: &'static str) -> Result<Option<&'a str>, Failed> {
        match (self.len, self.ptr.is_null()) {
            (0, true) => Ok(None),
            (0, false) => Err(Failed::Empty(what)),
            // SAFETY: the caller's promise is the same.
            _ => unsafe { self.text(what) }.map(Some),
        }
    }
}

impl bearerd_text {
    /// A handle that the C side owns.
    pub(super) fn hand_out(text: String) -> *mut Self {
        Box::into_raw(Box::new(Self(Zeroizing::new(text))))
    }
}

/// The text itself. Lives until ::bearerd_text_free. Empty for NULL.
///
/// Threads: any, at once. Cost: none.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_text_borrow(text: *const bearerd_text) -> bearerd_str {
    guard_value(bearerd_str::EMPTY, || {
        // SAFETY: null, or a handle that is live for the length of the call.
        unsafe { text.as_ref() }.map_or(bearerd_str::EMPTY, |text| bearerd_str::of(&text.0))
    })
}

/// Wipes the text and frees it. NULL is allowed.
///
/// Owns: takes `text`. Threads: any; no other call may be using it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_text_free(text: *mut bearerd_text) {
    guard_value((), || {
        if !text.is_null() {
            // SAFETY: it came from `hand_out`, and the caller gives up the only handle.
            drop(unsafe { Box::from_raw(text) });
        }
    });
}
