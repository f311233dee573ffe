//! Against servers on free ports of this machine. `certificate/` holds a certificate for `localhost` that nobody vouches for
//! and its key; both are of no use but here.

use base::SimClock;
use outbound::Outbound;
use seams::{Web, WebError};
use sha1::{Digest, Sha1};
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

const CERTIFICATE: &[u8] = include_bytes!("certificate/localhost.der");
const KEY: &[u8] = include_bytes!("certificate/localhost.key.der");

fn thumbprint() -> String {
    Sha1::digest(CERTIFICATE).iter().map(|byte| format!("{byte:02X}")).collect()
}

fn acceptor() -> TlsAcceptor {
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(KEY));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![CertificateDer::from(CERTIFICATE)], key)
        .unwrap();
    TlsAcceptor::from(Arc::new(config))
}

async fn answer<S: AsyncRead + AsyncWrite + Unpin>(mut stream: S, text: &str) {
    let mut head = Vec::new();
    let mut buffer = [0; 1_024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(count) if count > 0 => head.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
    let _ = stream.write_all(text.as_bytes()).await;
    let _ = stream.shutdown().await;
}

/// What a server that answers everything with `text` is asked for, and what comes of it.
async fn get(secure: bool, text: &str, thumbprints: &[String]) -> Result<Vec<u8>, WebError> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let outbound = Outbound::new(Arc::new(SimClock::new(base::Time::from_unix_s(1_700_000_000))));
    let scheme = if secure { "https" } else { "http" };
    let url = format!("{scheme}://localhost:{port}/keys");
    let serve = async {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            if !secure {
                answer(stream, text).await;
            } else if let Ok(stream) = acceptor().accept(stream).await {
                answer(stream, text).await;
            }
        }
    };
    tokio::select! {
        got = outbound.get(&url, thumbprints, 64) => got,
        () = serve => unreachable!("a server does not end"),
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

#[tokio::test]
async fn certificates_count_by_their_thumbprint() {
    assert_eq!(get(true, OK, &[]).await, Err(WebError::Untrusted));
    assert_eq!(get(true, OK, &["0".repeat(40)]).await, Err(WebError::Untrusted));
    assert_eq!(get(true, OK, &[thumbprint()]).await, Ok(b"{}".to_vec()));
    assert_eq!(get(true, OK, &[thumbprint().to_lowercase()]).await, Ok(b"{}".to_vec()));
}

#[tokio::test]
async fn only_whole_answers_count() {
    assert_eq!(get(false, OK, &[]).await, Ok(b"{}".to_vec()));
    let long = format!("HTTP/1.1 200 OK\r\ncontent-length: 65\r\n\r\n{}", "x".repeat(65));
    for bad in [
        "HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}",
        "HTTP/1.1 302 Found\r\nlocation: http://localhost/\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 20\r\n\r\n{}",
        "nonsense\r\n\r\n",
        "",
        &long,
    ] {
        assert!(matches!(get(false, bad, &[]).await, Err(WebError::Failed(_))), "{bad}");
    }
}

#[tokio::test]
async fn what_is_no_url() {
    let outbound = Outbound::new(Arc::new(SimClock::new(base::Time::from_unix_s(1_700_000_000))));
    for bad in
        ["", "nonsense", "ftp://localhost/", "https://", "/keys", "http://192.0.2.1.invalid/"]
    {
        assert!(matches!(outbound.get(bad, &[], 64).await, Err(WebError::Failed(_))), "{bad}");
    }
}
