use hyper::http::Uri;
use serde_json::json;

use crate::error::Fault;

/// The metadata document (RFC 8414 §2) of the server whose clients know it as `issuer`.
///
/// # Errors
/// `CONFIG_ERROR` where that is no issuer: `https:` (`http:` on the loopback alone), a host, and
/// neither query nor fragment.
pub(in crate::sidecar::app) fn document(issuer: &str) -> Result<String, Fault> {
    if !is_issuer(issuer) {
        return Err(Fault::config(format!(
            "server.oauth_issuer: {issuer:?} is no issuer; write https://HOST, with a path where the \
             gateway has one, and neither query nor fragment"
        )));
    }
    let base = issuer.trim_end_matches('/');
    let at = |path: &str| format!("{base}{path}");
    let methods = ["client_secret_basic"];
    Ok(json!({
        "issuer": issuer,
        "token_endpoint": at("/oauth2/token"),
        "introspection_endpoint": at("/oauth2/introspect"),
        "revocation_endpoint": at("/oauth2/revoke"),
        "jwks_uri": at("/.well-known/jwks.json"),
        "response_types_supported": [],
        "grant_types_supported": ["refresh_token"],
        "token_endpoint_auth_methods_supported": methods,
        "introspection_endpoint_auth_methods_supported": methods,
        "revocation_endpoint_auth_methods_supported": methods,
    })
    .to_string())
}

fn is_issuer(text: &str) -> bool {
    let Ok(uri) = text.parse::<Uri>() else {
        return false;
    };
    let Some(host) = uri.host().filter(|host| !host.is_empty()) else {
        return false;
    };
    let loopback = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
    let scheme = match uri.scheme_str() {
        Some("https") => true,
        Some("http") => loopback,
        _ => false,
    };
    let userinfo = uri
        .authority()
        .is_some_and(|authority| authority.as_str().contains('@'));
    scheme && !userinfo && uri.query().is_none() && !text.contains(['#', '?'])
}
