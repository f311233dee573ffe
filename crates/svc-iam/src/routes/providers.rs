//! Identity providers, server certificates and the roles of services.

use super::created;
use crate::ops::oidc_providers;
use crate::tables::{self, RoleRecord, ServerCertificateRecord};
use crate::{Iam, ops};
use rt::{Access, Routes};
use seams::CallCx;
use std::sync::Arc;
use wire_iam::ops as wire_ops;

/// See the module.
pub fn oidc_providers(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::CreateOpenIDConnectProvider,
            iam,
            |_, cx, input| Ok(oidc_provider(cx, input)),
            ops::create_open_id_connect_provider,
        )
        .on(
            wire_ops::GetOpenIDConnectProvider,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .on_arn(cx, "iam:GetOpenIDConnectProvider", &input.open_id_connect_provider_arn)
                    .into())
            },
            ops::get_open_id_connect_provider,
        )
        .on(
            wire_ops::DeleteOpenIDConnectProvider,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .on_arn(
                        cx,
                        "iam:DeleteOpenIDConnectProvider",
                        &input.open_id_connect_provider_arn,
                    )
                    .into())
            },
            ops::delete_open_id_connect_provider,
        )
        .on(
            wire_ops::AddClientIDToOpenIDConnectProvider,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .on_arn(
                        cx,
                        "iam:AddClientIDToOpenIDConnectProvider",
                        &input.open_id_connect_provider_arn,
                    )
                    .into())
            },
            ops::add_client_id_to_open_id_connect_provider,
        )
        .on(
            wire_ops::RemoveClientIDFromOpenIDConnectProvider,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .on_arn(
                        cx,
                        "iam:RemoveClientIDFromOpenIDConnectProvider",
                        &input.open_id_connect_provider_arn,
                    )
                    .into())
            },
            ops::remove_client_id_from_open_id_connect_provider,
        )
        .on(
            wire_ops::UpdateOpenIDConnectProviderThumbprint,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .on_arn(
                        cx,
                        "iam:UpdateOpenIDConnectProviderThumbprint",
                        &input.open_id_connect_provider_arn,
                    )
                    .into())
            },
            ops::update_open_id_connect_provider_thumbprint,
        )
        .on(
            wire_ops::TagOpenIDConnectProvider,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .on_arn(cx, "iam:TagOpenIDConnectProvider", &input.open_id_connect_provider_arn)
                    .tags(Some(&input.tags))
                    .into())
            },
            ops::tag_open_id_connect_provider,
        )
        .on(
            wire_ops::UntagOpenIDConnectProvider,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .on_arn(
                        cx,
                        "iam:UntagOpenIDConnectProvider",
                        &input.open_id_connect_provider_arn,
                    )
                    .tag_keys(&input.tag_keys)
                    .into())
            },
            ops::untag_open_id_connect_provider,
        )
        .on(
            wire_ops::ListOpenIDConnectProviderTags,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .on_arn(
                        cx,
                        "iam:ListOpenIDConnectProviderTags",
                        &input.open_id_connect_provider_arn,
                    )
                    .into())
            },
            ops::list_open_id_connect_provider_tags,
        )
        .on(
            wire_ops::ListOpenIDConnectProviders,
            iam,
            |_, _, _| Ok(Access::to_any("iam:ListOpenIDConnectProviders")),
            ops::list_open_id_connect_providers,
        )
}

/// See the module.
pub fn saml_providers(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::CreateSAMLProvider,
            iam,
            |_, cx, input| {
                Ok(created(cx, "iam:CreateSAMLProvider", "saml-provider", None, &input.name)
                    .tags(input.tags.as_deref())
                    .into())
            },
            ops::create_saml_provider,
        )
        .on(
            wire_ops::GetSAMLProvider,
            iam,
            |iam, cx, input| {
                Ok(iam.on_arn(cx, "iam:GetSAMLProvider", &input.saml_provider_arn).into())
            },
            ops::get_saml_provider,
        )
        .on(
            wire_ops::UpdateSAMLProvider,
            iam,
            |iam, cx, input| {
                Ok(iam.on_arn(cx, "iam:UpdateSAMLProvider", &input.saml_provider_arn).into())
            },
            ops::update_saml_provider,
        )
        .on(
            wire_ops::DeleteSAMLProvider,
            iam,
            |iam, cx, input| {
                Ok(iam.on_arn(cx, "iam:DeleteSAMLProvider", &input.saml_provider_arn).into())
            },
            ops::delete_saml_provider,
        )
        .on(
            wire_ops::TagSAMLProvider,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .on_arn(cx, "iam:TagSAMLProvider", &input.saml_provider_arn)
                    .tags(Some(&input.tags))
                    .into())
            },
            ops::tag_saml_provider,
        )
        .on(
            wire_ops::UntagSAMLProvider,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .on_arn(cx, "iam:UntagSAMLProvider", &input.saml_provider_arn)
                    .tag_keys(&input.tag_keys)
                    .into())
            },
            ops::untag_saml_provider,
        )
        .on(
            wire_ops::ListSAMLProviderTags,
            iam,
            |iam, cx, input| {
                Ok(iam.on_arn(cx, "iam:ListSAMLProviderTags", &input.saml_provider_arn).into())
            },
            ops::list_saml_provider_tags,
        )
        .on(
            wire_ops::ListSAMLProviders,
            iam,
            |_, _, _| Ok(Access::to_any("iam:ListSAMLProviders")),
            ops::list_saml_providers,
        )
}

