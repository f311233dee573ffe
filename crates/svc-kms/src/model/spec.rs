//! What kinds of key there are, what each may be used for, and by which algorithms.
//! <https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html>

use serde::{Deserialize, Serialize};
use wire_kms::{
    EncryptionAlgorithmSpec, KeyAgreementAlgorithmSpec, KeySpec, KeyUsageType, MacAlgorithmSpec,
    SigningAlgorithmSpec,
};

/// `KeySpec`: the specs that are built. Stored by AWS's names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Spec {
    /// AES-256-GCM.
    #[serde(rename = "SYMMETRIC_DEFAULT")]
    Symmetric,
    /// RSA with a modulus of 2,048 bits.
    #[serde(rename = "RSA_2048")]
    Rsa2048,
    /// Of 3,072 bits.
    #[serde(rename = "RSA_3072")]
    Rsa3072,
    /// Of 4,096 bits.
    #[serde(rename = "RSA_4096")]
    Rsa4096,
    /// NIST P-256.
    #[serde(rename = "ECC_NIST_P256")]
    P256,
    /// NIST P-384.
    #[serde(rename = "ECC_NIST_P384")]
    P384,
    /// NIST P-521.
    #[serde(rename = "ECC_NIST_P521")]
    P521,
    /// secp256k1.
    #[serde(rename = "ECC_SECG_P256K1")]
    K256,
    /// Ed25519.
    #[serde(rename = "ECC_NIST_EDWARDS25519")]
    Ed25519,
    /// 28 bytes for HMAC-SHA-224.
    #[serde(rename = "HMAC_224")]
    Hmac224,
    /// 32 bytes for HMAC-SHA-256.
    #[serde(rename = "HMAC_256")]
    Hmac256,
    /// 48 bytes for HMAC-SHA-384.
    #[serde(rename = "HMAC_384")]
    Hmac384,
    /// 64 bytes for HMAC-SHA-512.
    #[serde(rename = "HMAC_512")]
    Hmac512,
}

impl Spec {
    /// None for specs that are not built: SM2 (regions of China) and ML-DSA.
    pub fn from_wire(spec: KeySpec) -> Option<Self> {
        Some(match spec {
            KeySpec::SymmetricDefault => Spec::Symmetric,
            KeySpec::Rsa2048 => Spec::Rsa2048,
            KeySpec::Rsa3072 => Spec::Rsa3072,
            KeySpec::Rsa4096 => Spec::Rsa4096,
            KeySpec::EccNistP256 => Spec::P256,
            KeySpec::EccNistP384 => Spec::P384,
            KeySpec::EccNistP521 => Spec::P521,
            KeySpec::EccSecgP256K1 => Spec::K256,
            KeySpec::EccNistEdwards25519 => Spec::Ed25519,
            KeySpec::Hmac224 => Spec::Hmac224,
            KeySpec::Hmac256 => Spec::Hmac256,
            KeySpec::Hmac384 => Spec::Hmac384,
            KeySpec::Hmac512 => Spec::Hmac512,
            KeySpec::Sm2 | KeySpec::MlDsa44 | KeySpec::MlDsa65 | KeySpec::MlDsa87 => return None,
        })
    }

    /// As the API shows it.
    pub fn wire(self) -> KeySpec {
        match self {
            Spec::Symmetric => KeySpec::SymmetricDefault,
            Spec::Rsa2048 => KeySpec::Rsa2048,
            Spec::Rsa3072 => KeySpec::Rsa3072,
            Spec::Rsa4096 => KeySpec::Rsa4096,
            Spec::P256 => KeySpec::EccNistP256,
            Spec::P384 => KeySpec::EccNistP384,
            Spec::P521 => KeySpec::EccNistP521,
            Spec::K256 => KeySpec::EccSecgP256K1,
            Spec::Ed25519 => KeySpec::EccNistEdwards25519,
            Spec::Hmac224 => KeySpec::Hmac224,
            Spec::Hmac256 => KeySpec::Hmac256,
            Spec::Hmac384 => KeySpec::Hmac384,
            Spec::Hmac512 => KeySpec::Hmac512,
        }
    }

    /// The bits of an RSA key's modulus.
    pub fn rsa_bits(self) -> Option<usize> {
        match self {
            Spec::Rsa2048 => Some(2048),
            Spec::Rsa3072 => Some(3072),
            Spec::Rsa4096 => Some(4096),
            _ => None,
        }
    }

    /// The bytes of a key that is nothing but bytes.
    pub fn secret_bytes(self) -> Option<usize> {
        match self {
            Spec::Symmetric | Spec::Hmac256 => Some(32),
            Spec::Hmac224 => Some(28),
            Spec::Hmac384 => Some(48),
            Spec::Hmac512 => Some(64),
            _ => None,
        }
    }

