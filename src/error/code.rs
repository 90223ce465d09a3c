use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $number:literal, $name:literal, $status:literal, $message:literal;)*) => {
        /// The one table of codes. Numbers and names never change meaning; new rows are only added.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        #[repr(u16)]
        pub enum Code {
            $($(#[$doc])* $variant = $number,)*
        }

        impl Code {
            /// Every row, in ascending order of number.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// The stable name, as it stands in HTTP bodies and in every binding.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// The HTTP status of the answer; 0 where the code never reaches HTTP.
            #[must_use]
            pub const fn status(self) -> u16 {
                match self { $(Code::$variant => $status,)* }
            }

            /// One sentence for the caller. It says nothing about any one token.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Code::$variant => $message,)* }
            }
        }
    };
}

codes! {
    /// Accepted.
    Ok = 0, "OK", 200, "The token was accepted.";
    /// C ABI: a pointer that must not be null was.
    NullPointer = 100, "NULL_POINTER", 0, "A required pointer was null.";
    /// C ABI: text was not UTF-8.
    InvalidUtf8 = 101, "INVALID_UTF8", 0, "Text was not valid UTF-8.";
    /// C ABI: the handle is not one of ours.
    InvalidHandle = 102, "INVALID_HANDLE", 0, "The handle is not valid.";
    /// C ABI: header and library disagree.
    AbiMismatch = 103, "ABI_MISMATCH", 0, "The header and the library are of different ABI versions.";
    /// C ABI: the buffer is too small; the needed size was reported.
    BufferTooSmall = 104, "BUFFER_TOO_SMALL", 0, "The buffer is too small.";
    /// C ABI: the claims have no claim of that name.
    NoSuchClaim = 105, "NO_SUCH_CLAIM", 0, "The token has no claim of that name.";
    /// C ABI: the claim is of another type than the one asked for.
    WrongClaimType = 106, "WRONG_CLAIM_TYPE", 0, "The claim is of another type.";
    /// C ABI: the token was not verified before; a look-up alone cannot say more.
    NotCached = 107, "NOT_CACHED", 0, "The token is not in the cache.";
    /// No token where the profile looks.
    MissingToken = 200, "MISSING_TOKEN", 401, "No token was presented.";
    /// Not a compact JWS: shape, base64url, JSON, duplicate member or size.
    Malformed = 201, "MALFORMED", 401, "The token is malformed.";
    /// `alg` is not allowed by the profile; `none` never is.
    UnsupportedAlg = 300, "UNSUPPORTED_ALG", 401, "The token's algorithm is not allowed.";
    /// No key fits `kid` and `alg`.
    UnknownKey = 301, "UNKNOWN_KEY", 401, "The token was signed with an unknown key.";
    /// The key set was never loaded, or is too stale to trust.
    KeysUnavailable = 302, "KEYS_UNAVAILABLE", 503, "The verification keys are unavailable.";
    /// The signature does not verify.
    InvalidSignature = 400, "INVALID_SIGNATURE", 401, "The token's signature is invalid.";
    /// `exp` has passed, or the token is older than the profile allows.
    Expired = 500, "EXPIRED", 401, "The token has expired.";
    /// `nbf` or `iat` lies in the future.
    NotYetValid = 501, "NOT_YET_VALID", 401, "The token is not valid yet.";
    /// A claim is absent, of the wrong type, or not as expected.
    InvalidClaim = 502, "INVALID_CLAIM", 401, "A claim of the token is not acceptable.";
    /// A guard refused.
    Forbidden = 600, "FORBIDDEN", 403, "The token does not grant this.";
    /// The token belongs to another device.
    DeviceMismatch = 601, "DEVICE_MISMATCH", 403, "The token belongs to another device.";
    /// A refresh token where an access token is due, or the reverse.
    WrongTokenKind = 602, "WRONG_TOKEN_KIND", 403, "The token is of the wrong kind.";
    /// Revoked by handle, family or watermark.
    Revoked = 700, "REVOKED", 401, "The token was revoked.";
    /// The session has ended.
    SessionEnded = 701, "SESSION_ENDED", 401, "The session has ended.";
    /// A refresh token was presented again outside its grace; its family is revoked.
    Reused = 702, "REUSED", 401, "The refresh token was already used.";
    /// The profile fails closed and the store does not answer.
    StoreUnavailable = 800, "STORE_UNAVAILABLE", 503, "The state store is unavailable.";
    /// The request itself is wrong.
    ValidationError = 900, "VALIDATION_ERROR", 422, "The request is not valid.";
    /// The configuration is wrong.
    ConfigError = 901, "CONFIG_ERROR", 0, "The configuration is not valid.";
    /// Too many requests.
    RateLimited = 902, "RATE_LIMITED", 429, "Too many requests.";
    /// The control plane was called without its token.
    Unauthorized = 903, "UNAUTHORIZED", 401, "The control token is missing or wrong.";
    /// A `Host` or `Origin` that is not ours.
    HostRefused = 904, "HOST_REFUSED", 403, "The request names a host or origin that is not served here.";
    /// A body over its limit.
    TooLarge = 905, "TOO_LARGE", 413, "The request body is too large.";
    /// A defect of ours.
    Internal = 999, "INTERNAL", 500, "An internal error occurred.";
}

impl Code {
    /// The number, stable for ever.
    #[must_use]
    pub const fn number(self) -> u16 {
        self as u16
    }

    /// The row of that number, if there is one.
    #[must_use]
    pub fn from_number(number: u16) -> Option<Code> {
        let at = Self::ALL
            .binary_search_by_key(&number, |code| code.number())
            .ok()?;
        Self::ALL.get(at).copied()
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
