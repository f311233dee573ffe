//! Trust in a server's certificate: by the authorities of the operating system, else by thumbprints.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc_verify-thumbprint.html>

use crate::limits;
use sha1::{Digest, Sha1};
use std::sync::Arc;
use tokio_rustls::rustls::client::danger::{
    HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier,
};
use tokio_rustls::rustls::client::{WebPkiServerVerifier, verify_server_name};
use tokio_rustls::rustls::crypto::{
    CryptoProvider, verify_tls12_signature, verify_tls13_signature,
};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{
    CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
};

/// See the module.
#[derive(Debug)]
pub(crate) struct Verifier {
    authorities: Arc<RootCertStore>,
    /// In lower case.
    thumbprints: Vec<String>,
    cryptography: Arc<CryptoProvider>,
}

pub(crate) fn verifier(
    authorities: Arc<RootCertStore>,
    thumbprints: &[String],
    cryptography: Arc<CryptoProvider>,
) -> Verifier {
    let thumbprints = thumbprints.iter().map(|text| text.to_ascii_lowercase()).collect();
    Verifier { authorities, thumbprints, cryptography }
}

impl Verifier {
    fn is_named(&self, certificate: &CertificateDer<'_>) -> bool {
        let digest = Sha1::digest(certificate);
        let text: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        self.thumbprints.contains(&text)
    }

    fn verify_by(
        &self,
        roots: Arc<RootCertStore>,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        if roots.is_empty() {
            return Err(CertificateError::UnknownIssuer.into());
        }
        WebPkiServerVerifier::builder_with_provider(roots, self.cryptography.clone())
            .build()
            .map_err(|error| Error::General(error.to_string()))?
            .verify_server_cert(leaf, others, name, &[], now)
    }
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        leaf: &CertificateDer<'_>,
        others: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        _: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let refusal = match self.verify_by(self.authorities.clone(), leaf, others, name, now) {
            Ok(verified) => return Ok(verified),
            Err(refusal) => refusal,
        };
        let chain = std::iter::once(leaf).chain(others).take(limits::CHAIN_MAX);
        let Some(named) = chain.into_iter().find(|certificate| self.is_named(certificate)) else {
            return Err(refusal);
        };
        // The certificate that was named is the authority now; if it is the server's own, nothing stands below it.
        if named == leaf {
            verify_server_name(&ParsedCertificate::try_from(leaf)?, name)?;
            return Ok(ServerCertVerified::assertion());
        }
        let mut roots = RootCertStore::empty();
        roots.add(named.clone().into_owned())?;
        self.verify_by(Arc::new(roots), leaf, others, name, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.cryptography.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.cryptography.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.cryptography.signature_verification_algorithms.supported_schemes()
    }
}
