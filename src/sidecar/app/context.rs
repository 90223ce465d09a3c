use crate::guard::permission::Rights;
use crate::verify::Verified;

/// What identity headers read in place of a claim: the data scope of the token's holder.
pub(super) const DATA_SCOPE: &str = "permission.data_scope";
/// How the names of such begin, so that one that is misspelled is not taken for a claim's.
pub(super) const PREFIX: &str = "permission.";

/// Appends `,"context":{…}`: what is known of a token's holder beside its claims. Nothing where the
/// profile knows nothing.
pub(super) fn append(verified: &Verified, body: &mut String) {
    let (session, rights) = (verified.session(), verified.rights());
    if session.is_none() && rights.is_none() {
        return;
    }
    body.push_str(",\"context\":{");
    if let Some(session) = session {
        body.push_str(&format!(
            "\"session\":{{\"id\":\"{}\",\"attributes\":{},\"expires_at\":{}}}",
            session.id(),
            session.attributes(),
            session.expires().secs()
        ));
    }
    if let Some(rights) = rights {
        if session.is_some() {
            body.push(',');
        }
        append_rights(rights, body);
    }
    body.push('}');
}

fn append_rights(rights: &Rights, body: &mut String) {
    body.push_str("\"permission\":{\"data_scope\":");
    match rights.data_scope() {
        Some(scope) => {
            body.push('"');
            body.push_str(scope.as_str());
            body.push('"');
        }
        None => body.push_str("null"),
    }
    body.push_str(",\"bypass\":");
    body.push_str(if rights.bypasses() { "true" } else { "false" });
    body.push('}');
}

/// The data scope, as a header shows it.
pub(super) fn data_scope(verified: &Verified) -> Option<&'static str> {
    Some(verified.rights()?.data_scope()?.as_str())
}
