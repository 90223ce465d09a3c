use hyper::Method;

use super::devices::Ask;
use super::keys::KeyVerb;
use crate::sidecar::service::Plane;

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    Verify,
    Batch,
    Permissions,
    Auth(Option<&'a str>),
    /// The path that follows is the one that is asked about, as Envoy sends it.
    Path(&'a str),
    Jwks,
    Live,
    Ready,
    Metrics,
    Sign,
    Rotate,
    Revoke,
    Reload,
    Keys,
    KeyOrder(KeyVerb),
    Explain,
    Limit(&'a str),
    Introspect,
    OauthRevoke,
    OauthToken,
    OauthMetadata,
    Devices(Ask),
    CreatePat,
    ListPats,
    RevokePats,
    Sessions(SessionsRoute),
    Audit,
    AuditQuery,
    AuditOptions,
    OpenApi,
}

/// What is asked about sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SessionsRoute {
    Open,
    Get,
    List,
    End,
    Attributes,
}

/// The names under which verdicts are counted, in the order of the constants below.
pub const ROUTES: &[&str] = &["verify", "batch", "auth", "permissions"];

impl<'a> Route<'a> {
    /// The route of a path, byte for byte: a path that is spelled otherwise leads nowhere.
    #[inline]
    pub(super) fn find(path: &'a str) -> Option<Self> {
        Some(match path {
            "/v1/auth" => Self::Auth(None),
            "/v1/verify" => Self::Verify,
            "/v1/verify/batch" => Self::Batch,
            "/v1/permissions/check" => Self::Permissions,
            "/.well-known/jwks.json" => Self::Jwks,
            "/livez" => Self::Live,
            "/readyz" => Self::Ready,
            "/metrics" => Self::Metrics,
            "/v1/sign" => Self::Sign,
            "/v1/rotate" => Self::Rotate,
            "/v1/revoke" => Self::Revoke,
            "/v1/keys/reload" => Self::Reload,
            "/v1/explain" => Self::Explain,
            "/oauth2/introspect" => Self::Introspect,
            "/oauth2/revoke" => Self::OauthRevoke,
            "/oauth2/token" => Self::OauthToken,
            "/.well-known/oauth-authorization-server" => Self::OauthMetadata,
            "/v1/devices/trust" => Self::Devices(Ask::Trust),
            "/v1/devices/check" => Self::Devices(Ask::Check),
            "/v1/devices/list" => Self::Devices(Ask::List),
            "/v1/devices/forget" => Self::Devices(Ask::Forget),
            "/v1/pats" => Self::CreatePat,
            "/v1/pats/list" => Self::ListPats,
            "/v1/pats/revoke" => Self::RevokePats,
            "/v1/sessions" => Self::Sessions(SessionsRoute::Open),
            "/v1/sessions/get" => Self::Sessions(SessionsRoute::Get),
            "/v1/sessions/list" => Self::Sessions(SessionsRoute::List),
            "/v1/sessions/end" => Self::Sessions(SessionsRoute::End),
            "/v1/sessions/attributes" => Self::Sessions(SessionsRoute::Attributes),
            "/v1/keys" => Self::Keys,
            "/v1/keys/stage" => Self::KeyOrder(KeyVerb::Stage),
            "/v1/keys/activate" => Self::KeyOrder(KeyVerb::Activate),
            "/v1/keys/retire" => Self::KeyOrder(KeyVerb::Retire),
            "/v1/keys/revoke" => Self::KeyOrder(KeyVerb::Revoke),
            "/openapi.json" => Self::OpenApi,
            "/v1/audit" => Self::Audit,
            "/v1/audit/query" => Self::AuditQuery,
            "/v1/audit/options" => Self::AuditOptions,
            _ => return Self::of_prefix(path),
        })
    }

    /// The route of a path that goes on with a name. An empty name is a gateway's variable that
    /// was not set: nothing is called so, so it is refused as the route refuses.
    #[inline]
    fn of_prefix(path: &'a str) -> Option<Self> {
        if let Some(guard) = path.strip_prefix("/v1/auth/") {
            return Some(Self::Auth(Some(guard)));
        }
        // The slash before it is the path's own.
        if let Some(rest) = path.strip_prefix("/v1/route/") {
            return Some(Self::Path(&path[path.len() - rest.len() - 1..]));
        }
        path.strip_prefix("/v1/limits/").map(Self::Limit)
    }

    /// What is not listed is the control plane's: a route that is forgotten here is shut, not open.
    pub(super) fn plane(self) -> Plane {
        match self {
            Self::Verify
            | Self::Batch
            | Self::Permissions
            | Self::Auth(_)
            | Self::Path(_)
            | Self::Jwks
            | Self::Live
            | Self::Ready
            | Self::Metrics
            | Self::OpenApi
            | Self::OauthMetadata => Plane::Data,
            _ => Plane::Control,
        }
    }

    /// Whether it is a standard OAuth endpoint that takes a form.
    pub(super) fn is_oauth(self) -> bool {
        matches!(
            self,
            Self::Introspect | Self::OauthRevoke | Self::OauthToken
        )
    }

    /// Whether it does something that is to be recorded: everything of the control plane but what
    /// only asks, or records itself.
    pub(super) fn is_act(self) -> bool {
        let asks = matches!(
            self,
            Self::Explain
                | Self::Introspect
                | Self::Keys
                | Self::ListPats
                | Self::Limit(_)
                | Self::Devices(Ask::Check | Ask::List)
                | Self::Sessions(SessionsRoute::Get | SessionsRoute::List)
                | Self::Audit
                | Self::AuditQuery
                | Self::AuditOptions
        );
        self.plane() == Plane::Control && !asks
    }

    pub(super) fn wants_body(self) -> bool {
        matches!(self, Self::Verify | Self::Batch | Self::Permissions)
            || (self.plane() == Plane::Control && self != Self::Keys)
    }

    /// Whether it may wait for a store or a disk, or takes so long (RSA signing) that others
    /// should not wait for it: all of the control plane. Verification waits only where it says so.
    pub(super) fn may_wait(self) -> bool {
        self.plane() == Plane::Control
    }

    /// The methods that are allowed, where `method` is not.
    pub(super) fn refused_method(self, method: &Method) -> Option<&'static str> {
        let (allowed, text): (&[Method], _) = match self {
            Self::Auth(_) | Self::Path(_) => return None,
            Self::Jwks
            | Self::Live
            | Self::Ready
            | Self::Metrics
            | Self::OpenApi
            | Self::OauthMetadata
            | Self::Keys => (&[Method::GET, Method::HEAD], "GET, HEAD"),
            _ => (&[Method::POST], "POST"),
        };
        (!allowed.contains(method)).then_some(text)
    }
}

/// Where a verdict is counted.
pub(super) const VERIFY: usize = 0;
pub(super) const BATCH: usize = 1;
pub(super) const AUTH: usize = 2;
pub(super) const PERMISSIONS: usize = 3;
