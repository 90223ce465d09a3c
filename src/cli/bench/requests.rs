use std::io::{ErrorKind, Read, Write};

use serde_json::{Value, json};

use super::address::{Address, Stream};
use super::answer::{self, Head, Seen};
use super::args::Route;
use super::link::STRANGE;
use super::load::Prepared;
use super::tokens::Token;

/// How tokens are put into requests.
pub(super) struct Form<'a> {
    pub(super) route: Route,
    /// The `Host`.
    pub(super) host: String,
    /// The profile to ask for by name.
    pub(super) profile: Option<&'a str>,
    /// Tokens of one batch.
    pub(super) batch: usize,
}

/// Makes the requests, asks each once, and keeps those answers in mind that are right.
///
/// # Errors
/// What is wrong with the first answer that is wrong.
pub(super) fn prepare(
    form: &Form<'_>,
    address: &Address,
    tokens: &[Token],
    mut watch: impl FnMut(usize),
) -> Result<Vec<Prepared>, String> {
    let failed = |error: std::io::Error| format!("{address}: {error}; is the server running?");
    let mut stream = address.connect().map_err(failed)?;
    stream.be_patient().map_err(failed)?;
    let size = if form.route == Route::Batch {
        form.batch
    } else {
        1
    };
    let mut requests = Vec::with_capacity(tokens.len() / size);
    let mut input = Vec::new();
    for (number, group) in tokens.chunks(size).enumerate() {
        let bytes = form.request(group);
        stream.write_all(&bytes).map_err(failed)?;
        let head = read(&mut stream, &mut input).map_err(|why| format!("{address}: {why}"))?;
        let body = &input[head.start..head.start + head.body];
        form.judge(group, head.status, body)?;
        requests.push(Prepared {
            bytes: bytes.into(),
            good: head.status == 200,
            status: head.status,
            body: head.body,
        });
        watch((number * size).min(tokens.len()));
    }
    Ok(requests)
}

fn read(stream: &mut Stream, input: &mut Vec<u8>) -> Result<Head, String> {
    input.clear();
    let mut space = [0; 16 << 10];
    loop {
        match answer::look(input) {
            Seen::Whole(head) => return Ok(head),
            Seen::Strange => return Err(STRANGE.to_owned()),
            Seen::Part => {}
        }
        match stream.read(&mut space) {
            Ok(0) => {
                return Err("the connection was closed; is the server still running?".to_owned());
            }
            Ok(count) => input.extend_from_slice(&space[..count]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => {
                return Err("no answer came for 10 seconds".to_owned());
            }
            Err(error) => return Err(error.to_string()),
        }
    }
}

impl Form<'_> {
    fn request(&self, tokens: &[Token]) -> Vec<u8> {
        let host = &self.host;
        let texts: Vec<&str> = tokens.iter().map(|token| token.text.as_str()).collect();
        let mut body = match self.route {
            Route::Auth => {
                let query = self
                    .profile
                    .map(|name| format!("?profile={name}"))
                    .unwrap_or_default();
                let token = texts.concat();
                return format!(
                    "GET /v1/auth{query} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n"
                )
                .into_bytes();
            }
            Route::Verify => json!({ "token": texts.concat() }),
            Route::Batch => json!({ "tokens": texts }),
        };
        if let Some(profile) = self.profile {
            body["profile"] = profile.into();
        }
        let (path, body) = (self.route.path(), body.to_string());
        format!(
            "POST {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .into_bytes()
    }

    fn judge(&self, tokens: &[Token], status: u16, body: &[u8]) -> Result<(), String> {
        let expected = match (self.route, tokens.first()) {
            (Route::Auth | Route::Verify, Some(token)) if !token.good => 401,
            _ => 200,
        };
        let parsed = serde_json::from_slice(body).unwrap_or(Value::Null);
        if status != expected {
            let code = parsed["code"].as_str().filter(|code| is_code(code));
            let code = code.map(|code| format!(" {code}")).unwrap_or_default();
            let kind = if expected == 200 { "good" } else { "spoiled" };
            return Err(format!(
                "a {kind} token is answered {status}{code} and not {expected}; does the server verify by the configuration that made the tokens?"
            ));
        }
        let wrong = |what: &str| Err(format!("the first answers are asserted, and one {what}"));
        match (self.route, tokens) {
            (Route::Verify, [token]) if token.good && parsed["claims"] != token.claims => {
                wrong("has other claims than its token")
            }
            (Route::Batch, tokens) => {
                let results = parsed["results"]
                    .as_array()
                    .map(Vec::as_slice)
                    .unwrap_or_default();
                if results.len() != tokens.len() {
                    return wrong("has not one result a token");
                }
                for (token, result) in tokens.iter().zip(results) {
                    if (result["code"] == "OK") != token.good {
                        return wrong("has a wrong verdict on a token of its batch");
                    }
                    if token.good && result["claims"] != token.claims {
                        return wrong("has other claims than its token");
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn is_code(text: &str) -> bool {
    text.len() < 40
        && text
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}
