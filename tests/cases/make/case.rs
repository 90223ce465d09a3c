//! Cases as they are described, and written.

use bearerd::error::Code;
use serde_json::{Map, Value, json};

use super::mint::Token;

/// One case: what is asked, one after the other, of a fresh verifier.
pub(super) struct Case {
    name: String,
    configuration: &'static str,
    why_not_http: Option<&'static str>,
    steps: Vec<Map<String, Value>>,
}

/// A question: a token, or the value of a header, and the options of the call.
#[derive(Clone)]
pub(super) struct Ask {
    act: &'static str,
    members: Map<String, Value>,
    claims: Option<Value>,
}

impl Ask {
    /// A token of which nothing is known.
    pub(super) fn text(token: &str) -> Self {
        Self::of("verify", "token", token, None)
    }

    /// A token whose claims must come back.
    pub(super) fn token(token: &Token) -> Self {
        Self::of("verify", "token", &token.text, token.claims())
    }

    /// The value of an `Authorization` header; `claims` of the token in it.
    pub(super) fn header(value: &str, token: Option<&Token>) -> Self {
        let claims = token.and_then(Token::claims);
        Self::of("authorization", "value", value, claims)
    }

    fn of(act: &'static str, member: &str, text: &str, claims: Option<Value>) -> Self {
        let members = Map::from_iter([(member.to_owned(), text.into())]);
        Self {
            act,
            members,
            claims,
        }
    }

    pub(super) fn profile(self, name: &str) -> Self {
        self.with("profile", name.into())
    }

    /// A name, or a rule.
    pub(super) fn guard(self, guard: impl Into<Value>) -> Self {
        self.with("guard", guard.into())
    }

    pub(super) fn audience(self, audience: &str) -> Self {
        self.with("audience", audience.into())
    }

    pub(super) fn device(self, device: &str) -> Self {
        self.with("device", device.into())
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.members.insert(name.to_owned(), value);
        self
    }
}

impl Case {
    pub(super) fn new(name: impl Into<String>, configuration: &'static str) -> Self {
        Self {
            name: name.into(),
            configuration,
            why_not_http: None,
            steps: Vec::new(),
        }
    }

    /// The steps cannot be put over HTTP.
    pub(super) fn not_over_http(mut self, why: &'static str) -> Self {
        self.why_not_http = Some(why);
        self
    }

    pub(super) fn asks(mut self, ask: Ask, code: Code) -> Self {
        let Ask {
            act,
            members,
            claims,
        } = ask;
        let mut step = Map::from_iter([
            (act.to_owned(), members.into()),
            ("code".to_owned(), code.name().into()),
        ]);
        if let (Code::Ok, Some(claims)) = (code, claims) {
            step.insert("claims".to_owned(), claims);
        }
        self.steps.push(step);
        self
    }

    pub(super) fn accepts(self, token: &Token) -> Self {
        self.asks(Ask::token(token), Code::Ok)
    }

    pub(super) fn refuses(self, token: impl AsRef<str>, code: Code) -> Self {
        self.asks(Ask::text(token.as_ref()), code)
    }

    /// A good token is accepted, and so is in the cache; each of the others is refused; the good
    /// one is as good as before.
    pub(super) fn beside<T: AsRef<str>>(
        self,
        good: &Token,
        refused: impl IntoIterator<Item = T>,
        code: Code,
    ) -> Self {
        let case = self.accepts(good);
        refused
            .into_iter()
            .fold(case, |case, token| case.refuses(token, code))
            .accepts(good)
    }

    /// What is revoked: `{"handle"}`, `{"subject", "issued_before"?}` or `{"token"}`.
    pub(super) fn revokes(mut self, what: Value, code: Code) -> Self {
        self.steps.push(Map::from_iter([
            ("revoke".to_owned(), what),
            ("code".to_owned(), code.name().into()),
        ]));
        self
    }

    pub(super) fn text(&self) -> String {
        let http = self.why_not_http.map_or(String::new(), |why| {
            format!("\"http\": false, \"why\": {}, ", json!(why))
        });
        let steps: Vec<String> = self
            .steps
            .iter()
            .map(|step| format!("      {}", Value::from(step.clone())))
            .collect();
        format!(
            "    {{\"name\": {}, \"configuration\": {}, {http}\"steps\": [\n{}\n    ]}}",
            json!(self.name),
            json!(self.configuration),
            steps.join(",\n")
        )
    }
}
