use super::App;
use super::fields::{Fields, invalid};
use crate::error::{Code, Fault, Reject};
use crate::routes::Access;
use crate::sidecar::service::Request;

/// How a configuration without routes is told.
pub(super) const NO_ROUTES: &str = "routes: there are none; add [[routes]] to the configuration";

impl App {
    /// What the routes ask of the application's own request, which the body describes as `route`;
    /// `None` where it describes none.
    pub(super) fn route_asks(
        &self,
        fields: &mut Fields,
        request: &Request<'_>,
    ) -> Result<Option<Result<&Access, Reject>>, Fault> {
        let Some(mut described) = fields.nested("route")? else {
            return Ok(None);
        };
        let within = |fault: Fault| invalid(format!("route.{fault}"));
        let method = described.text("method").map_err(within)?;
        let target = described.required_text("target").map_err(within)?;
        described.finish("method, target").map_err(within)?;
        self.route_of(method.as_deref(), &target, request).map(Some)
    }

    /// What the routes ask of a method and target.
    pub(super) fn route_of(
        &self,
        method: Option<&str>,
        target: &str,
        request: &Request<'_>,
    ) -> Result<Result<&Access, Reject>, Fault> {
        let routes = self.profiles.routes().ok_or_else(|| invalid(NO_ROUTES))?;
        Ok(routes.decide(method, target).map_err(|denied| {
            tracing::debug!(?denied, request_id = %request.id, "refused by the routes");
            Reject::new(Code::Forbidden)
        }))
    }
}
