//! The whole HTTP surface as one OpenAPI 3.1 document, `GET /openapi.json`.
//!
//! Each noun has a file of its own beside this one, which lists its paths in short: plane, summary,
//! body, answer, codes. [`document`] writes them out in full, with what every route has in common
//! and with the errors of the one table. To describe a route, add it to the file of its noun; to
//! describe a new noun, add a file and name it in [`PARTS`]. `tests/openapi` holds that every route
//! is described and that answers are what their description says.
//!
//! | member of an operation | means |
//! |---|---|
//! | `plane` | `data` or `control`, which asks for the control token |
//! | `summary`, `parameters`, `responses` | as in OpenAPI |
//! | `description` | as in OpenAPI, where the summary does not say enough |
//! | `body`, `body_optional` | the schema of a JSON body |
//! | `form` | the schema of a form, on an OAuth endpoint |
//! | `profile_header` | `X-Bearerd-Profile` is read |
//! | `answer` | the schema of the 200; `text`: its media type, where it is no JSON |
//! | `codes` | the errors that it may answer; `"token"` among them: all that a token may be refused with |
//! | `errors` | those of an OAuth endpoint, in the RFCs' words |
//! | `audit` | the action under which it is recorded |
//!
//! `any` in place of a method stands for all of them.

mod operation;

use std::sync::LazyLock;

use serde_json::{Map, Value, json};

use crate::error::Code;

/// What is described, a file a noun.
const PARTS: &[(&str, &str)] = &[
    ("verify.json", include_str!("verify.json")),
    ("published.json", include_str!("published.json")),
    ("control.json", include_str!("control.json")),
    ("context.json", include_str!("context.json")),
    ("permissions.json", include_str!("permissions.json")),
    ("sessions.json", include_str!("sessions.json")),
    ("pats.json", include_str!("pats.json")),
    ("devices.json", include_str!("devices.json")),
    ("keys.json", include_str!("keys.json")),
    ("limits.json", include_str!("limits.json")),
    ("oauth.json", include_str!("oauth.json")),
    ("audit.json", include_str!("audit.json")),
];

/// The document, written out once a process.
pub(super) fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| document().to_string());
    &TEXT
}

/// Parts that are no JSON are a defect, which the test of this module finds; here they are left out.
fn document() -> Value {
    let mut document = json!({
        "openapi": "3.1.1",
        "info": {
            "title": "bearerd",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Verifies, signs and rotates bearer tokens. The data plane is for any \
                            process of the host, the control plane for holders of the control \
                            token or of the control socket, which asks for no token.",
            "license": { "name": "Apache-2.0 OR MIT" },
        },
        "servers": [{ "url": "/" }],
        "paths": {},
        "components": {
            "schemas": { "Code": { "description": "The one table of codes", "enum": names() } },
            "parameters": {},
            "responses": {},
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
                "control_token": { "type": "http", "scheme": "bearer" },
                "oauth_client": { "type": "http", "scheme": "basic" },
            },
        },
    });
    for (_, text) in PARTS {
        let Ok(Value::Object(mut part)) = serde_json::from_str(text) else {
            continue;
        };
        if let Some(Value::Object(paths)) = part.remove("paths") {
            for (path, operations) in paths {
                document["paths"][&path] = operation::written_out(&path, &operations);
            }
        }
        for kind in ["schemas", "parameters", "responses"] {
            if let Some(Value::Object(named)) = part.remove(kind) {
                for (name, value) in named {
                    document["components"][kind][&name] = value;
                }
            }
        }
    }
    document
}

/// The codes that stand in HTTP bodies.
fn names() -> Vec<&'static str> {
    let over_http = Code::ALL.iter().filter(|code| code.status() != 0);
    over_http.map(|code| code.name()).collect()
}

/// An error body of one of these codes.
fn error_schema(codes: &[Code]) -> Value {
    let names: Vec<&str> = codes.iter().map(|code| code.name()).collect();
    let mut properties = Map::new();
    properties.insert("code".to_owned(), json!({ "enum": names }));
    properties.insert("message".to_owned(), json!({ "type": "string" }));
    let status = codes.first().map_or(0, |code| code.status());
    properties.insert("status".to_owned(), json!({ "const": status }));
    json!({
        "type": "object", "properties": properties,
        "required": ["code", "message", "status"], "additionalProperties": false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sidecar::oauth_error::OauthError;

    #[test]
    fn every_part_is_json_and_says_what_it_means() {
        for (name, text) in PARTS {
            let part: Value =
                serde_json::from_str(text).unwrap_or_else(|error| panic!("{name}: {error}"));
            for (path, operations) in part["paths"].as_object().expect(name) {
                for (method, operation) in operations.as_object().expect(name) {
                    for member in operation.as_object().expect(name).keys() {
                        assert!(
                            operation::MEMBERS.contains(&member.as_str()),
                            "{name}: {path}: {method}: {member} means nothing; there are {:?}",
                            operation::MEMBERS
                        );
                    }
                    for code in operation["codes"].as_array().into_iter().flatten() {
                        let known = code
                            .as_str()
                            .is_some_and(|code| code == "token" || names().contains(&code));
                        assert!(known, "{name}: {path}: {method}: {code} is no code");
                    }
                    for error in operation["errors"].as_array().into_iter().flatten() {
                        let known = OauthError::ALL.iter().any(|known| known.name() == error);
                        assert!(known, "{name}: {path}: {method}: {error} is no error");
                    }
                }
            }
        }
    }

    #[test]
    fn every_reference_leads_somewhere() {
        fn walk(document: &Value, value: &Value) {
            if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
                let found = reference
                    .strip_prefix('#')
                    .and_then(|at| document.pointer(at));
                assert!(found.is_some(), "{reference} leads nowhere");
            }
            match value {
                Value::Object(members) => members.values().for_each(|value| walk(document, value)),
                Value::Array(list) => list.iter().for_each(|value| walk(document, value)),
                _ => {}
            }
        }
        let document = document();
        walk(&document, &document);
    }
}
