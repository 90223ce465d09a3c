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
    /// Beside the code, where the token is accepted
    expected: Map<String, Value>,
}

/// The place of what the case has kept under that name.
pub(super) fn kept(name: &str) -> Value {
    json!({ "$": name })
}

impl Ask {
    /// A token of which nothing is known.
    pub(super) fn text(token: &str) -> Self {
        Self::of("verify", "token", token, None)
    }

    /// A token whose claims must come back.
    pub(super) fn token(token: &Token) -> Self {
        Self::of("verify", "token", token.text.as_str(), token.claims())
    }

    /// A token that the case has kept.
    pub(super) fn kept(name: &str) -> Self {
        Self::of("verify", "token", kept(name), None)
    }

    /// The same between other texts.
    pub(super) fn around(before: &str, name: &str, after: &str) -> Self {
        let token = json!({"$": name, "before": before, "after": after});
        Self::of("verify", "token", token, None)
    }

    /// The same as a header has it.
    pub(super) fn bearer(name: &str) -> Self {
        let value = json!({"$": name, "before": "Bearer "});
        Self::of("authorization", "value", value, None)
    }

    /// The value of an `Authorization` header; `claims` of the token in it.
    pub(super) fn header(value: &str, token: Option<&Token>) -> Self {
        let claims = token.and_then(Token::claims);
        Self::of("authorization", "value", value, claims)
    }

    fn of(act: &'static str, member: &str, text: impl Into<Value>, claims: Option<Value>) -> Self {
        let members = Map::from_iter([(member.to_owned(), text.into())]);
        let claims = claims.map(|claims| ("claims".to_owned(), claims));
        Self {
            act,
            members,
            expected: claims.into_iter().collect(),
        }
    }

    /// Claims that must be among those that come back.
    pub(super) fn having(self, claims: Value) -> Self {
        self.expecting("claims_have", claims)
    }

    /// What must come with the claims; null for nothing.
    pub(super) fn context(self, context: Value) -> Self {
        self.expecting("context", context)
    }

    fn expecting(mut self, what: &str, value: Value) -> Self {
        self.expected.insert(what.to_owned(), value);
        self
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
            expected,
        } = ask;
        self = self.does(act, members.into(), code);
        if code == Code::Ok {
            self.last().extend(expected);
        }
        self
    }

    /// A step of that kind, with its members.
    pub(super) fn does(mut self, act: &str, members: Value, code: Code) -> Self {
        self.steps.push(Map::from_iter([
            (act.to_owned(), members),
            ("code".to_owned(), code.name().into()),
        ]));
        self
    }

    /// Keeps members of the last answer, each under a name.
    pub(super) fn keeping<const N: usize>(mut self, names: [(&str, &str); N]) -> Self {
        let names = names.map(|(member, name)| (member.to_owned(), name.into()));
        let names = Map::from_iter(names);
        self.last().insert("as".to_owned(), names.into());
        self
    }

    /// How many sessions or tokens the last step must have met.
    pub(super) fn count(mut self, count: u64) -> Self {
        self.last().insert("count".to_owned(), count.into());
        self
    }

    fn last(&mut self) -> &mut Map<String, Value> {
        self.steps.last_mut().expect("there is a step")
    }

    fn has_state(&self) -> bool {
        let stateless = ["verify", "authorization", "revoke"];
        let is_one =
            |step: &Map<String, Value>| stateless.iter().any(|act| step.contains_key(*act));
        !self.steps.iter().all(is_one)
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
    pub(super) fn revokes(self, what: Value, code: Code) -> Self {
        self.does("revoke", what, code)
    }

    pub(super) fn text(&self) -> String {
        let http = self.why_not_http.map_or(String::new(), |why| {
            format!("\"http\": false, \"why\": {}, ", json!(why))
        });
        let state = if self.has_state() {
            "\"state\": true, "
        } else {
            ""
        };
        let steps: Vec<String> = self
            .steps
            .iter()
            .map(|step| format!("      {}", Value::from(step.clone())))
            .collect();
        format!(
            "    {{\"name\": {}, \"configuration\": {}, {state}{http}\"steps\": [\n{}\n    ]}}",
            json!(self.name),
            json!(self.configuration),
            steps.join(",\n")
        )
    }
}
