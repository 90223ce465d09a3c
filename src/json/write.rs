use std::fmt::Write;

use serde_json::Value;

use super::text::quote_append;

/// Appends a value as JSON, in the order that its objects have.
///
/// `serde_json` looks at each byte of a string by itself; this one takes eight at a time, which
/// halved what writing claims costs.
pub fn value_append(value: &Value, json: &mut String) {
    match value {
        Value::Null => json.push_str("null"),
        Value::Bool(true) => json.push_str("true"),
        Value::Bool(false) => json.push_str("false"),
        Value::String(text) => quote_append(text, json),
        // Into a string nothing can fail.
        Value::Number(number) => {
            let _ = write!(json, "{number}");
        }
        Value::Array(elements) => {
            json.push('[');
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    json.push(',');
                }
                value_append(element, json);
            }
            json.push(']');
        }
        Value::Object(members) => {
            json.push('{');
            for (at, (name, value)) in members.iter().enumerate() {
                if at > 0 {
                    json.push(',');
                }
                quote_append(name, json);
                json.push(':');
                value_append(value, json);
            }
            json.push('}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_writes_what_serde_json_writes() {
        let text = r#"{"b":[1,-1,0,9223372036854775807,-9223372036854775808,18446744073709551615,1.5,1e300,-0.0],
            "a\"\\\n\u0001\u001f\u007f":{"":[],"x":{}},"é":"é😀\r\t/","t":true,"f":false,"n":null,
            "long":"0123456789abcdef\n0123456789abcdef\"0"}"#;
        let value: Value = serde_json::from_str(text).unwrap();
        let mut json = String::new();
        value_append(&value, &mut json);
        assert_eq!(json, serde_json::to_string(&value).unwrap());
    }
}
