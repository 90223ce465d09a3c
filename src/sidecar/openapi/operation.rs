use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::error_schema;
use crate::error::Code;
use crate::sidecar::oauth_error::OauthError;

/// What an operation may say in short.
#[cfg(test)]
pub(super) const MEMBERS: [&str; 14] = [
    "plane",
    "summary",
    "description",
    "parameters",
    "responses",
    "body",
    "body_optional",
    "form",
    "profile_header",
    "answer",
    "text",
    "codes",
    "errors",
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
    let security = match (is_control, short.get("form").is_some()) {
        (true, true) => json!([{ "control_token": [] }, { "oauth_client": [] }]),
        (true, false) => json!([{ "control_token": [] }]),
        _ => json!([{}, { "token": [] }]),
    };
    let mut written = json!({
        "operationId": format!("{method}{}", path.replace(['/', '.', '-', '{', '}'], "_")),
        "summary": short["summary"],
        "tags": [short["plane"]],
        "security": security,
        "responses": responses(method, short, is_control),
    });
    let mut parameters: Vec<Value> = short["parameters"].as_array().cloned().unwrap_or_default();
    if short["profile_header"] == true {
        parameters.push(json!({ "$ref": "#/components/parameters/ProfileHeader" }));
    }
    if let Some(description) = short.get("description") {
        written["description"] = description.clone();
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
    if let Some(schema) = short.get("form") {
        written["requestBody"] = json!({
            "required": true,
            "content": { "application/x-www-form-urlencoded": { "schema": schema } },
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
    for (status, errors) in by_status(short, is_control) {
        responses.insert(status.to_string(), errors.written_out(status));
    }
    // Where the edge gives up on a connection: no body, and nothing that the service has a say in.
    for (status, description) in [
        ("400", "No HTTP as it is spoken here"),
        ("408", "The body came too late"),
        ("431", "The head is too large"),
    ] {
        responses
            .entry(status)
            .or_insert_with(|| json!({ "description": description }));
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

/// What may be answered with one status.
#[derive(Default)]
struct Errors {
    codes: Vec<Code>,
    oauth: Vec<OauthError>,
}

impl Errors {
    fn written_out(&self, status: u16) -> Value {
        let codes = self.codes.iter().map(|code| code.name());
        let names: Vec<&str> = codes.chain(self.oauth.iter().map(|e| e.name())).collect();
        let mut schemas = Vec::new();
        if !self.codes.is_empty() {
            schemas.push(error_schema(&self.codes));
        }
        if !self.oauth.is_empty() {
            schemas.push(oauth_schema(&self.oauth));
        }
        let schema = match schemas.len() {
            1 => schemas.remove(0),
            _ => json!({ "oneOf": schemas }),
        };
        let mut response = json!({
            "description": names.join(", "),
            "content": { "application/json": { "schema": schema } },
        });
        if status == Code::RateLimited.status() {
            response["headers"] = json!({ "Retry-After": {
                "description": "After how many seconds to try again (RFC 9110 §10.2.3)",
                "required": true,
                "schema": { "type": "string", "pattern": "^[1-9][0-9]*$" },
            } });
        }
        response
    }
}

/// An error body of the OAuth endpoints (RFC 6749 §5.2).
fn oauth_schema(errors: &[OauthError]) -> Value {
    let names: Vec<&str> = errors.iter().map(|error| error.name()).collect();
    json!({
        "type": "object",
        "properties": { "error": { "enum": names }, "error_description": { "type": "string" } },
        "required": ["error", "error_description"], "additionalProperties": false,
    })
}

fn by_status(short: &Value, is_control: bool) -> BTreeMap<u16, Errors> {
    let is_form = short.get("form").is_some();
    let mut codes: Vec<Code> = vec![Code::HostRefused, Code::Internal];
    for name in short["codes"].as_array().into_iter().flatten() {
        match name.as_str() {
            Some("token") => codes.extend(TOKEN),
            name => codes.extend(Code::ALL.iter().filter(|code| Some(code.name()) == name)),
        }
    }
    // The OAuth endpoints have words of their own for these.
    if is_control && !is_form {
        codes.extend([Code::Unauthorized, Code::ValidationError]);
    }
    if is_form || short.get("body").is_some() {
        codes.push(Code::TooLarge);
    }
    codes.sort_unstable();
    codes.dedup();
    let mut by_status: BTreeMap<u16, Errors> = BTreeMap::new();
    for code in codes {
        by_status.entry(code.status()).or_default().codes.push(code);
    }
    for name in short["errors"].as_array().into_iter().flatten() {
        for error in OauthError::ALL {
            if Some(error.name()) == name.as_str() {
                let status = error.status().as_u16();
                by_status.entry(status).or_default().oauth.push(error);
            }
        }
    }
    by_status
}
