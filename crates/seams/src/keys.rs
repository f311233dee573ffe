//! Encryption with keys of customers, as services do it on behalf of somebody. Offered by KMS.

use crate::{CallCx, Error};
use base::BoxFut;
use std::collections::BTreeMap;

/// Which key a service uses, and for what.
#[derive(Clone, Debug)]
pub struct KeyUse<'a> {
    /// The service that asks, by the name in its endpoints: `lambda`. Conditions see it as `kms:ViaService`.
    pub service: &'a str,
    /// Id, ARN or alias of a key of the customer; None for the account's AWS managed key `aws/<service>`.
    pub key_id: Option<&'a str>,
    /// What the ciphertext is bound to; who decrypts must say the same.
    pub context: BTreeMap<String, String>,
}

/// A key for data, as `GenerateDataKey` gives it.
#[derive(Clone)]
pub struct DataKey {
    /// For use now; 32 bytes.
    pub plaintext: [u8; 32],
    /// To be kept beside the data: [`Keys::decrypt`] gives the plaintext again.
    pub ciphertext: Vec<u8>,
}

/// Keys. The caller of the context must be allowed to use them: by the key's policy, by its own policies where the key's
/// delegates to them, or by a grant. Faults are those of KMS: `AccessDeniedException`, `NotFoundException`,
/// `DisabledException`, `KMSInvalidStateException`, `InvalidKeyUsageException`, `InvalidCiphertextException`.
pub trait Keys: Send + Sync {
    /// The ARN of the key, which is made if it is an AWS managed one that does not exist yet. Checks no permission.
    fn key_arn<'a>(
        &'a self,
        cx: &'a CallCx,
        key: &'a KeyUse<'a>,
    ) -> BoxFut<'a, Result<String, Error>>;

    /// `kms:Encrypt`: at most 4,096 bytes as one ciphertext that names its key.
    fn encrypt<'a>(
        &'a self,
        cx: &'a CallCx,
        key: &'a KeyUse<'a>,
        plaintext: &'a [u8],
    ) -> BoxFut<'a, Result<Vec<u8>, Error>>;

    /// `kms:Decrypt` with the key that the ciphertext names.
    fn decrypt<'a>(
        &'a self,
        cx: &'a CallCx,
        key: &'a KeyUse<'a>,
        ciphertext: &'a [u8],
    ) -> BoxFut<'a, Result<Vec<u8>, Error>>;

    /// `kms:GenerateDataKey`.
    fn generate_data_key<'a>(
        &'a self,
        cx: &'a CallCx,
        key: &'a KeyUse<'a>,
    ) -> BoxFut<'a, Result<DataKey, Error>>;

    /// `kms:CreateGrant`: lets `grantee`, the ARN of a user or role, decrypt with exactly this encryption context.
    /// Making it twice makes one.
    fn grant_decrypt<'a>(
        &'a self,
        cx: &'a CallCx,
        key: &'a KeyUse<'a>,
        grantee: &'a str,
    ) -> BoxFut<'a, Result<(), Error>>;
}
