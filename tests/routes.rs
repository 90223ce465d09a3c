//! Route rules: which of them decides, and every spelling of a path that none may.
#![expect(clippy::unwrap_used, reason = "a test's helpers panic")]

use bearerd::routes::{Access, Ambiguity, Denied, Otherwise, Routes, Rule, normalise};
use proptest::prelude::*;

fn rule(path: &str, methods: &[&str], access: Access) -> Rule {
    Rule {
        path: path.to_owned(),
        methods: methods.iter().map(|method| (*method).to_owned()).collect(),
        access,
    }
}

fn guard(name: &str) -> Access {
    Access::Guard(name.to_owned())
}

fn routes() -> Routes {
    let rules = vec![
        rule("/*", &[], Access::Public),
        rule("/api/*", &[], Access::Token),
        rule("/api/orders/*", &["GET"], guard("read")),
        rule("/api/orders/*", &["POST", "PUT"], guard("write")),
        rule("/api/*/secret", &[], guard("keeper")),
        rule("/api/orders/secret", &[], guard("never")),
        rule("/api/orders/secret/shared", &[], Access::Public),
        rule("/admin", &[], guard("admin")),
        rule("/admin/*", &[], guard("admin")),
        rule("/caf\u{e9}", &[], guard("coffee")),
    ];
    Routes::new(rules, Otherwise::Deny).unwrap()
}

fn decided(method: &str, target: &str) -> Result<Access, Denied> {
    routes().decide(Some(method), target).cloned()
}

#[test]
fn the_most_specific_pattern_decides_whatever_the_order() {
    for (target, expected) in [
        ("/", Access::Public),
        ("/index.html", Access::Public),
        ("/index.html?next=/admin/../x", Access::Public),
        ("/api", Access::Token),
        ("/api/", Access::Token),
        ("/api/carts", Access::Token),
        ("/api/carts/secret", guard("keeper")),
        ("/api/carts/secret/more", Access::Token),
        ("/api/orders", guard("read")),
        ("/api/orders/7", guard("read")),
        ("/api/orders/7/items/1", guard("read")),
        ("/api/orders/secret", guard("never")),
        ("/api/orders/secret/shared", Access::Public),
        ("/api/orders/secret/other", guard("read")),
        ("/admin", guard("admin")),
        ("/admin/", guard("admin")),
        ("/admin/users", guard("admin")),
        ("/administrator", Access::Public),
        ("/%61dmin", guard("admin")),
        ("/adm%69n/%75sers", guard("admin")),
        ("/caf%C3%A9", guard("coffee")),
        ("/caf%c3%a9", guard("coffee")),
        ("/files/a%20b%2Ec", Access::Public),
        ("/...", Access::Public),
        ("/.hidden", Access::Public),
    ] {
        assert_eq!(decided("GET", target), Ok(expected), "{target}");
    }
    let mut rules = vec![
        rule("/*", &[], Access::Public),
        rule("/a/*", &[], guard("a")),
        rule("/a/b", &[], guard("b")),
    ];
    for _ in 0..3 {
        rules.rotate_left(1);
        let routes = Routes::new(rules.clone(), Otherwise::Deny).unwrap();
        assert_eq!(routes.decide(None, "/a/b"), Ok(&guard("b")));
        assert_eq!(routes.decide(None, "/a/c"), Ok(&guard("a")));
    }
}

#[test]
fn the_method_is_asked_of_the_pattern_that_decides() {
    for (method, expected) in [
        ("GET", Ok(guard("read"))),
        ("HEAD", Ok(guard("read"))),
        ("POST", Ok(guard("write"))),
        // Not handed on to what is less specific.
        ("DELETE", Err(Denied::NoRule)),
        ("get", Err(Denied::Method)),
        ("Delete", Err(Denied::Method)),
        ("", Err(Denied::Method)),
    ] {
        assert_eq!(decided(method, "/api/orders/7"), expected, "{method}");
    }
    let routes = routes();
    assert_eq!(routes.decide(None, "/api/orders/7"), Err(Denied::NoMethod));
    assert_eq!(routes.decide(None, "/admin"), Ok(&guard("admin")));
}

