//! What operations on server certificates share.

use crate::errors::{self, Error};
use crate::model::certificate;
use crate::tables::{Named, ServerCertificateRecord, time};
use base::AccountId;
use base::Time;

/// As AWS's shape.
pub fn shape(
    account: AccountId,
    row: &ServerCertificateRecord,
) -> wire_iam::ServerCertificateMetadata {
    wire_iam::ServerCertificateMetadata {
        path: row.path.clone(),
        server_certificate_name: row.name.clone(),
        server_certificate_id: row.id.clone(),
        arn: row.arn(account),
        upload_date: Some(time(row.uploaded_ms).into()),
        expiration: Some(Time::from_unix_s(row.expires_s).into()),
    }
}

/// Refuses what is not one certificate, its private key and, if there is one, its chain; answers when the certificate
/// expires, in seconds since the epoch.
pub fn check(body: &str, private_key: &str, chain: Option<&str>) -> Result<u64, Error> {
    let leaf = certificate::parse(body).unwrap_or_default();
    let [leaf] = &leaf[..] else { return Err(errors::bad_certificate()) };
    let key = certificate::private_key(private_key).map_err(|error| match error {
        certificate::KeyError::Encrypted => errors::encrypted_private_key(),
        certificate::KeyError::Malformed => errors::bad_private_key(),
    })?;
    if !leaf.belongs_to(&key) {
        return Err(errors::key_of_another_certificate());
    }
    if let Some(chain) = chain {
        let chain = certificate::parse(chain).ok_or_else(errors::bad_certificate)?;
        if let Some(index) = certificate::broken_link(leaf, &chain) {
            return Err(errors::broken_chain(index));
        }
    }
    Ok(leaf.expires_s)
}
