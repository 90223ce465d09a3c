/// The members of a guard, each with what it takes.
pub const MEMBERS: [(&str, &str); 16] = [
    ("roles", "a list of names and ids"),
    ("scopes", "a list of scopes, each without blanks"),
    ("any_scope", "a list of scopes, each without blanks"),
    ("vip", "true or false"),
    ("team", "true, or a list of names and ids"),
    ("token", "\"access\" or \"refresh\""),
    ("device", "true"),
    (
        "permission",
        "the name of a permission or a list of them, without wildcards",
    ),
    (
        "any_permission",
        "a list of names of permissions, without wildcards",
    ),
    ("position", "a list of names and ids"),
    ("subordinates", "true or false"),
    ("headquarters", "true or false"),
    ("project", "true, or a list of names and ids"),
    ("all", "a list of guards"),
    ("any", "a list of guards"),
    ("not", "a guard"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Guard;

    #[test]
    fn they_are_the_members_that_are_read() {
        let why = Guard::from_json(br#"{"unknown":1}"#).unwrap_err().chain();
        let known: Vec<String> = MEMBERS
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        assert!(
            why.contains(&format!("expected one of {}", known.join(", "))),
            "{why}"
        );
        let why = Guard::from_json(b"7").unwrap_err().chain();
        let names: Vec<&str> = MEMBERS.iter().map(|(name, _)| *name).collect();
        assert!(why.contains(&names.join(", ")), "{why}");
    }
}
