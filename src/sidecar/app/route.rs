use hyper::Method;

use crate::sidecar::service::Plane;

/// What a path leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    Verify,
    Batch,
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
    Audit,
    AuditQuery,
    AuditOptions,
    OpenApi,
}

/// The names under which verdicts are counted, in the order of the constants below.
pub const ROUTES: &[&str] = &["verify", "batch", "auth"];

impl<'a> Route<'a> {
    /// The route of a path, byte for byte: a path that is spelled otherwise leads nowhere.
    #[inline]
    pub(super) fn find(path: &'a str) -> Option<Self> {
        Some(match path {
            "/v1/auth" => Self::Auth(None),
            "/v1/verify" => Self::Verify,
            "/v1/verify/batch" => Self::Batch,
            "/.well-known/jwks.json" => Self::Jwks,
            "/livez" => Self::Live,
            "/readyz" => Self::Ready,
            "/metrics" => Self::Metrics,
            "/v1/sign" => Self::Sign,
            "/v1/rotate" => Self::Rotate,
            "/v1/revoke" => Self::Revoke,
            "/v1/keys/reload" => Self::Reload,
            "/v1/explain" => Self::Explain,
            "/openapi.json" => Self::OpenApi,
            "/v1/audit" => Self::Audit,
            "/v1/audit/query" => Self::AuditQuery,
            "/v1/audit/options" => Self::AuditOptions,
            // An empty name is a gateway's variable that was not set: no guard has it, so it is
            // refused as forward auth refuses.
            _ => Self::Auth(Some(path.strip_prefix("/v1/auth/")?)),
        })
    }

    pub(super) fn plane(self) -> Plane {
        match self {
            Self::Sign | Self::Rotate | Self::Revoke | Self::Reload | Self::Explain => {
                Plane::Control
            }
            Self::Audit | Self::AuditQuery | Self::AuditOptions => Plane::Control,
            _ => Plane::Data,
        }
    }

    /// Whether it does something that is to be recorded: everything of the control plane but what
    /// asks or records itself.
    pub(super) fn is_act(self) -> bool {
        let asks = matches!(
            self,
            Self::Explain | Self::Audit | Self::AuditQuery | Self::AuditOptions
        );
        self.plane() == Plane::Control && !asks
    }

    pub(super) fn wants_body(self) -> bool {
        matches!(self, Self::Verify | Self::Batch) || self.plane() == Plane::Control
    }

    /// Whether it may wait for a store or a disk, or takes so long (RSA signing) that others
    /// should not wait for it.
    pub(super) fn may_wait(self) -> bool {
        matches!(
            self,
            Self::Sign
                | Self::Rotate
                | Self::Revoke
                | Self::Reload
                | Self::Audit
                | Self::AuditQuery
                | Self::AuditOptions
        )
    }

    /// The methods that are allowed, where `method` is not.
    pub(super) fn refused_method(self, method: &Method) -> Option<&'static str> {
        let (allowed, text): (&[Method], _) = match self {
            Self::Auth(_) => return None,
            Self::Jwks | Self::Live | Self::Ready | Self::Metrics | Self::OpenApi => {
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
