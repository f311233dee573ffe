//! Identity providers, server certificates and the roles of services.

use super::created;
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
            |_, _, input| {
                Ok(Access::to("iam:GetOpenIDConnectProvider", &*input.open_id_connect_provider_arn))
            },
            ops::get_open_id_connect_provider,
        )
        .on(
            wire_ops::DeleteOpenIDConnectProvider,
            iam,
            |_, _, input| {
                Ok(Access::to(
                    "iam:DeleteOpenIDConnectProvider",
                    &*input.open_id_connect_provider_arn,
                ))
            },
            ops::delete_open_id_connect_provider,
        )
        .on(
            wire_ops::AddClientIDToOpenIDConnectProvider,
            iam,
            |_, _, input| {
                Ok(Access::to(
                    "iam:AddClientIDToOpenIDConnectProvider",
                    &*input.open_id_connect_provider_arn,
                ))
            },
            ops::add_client_id_to_open_id_connect_provider,
        )
        .on(
            wire_ops::RemoveClientIDFromOpenIDConnectProvider,
            iam,
            |_, _, input| {
                Ok(Access::to(
                    "iam:RemoveClientIDFromOpenIDConnectProvider",
                    &*input.open_id_connect_provider_arn,
                ))
            },
            ops::remove_client_id_from_open_id_connect_provider,
        )
        .on(
            wire_ops::UpdateOpenIDConnectProviderThumbprint,
            iam,
            |_, _, input| {
                Ok(Access::to(
                    "iam:UpdateOpenIDConnectProviderThumbprint",
                    &*input.open_id_connect_provider_arn,
                ))
            },
            ops::update_open_id_connect_provider_thumbprint,
        )
        .on(
            wire_ops::TagOpenIDConnectProvider,
            iam,
            |_, _, input| {
                Ok(Access::to("iam:TagOpenIDConnectProvider", &*input.open_id_connect_provider_arn))
            },
            ops::tag_open_id_connect_provider,
        )
        .on(
            wire_ops::UntagOpenIDConnectProvider,
            iam,
            |_, _, input| {
                Ok(Access::to(
                    "iam:UntagOpenIDConnectProvider",
                    &*input.open_id_connect_provider_arn,
                ))
            },
            ops::untag_open_id_connect_provider,
        )
        .on(
            wire_ops::ListOpenIDConnectProviderTags,
            iam,
            |_, _, input| {
                Ok(Access::to(
                    "iam:ListOpenIDConnectProviderTags",
                    &*input.open_id_connect_provider_arn,
                ))
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
                Ok(created(cx, "iam:CreateSAMLProvider", "saml-provider", None, &input.name).into())
            },
            ops::create_saml_provider,
        )
        .on(
            wire_ops::GetSAMLProvider,
            iam,
            |_, _, input| Ok(Access::to("iam:GetSAMLProvider", &*input.saml_provider_arn)),
            ops::get_saml_provider,
        )
        .on(
            wire_ops::UpdateSAMLProvider,
            iam,
            |_, _, input| Ok(Access::to("iam:UpdateSAMLProvider", &*input.saml_provider_arn)),
            ops::update_saml_provider,
        )
        .on(
            wire_ops::DeleteSAMLProvider,
            iam,
            |_, _, input| Ok(Access::to("iam:DeleteSAMLProvider", &*input.saml_provider_arn)),
            ops::delete_saml_provider,
        )
        .on(
            wire_ops::TagSAMLProvider,
            iam,
            |_, _, input| Ok(Access::to("iam:TagSAMLProvider", &*input.saml_provider_arn)),
            ops::tag_saml_provider,
        )
        .on(
            wire_ops::UntagSAMLProvider,
            iam,
            |_, _, input| Ok(Access::to("iam:UntagSAMLProvider", &*input.saml_provider_arn)),
            ops::untag_saml_provider,
        )
        .on(
            wire_ops::ListSAMLProviderTags,
            iam,
            |_, _, input| Ok(Access::to("iam:ListSAMLProviderTags", &*input.saml_provider_arn)),
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
    let url = input.url.strip_prefix("https://").unwrap_or(&input.url);
    created(cx, "iam:CreateOpenIDConnectProvider", "oidc-provider", None, url).into()
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
