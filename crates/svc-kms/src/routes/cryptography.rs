//! Cryptography.

use super::{algorithm, decrypting, message_type};
use crate::access::Wish;
use crate::{Kms, ops};
use rt::{Access, Routes};
use std::sync::Arc;
use wire_kms::GrantOperation as G;
use wire_kms::ops as w;

pub fn encryption(routes: Routes, kms: &Arc<Kms>) -> Routes {
    routes
        .on(
            w::Encrypt,
            kms,
            |kms, cx, input| {
                let algorithm = algorithm(input.encryption_algorithm);
                let wish = Wish::of("kms:Encrypt", G::Encrypt)
                    .tokens(&input.grant_tokens)
                    .context(&input.encryption_context)
                    .with("kms:EncryptionAlgorithm", algorithm);
                kms.on_key(cx, &input.key_id, wish)
            },
            ops::encrypt::encrypt,
        )
        .on(w::Decrypt, kms, decrypting::decrypt, ops::decrypt::decrypt)
        .on(w::ReEncrypt, kms, decrypting::re_encrypt, ops::re_encrypt::re_encrypt)
        .on(
            w::GenerateDataKey,
            kms,
            |kms, cx, input| {
                let wish = Wish::of("kms:GenerateDataKey", G::GenerateDataKey)
                    .tokens(&input.grant_tokens)
                    .context(&input.encryption_context);
                kms.on_key(cx, &input.key_id, wish)
            },
            ops::generate_data_key::generate_data_key,
        )
        .on(
            w::GenerateDataKeyWithoutPlaintext,
            kms,
            |kms, cx, input| {
                let wish = Wish::of(
                    "kms:GenerateDataKeyWithoutPlaintext",
                    G::GenerateDataKeyWithoutPlaintext,
                )
                .tokens(&input.grant_tokens)
                .context(&input.encryption_context);
                kms.on_key(cx, &input.key_id, wish)
            },
            ops::generate_data_key_without_plaintext::generate_data_key_without_plaintext,
        )
        .on(
            w::GenerateDataKeyPair,
            kms,
            |kms, cx, input| {
                let wish = Wish::of("kms:GenerateDataKeyPair", G::GenerateDataKeyPair)
                    .tokens(&input.grant_tokens)
                    .context(&input.encryption_context)
                    .with("kms:DataKeyPairSpec", input.key_pair_spec.as_str());
                kms.on_key(cx, &input.key_id, wish)
            },
            ops::generate_data_key_pair::generate_data_key_pair,
        )
        .on(
            w::GenerateDataKeyPairWithoutPlaintext,
            kms,
            |kms, cx, input| {
                let wish = Wish::of(
                    "kms:GenerateDataKeyPairWithoutPlaintext",
                    G::GenerateDataKeyPairWithoutPlaintext,
                )
                .tokens(&input.grant_tokens)
                .context(&input.encryption_context)
                .with("kms:DataKeyPairSpec", input.key_pair_spec.as_str());
                kms.on_key(cx, &input.key_id, wish)
            },
            ops::generate_data_key_pair_without_plaintext::generate_data_key_pair_without_plaintext,
        )
        .on(
            w::GenerateRandom,
            kms,
            |_, _, _| Ok(Access::to_any("kms:GenerateRandom")),
            ops::generate_random::generate_random,
        )
}

pub fn signing(routes: Routes, kms: &Arc<Kms>) -> Routes {
    routes
        .on(
            w::Sign,
            kms,
            |kms, cx, input| {
                let wish = Wish::of("kms:Sign", G::Sign)
                    .tokens(&input.grant_tokens)
                    .with("kms:SigningAlgorithm", input.signing_algorithm.as_str())
                    .with("kms:MessageType", message_type(input.message_type));
                kms.on_key(cx, &input.key_id, wish)
            },
            ops::sign::sign,
        )
        .on(
            w::Verify,
            kms,
            |kms, cx, input| {
                let wish = Wish::of("kms:Verify", G::Verify)
                    .tokens(&input.grant_tokens)
                    .with("kms:SigningAlgorithm", input.signing_algorithm.as_str())
                    .with("kms:MessageType", message_type(input.message_type));
                kms.on_key(cx, &input.key_id, wish)
            },
            ops::verify::verify,
        )
        .on(
            w::GetPublicKey,
            kms,
            |kms, cx, input| {
                let wish =
                    Wish::of("kms:GetPublicKey", G::GetPublicKey).tokens(&input.grant_tokens);
                kms.on_key(cx, &input.key_id, wish)
            },
            ops::get_public_key::get_public_key,
        )
        .on(
            w::GenerateMac,
            kms,
            |kms, cx, input| {
                let wish = Wish::of("kms:GenerateMac", G::GenerateMac)
                    .tokens(&input.grant_tokens)
                    .with("kms:MacAlgorithm", input.mac_algorithm.as_str());
                kms.on_key(cx, &input.key_id, wish)
            },
            ops::generate_mac::generate_mac,
        )
        .on(
            w::VerifyMac,
            kms,
            |kms, cx, input| {
                let wish = Wish::of("kms:VerifyMac", G::VerifyMac)
                    .tokens(&input.grant_tokens)
                    .with("kms:MacAlgorithm", input.mac_algorithm.as_str());
                kms.on_key(cx, &input.key_id, wish)
            },
            ops::verify_mac::verify_mac,
        )
        .on(
            w::DeriveSharedSecret,
            kms,
            |kms, cx, input| {
                let wish = Wish::of("kms:DeriveSharedSecret", G::DeriveSharedSecret)
                    .tokens(&input.grant_tokens)
                    .with("kms:KeyAgreementAlgorithm", input.key_agreement_algorithm.as_str());
                kms.on_key(cx, &input.key_id, wish)
            },
            ops::derive_shared_secret::derive_shared_secret,
        )
}