    /// Whether it has a public half.
    pub fn is_asymmetric(self) -> bool {
        self.secret_bytes().is_none()
    }

    /// What a key of this spec may be made for.
    pub fn allows(self, usage: Usage) -> bool {
        match self {
            Spec::Symmetric => usage == Usage::EncryptDecrypt,
            Spec::Rsa2048 | Spec::Rsa3072 | Spec::Rsa4096 => {
                matches!(usage, Usage::EncryptDecrypt | Usage::SignVerify)
            }
            Spec::P256 | Spec::P384 | Spec::P521 => {
                matches!(usage, Usage::SignVerify | Usage::KeyAgreement)
            }
            Spec::K256 | Spec::Ed25519 => usage == Usage::SignVerify,
            Spec::Hmac224 | Spec::Hmac256 | Spec::Hmac384 | Spec::Hmac512 => {
                usage == Usage::GenerateVerifyMac
            }
        }
    }

    /// The algorithms of `Encrypt` for a key of this spec.
    pub fn encryption_algorithms(self) -> &'static [EncryptionAlgorithmSpec] {
        use EncryptionAlgorithmSpec::{RsaesOaepSha1, RsaesOaepSha256, SymmetricDefault};
        match self {
            Spec::Symmetric => &[SymmetricDefault],
            spec if spec.rsa_bits().is_some() => &[RsaesOaepSha1, RsaesOaepSha256],
            _ => &[],
        }
    }

    /// The algorithms of `Sign`.
    pub fn signing_algorithms(self) -> &'static [SigningAlgorithmSpec] {
        use SigningAlgorithmSpec as A;
        match self {
            Spec::P256 | Spec::K256 => &[A::EcdsaSha256],
            Spec::P384 => &[A::EcdsaSha384],
            Spec::P521 => &[A::EcdsaSha512],
            Spec::Ed25519 => &[A::Ed25519Sha512, A::Ed25519PhSha512],
            spec if spec.rsa_bits().is_some() => &[
                A::RsassaPkcs1V1_5Sha256,
                A::RsassaPkcs1V1_5Sha384,
                A::RsassaPkcs1V1_5Sha512,
                A::RsassaPssSha256,
                A::RsassaPssSha384,
                A::RsassaPssSha512,
            ],
            _ => &[],
        }
    }

    /// The algorithms of `GenerateMac`.
    pub fn mac_algorithms(self) -> &'static [MacAlgorithmSpec] {
        match self {
            Spec::Hmac224 => &[MacAlgorithmSpec::HmacSha224],
            Spec::Hmac256 => &[MacAlgorithmSpec::HmacSha256],
            Spec::Hmac384 => &[MacAlgorithmSpec::HmacSha384],
            Spec::Hmac512 => &[MacAlgorithmSpec::HmacSha512],
            _ => &[],
        }
    }

    /// The algorithms of `DeriveSharedSecret`.
    pub fn key_agreement_algorithms(self) -> &'static [KeyAgreementAlgorithmSpec] {
        match self {
            Spec::P256 | Spec::P384 | Spec::P521 => &[KeyAgreementAlgorithmSpec::Ecdh],
            _ => &[],
        }
    }
}

/// `KeyUsage`. Stored by AWS's names.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub enum Usage {
    /// Encrypt and decrypt.
    #[serde(rename = "ENCRYPT_DECRYPT")]
    EncryptDecrypt,
    /// Sign and verify.
    #[serde(rename = "SIGN_VERIFY")]
    SignVerify,
    /// Generate and verify message authentication codes.
    #[serde(rename = "GENERATE_VERIFY_MAC")]
    GenerateVerifyMac,
    /// Derive shared secrets.
    #[serde(rename = "KEY_AGREEMENT")]
    KeyAgreement,
}

impl Usage {
    /// From the API.
    pub fn from_wire(usage: KeyUsageType) -> Self {
        match usage {
            KeyUsageType::EncryptDecrypt => Usage::EncryptDecrypt,
            KeyUsageType::SignVerify => Usage::SignVerify,
            KeyUsageType::GenerateVerifyMac => Usage::GenerateVerifyMac,
            KeyUsageType::KeyAgreement => Usage::KeyAgreement,
        }
    }

    /// As the API shows it.
    pub fn wire(self) -> KeyUsageType {
        match self {
            Usage::EncryptDecrypt => KeyUsageType::EncryptDecrypt,
            Usage::SignVerify => KeyUsageType::SignVerify,
            Usage::GenerateVerifyMac => KeyUsageType::GenerateVerifyMac,
            Usage::KeyAgreement => KeyUsageType::KeyAgreement,
        }
    }
}
