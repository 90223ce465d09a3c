use hyper::Method;

use crate::sidecar::service::Plane;

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    Verify,
    Batch,
    Permissions,
    Auth(Option<&'a str>),
    Jwks,
    Live,
    Ready,
    Metrics,
    Sign,
    Rotate,
    Revoke,
    Reload,
    Explain,
    Sessions(SessionsRoute),
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
            "/v1/sessions" => Self::Sessions(SessionsRoute::Open),
            "/v1/sessions/get" => Self::Sessions(SessionsRoute::Get),
            "/v1/sessions/list" => Self::Sessions(SessionsRoute::List),
            "/v1/sessions/end" => Self::Sessions(SessionsRoute::End),
            "/v1/sessions/attributes" => Self::Sessions(SessionsRoute::Attributes),
            // An empty name is a gateway's variable that was not set: no guard has it, so it is
            // refused as forward auth refuses.
            _ => Self::Auth(Some(path.strip_prefix("/v1/auth/")?)),
        })
    }

    pub(super) fn plane(self) -> Plane {
        match self {
            Self::Sign
            | Self::Rotate
            | Self::Revoke
            | Self::Reload
            | Self::Explain
            | Self::Sessions(_) => Plane::Control,
            _ => Plane::Data,
        }
    }

    pub(super) fn wants_body(self) -> bool {
        matches!(self, Self::Verify | Self::Batch | Self::Permissions)
            || self.plane() == Plane::Control
    }

    /// Whether it may wait for a store or a disk, or takes so long (RSA signing) that others
    /// should not wait for it. Verification waits only where it says so.
    pub(super) fn may_wait(self) -> bool {
        matches!(
            self,
            Self::Sign
                | Self::Rotate
                | Self::Revoke
                | Self::Reload
                | Self::Explain
                | Self::Sessions(_)
        )
    }

    /// The methods that are allowed, where `method` is not.
    pub(super) fn refused_method(self, method: &Method) -> Option<&'static str> {
        let (allowed, text): (&[Method], _) = match self {
            Self::Auth(_) => return None,
            Self::Jwks | Self::Live | Self::Ready | Self::Metrics => {
                (&[Method::GET, Method::HEAD], "GET, HEAD")
            }
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
