use super::*;

const STRICT: UrlRules = UrlRules {
    allow_http: false,
    allow_private: false,
};
const HTTP: UrlRules = UrlRules {
    allow_http: true,
    allow_private: false,
};
const PRIVATE: UrlRules = UrlRules {
    allow_http: false,
    allow_private: true,
};

fn ok(text: &str, rules: UrlRules) -> bool {
    JwksUrl::parse(text, rules).is_ok()
}

#[test]
fn https_to_public_hosts_is_allowed() {
    for text in [
        "https://issuer.example/jwks",
        "HTTPS://Issuer.Example:8443/.well-known/jwks.json?v=1",
        "https://issuer.example",
        "https://93.184.216.34/jwks",
        "https://[2606:4700::1111]/jwks",
    ] {
        assert!(ok(text, STRICT), "{text}");
    }
}

#[test]
fn other_schemes_userinfo_and_odd_texts_are_refused() {
    for text in [
        "file:///etc/passwd",
        "ftp://issuer.example/",
        "issuer.example/jwks",
        "",
        "https://",
        "https:///jwks",
        "https://user@issuer.example/",
        "https://user:secret@issuer.example/",
        "https://issuer.example@10.0.0.1/",
        "https://issuer.example\\@10.0.0.1/",
        "https://issuer.example/a\\b",
        "https://issuer.example/#f",
        "https://issuer.example/a b",
        "https://issuer.example/\n",
        "https://issuer.exämple/",
        "https://issuer.example:0/",
        "https://issuer.example:70000/",
        "https://issuer.example:+80/",
        "https://issuer.example:/",
        "https://[::1/",
        "https://[::1]x/",
        "https://[fe80::1%25eth0]/",
        "https://is%73uer.example/",
    ] {
        let fully = UrlRules {
            allow_http: true,
            allow_private: true,
        };
        assert!(!ok(text, fully), "{text}");
    }
}

#[test]
fn a_password_in_a_url_is_not_repeated() {
    for text in [
        "https://user:hunter2@issuer.example/",
        "gopher://issuer.example/?token=hunter2",
    ] {
        let fault = JwksUrl::parse(text, STRICT).unwrap_err();
        assert!(!fault.chain().contains("hunter2"), "{fault}");
    }
    let url = JwksUrl::parse("https://issuer.example/jwks?token=hunter2", STRICT).unwrap();
    assert_eq!(url.to_string(), "https://issuer.example/jwks");
    assert!(!format!("{url:?}").contains("hunter2"));
}

#[test]
fn plain_http_is_for_loopback_unless_allowed() {
    assert!(ok("http://localhost:8080/jwks", STRICT));
    assert!(ok("http://127.0.0.1/jwks", STRICT));
    assert!(ok("http://[::1]:8080/jwks", STRICT));
    assert!(!ok("http://issuer.example/jwks", STRICT));
    assert!(!ok("http://localhost.example/jwks", STRICT));
    assert!(!ok("http://issuer.example/jwks", PRIVATE));
    assert!(ok("http://issuer.example/jwks", HTTP));
    assert!(!ok("http://10.0.0.1/jwks", HTTP));
}

#[test]
fn inward_addresses_are_refused_unless_allowed() {
    for host in [
        "localhost",
        "127.0.0.1",
        "127.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "198.18.0.1",
        "[::1]",
        "[::ffff:10.0.0.1]",
        "[::127.0.0.1]",
        "[64:ff9b::a00:1]",
        "[2002:a00:1::]",
        "[fc00::1]",
        "[fd00:ec2::254]",
        "[fe80::1]",
    ] {
        let text = format!("https://{host}/jwks");
        assert!(!ok(&text, STRICT), "{text}");
        assert!(!ok(&text, HTTP), "{text}");
        assert!(ok(&text, PRIVATE), "{text}");
    }
    for host in [
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "[::]",
        "[ff02::1]",
    ] {
        let text = format!("https://{host}/jwks");
        assert!(!ok(&text, PRIVATE), "{text}");
    }
    for host in [
        "2130706433",
        "0x7f000001",
        "127.1",
        "0x7f.1",
        "10.0.0.256",
        "127.0.0.1.",
    ] {
        let text = format!("https://{host}/jwks");
        assert!(!ok(&text, STRICT), "{text}");
    }
}

#[test]
fn a_name_that_resolves_inwards_is_refused_after_resolution() {
    let url = JwksUrl::parse("https://issuer.example/jwks", STRICT).unwrap();
    assert!(url.allows_address([93, 184, 216, 34].into()));
    for inward in [
        [127, 0, 0, 1],
        [10, 0, 0, 1],
        [169, 254, 169, 254],
        [0, 0, 0, 0],
    ] {
        assert!(!url.allows_address(inward.into()), "{inward:?}");
    }
    let plain = JwksUrl::parse("http://localhost/jwks", STRICT).unwrap();
    assert!(plain.allows_address([127, 0, 0, 1].into()));
    assert!(
        !plain.allows_address([93, 184, 216, 34].into()),
        "plain http leaves the machine only where allow_http says so"
    );
}

#[test]
fn a_redirect_stays_on_its_host_and_scheme() {
    let url = JwksUrl::parse("https://Issuer.example/jwks", STRICT).unwrap();
    assert!(url.allows_hop("https", "issuer.EXAMPLE"));
    assert!(!url.allows_hop("http", "issuer.example"));
    assert!(!url.allows_hop("https", "evil.example"));
    assert!(!url.allows_hop("https", "sub.issuer.example"));
    assert!(!url.allows_hop("file", "issuer.example"));
    let plain = JwksUrl::parse("http://[::1]/jwks", STRICT).unwrap();
    assert!(plain.allows_hop("https", "[::1]"));
    assert!(plain.allows_hop("http", "[::1]"));
}
