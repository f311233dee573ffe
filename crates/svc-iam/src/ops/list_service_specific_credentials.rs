//! `ListServiceSpecificCredentials`: the names for single services of a user, or of all users.

use crate::Iam;
use crate::model::page::PageRequest;
use crate::ops::{credentials, users};
use crate::tables::ServiceCredentialRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn list_service_specific_credentials(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListServiceSpecificCredentialsRequest,
) -> Result<wire_iam::ListServiceSpecificCredentialsResponse, wire::Error> {
    let account = cx.account;
    let all = input.all_users.unwrap_or(false);
    let named = match (all, input.user_name.as_deref()) {
        (true, None) => None,
        (_, name) => Some(users::name_or_caller(&cx, name)?),
    };
    iam.read(|view| {
        let page = PageRequest::parse(input.marker.as_deref(), input.max_items)?;
        let owners = match named {
            Some(name) => vec![credentials::load(view, account, name)?],
            None => credentials::all(view, account)?,
        };
        if let Some(service) = &input.service_name {
            credentials::check_service(service)?;
        }
        let is_wanted = |row: &ServiceCredentialRecord| {
            input.service_name.as_ref().is_none_or(|service| *service == row.service)
        };
        let mut rows = Vec::new();
        for (user, credentials) in owners {
            let wanted = credentials.service_credentials.into_iter().filter(is_wanted);
            rows.extend(wanted.map(|row| credentials::service_metadata(&user.name, &row)));
        }
        rows.sort_by(|a, b| {
            a.service_specific_credential_id.cmp(&b.service_specific_credential_id)
        });
        let page = page.of(rows, |row| row.service_specific_credential_id.clone());
        Ok(wire_iam::ListServiceSpecificCredentialsResponse {
            service_specific_credentials: Some(page.items),
            marker: page.marker,
            // Recorded: one page's answer does not say that it is all.
            is_truncated: page.is_truncated.filter(|is_truncated| *is_truncated),
        })
    })
    .await
}
