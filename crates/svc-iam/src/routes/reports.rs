//! What accounts are told of themselves.

use crate::{Iam, ops};
use rt::{Access, Routes};
use std::sync::Arc;
use wire_iam::ops as wire_ops;

/// See the module.
pub fn reports(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::GenerateCredentialReport,
            iam,
            |_, _, _| Ok(Access::to_any("iam:GenerateCredentialReport")),
            ops::generate_credential_report,
        )
        .on(
            wire_ops::GetCredentialReport,
            iam,
            |_, _, _| Ok(Access::to_any("iam:GetCredentialReport")),
            ops::get_credential_report,
        )
        .on(
            wire_ops::GetAccountAuthorizationDetails,
            iam,
            |_, _, _| Ok(Access::to_any("iam:GetAccountAuthorizationDetails")),
            ops::get_account_authorization_details,
        )
        .on(
            wire_ops::GenerateServiceLastAccessedDetails,
            iam,
            |_, _, input| Ok(Access::to("iam:GenerateServiceLastAccessedDetails", &*input.arn)),
            ops::generate_service_last_accessed_details,
        )
        .on(
            wire_ops::GetServiceLastAccessedDetails,
            iam,
            |_, _, _| Ok(Access::to_any("iam:GetServiceLastAccessedDetails")),
            ops::get_service_last_accessed_details,
        )
        .on(
            wire_ops::GetServiceLastAccessedDetailsWithEntities,
            iam,
            |_, _, _| Ok(Access::to_any("iam:GetServiceLastAccessedDetailsWithEntities")),
            ops::get_service_last_accessed_details_with_entities,
        )
        .on(
            wire_ops::ListPoliciesGrantingServiceAccess,
            iam,
            |_, _, input| Ok(Access::to("iam:ListPoliciesGrantingServiceAccess", &*input.arn)),
            ops::list_policies_granting_service_access,
        )
        .on(
            wire_ops::SetSecurityTokenServicePreferences,
            iam,
            |_, _, _| Ok(Access::to_any("iam:SetSecurityTokenServicePreferences")),
            ops::set_security_token_service_preferences,
        )
}
