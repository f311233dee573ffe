//! `ListSAMLProviders`: the account's SAML providers.

use crate::Iam;
use crate::limits;
use crate::ops::saml_providers;
use crate::tables::{SAML_PROVIDERS, SamlProviderRecord, time};
use base::Time;
use seams::CallCx;
use std::sync::Arc;
use store::Prefix;

/// See the module.
pub async fn list_saml_providers(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::ListSAMLProvidersRequest,
) -> Result<wire_iam::ListSAMLProvidersResponse, wire::Error> {
    let account = cx.account;
    let _: wire_iam::ListSAMLProvidersRequest = input;
    iam.read(|view| {
        let max = limits::SAML_PROVIDERS_PER_ACCOUNT;
        let rows = view.scan(&SAML_PROVIDERS, Prefix::of((account,)), max)?;
        let entry = |row: SamlProviderRecord| wire_iam::SAMLProviderListEntry {
            arn: Some(saml_providers::arn(account, &row.name)),
            valid_until: Some(Time::from_unix_s(row.valid_until_s).into()),
            create_date: Some(time(row.created_ms).into()),
        };
        let list = rows.into_iter().map(|(_, row)| entry(row)).collect();
        Ok(wire_iam::ListSAMLProvidersResponse { saml_provider_list: Some(list) })
    })
    .await
}
