use crate::verify::Verified;

/// What identity headers read in place of a claim: the data scope of the token's holder.
pub(super) const DATA_SCOPE: &str = "permission.data_scope";
/// How the names of such begin, so that one that is misspelled is not taken for a claim's.
pub(super) const PREFIX: &str = "permission.";

/// Appends `,"context":{…}`: what is known of a token's holder beside its claims. Nothing where the
/// profile knows nothing.
pub(super) fn append(verified: &Verified, body: &mut String) {
    let Some(rights) = verified.rights() else {
        return;
    };
    body.push_str(",\"context\":{\"permission\":{\"data_scope\":");
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
    body.push_str("}}");
}

/// The context value of that name, as a header shows it.
pub(super) fn value(verified: &Verified, name: &str) -> Option<&'static str> {
    let scope = verified.rights()?.data_scope()?;
    (name == DATA_SCOPE).then(|| scope.as_str())
}
