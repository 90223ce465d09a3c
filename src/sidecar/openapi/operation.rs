use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::error_schema;
use crate::error::Code;

/// What an operation may say in short.
#[cfg(test)]
pub(super) const MEMBERS: [&str; 11] = [
    "plane",
    "summary",
    "parameters",
    "responses",
    "body",
    "body_optional",
    "profile_header",
    "answer",
    "text",
    "codes",
    "audit",
];

/// What `any` stands for.
const METHODS: [&str; 7] = ["get", "head", "post", "put", "patch", "delete", "options"];

/// What a token may be refused with, and what may be wrong with us meanwhile.
const TOKEN: [Code; 19] = [
    Code::MissingToken,
    Code::Malformed,
    Code::UnsupportedAlg,
    Code::UnknownKey,
    Code::KeysUnavailable,
    Code::InvalidSignature,
    Code::Expired,
    Code::NotYetValid,
    Code::InvalidClaim,
    Code::Forbidden,
    Code::DeviceMismatch,
    Code::WrongTokenKind,
    Code::Revoked,
    Code::SessionEnded,
    Code::Reused,
    Code::StoreUnavailable,
    Code::ValidationError,
    Code::TooLarge,
    Code::Internal,
];

/// The operations of a path, in full.
pub(super) fn written_out(path: &str, operations: &Value) -> Value {
    let mut written = Map::new();
    for (method, operation) in operations.as_object().into_iter().flatten() {
        let methods: &[&str] = if method == "any" { &METHODS } else { &[method] };
        for method in methods {
            written.insert((*method).to_owned(), one(path, method, operation));
        }
        // Answered as GET, without the body.
        if method == "get" {
            written.insert("head".to_owned(), one(path, "head", operation));
        }
    }
    Value::Object(written)
}

fn one(path: &str, method: &str, short: &Value) -> Value {
    let is_control = short["plane"] == "control";
    let mut written = json!({
        "operationId": format!("{method}{}", path.replace(['/', '.', '-', '{', '}'], "_")),
        "summary": short["summary"],
        "tags": [short["plane"]],
        "security": if is_control { json!([{ "control_token": [] }]) } else { json!([{}, { "token": [] }]) },
        "responses": responses(method, short, is_control),
    });
    let mut parameters: Vec<Value> = short["parameters"].as_array().cloned().unwrap_or_default();
    if short["profile_header"] == true {
        parameters.push(json!({ "$ref": "#/components/parameters/ProfileHeader" }));
    }
    if !parameters.is_empty() {
        written["parameters"] = Value::Array(parameters);
    }
    if let Some(schema) = short.get("body") {
        written["requestBody"] = json!({
            "required": short["body_optional"] != true,
            "content": { "application/json": { "schema": schema } },
        });
    }
    if let Some(action) = short.get("audit") {
        written["x-bearerd-audit"] = action.clone();
    }
    written
}

fn responses(method: &str, short: &Value, is_control: bool) -> Value {
    let mut responses = Map::new();
    if let Some(schema) = short.get("answer") {
        responses.insert("200".to_owned(), answer("application/json", schema));
    }
    if let Some(kind) = short["text"].as_str() {
        responses.insert("200".to_owned(), answer(kind, &json!({ "type": "string" })));
    }
    for (status, codes) in by_status(short, is_control) {
        let names: Vec<&str> = codes.iter().map(|code| code.name()).collect();
        let response = json!({
            "description": names.join(", "),
            "content": { "application/json": { "schema": error_schema(&codes) } },
        });
        responses.insert(status.to_string(), response);
    }
    // Where the edge gives up on a connection: no body, and nothing that the service has a say in.
    for (status, description) in [
        ("400", "No HTTP as it is spoken here"),
        ("408", "The body came too late"),
        ("431", "The head is too large"),
    ] {
        responses.insert(status.to_owned(), json!({ "description": description }));
    }
    for (status, response) in short["responses"].as_object().into_iter().flatten() {
        responses.insert(status.clone(), response.clone());
    }
    if method == "head" {
        for response in responses.values_mut().filter_map(Value::as_object_mut) {
            response.remove("content");
        }
    }
    Value::Object(responses)
}

fn answer(kind: &str, schema: &Value) -> Value {
    json!({ "description": "Done", "content": { (kind): { "schema": schema } } })
}

fn by_status(short: &Value, is_control: bool) -> BTreeMap<u16, Vec<Code>> {
    let named = |name: &Value| {
        let name = name.as_str()?;
        Code::ALL.iter().copied().find(|code| code.name() == name)
    };
    let mut codes: Vec<Code> = match &short["codes"] {
        Value::Array(names) => names.iter().filter_map(named).collect(),
        Value::String(_) => TOKEN.to_vec(),
        _ => Vec::new(),
    };
    codes.extend([Code::HostRefused, Code::Internal]);
    if is_control {
        codes.extend([Code::Unauthorized, Code::ValidationError]);
    }
    if short.get("body").is_some() {
        codes.push(Code::TooLarge);
    }
    codes.sort_unstable();
    codes.dedup();
    let mut by_status: BTreeMap<u16, Vec<Code>> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status()).or_default().push(code);
    }
    by_status
}
