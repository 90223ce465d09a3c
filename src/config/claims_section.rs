use crate::claims::{ClaimNames, KindNames};

use super::schema::ClaimsSection;

impl ClaimsSection {
    pub(super) fn names(&self) -> ClaimNames {
        let mut names = ClaimNames::default();
        let set = |name: &mut String, value: &Option<String>| {
            if let Some(value) = value {
                name.clone_from(value);
            }
        };
        set(&mut names.subject, &self.subject);
        set(&mut names.scope, &self.scope);
        set(&mut names.role, &self.role);
        set(&mut names.vip, &self.vip);
        set(&mut names.team, &self.team);
        set(&mut names.device, &self.device);
        set(&mut names.handle, &self.handle);
        set(&mut names.family, &self.family);
        set(&mut names.founded, &self.founded);
        names.kind = self.kind.as_ref().map(|kind| KindNames {
            claim: kind.claim.clone(),
            access: kind.access.clone(),
            refresh: kind.refresh.clone(),
        });
        names
    }
}
