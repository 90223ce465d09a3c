package bearerd

import "net/http"

// The table of codes, which only grows. Compare with [errors.Is]:
//
//	if errors.Is(err, bearerd.ErrExpired) { … }
var (
	ErrNullPointer      = row(100, "NULL_POINTER", 0, "A required pointer was null.")
	ErrInvalidUTF8      = row(101, "INVALID_UTF8", 0, "Text was not valid UTF-8.")
	ErrInvalidHandle    = row(102, "INVALID_HANDLE", 0, "The handle is not valid.")
	ErrABIMismatch      = row(103, "ABI_MISMATCH", 0, "The header and the library are of different ABI versions.")
	ErrBufferTooSmall   = row(104, "BUFFER_TOO_SMALL", 0, "The buffer is too small.")
	ErrNoSuchClaim      = row(105, "NO_SUCH_CLAIM", 0, "The token has no claim of that name.")
	ErrWrongClaimType   = row(106, "WRONG_CLAIM_TYPE", 0, "The claim is of another type.")
	ErrNotCached        = row(107, "NOT_CACHED", 0, "The token is not in the cache.")
	ErrMissingToken     = row(200, "MISSING_TOKEN", 401, "No token was presented.")
	ErrMalformed        = row(201, "MALFORMED", 401, "The token is malformed.")
	ErrUnsupportedAlg   = row(300, "UNSUPPORTED_ALG", 401, "The token's algorithm is not allowed.")
	ErrUnknownKey       = row(301, "UNKNOWN_KEY", 401, "The token was signed with an unknown key.")
	ErrKeysUnavailable  = row(302, "KEYS_UNAVAILABLE", 503, "The verification keys are unavailable.")
	ErrInvalidSignature = row(400, "INVALID_SIGNATURE", 401, "The token's signature is invalid.")
	ErrExpired          = row(500, "EXPIRED", 401, "The token has expired.")
	ErrNotYetValid      = row(501, "NOT_YET_VALID", 401, "The token is not valid yet.")
	ErrInvalidClaim     = row(502, "INVALID_CLAIM", 401, "A claim of the token is not acceptable.")
	ErrForbidden        = row(600, "FORBIDDEN", 403, "The token does not grant this.")
	ErrDeviceMismatch   = row(601, "DEVICE_MISMATCH", 403, "The token belongs to another device.")
	ErrWrongTokenKind   = row(602, "WRONG_TOKEN_KIND", 403, "The token is of the wrong kind.")
	ErrRevoked          = row(700, "REVOKED", 401, "The token was revoked.")
	ErrSessionEnded     = row(701, "SESSION_ENDED", 401, "The session has ended.")
	ErrReused           = row(702, "REUSED", 401, "The refresh token was already used.")
	ErrStoreUnavailable = row(800, "STORE_UNAVAILABLE", 503, "The state store is unavailable.")
	ErrValidation       = row(900, "VALIDATION_ERROR", 422, "The request is not valid.")
	ErrConfig           = row(901, "CONFIG_ERROR", 0, "The configuration is not valid.")
	ErrRateLimited      = row(902, "RATE_LIMITED", 429, "Too many requests.")
	ErrUnauthorized     = row(903, "UNAUTHORIZED", 401, "The control token is missing or wrong.")
	ErrHostRefused      = row(904, "HOST_REFUSED", 403, "The request names a host or origin that is not served here.")
	ErrTooLarge         = row(905, "TOO_LARGE", 413, "The request body is too large.")
	ErrInternal         = row(999, "INTERNAL", 500, "An internal error occurred.")
)

// Declared before the variables above are initialised, since they fill them.
var (
	byNumber = make(map[uint32]*Error, 32)
	byName   = make(map[string]*Error, 32)
)

func row(number uint32, name string, status int, message string) *Error {
	err := &Error{Code: name, Number: number, Status: status, Message: message}
	byNumber[number] = err
	byName[name] = err
	return err
}

// A library or a sidecar that is newer than this table may answer with a code that is not in it.
// What it means is unknown here, so it is no verdict: the caller sees a fault of the server's.
func unknownCode(detail string) *Error {
	return ErrInternal.because(detail)
}

func statusOf(err *Error) int {
	if err.Status == 0 {
		return http.StatusInternalServerError
	}
	return err.Status
}
