//! A sidecar with something behind every route.

use crate::world::{SECRET, World, start_with};

/// `shop:7b52009b64fd0a2a49e6d8a939753077` in base64.
pub(crate) const SHOP: &str = "Basic c2hvcDo3YjUyMDA5YjY0ZmQwYTJhNDllNmQ4YTkzOTc1MzA3Nw==";
const SHOP_HASH: &str = "9c7534de71c5b045ee185ab9538c51c37de4a2994140e8fffc6ef6a7ea569083";

/// `main` keeps its refresh token in a cookie and takes personal access tokens and devices, `staff`
/// has sessions and permissions, `web` makes its own keys.
pub(crate) fn start() -> World {
    start_with(|text| {
        let folder = text
            .lines()
            .find_map(|line| {
                line.strip_prefix("data_socket = \"")?
                    .strip_suffix("/data.sock\"")
            })
            .unwrap()
            .to_owned();
        let server = "max_batch = 4";
        let main = "rotation = { grace = \"10s\" }";
        assert!(text.contains(server) && text.contains(main));
        let text = text.replacen(
            server,
            &format!(
                "{server}\noauth_issuer = \"https://auth.example/t1\"\n\
                 oauth_clients = [{{ id = \"shop\", secret_sha256 = \"{SHOP_HASH}\" }}]\n\
                 trusted_proxies = [\"10.0.0.0/8\"]"
            ),
            1,
        );
        let text = text.replacen(
            main,
            &format!(
                "{main}\nrefresh_cookie = {{ name = \"__Host-refresh\" }}\n\
                 pat = {{ prefix = \"main_pat_\" }}\ndevices = {{ trusted_for = \"30d\" }}"
            ),
            1,
        );
        format!(
            r#"{text}
[audit]
file = "{folder}/audit.db"
required = true

[profiles.staff]
algorithms = ["HS256"]
keys = [{{ secret = "{SECRET}", kid = "s1" }}]
claims = {{ kind = {{ claim = "kind" }} }}
sign = {{ access = "15m", refresh = "7d" }}
rotation = {{}}
sessions = {{}}
permissions = {{ from = "session", level = "level", data_scope = {{ group = [4] }} }}

[profiles.web]
algorithms = ["ES256"]
sign = {{ managed = {{ every = "1d", publish_ahead = "10m" }} }}

[limits.login]
rate = "2/day"
[limits.rotate]
rate = "2/day"
[limits.pat]
rate = "2/day"

[[routes]]
path = "/docs/*"
public = true
[[routes]]
path = "/api/*"
token = true
"#
        )
    })
}
