use super::call::Failed;
use super::{bearerd_guard, bearerd_str};
use crate::claims::TokenKind;
use crate::error::Code;
use crate::verify::{ExpectedKind, VerifyOptions};

/// ::bearerd_verify_opts: the kind that the guard names, else access tokens where the profile tells
/// kinds apart.
pub const BEARERD_KIND_PROFILE: u32 = 0;
/// Access tokens.
pub const BEARERD_KIND_ACCESS: u32 = 1;
/// Refresh tokens.
pub const BEARERD_KIND_REFRESH: u32 = 2;
/// ::bearerd_verify_opts: any kind. For looking at a token, not for letting it in.
pub const BEARERD_KIND_ANY: u32 = 3;
/// Personal access tokens.
pub const BEARERD_KIND_PAT: u32 = 4;

/// What one call asks for beyond what the profile always asks. Set everything to zero, then `size`,
/// then what is wanted. Read during the call alone, and not kept.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct bearerd_verify_opts {
    /// sizeof(bearerd_verify_opts).
    pub size: u32,
    /// BEARERD_KIND_*: the kind that the token must be of.
    pub kind: u32,
    /// The profile. NULL: the one that the token's `iss` is mapped to, else the default.
    pub profile: bearerd_str,
    /// `aud` must hold this, in place of the profile's audiences. NULL: the profile's.
    pub audience: bearerd_str,
    /// The device that the request says it comes from. NULL or empty: none.
    pub device: bearerd_str,
    /// A guard that must hold. NULL: none.
    pub guard: *const bearerd_guard,
}

/// The options of a call, checked.
pub(super) struct Options<'a> {
    pub(super) profile: Option<&'a str>,
    pub(super) verify: VerifyOptions<'a>,
}

impl bearerd_verify_opts {
    /// What the caller asks for; NULL asks for nothing.
    ///
    /// # Safety
    /// `options` is null or points at `size` readable bytes whose members are as documented.
    #[inline]
    pub(super) unsafe fn read<'a>(options: *const Self) -> Result<Options<'a>, Failed> {
        if options.is_null() {
            return Ok(Options {
                profile: None,
                verify: VerifyOptions::default(),
            });
        }
        // SAFETY: the caller's promise, as far as `size` goes, which is asked first.
        let options = unsafe {
            sized(options, (*options).size, "opts")?;
            &*options
        };
        // SAFETY: the members are borrowed for the length of the call.
        let (profile, audience, device, guard) = unsafe {
            (
                options.profile.option("opts.profile")?,
                options.audience.option("opts.audience")?,
                options.device.text("opts.device")?,
                bearerd_guard::borrow(options.guard)?,
            )
        };
        let mut verify = VerifyOptions {
            audience,
            guard,
            kind: expected_kind(options.kind)?,
            ..VerifyOptions::default()
        };
        verify.request.device = Some(device).filter(|device| !device.is_empty());
        Ok(Options { profile, verify })
    }
}

fn expected_kind(kind: u32) -> Result<ExpectedKind, Failed> {
    match kind {
        BEARERD_KIND_PROFILE => Ok(ExpectedKind::Profile),
        BEARERD_KIND_ACCESS => Ok(ExpectedKind::Exactly(TokenKind::Access)),
        BEARERD_KIND_REFRESH => Ok(ExpectedKind::Exactly(TokenKind::Refresh)),
        BEARERD_KIND_ANY => Ok(ExpectedKind::Any),
        BEARERD_KIND_PAT => Ok(ExpectedKind::Exactly(TokenKind::Pat)),
        _ => Err(Failed::invalid("opts.kind: must be one of BEARERD_KIND_*")),
    }
}

/// Checks the `size` that a struct begins with. One that is larger comes from a newer header: what
/// this library does not know of must be zero, for what is asked must not be passed over.
///
/// # Safety
/// `size` bytes from `pointer` on can be read.
#[inline]
pub(super) unsafe fn sized<T>(
    pointer: *const T,
    size: u32,
    what: &'static str,
) -> Result<(), Failed> {
    let size = size as usize;
    if size == size_of::<T>() {
        return Ok(());
    }
    let mismatch = Failed::Misuse(Code::AbiMismatch, what);
    if size < size_of::<T>() || size > LARGEST {
        return Err(mismatch);
    }
    // SAFETY: the caller's promise, and a byte may always be read.
    let unknown = unsafe {
        std::slice::from_raw_parts(
            pointer.cast::<u8>().add(size_of::<T>()),
            size - size_of::<T>(),
        )
    };
    if unknown.iter().all(|byte| *byte == 0) {
        Ok(())
    } else {
        Err(mismatch)
    }
}

/// No struct of this ABI will ever be larger; a `size` beyond it was never filled in.
const LARGEST: usize = 4_096;
