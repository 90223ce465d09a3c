use super::{bearerd_str, call::guard_value};
use crate::error::Code;

/// A row of the one table of codes, which is the same in every language and over HTTP. Numbers and
/// names never change meaning; rows are only added, so expect numbers that are not listed here.
///
/// 1xx is misuse of this ABI, 2xx to 7xx a verdict on a token, 8xx and 9xx a failure of ours or of
/// the request.
pub type bearerd_code = u32;

/// Accepted. HTTP 200.
pub const BEARERD_OK: bearerd_code = 0;
/// A pointer that must not be null was.
pub const BEARERD_NULL_POINTER: bearerd_code = 100;
/// Text was not UTF-8.
pub const BEARERD_INVALID_UTF8: bearerd_code = 101;
/// The handle is not one of ours.
pub const BEARERD_INVALID_HANDLE: bearerd_code = 102;
/// Header and library disagree.
pub const BEARERD_ABI_MISMATCH: bearerd_code = 103;
/// The buffer is too small; the needed size was reported.
pub const BEARERD_BUFFER_TOO_SMALL: bearerd_code = 104;
/// The claims have no claim of that name.
pub const BEARERD_NO_SUCH_CLAIM: bearerd_code = 105;
/// The claim is of another type than the one asked for.
pub const BEARERD_WRONG_CLAIM_TYPE: bearerd_code = 106;
/// The token was not verified before; a look-up alone cannot say more.
pub const BEARERD_NOT_CACHED: bearerd_code = 107;
/// No token where the profile looks. HTTP 401.
pub const BEARERD_MISSING_TOKEN: bearerd_code = 200;
/// Not a compact JWS: shape, base64url, JSON, duplicate member or size. HTTP 401.
pub const BEARERD_MALFORMED: bearerd_code = 201;
/// `alg` is not allowed by the profile; `none` never is. HTTP 401.
pub const BEARERD_UNSUPPORTED_ALG: bearerd_code = 300;
/// No key fits `kid` and `alg`. HTTP 401.
pub const BEARERD_UNKNOWN_KEY: bearerd_code = 301;
/// The key set was never loaded, or is too stale to trust. HTTP 503.
pub const BEARERD_KEYS_UNAVAILABLE: bearerd_code = 302;
/// The signature does not verify. HTTP 401.
pub const BEARERD_INVALID_SIGNATURE: bearerd_code = 400;
/// `exp` has passed, or the token is older than the profile allows. HTTP 401.
pub const BEARERD_EXPIRED: bearerd_code = 500;
/// `nbf` or `iat` lies in the future. HTTP 401.
pub const BEARERD_NOT_YET_VALID: bearerd_code = 501;
/// A claim is absent, of the wrong type, or not as expected. HTTP 401.
pub const BEARERD_INVALID_CLAIM: bearerd_code = 502;
/// A guard refused. HTTP 403.
pub const BEARERD_FORBIDDEN: bearerd_code = 600;
/// The token belongs to another device. HTTP 403.
pub const BEARERD_DEVICE_MISMATCH: bearerd_code = 601;
/// A refresh token where an access token is due, or the reverse. HTTP 403.
pub const BEARERD_WRONG_TOKEN_KIND: bearerd_code = 602;
/// Revoked by handle, family or watermark. HTTP 401.
pub const BEARERD_REVOKED: bearerd_code = 700;
/// The session has ended. HTTP 401.
pub const BEARERD_SESSION_ENDED: bearerd_code = 701;
/// A refresh token was presented again outside its grace; its family is revoked. HTTP 401.
pub const BEARERD_REUSED: bearerd_code = 702;
/// The profile fails closed and the store does not answer. HTTP 503.
pub const BEARERD_STORE_UNAVAILABLE: bearerd_code = 800;
/// The request itself is wrong. HTTP 422.
pub const BEARERD_VALIDATION_ERROR: bearerd_code = 900;
/// The configuration is wrong.
pub const BEARERD_CONFIG_ERROR: bearerd_code = 901;
/// Too many requests. HTTP 429.
pub const BEARERD_RATE_LIMITED: bearerd_code = 902;
/// The control plane was called without its token. HTTP 401.
pub const BEARERD_UNAUTHORIZED: bearerd_code = 903;
/// A `Host` or `Origin` that is not ours. HTTP 403.
pub const BEARERD_HOST_REFUSED: bearerd_code = 904;
/// A body over its limit. HTTP 413.
pub const BEARERD_TOO_LARGE: bearerd_code = 905;
/// A defect of ours. HTTP 500.
pub const BEARERD_INTERNAL: bearerd_code = 999;

/// The name of a code, such as "EXPIRED"; empty for a number that is not in the table. Lives as long
/// as the library.
///
/// Threads: any. Cost: a look-up.
#[unsafe(no_mangle)]
pub extern "C" fn bearerd_code_name(code: bearerd_code) -> bearerd_str {
    guard_value(bearerd_str::EMPTY, || {
        row(code).map_or(bearerd_str::EMPTY, |code| {
            bearerd_str::of_static(code.name())
        })
    })
}

/// The HTTP status that belongs to a code; 0 where it never reaches HTTP or is not in the table.
///
/// Threads: any. Cost: a look-up.
#[unsafe(no_mangle)]
pub extern "C" fn bearerd_code_status(code: bearerd_code) -> u32 {
    guard_value(0, || row(code).map_or(0, |code| u32::from(code.status())))
}

/// One sentence on a code for the caller of a service: it says nothing about any one token. Empty
/// for a number that is not in the table. Lives as long as the library.
///
/// Threads: any. Cost: a look-up.
#[unsafe(no_mangle)]
pub extern "C" fn bearerd_code_message(code: bearerd_code) -> bearerd_str {
    guard_value(bearerd_str::EMPTY, || {
        row(code).map_or(bearerd_str::EMPTY, |code| {
            bearerd_str::of_static(code.message())
        })
    })
}

fn row(code: bearerd_code) -> Option<Code> {
    Code::from_number(u16::try_from(code).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The constants are written out, since the header's generator does not see what macros make.
    #[test]
    fn the_constants_are_the_table() {
        let source = include_str!("code.rs");
        let written: Vec<String> = source
            .lines()
            .filter_map(|line| line.strip_prefix("pub const BEARERD_"))
            .map(str::to_owned)
            .collect();
        let table: Vec<String> = Code::ALL
            .iter()
            .map(|code| format!("{}: bearerd_code = {};", code.name(), code.number()))
            .collect();
        assert_eq!(written, table);
    }
}
