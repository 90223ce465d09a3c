use serde_json::{Map, Value};

use crate::claims::ClaimMap;
use crate::error::{Code, Detail, Reject};
use crate::verify::Verified;

use super::super::one_line::json_on_one_line;

/// The line for an accepted token: its claims as they were signed.
pub(super) fn accepted(verified: &Verified) -> String {
    format!(
        "{{\"code\":\"{}\",\"claims\":{}}}",
        Code::Ok,
        json_on_one_line(verified.json())
    )
}

/// The line for a rejected one: code, what it is about, and a sentence. Nothing of the token.
pub(super) fn rejected(reject: Reject, map: &ClaimMap) -> String {
    let mut members: Map<String, Value> = Map::new();
    let mut set = |name: &str, value: &str| members.insert(name.to_owned(), value.into());
    set("code", reject.code().name());
    match reject.detail() {
        Detail::Claim(claim) => set("claim", map.spelling(claim)),
        Detail::Guard(member) => set("guard", member.as_str()),
        Detail::Malformed(how) => set("detail", how.as_str()),
        Detail::None => None,
    };
    set("message", reject.code().message());
    Value::Object(members).to_string()
}
