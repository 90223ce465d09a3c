use super::call::{Failed, guard, output};
use super::options::sized;
use super::{bearerd_code, bearerd_error, bearerd_str, bearerd_verifier};
use crate::error::{Code, Reject};
use crate::routes::Access;

/// ::bearerd_route: anybody may, with a token or without, and no token is looked at.
pub const BEARERD_ACCESS_PUBLIC: u32 = 1;
/// ::bearerd_route: a token that the profile accepts.
pub const BEARERD_ACCESS_TOKEN: u32 = 2;
/// ::bearerd_route: a token for which the named guard holds.
pub const BEARERD_ACCESS_GUARD: u32 = 3;

/// What a request must bring.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct bearerd_route {
    /// sizeof(bearerd_route).
    pub size: u32,
    /// BEARERD_ACCESS_*; 0 where the call failed.
    pub access: u32,
    /// With ::BEARERD_ACCESS_GUARD the name of the guard, for ::bearerd_guard_named. Lives as long as
    /// the verifier.
    pub guard: bearerd_str,
}

/// What the `[[routes]]` of the configuration ask of a request: of its `method` in capitals (NULL where
/// it is not known, which rules that name methods refuse), and of its `target` as it stands in the request line, from the first slash on, query and escapes
/// included. What no rule allows is refused, and so is a method that is not all capitals, or a path
/// that two servers could read in two ways: check the target that came, not what a framework has made
/// of it, unless that is what chooses the handler. Fill in `out->size` first.
///
/// Then let a public request pass; for any other, find its token and verify it, with the guard that
/// is named.
///
/// Threads: any, at once. Cost: in proportion to the number of rules. Errors: ::BEARERD_FORBIDDEN
/// where the request is refused whatever token it brings; ::BEARERD_VALIDATION_ERROR where the
/// configuration has no routes; ::BEARERD_ABI_MISMATCH.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bearerd_route_find(
    verifier: *const bearerd_verifier,
    method: bearerd_str,
    target: bearerd_str,
    out: *mut bearerd_route,
    err: *mut bearerd_error,
) -> bearerd_code {
    guard(err, || {
        // SAFETY: everything is live for the length of the call.
        let (verifier, method, target, out) = unsafe {
            let out = output(out, "out")?;
            sized(out, out.size, "out")?;
            out.access = 0;
            out.guard = bearerd_str::EMPTY;
            (
                bearerd_verifier::ready(verifier)?,
                method.bytes("method")?,
                target.bytes("target")?,
                out,
            )
        };
        let routes = verifier.profiles.routes().ok_or(Failed::invalid(
            "routes: there are none; add [[routes]] to the configuration",
        ))?;
        let refused = || Reject::new(Code::Forbidden);
        // Whoever sends the request chose them, so they are refused and no mistake of the caller's.
        let text = |bytes| std::str::from_utf8(bytes).map_err(|_| refused());
        let method = Some(text(method)?).filter(|method| !method.is_empty());
        match routes.decide(method, text(target)?) {
            Ok(Access::Public) => out.access = BEARERD_ACCESS_PUBLIC,
            Ok(Access::Token) => out.access = BEARERD_ACCESS_TOKEN,
            Ok(Access::Guard(name)) => {
                out.access = BEARERD_ACCESS_GUARD;
                out.guard = bearerd_str::of(name);
            }
            Err(_) => return Err(refused().into()),
        }
        Ok(())
    })
}
