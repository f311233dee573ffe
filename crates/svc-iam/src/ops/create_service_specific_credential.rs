//! `CreateServiceSpecificCredential`: make a name and a password for one service. The password is shown here only.

use crate::Iam;
use crate::errors;
use crate::limits;
use crate::model::id;
use crate::ops::credentials;
use crate::tables::ServiceCredentialRecord;
use seams::CallCx;
use std::sync::Arc;

/// See the module.
pub async fn create_service_specific_credential(
    iam: Arc<Iam>,
    cx: Arc<CallCx>,
    input: wire_iam::CreateServiceSpecificCredentialRequest,
) -> Result<wire_iam::CreateServiceSpecificCredentialResponse, wire::Error> {
    let account = cx.account;
    if input.credential_age_days.is_some() {
        return Err(credentials::keys_not_built());
    }
    let mut row = ServiceCredentialRecord {
        id: id::unique(&*iam.entropy, id::SERVICE_CREDENTIAL),
        service: input.service_name,
        name: String::new(),
        active: true,
        created_ms: iam.now().unix_ms(),
    };
    let password = id::service_password(&*iam.entropy);
    let name = input.user_name;
    let shape = iam
        .write(move |tx| {
            let (user, mut credentials) = credentials::load(tx, account, &name)?;
            credentials::check_service(&row.service)?;
            let known = &mut credentials.service_credentials;
            let same = known.iter().filter(|known| known.service == row.service);
            let names: Vec<&String> = same.map(|known| &known.name).collect();
            let max = limits::CREDENTIALS_PER_SERVICE;
            if names.len() >= max {
                return Err(errors::quota("ServiceSpecificCredentialsPerUser", max));
            }
            // A second one for the same service is told apart by a number.
            let first = format!("{}-at-{account}", user.name);
            let second = format!("{}+1-at-{account}", user.name);
            row.name = if names.contains(&&first) { second } else { first };
            known.push(row.clone());
            credentials::save(tx, account, &user.name, &credentials)?;
            Ok(credentials::service_credential(&user.name, &row))
        })
        .await?;
    let shape = wire_iam::ServiceSpecificCredential { service_password: Some(password), ..shape };
    Ok(wire_iam::CreateServiceSpecificCredentialResponse {
        service_specific_credential: Some(shape),
    })
}