#[test]
fn what_no_rule_is_for_is_refused_unless_configured() {
    let rules = || vec![rule("/a", &["GET"], Access::Public)];
    let closed = Routes::new(rules(), Otherwise::Deny).unwrap();
    let open = Routes::new(rules(), Otherwise::Token).unwrap();
    for (method, target) in [("GET", "/b"), ("GET", "/a/b"), ("POST", "/a"), ("GET", "/")] {
        let none = closed.decide(Some(method), target);
        assert_eq!(none, Err(Denied::NoRule), "{method} {target}");
        assert_eq!(open.decide(Some(method), target), Ok(&Access::Token));
    }
    assert!(open.decide(Some("GET"), "//a").is_err());
    // Not past the rule that its capitals would meet.
    assert_eq!(open.decide(Some("get"), "/a"), Err(Denied::Method));
}

#[test]
fn s05_an_ambiguous_path_is_refused_in_every_spelling() {
    use Ambiguity as A;
    for (target, why) in [
        ("", A::NoPath),
        ("admin", A::NoPath),
        ("?x", A::NoPath),
        ("*", A::NoPath),
        ("http://shop.example/admin", A::NoPath),
        ("/public/../admin", A::DotSegment),
        ("/public/./admin", A::DotSegment),
        ("/public/..", A::DotSegment),
        ("/.", A::DotSegment),
        ("/..", A::DotSegment),
        ("/./", A::DotSegment),
        ("/public/%2e%2e/admin", A::DotSegment),
        ("/public/%2E%2E/admin", A::DotSegment),
        ("/public/%2e%2E/admin", A::DotSegment),
        ("/public/.%2e/admin", A::DotSegment),
        ("/public/%2e./admin", A::DotSegment),
        ("/public/%2e/admin", A::DotSegment),
        ("/public/%2e%2e", A::DotSegment),
        ("//admin", A::EmptySegment),
        ("/public//admin", A::EmptySegment),
        ("/admin//", A::EmptySegment),
        ("//", A::EmptySegment),
        ("///", A::EmptySegment),
        ("/public;/../admin", A::Parameter),
        ("/admin;x=1", A::Parameter),
        ("/;/admin", A::Parameter),
        ("/admin%3bx", A::EscapedDelimiter),
        ("/admin%3Bx", A::EscapedDelimiter),
        ("/public%2fadmin", A::EscapedDelimiter),
        ("/public%2Fadmin", A::EscapedDelimiter),
        ("/public/..%2fadmin", A::EscapedDelimiter),
        ("/public/%2e%2e%2fadmin", A::EscapedDelimiter),
        ("/public%5cadmin", A::EscapedDelimiter),
        ("/public%5Cadmin", A::EscapedDelimiter),
        ("/public/..%5c..%5cadmin", A::EscapedDelimiter),
        ("/public\\admin", A::Backslash),
        ("/public/..\\admin", A::Backslash),
        ("\\admin", A::NoPath),
        ("/admin%00", A::EscapedDelimiter),
        ("/admin%00.html", A::EscapedDelimiter),
        ("/admin\0", A::Character),
        ("/admin%0a", A::EscapedDelimiter),
        ("/admin%0D%0A", A::EscapedDelimiter),
        ("/admin%7f", A::EscapedDelimiter),
        ("/admin%C2%85", A::EscapedDelimiter),
        ("/admin%252f", A::EscapedDelimiter),
        ("/%252e%252e/admin", A::EscapedDelimiter),
        ("/admin%3f", A::EscapedDelimiter),
        ("/admin%23", A::EscapedDelimiter),
        ("/admin#x", A::Fragment),
        ("/public#/../admin", A::Fragment),
        ("/public?x#y", A::Fragment),
        ("/admin%", A::Escape),
        ("/admin%2", A::Escape),
        ("/admin%zz", A::Escape),
        ("/admin%2 e", A::Character),
        ("/admin%+2f", A::Escape),
        ("/admin%u002f", A::Escape),
        ("/%c0%af", A::NotUtf8),
        ("/%c0%ae%c0%ae/admin", A::NotUtf8),
        ("/%ff", A::NotUtf8),
        ("/%e9", A::NotUtf8),
        ("/%ed%a0%80", A::NotUtf8),
        ("/public%ef%bc%8fadmin", A::EscapedDelimiter),
        ("/%ef%bc%8e%ef%bc%8e/admin", A::EscapedDelimiter),
        ("/caf\u{e9}", A::Character),
        ("/admin ", A::Character),
        ("/admin\t", A::Character),
        ("/public\r\n/admin", A::Character),
        ("/ADMIN", A::Case),
        ("/Admin", A::Case),
        ("/%41dmin", A::Case),
        ("/admiN/users", A::Case),
        ("/Api/orders/7", A::Case),
        ("/api/ORDERS/7", A::Case),
        ("/CAF%C3%89", A::Case),
        ("/caf%C3%89", A::Case),
    ] {
        for method in ["GET", "POST"] {
            assert_eq!(
                decided(method, target),
                Err(Denied::Ambiguous(why)),
                "{target:?}"
            );
        }
    }
    // Case that no rule is about is the application's own.
    assert_eq!(decided("GET", "/Files/README"), Ok(Access::Public));
    assert_eq!(decided("GET", "/admin/Ada"), Ok(guard("admin")));
}

