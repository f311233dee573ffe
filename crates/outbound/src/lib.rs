//! Requests that the cloud itself makes to other people's web servers: [`seams::Web`].
//!
//! # Invariants
//! - TLS everywhere but to this machine; the authorities are the operating system's.
//! - Time and size of an answer are bounded by [`limits`] and the caller; redirections are not followed, so that the URL
//!   that was asked for is the one that answers.
//! - What another server says of itself reaches nobody but the caller of [`seams::Web`].

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod limits;
mod thumbprints;

use base::{BoxFut, Clock};
use bytes::Bytes;
use futures_util::future::{Either, select};
use http::{Request, StatusCode, Uri, header};
use http_body_util::{BodyExt, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use seams::{Web, WebError};
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Fetches documents over the network of this machine.
pub struct Outbound {
    clock: Arc<dyn Clock>,
    /// Read when they are first needed: it takes milliseconds.
    authorities: OnceLock<Arc<RootCertStore>>,
    cryptography: Arc<CryptoProvider>,
}

impl Outbound {
    /// Connects to nobody yet.
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let cryptography = Arc::new(ring::default_provider());
        Outbound { clock, authorities: OnceLock::new(), cryptography }
    }

    fn authorities(&self) -> Arc<RootCertStore> {
        let read = || {
            let mut authorities = RootCertStore::empty();
            authorities.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            Arc::new(authorities)
        };
        self.authorities.get_or_init(read).clone()
    }

    fn tls(&self, thumbprints: &[String]) -> Result<TlsConnector, WebError> {
        let verifier =
            thumbprints::verifier(self.authorities(), thumbprints, self.cryptography.clone());
        let config = ClientConfig::builder_with_provider(self.cryptography.clone())
            .with_safe_default_protocol_versions()
            .map_err(failed)?
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth();
        Ok(TlsConnector::from(Arc::new(config)))
    }

    async fn fetch(
        &self,
        url: &str,
        thumbprints: &[String],
        bytes_max: usize,
    ) -> Result<Vec<u8>, WebError> {
        let uri: Uri = url.parse().map_err(failed)?;
        let host = uri.host().ok_or_else(|| failed("the URL names no host"))?;
        let is_secure = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(failed("the URL is neither https nor http")),
        };
        let port = uri.port_u16().unwrap_or(if is_secure { 443 } else { 80 });
        let bare = host.trim_start_matches('[').trim_end_matches(']');
        let stream = TcpStream::connect((bare, port)).await.map_err(failed)?;
        if !is_secure {
            if !stream.peer_addr().map_err(failed)?.ip().to_canonical().is_loopback() {
                return Err(failed("http is spoken with this machine only"));
            }
            return exchange(stream, &uri, bytes_max).await;
        }
        let name = ServerName::try_from(bare.to_string()).map_err(failed)?;
        let stream = self.tls(thumbprints)?.connect(name, stream).await.map_err(|error| {
            let is_certificate = error.get_ref().is_some_and(|cause| {
                use tokio_rustls::rustls::Error;
                matches!(cause.downcast_ref::<Error>(), Some(Error::InvalidCertificate(_)))
            });
            if is_certificate { WebError::Untrusted } else { failed(error) }
        })?;
        exchange(stream, &uri, bytes_max).await
    }
}

impl Web for Outbound {
    fn get<'a>(
        &'a self,
        url: &'a str,
        thumbprints: &'a [String],
        bytes_max: usize,
    ) -> BoxFut<'a, Result<Vec<u8>, WebError>> {
        Box::pin(async move {
            let fetched = pin!(self.fetch(url, thumbprints, bytes_max));
            let late = pin!(self.clock.sleep(limits::ANSWER_TIMEOUT));
            match select(fetched, late).await {
                Either::Left((fetched, _)) => fetched,
                Either::Right(_) => Err(failed("there was no answer in time")),
            }
        })
    }
}

/// One request on one connection.
async fn exchange<S>(stream: S, uri: &Uri, bytes_max: usize) -> Result<Vec<u8>, WebError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let authority = uri.authority().map_or("", |authority| authority.as_str());
    let request = Request::get(path)
        .header(header::HOST, authority)
        .header(header::ACCEPT, "application/json")
        .header(header::USER_AGENT, concat!("nuage/", env!("CARGO_PKG_VERSION")))
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(failed)?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let answer = async {
        let answer = sender.send_request(request).await.map_err(failed)?;
        if answer.status() != StatusCode::OK {
            return Err(failed(format!("the status is {}", answer.status())));
        }
        let body = Limited::new(answer.into_body(), bytes_max).collect().await;
        Ok(body.map_err(failed)?.to_bytes().to_vec())
    };
    // The connection works for as long as it is asked; its own error is the request's too.
    match select(pin!(answer), pin!(connection)).await {
        Either::Left((answer, _)) => answer,
        Either::Right((_, answer)) => answer.await,
    }
}

fn failed(why: impl std::fmt::Display) -> WebError {
    WebError::Failed(why.to_string())
}
