use serde::Deserialize;
use serde::de::{self, Deserializer};

use crate::error::{Code, Fault};

/// The cookie that holds a profile's refresh token, for applications that keep it there.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RefreshCookieSection {
    /// Its name. With `__Host-` or `__Secure-` before it, browsers hold it to more (RFC 6265bis
    /// §4.1.3)
    pub name: String,
    /// The path that it is sent to; `/`
    pub path: Option<String>,
    /// The domain that it is sent to, hosts below included; without one, the very host alone
    pub domain: Option<String>,
    /// `strict`, `lax` (the default) or `none`
    #[serde(default)]
    pub same_site: SameSite,
    /// `true` (the default), or `"auto"`: `Secure` unless the request says `"https": false`
    #[serde(default)]
    pub secure: SecureChoice,
}

/// Which requests of other sites a cookie goes with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SameSite {
    /// None
    Strict,
    /// Those that navigate
    #[default]
    Lax,
    /// All
    None,
}

/// Whether a cookie is for HTTPS alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SecureChoice {
    /// Always
    #[default]
    Always,
    /// Unless the request says that its client came over plain HTTP
    Auto,
}

/// A refresh cookie, checked: whatever it writes is one `Set-Cookie` value (RFC 6265 §4.1).
#[derive(Clone, Debug)]
pub struct RefreshCookie {
    name: String,
    attributes: String,
    secure: SecureChoice,
}

/// What browsers keep at most of a cookie's name and value (RFC 6265bis §5.6).
const LONGEST: usize = 4096;

impl RefreshCookieSection {
    /// # Errors
    /// `CONFIG_ERROR` naming the key that does not hold.
    pub(super) fn build(&self) -> Result<RefreshCookie, Fault> {
        let wrong =
            |key: &str, why: &str| Err(Fault::config(format!("refresh_cookie.{key}: {why}")));
        let path = self.path.as_deref().unwrap_or("/");
        if self.name.is_empty() || !self.name.bytes().all(super::values::is_name_byte) {
            return wrong("name", "must be of letters, digits and !#$%&'*+-.^_`|~");
        }
        if !path.starts_with('/') || !path.bytes().all(is_attribute_byte) {
            return wrong(
                "path",
                "must begin with / and hold no blank, no ; and nothing beyond ASCII",
            );
        }
        if self
            .domain
            .as_deref()
            .is_some_and(|domain| !is_domain(domain))
        {
            return wrong("domain", "must be a host name, such as example.com");
        }
        let always = self.secure == SecureChoice::Always;
        if self.same_site == SameSite::None && !always {
            return wrong(
                "same_site",
                "none needs secure = true: browsers drop the cookie otherwise",
            );
        }
        let prefixed = |prefix: &str| {
            let head = self.name.get(..prefix.len());
            head.is_some_and(|head| head.eq_ignore_ascii_case(prefix))
        };
        if (prefixed("__Host-") || prefixed("__Secure-")) && !always {
            return wrong(
                "name",
                "with this prefix needs secure = true: browsers drop the cookie otherwise",
            );
        }
        if prefixed("__Host-") && (path != "/" || self.domain.is_some()) {
            return wrong(
                "name",
                "with __Host- needs path = \"/\" and no domain: browsers drop the cookie otherwise",
            );
        }
        let domain = self.domain.as_ref().map_or_else(String::new, |domain| {
            format!("; Domain={}", domain.trim_start_matches('.'))
        });
        let same_site = match self.same_site {
            SameSite::Strict => "Strict",
            SameSite::Lax => "Lax",
            SameSite::None => "None",
        };
        Ok(RefreshCookie {
            name: self.name.clone(),
            attributes: format!("; Path={path}{domain}; HttpOnly; SameSite={same_site}"),
            secure: self.secure,
        })
    }
}

impl RefreshCookie {
    /// The header value that has a browser keep `token` for `max_age` seconds, or until it is closed.
    /// `https` says how the client came; it counts where the profile says `secure = "auto"`.
    ///
    /// # Errors
    /// `INTERNAL` where the token is of characters that no token of ours has.
    pub fn holding(&self, token: &str, max_age: Option<i64>, https: bool) -> Result<String, Fault> {
        let clean = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        if !token.bytes().all(clean) {
            return Err(Fault::new(
                Code::Internal,
                "a refresh token cannot stand in a cookie",
            ));
        }
        if self.name.len() + token.len() > LONGEST {
            tracing::warn!(
                cookie = self.name,
                "the refresh token is too long for a cookie, and browsers will not keep it: sign fewer claims"
            );
        }
        let age = max_age.map_or_else(String::new, |age| format!("; Max-Age={}", age.max(0)));
        Ok(self.value(token, &age, https))
    }

    /// The header value that has a browser forget the token.
    #[must_use]
    pub fn cleared(&self, https: bool) -> String {
        let past = "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
        self.value("", past, https)
    }

    fn value(&self, token: &str, age: &str, https: bool) -> String {
        let secure = self.secure == SecureChoice::Always || https;
        let secure = if secure { "; Secure" } else { "" };
        format!("{}={token}{}{age}{secure}", self.name, self.attributes)
    }
}

/// An attribute's value ends at a `;`; blanks at its ends would be trimmed.
fn is_attribute_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b';'
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        let clean = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        !label.is_empty() && label.bytes().all(clean)
    };
    text.strip_prefix('.').unwrap_or(text).split('.').all(label)
}

impl<'de> Deserialize<'de> for SecureChoice {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected true or \"auto\"")]
        enum Either {
            Switch(bool),
            Word(String),
        }
        match Either::deserialize(deserializer)? {
            Either::Switch(true) => Ok(Self::Always),
            Either::Word(word) if word == "auto" => Ok(Self::Auto),
            _ => Err(de::Error::custom(
                "a refresh token must not cross a network in the clear; write true, or \"auto\" where plain HTTP is for development",
            )),
        }
    }
}