/// See the module.
pub fn outbound_federation(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::EnableOutboundWebIdentityFederation,
            iam,
            |_, _, _| Ok(Access::to_any("iam:EnableOutboundWebIdentityFederation")),
            ops::enable_outbound_web_identity_federation,
        )
        .on(
            wire_ops::DisableOutboundWebIdentityFederation,
            iam,
            |_, _, _| Ok(Access::to_any("iam:DisableOutboundWebIdentityFederation")),
            ops::disable_outbound_web_identity_federation,
        )
        .on(
            wire_ops::GetOutboundWebIdentityFederationInfo,
            iam,
            |_, _, _| Ok(Access::to_any("iam:GetOutboundWebIdentityFederationInfo")),
            ops::get_outbound_web_identity_federation_info,
        )
}

/// See the module.
pub fn server_certificates(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::UploadServerCertificate,
            iam,
            |_, cx, input| {
                Ok(created(
                    cx,
                    "iam:UploadServerCertificate",
                    "server-certificate",
                    input.path.as_deref(),
                    &input.server_certificate_name,
                )
                .tags(input.tags.as_deref())
                .into())
            },
            ops::upload_server_certificate,
        )
        .on(
            wire_ops::GetServerCertificate,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<ServerCertificateRecord>(
                        cx,
                        "iam:GetServerCertificate",
                        &input.server_certificate_name,
                    )
                    .into())
            },
            ops::get_server_certificate,
        )
        .on(
            wire_ops::UpdateServerCertificate,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<ServerCertificateRecord>(
                        cx,
                        "iam:UpdateServerCertificate",
                        &input.server_certificate_name,
                    )
                    .into())
            },
            ops::update_server_certificate,
        )
        .on(
            wire_ops::DeleteServerCertificate,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<ServerCertificateRecord>(
                        cx,
                        "iam:DeleteServerCertificate",
                        &input.server_certificate_name,
                    )
                    .into())
            },
            ops::delete_server_certificate,
        )
        .on(
            wire_ops::TagServerCertificate,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<ServerCertificateRecord>(
                        cx,
                        "iam:TagServerCertificate",
                        &input.server_certificate_name,
                    )
                    .tags(Some(&input.tags))
                    .into())
            },
            ops::tag_server_certificate,
        )
        .on(
            wire_ops::UntagServerCertificate,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<ServerCertificateRecord>(
                        cx,
                        "iam:UntagServerCertificate",
                        &input.server_certificate_name,
                    )
                    .tag_keys(&input.tag_keys)
                    .into())
            },
            ops::untag_server_certificate,
        )
        .on(
            wire_ops::ListServerCertificateTags,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<ServerCertificateRecord>(
                        cx,
                        "iam:ListServerCertificateTags",
                        &input.server_certificate_name,
                    )
                    .into())
            },
            ops::list_server_certificate_tags,
        )
        .on(
            wire_ops::ListServerCertificates,
            iam,
            |_, _, _| Ok(Access::to_any("iam:ListServerCertificates")),
            ops::list_server_certificates,
        )
}

/// See the module.
pub fn service_roles(routes: Routes, iam: &Arc<Iam>) -> Routes {
    routes
        .on(
            wire_ops::CreateServiceLinkedRole,
            iam,
            |_, cx, input| Ok(service_role(cx, input)),
            ops::create_service_linked_role,
        )
        .on(
            wire_ops::DeleteServiceLinkedRole,
            iam,
            |iam, cx, input| {
                Ok(iam
                    .named::<RoleRecord>(cx, "iam:DeleteServiceLinkedRole", &input.role_name)
                    .into())
            },
            ops::delete_service_linked_role,
        )
        .on(
            wire_ops::GetServiceLinkedRoleDeletionStatus,
            iam,
            |_, cx, input| Ok(deletion(cx, input)),
            ops::get_service_linked_role_deletion_status,
        )
}

fn oidc_provider(cx: &CallCx, input: &wire_iam::CreateOpenIDConnectProviderRequest) -> Access {
    let url = oidc_providers::without_scheme(&input.url).unwrap_or(&input.url);
    created(cx, "iam:CreateOpenIDConnectProvider", "oidc-provider", None, url)
        .tags(input.tags.as_deref())
        .into()
}

fn service_role(cx: &CallCx, input: &wire_iam::CreateServiceLinkedRoleRequest) -> Access {
    let service = &input.aws_service_name;
    let name = ops::service_role_name(service, input.custom_suffix.as_deref());
    let path = format!("/aws-service-role/{service}/");
    let rule = created(cx, "iam:CreateServiceLinkedRole", "role", Some(&path), &name);
    rule.service(service)
}

/// On the role that the task deletes; its id is `task/aws-service-role/SERVICE/ROLE/UUID`.
fn deletion(cx: &CallCx, input: &wire_iam::GetServiceLinkedRoleDeletionStatusRequest) -> Access {
    let action = "iam:GetServiceLinkedRoleDeletionStatus";
    let task = input.deletion_task_id.strip_prefix("task/");
    let role = task.and_then(|task| task.rsplit_once('/')).map_or("*", |(role, _)| role);
    Access::to(action, tables::arn(cx.account, "role", "/", role))
}
