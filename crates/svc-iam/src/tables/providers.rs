//! Identity providers and server certificates.

use super::{NameKey, Tags};
use base::AccountId;
use serde::{Deserialize, Serialize};
use store::table;

table! {
    /// One row per OpenID Connect provider, by its URL without `https://`. Bound: 100 per account.
    pub OIDC_PROVIDERS: (AccountId, String) => OidcProviderRecord, name = "iam.oidc_providers", version = 1;
    /// One row per SAML provider, by its name. Bound: 100 per account.
    pub SAML_PROVIDERS: (AccountId, String) => SamlProviderRecord, name = "iam.saml_providers", version = 1;
    /// One row per server certificate. Bound: 20 per account.
    pub SERVER_CERTIFICATES: NameKey => ServerCertificateRecord, name = "iam.server_certificates", version = 1;
}

/// An OpenID Connect provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OidcProviderRecord {
    /// Without `https://`.
    pub url: String,
    /// Audiences. Bound: 100.
    pub client_ids: Vec<String>,
    /// SHA-1 digests of certificates, 40 hexadecimal digits each. Bound: 5.
    pub thumbprints: Vec<String>,
    /// When it was made, in milliseconds since the epoch.
    pub created_ms: u64,
    /// Its tags.
    pub tags: Tags,
}

/// A SAML provider.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SamlProviderRecord {
    /// As it was written.
    pub name: String,
    /// Its unique id.
    pub uuid: String,
    /// The metadata as it was written.
    pub metadata: String,
    /// Until when it is valid, in seconds since the epoch.
    pub valid_until_s: u64,
    /// When it was made, in milliseconds since the epoch.
    pub created_ms: u64,
    /// Whether assertions must be encrypted; none if nothing was said.
    pub encryption_required: Option<bool>,
    /// Keys with which assertions are decrypted. Bound: 2.
    pub private_keys: Vec<SamlPrivateKeyRecord>,
    /// Its tags.
    pub tags: Tags,
}

/// A key with which a SAML provider's assertions are decrypted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SamlPrivateKeyRecord {
    /// Its unique id.
    pub id: String,
    /// When it was added, in milliseconds since the epoch.
    pub added_ms: u64,
    /// The key in PEM, sealed under the cloud's root key for its id, in base64.
    pub sealed: String,
}

/// A certificate with its private key, for the listeners of load balancers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ServerCertificateRecord {
    /// As it was written.
    pub name: String,
    /// Begins and ends with a slash.
    pub path: String,
    /// `ASCA…`.
    pub id: String,
    /// As it was uploaded: PEM.
    pub body: String,
    /// As it was uploaded: PEM.
    pub chain: Option<String>,
    /// The key in PEM, sealed under the cloud's root key for the certificate's id, in base64.
    pub sealed_private_key: String,
    /// When it was uploaded, in milliseconds since the epoch.
    pub uploaded_ms: u64,
    /// When it expires, in seconds since the epoch.
    pub expires_s: u64,
    /// Its tags.
    pub tags: Tags,
}
