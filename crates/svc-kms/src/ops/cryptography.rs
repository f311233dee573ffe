//! What the cryptographic operations share.

use crate::errors::{self, Error};
use crate::keys::Key;
use crate::model::ciphertext;
use crate::model::spec::{Spec, Usage};
use crate::{Kms, crypto};
use sha2::{Digest, Sha256, Sha384, Sha512};
use std::collections::BTreeMap;
use wire::Bytes;
use wire_kms::{EncryptionAlgorithmSpec, MessageType, RecipientInfo, SigningAlgorithmSpec};

/// The end of a request that only asked whether it would succeed.
pub fn check_dry_run(dry_run: Option<bool>) -> Result<(), Error> {
    match dry_run {
        Some(true) => Err(errors::dry_run()),
        _ => Ok(()),
    }
}

/// Nitro enclaves are not built.
pub fn check_recipient(recipient: Option<&RecipientInfo>) -> Result<(), Error> {
    match recipient {
        Some(_) => Err(errors::not_built("Recipient")),
        None => Ok(()),
    }
}

/// Whether the key can encrypt and decrypt by `algorithm`.
pub fn check_encryption(
    key: &Key,
    algorithm: EncryptionAlgorithmSpec,
    context: &BTreeMap<String, String>,
    operation: &str,
) -> Result<(), Error> {
    key.check_usable()?;
    key.check_usage(Usage::EncryptDecrypt, operation)?;
    let spec = key.record.spec;
    if !spec.encryption_algorithms().contains(&algorithm) {
        return Err(errors::algorithm_incompatible(algorithm.as_str(), spec.wire().as_str()));
    }
    if spec != Spec::Symmetric && !context.is_empty() {
        return Err(errors::context_not_supported());
    }
    Ok(())
}

/// Whether the key makes data keys.
pub fn check_data_keys(key: &Key, operation: &str) -> Result<(), Error> {
    key.check_usable()?;
    key.check_usage(Usage::EncryptDecrypt, operation)?;
    if key.record.spec != Spec::Symmetric {
        let spec = key.record.spec.wire();
        return Err(errors::usage_not_valid(&key.arn(), spec.as_str(), operation));
    }
    Ok(())
}

/// `plaintext` under the key, which was checked.
pub fn encrypt(
    kms: &Kms,
    key: &Key,
    algorithm: EncryptionAlgorithmSpec,
    context: &BTreeMap<String, String>,
    plaintext: &[u8],
) -> Result<Bytes, Error> {
    let spec = key.record.spec;
    let Some(bits) = spec.rsa_bits() else {
        return Ok(kms.encrypt_symmetric(key, context, plaintext)?.into());
    };
    let bytes_max = crypto::rsa_keys::plaintext_bytes_max(bits, algorithm);
    if plaintext.len() > bytes_max {
        let (algorithm, spec) = (algorithm.as_str(), spec.wire());
        return Err(errors::plaintext_too_long(algorithm, spec.as_str(), bytes_max));
    }
    let public = key.public_key()?;
    let encrypted = crypto::rsa_keys::encrypt(&public, algorithm, plaintext, &*kms.entropy);
    Ok(encrypted.map_err(|_| errors::broken("an RSA key that does not encrypt"))?.into())
}

/// The plaintext of a ciphertext of the key, which was checked, and the id of the material.
pub fn decrypt(
    kms: &Kms,
    key: &Key,
    algorithm: EncryptionAlgorithmSpec,
    context: &BTreeMap<String, String>,
    blob: &[u8],
) -> Result<(crypto::Secret, Option<String>), Error> {
    if key.record.spec != Spec::Symmetric {
        let secret = kms.secret(key)?;
        let plaintext = crypto::rsa_keys::decrypt(&secret, algorithm, blob, &*kms.entropy);
        return Ok((plaintext.map_err(|_| errors::invalid_ciphertext())?, None));
    }
    let parsed = ciphertext::Ciphertext::parse(blob).ok_or_else(errors::invalid_ciphertext)?;
    let (plaintext, material) = kms.decrypt_symmetric(key, context, &parsed)?;
    Ok((plaintext, Some(material)))
}

/// What is to be signed: the message itself for Ed25519, otherwise its digest.
pub fn to_be_signed(
    algorithm: SigningAlgorithmSpec,
    message_type: Option<MessageType>,
    message: &[u8],
) -> Result<Vec<u8>, Error> {
    use SigningAlgorithmSpec as A;
    let message_type = message_type.unwrap_or(MessageType::Raw);
    let is_digest = match message_type {
        MessageType::Raw => false,
        MessageType::Digest => true,
        MessageType::ExternalMu => {
            return Err(errors::message_type(algorithm.as_str(), message_type.as_str()));
        }
    };
    // Ed25519 signs messages, Ed25519ph digests.
    if (algorithm == A::Ed25519Sha512 && is_digest)
        || (algorithm == A::Ed25519PhSha512 && !is_digest)
    {
        return Err(errors::message_type(algorithm.as_str(), message_type.as_str()));
    }
    let digest_bytes = match algorithm {
        A::RsassaPssSha256 | A::RsassaPkcs1V1_5Sha256 | A::EcdsaSha256 => 32,
        A::RsassaPssSha384 | A::RsassaPkcs1V1_5Sha384 | A::EcdsaSha384 => 48,
        _ => 64,
    };
    if is_digest {
        return match message.len() == digest_bytes {
            true => Ok(message.to_vec()),
            false => Err(errors::digest_length(algorithm.as_str())),
        };
    }
    Ok(match (algorithm, digest_bytes) {
        (A::Ed25519Sha512, _) => message.to_vec(),
        (_, 32) => Sha256::digest(message).to_vec(),
        (_, 48) => Sha384::digest(message).to_vec(),
        _ => Sha512::digest(message).to_vec(),
    })
}

/// Whether the key can sign by `algorithm`.
pub fn check_signing(
    key: &Key,
    algorithm: SigningAlgorithmSpec,
    operation: &str,
) -> Result<(), Error> {
    key.check_usable()?;
    key.check_usage(Usage::SignVerify, operation)?;
    let spec = key.record.spec;
    match spec.signing_algorithms().contains(&algorithm) {
        true => Ok(()),
        false => Err(errors::algorithm_incompatible(algorithm.as_str(), spec.wire().as_str())),
    }
}