#[test]
fn rules_that_cannot_be_or_contradict_each_other_are_named() {
    for path in [
        "", "admin", "/admin/", "//", "/a//b", "/a/../b", "/.", "/a;b", "/a%2fb", "/a?b", "/a#b",
        "/a\\b", "/a b", "/a*", "/*a", "/a/**", "/a\n", "/\u{e9}/",
    ] {
        let refused = Routes::new(vec![rule(path, &[], Access::Public)], Otherwise::Deny);
        let said = refused.unwrap_err().to_string();
        assert!(said.contains(&format!("path {path:?}")), "{said}");
    }
    for methods in [&["get"][..], &["GET", ""], &["GET POST"], &["*"]] {
        let refused = Routes::new(vec![rule("/a", methods, Access::Public)], Otherwise::Deny);
        assert!(refused.unwrap_err().to_string().contains("method"));
    }
    for (one, other) in [
        (rule("/a", &[], Access::Public), rule("/a", &[], guard("g"))),
        (
            rule("/a", &["GET"], Access::Public),
            rule("/a", &[], guard("g")),
        ),
        (
            rule("/a", &["GET"], Access::Public),
            rule("/a", &["POST", "GET"], guard("g")),
        ),
        (
            rule("/a", &["GET"], Access::Public),
            rule("/a", &["HEAD"], guard("g")),
        ),
        (rule("/a", &[], Access::Public), rule("/A", &[], guard("g"))),
        (
            rule("/\u{e9}", &[], Access::Public),
            rule("/\u{c9}", &[], guard("g")),
        ),
    ] {
        let refused = Routes::new(vec![one, other], Otherwise::Deny);
        assert!(refused.unwrap_err().to_string().starts_with("routes: path"));
    }
}

proptest! {
    /// What is accepted holds nothing that two servers read in two ways, and is its own normal form
    /// once it is escaped again.
    #[test]
    fn what_is_normal_is_read_in_one_way(target in "/[a-zA-Z0-9%./;\\\\#?_~ \u{e9}-]{0,24}") {
        if let Ok(path) = normalise(&target) {
            prop_assert!(path.starts_with('/'));
            prop_assert!(!path.contains(['\\', ';', '%', '?', '#', '\0']));
            let bare = path.trim_start_matches('/');
            let segments: Vec<&str> = bare.split('/').collect();
            let empty = segments.iter().any(|segment| ["", ".", ".."].contains(segment));
            prop_assert!(!empty || bare.is_empty(), "{}", path);
            let escaped: String = path
                .bytes()
                .map(|byte| if byte == b'/' { "/".to_owned() } else { format!("%{byte:02x}") })
                .collect();
            prop_assert_eq!(normalise(&escaped).unwrap(), path);
        }
    }

    /// No spelling of a guarded path gets to the rule that lets everybody in.
    #[test]
    fn no_spelling_of_a_guarded_path_is_public(
        spelling in "(/|//|/\\./|%2f|\\\\)(a|A|%61|%41)(d|%64|D)(m|%6d|%6D)(i|I|%69)(n|N|%6e|%6E)(/|//|/\\.|;x|%00|#|\\?x|%2e)?"
    ) {
        let routes = routes();
        let decided = routes.decide(Some("GET"), &spelling);
        let is_public = decided == Ok(&Access::Public);
        // `admin.` is a name of its own to every server but one, where it names the same file.
        prop_assert!(!is_public || spelling.ends_with("%2e"), "{}", spelling);
    }
}
