use serde::Deserialize;

use super::Config;
use crate::error::Fault;
use crate::routes::{Access, Otherwise, Routes, Rule};

/// One route rule: a path, and what it asks for (exactly one of `guard`, `token` and `public`).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RouteSection {
    /// The path, or a pattern: see [`routes`](crate::routes)
    pub path: String,
    /// The methods that it is for; without any, all of them
    #[serde(default)]
    pub methods: Vec<String>,
    /// The guard that must hold, by its name
    pub guard: Option<String>,
    /// A token is needed and no guard
    #[serde(default)]
    pub token: bool,
    /// Anybody may
    #[serde(default)]
    pub public: bool,
}

/// What becomes of requests that no rule is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RoutesDefault {
    /// They are refused
    #[default]
    Deny,
    /// They need a token
    Token,
}

impl Config {
    /// The route rules; `None` where there are none.
    pub(super) fn route_rules(&self) -> Result<Option<Routes>, Fault> {
        if self.routes.is_empty() {
            return Ok(None);
        }
        let rules = self.routes.iter().map(RouteSection::rule);
        let otherwise = match self.routes_default {
            RoutesDefault::Deny => Otherwise::Deny,
            RoutesDefault::Token => Otherwise::Token,
        };
        let routes = Routes::new(rules.collect::<Result<_, _>>()?, otherwise)?;
        let unknown = routes
            .guards()
            .find(|guard| !self.guards.contains_key(*guard));
        if let Some(guard) = unknown {
            return Err(Fault::config(format!(
                "routes: no guard is named {guard:?}; add [guards.{guard}]"
            )));
        }
        Ok(Some(routes))
    }
}

impl RouteSection {
    fn rule(&self) -> Result<Rule, Fault> {
        let access = match (&self.guard, self.token, self.public) {
            (Some(guard), false, false) => Access::Guard(guard.clone()),
            (None, true, false) => Access::Token,
            (None, false, true) => Access::Public,
            _ => {
                return Err(Fault::config(format!(
                    "routes: path {:?} needs exactly one of guard = \"NAME\", token = true and public = true",
                    self.path
                )));
            }
        };
        Ok(Rule {
            path: self.path.clone(),
            methods: self.methods.clone(),
            access,
        })
    }
}
