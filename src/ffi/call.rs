use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{bearerd_code, bearerd_error};
use crate::error::{Code, Fault, Reject};
use crate::sign::Failure;

/// Why a call gave nothing.
pub(super) enum Failed {
    /// The caller broke the rules of the ABI.
    Misuse(Code, &'static str),
    /// Text that may be left out was there and empty.
    Empty(&'static str),
    /// A token was refused.
    Reject(Reject),
    /// Something of ours, or of the request.
    Fault(Fault),
}

impl Failed {
    #[cold]
    pub(super) fn null(what: &'static str) -> Self {
        Self::Misuse(Code::NullPointer, what)
    }

    #[cold]
    pub(super) fn invalid(what: &'static str) -> Self {
        Self::Misuse(Code::ValidationError, what)
    }

    pub(super) fn code(&self) -> Code {
        match self {
            Self::Misuse(code, _) => *code,
            Self::Empty(_) => Code::ValidationError,
            Self::Reject(reject) => reject.code(),
            Self::Fault(fault) => fault.code(),
        }
    }
}

impl From<Reject> for Failed {
    fn from(reject: Reject) -> Self {
        Self::Reject(reject)
    }
}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Reject(reject) => Self::Reject(reject),
            Failure::Fault(fault) => Self::Fault(fault),
        }
    }
}

/// The whole body of an entry point that may fail. A panic is a defect of ours: it becomes
/// `INTERNAL` and goes no further, for unwinding into C is undefined.
#[inline]
pub(super) fn guard(
    error: *mut bearerd_error,
    body: impl FnOnce() -> Result<(), Failed>,
) -> bearerd_code {
    let result = catch_unwind(AssertUnwindSafe(|| {
        bearerd_error::clear(error);
        match body() {
            Ok(()) => Code::Ok,
            Err(failed) => {
                bearerd_error::report(error, &failed);
                failed.code()
            }
        }
    }));
    let code = result.unwrap_or_else(|_| panicked(error));
    u32::from(code.number())
}

/// The same for an entry point that cannot fail, and gives `otherwise` if it panics.
#[inline]
pub(super) fn guard_value<T>(otherwise: T, body: impl FnOnce() -> T) -> T {
    catch_unwind(AssertUnwindSafe(body)).unwrap_or(otherwise)
}

#[cold]
fn panicked(error: *mut bearerd_error) -> Code {
    bearerd_error::report(
        error,
        &Failed::Misuse(
            Code::Internal,
            "a defect of the library: it panicked, and went no further",
        ),
    );
    Code::Internal
}

/// What a pointer points at, for the length of the call.
///
/// # Safety
/// `pointer` is null or points at a live `T` that nobody writes to meanwhile.
#[inline]
pub(super) unsafe fn borrow<'a, T>(pointer: *const T, what: &'static str) -> Result<&'a T, Failed> {
    // SAFETY: null is told apart here, and the rest is the caller's promise.
    unsafe { pointer.as_ref() }.ok_or_else(|| Failed::null(what))
}

/// What a handle points at, which begins with its tag: by that, a handle of another kind is told
/// before more of it is read than there may be.
///
/// # Safety
/// `handle` is null, or a live handle of ours, if perhaps not of this kind.
#[inline]
pub(super) unsafe fn tagged<'a, T>(
    handle: *const T,
    tag: u64,
    what: &'static str,
) -> Result<&'a T, Failed> {
    // SAFETY: the caller's promise; every handle with a tag has it at its beginning.
    unsafe {
        if *borrow(handle.cast::<u64>(), what)? != tag {
            return Err(Failed::Misuse(Code::InvalidHandle, what));
        }
        borrow(handle, what)
    }
}

/// Where a result goes.
///
/// # Safety
/// `pointer` is null or points at memory for a `T` that the caller alone uses during the call.
#[inline]
pub(super) unsafe fn output<'a, T>(
    pointer: *mut T,
    what: &'static str,
) -> Result<&'a mut T, Failed> {
    // SAFETY: null is told apart here, and the rest is the caller's promise.
    unsafe { pointer.as_mut() }.ok_or_else(|| Failed::null(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_a_code() {
        let mut error = bearerd_error::empty();
        let code = guard(&raw mut error, || panic!("of a test"));
        assert_eq!(code, u32::from(Code::Internal.number()));
        assert_eq!(error.code, code);
        assert!(
            error
                .text()
                .starts_with("INTERNAL: a defect of the library")
        );
        assert_eq!(guard_value(7, || panic!("of a test")), 7);
    }
}
