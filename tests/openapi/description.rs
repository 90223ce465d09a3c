//! The document as the server gives it, and what it says of an answer.

use serde_json::{Value, json};

use crate::calls::Call;
use crate::http::Answer;
use crate::world::World;

pub(crate) struct Description {
    pub(crate) document: Value,
}

impl Description {
    pub(crate) fn of(world: &World) -> Self {
        let answer = world.client().get("/openapi.json", &[]);
        assert_eq!(answer.status, 200);
        let document = answer.json();
        assert_eq!(document["openapi"], "3.1.1");
        Self { document }
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = String> {
        self.document["paths"].as_object().unwrap().keys().cloned()
    }

    pub(crate) fn methods(&self, path: &str) -> Vec<String> {
        self.document["paths"][path]
            .as_object()
            .unwrap()
            .keys()
            .cloned()
            .collect()
    }

    pub(crate) fn operation(&self, path: &str, method: &str) -> &Value {
        &self.document["paths"][path][method]
    }

    /// The described path that a path of a request is one of.
    pub(crate) fn path_of(&self, path: &str) -> String {
        let fits = |described: &String| match described.split_once('{') {
            None => described == path,
            Some((before, _)) => path.starts_with(before),
        };
        let mut found: Vec<String> = self.paths().filter(fits).collect();
        // The one without a name comes first.
        found.sort_by_key(|described| described.contains('{'));
        found
            .into_iter()
            .next()
            .unwrap_or_else(|| panic!("{path} is not described"))
    }

    /// That the answer is one of those described for the call.
    pub(crate) fn hold(&self, call: &Call, answer: &Answer) {
        let path = self.path_of(call.path());
        let method = call.method.to_ascii_lowercase();
        let what = format!("{method} {path} answers {}", answer.status);
        let response = &self.operation(&path, &method)["responses"][answer.status.to_string()];
        assert!(
            !response.is_null(),
            "{what}, which is not described: {}",
            answer.text()
        );
        let response = match response["$ref"].as_str() {
            None => response,
            Some(reference) => self.document.pointer(&reference[1..]).unwrap(),
        };
        for (name, header) in response["headers"].as_object().into_iter().flatten() {
            let sent = answer.header(&name.to_ascii_lowercase());
            let sent = sent.unwrap_or_else(|| panic!("{what} without {name}"));
            self.fits(&header["schema"], &json!(sent), &format!("{what}: {name}"));
        }
        let Some(kinds) = response["content"].as_object() else {
            assert!(
                answer.body.is_empty(),
                "{what} with a body: {}",
                answer.text()
            );
            return;
        };
        let kind = answer.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap();
        let content = kinds.get(kind);
        let content = content.unwrap_or_else(|| panic!("{what} as {kind}, which is not described"));
        let body = if kind == "application/json" {
            answer.json()
        } else {
            json!(answer.text())
        };
        self.fits(&content["schema"], &body, &what);
    }

    fn fits(&self, schema: &Value, value: &Value, what: &str) {
        let mut schema = schema.clone();
        schema["components"] = self.document["components"].clone();
        let validator = jsonschema::draft202012::new(&schema).unwrap();
        let wrong: Vec<String> = validator
            .iter_errors(value)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert!(
            wrong.is_empty(),
            "{what}, which does not fit:\n{}\n{value:#}",
            wrong.join("\n")
        );
    }
}
