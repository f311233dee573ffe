//! Documents that other people's web servers give out.

use base::BoxFut;
use std::fmt;

/// Fetches documents, such as the keys of an identity provider.
pub trait Web: Send + Sync {
    /// `GET url`; the answer's body, of at most `bytes_max` bytes. Redirections are not followed. `http` is spoken with
    /// this machine only. A server whose certificate no authority vouches for is trusted if its chain holds a certificate
    /// whose SHA-1 is one of `thumbprints`, in hexadecimal digits.
    fn get<'a>(
        &'a self,
        url: &'a str,
        thumbprints: &'a [String],
        bytes_max: usize,
    ) -> BoxFut<'a, Result<Vec<u8>, WebError>>;
}

/// Why a document could not be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebError {
    /// The server's certificate is not trusted.
    Untrusted,
    /// Anything else: no such host, no answer in time, another status than 200, too long.
    Failed(String),
}

impl fmt::Display for WebError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WebError::Untrusted => f.write_str("the server's certificate is not trusted"),
            WebError::Failed(why) => f.write_str(why),
        }
    }
}
