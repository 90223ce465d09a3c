use serde_json::json;

use crate::clock::UnixMillis;
use crate::sign::Failure as Refused;

use super::configuration::load_or_read;
use super::input::{is_standard_input, read_token};
use super::key_args::RevokeArgs;
use super::token::await_keys;
use super::{Edge, Exit, Failure};

/// Revokes in a store, whoever serves from it.
pub(super) fn run(args: &RevokeArgs, edge: &mut Edge<'_>) -> Result<Exit, Failure> {
    let config = load_or_read(args.config.as_deref(), edge)?;
    config.refuse_memory(&edge.environment)?;
    let profiles = config.build(&edge.environment, &edge.clock)?;
    let named = |failure: Failure| failure.hint("name the profile with --profile");
    let what = &args.what;
    let revoked = if let Some(token) = &what.token {
        let token = if is_standard_input(token) {
            read_token(edge.input)?
        } else {
            token.as_encoded_bytes().to_vec()
        };
        let token = String::from_utf8(token)
            .map_err(|_| Failure::usage("the token is not UTF-8; check what was passed"))?;
        let profile = profiles
            .choose(args.profile.as_deref(), token.as_bytes())
            .map_err(|fault| named(fault.into()))?;
        await_keys(profile, edge.clock.as_ref())?;
        match profile.revoke_token(&token) {
            Ok(revoked) => revoked.as_str(),
            Err(Refused::Fault(fault)) => return Err(fault.into()),
            Err(Refused::Reject(reject)) => {
                let why = format!("nothing was revoked: {reject}");
                return Err(Failure::new(Exit::Rejected, why).hint(
                    "`bearerd token explain` says why, and --handle revokes without a token",
                ));
            }
        }
    } else {
        let profile = profiles
            .get(args.profile.as_deref())
            .map_err(|fault| named(fault.into()))?;
        if let Some(handle) = &what.handle {
            profile.revoke_handle(handle)?;
            "handle"
        } else if let Some(family) = &what.family {
            profile.revoke_family(family)?;
            "family"
        } else {
            let subject = what.subject.as_deref().unwrap_or_default();
            let before = args.issued_before.map(UnixMillis::from_secs);
            profile.revoke_subject(subject, before)?;
            "subject"
        }
    };
    edge.print(&json!({ "revoked": revoked }).to_string())?;
    Ok(Exit::Good)
}
