//! What the operations on imported material share.

use crate::errors::{self, Error};
use crate::keys::{Key, hex};
use crate::model::import_token::ImportToken;
use crate::ops::creation::{self, events};
use crate::{Kms, crypto};
use store::Tx;

/// What an import token is sealed for.
const PURPOSE: &[u8] = b"import";

/// Refuses keys whose material is made here.
pub fn check_external(key: &Key) -> Result<(), Error> {
    match key.record.external {
        true => Ok(()),
        false => Err(errors::origin_not_valid(&key.arn())),
    }
}

/// The key as tokens name it. Not by its region: replicas have the same material.
pub fn place(key: &Key) -> String {
    format!("{}/{}", key.account, key.id)
}

/// Takes imported material away, and what was to happen to it; the caller writes the row.
pub fn forget(tx: &mut Tx<'_>, key: &mut Key, index: usize) -> Result<(), Error> {
    let Some(material) = key.record.materials.get_mut(index) else { return Ok(()) };
    material.sealed = None;
    if let Some(at_ms) = material.valid_to_ms.take() {
        let is_shared = key.record.materials.iter().any(|other| other.valid_to_ms == Some(at_ms));
        if !is_shared {
            creation::clear_timer(tx, key, at_ms, events::EXPIRATION)?;
        }
    }
    Ok(())
}

impl Kms {
    /// As the API shows a token.
    pub(super) fn seal_import_token(&self, token: &ImportToken) -> Vec<u8> {
        self.token_key.seal(&*self.entropy, PURPOSE, &token.bytes())
    }

    /// The token of the key, if it still counts.
    pub(super) fn open_import_token(&self, key: &Key, sealed: &[u8]) -> Result<ImportToken, Error> {
        let opened = self.token_key.open(PURPOSE, sealed).map(crypto::Secret::new);
        let token = opened.and_then(|bytes| ImportToken::parse(&bytes));
        let token = token.filter(|token| token.key == place(key));
        let token = token.ok_or_else(errors::invalid_import_token)?;
        match self.now_ms() < token.expires_ms {
            true => Ok(token),
            false => Err(errors::expired_import_token()),
        }
    }

    /// The id of imported material: the same for the same material of the same key. A private key may be written in
    /// several ways, so its public half stands for it.
    pub(super) fn imported_id(&self, key: &Key, material: &[u8]) -> Result<String, Error> {
        let public = match key.record.spec.is_asymmetric() {
            true => Some(
                crypto::public_key(key.record.spec, material)
                    .map_err(|_| errors::incorrect_key_material())?,
            ),
            false => None,
        };
        let what = public.as_deref().unwrap_or(material);
        Ok(hex(&self.naming_key.name(place(key).as_bytes(), what)))
    }
}
