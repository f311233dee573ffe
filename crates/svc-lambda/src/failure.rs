//! What transactions fail with.

use wire::Internal as _;

/// A fault for the caller, or the store's own failure.
///
/// Transactions need an error that both turn into, and neither of the two crates knows the other.
#[derive(Debug)]
pub struct Failure(wire::Error);

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        match Err::<(), _>(error).internal("reading or writing rows") {
            Err(error) => Failure(error),
            Ok(()) => unreachable!("made from an error"),
        }
    }
}

impl From<wire::Error> for Failure {
    fn from(error: wire::Error) -> Self {
        Failure(error)
    }
}

impl From<Failure> for wire::Error {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}
