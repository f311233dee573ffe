//! Users and roles that policies of resources name.

use crate::Error;

/// Which users and roles there are. Offered by IAM. It reads rows inline, so nothing here waits; it tells nobody's secrets,
/// so it takes no [`CallCx`](crate::CallCx).
pub trait Principals: Send + Sync {
    /// A number that changes whenever an answer below may have changed; an atomic load or a few.
    fn stamp(&self) -> u64;

    /// The unique id (`AIDA…`, `AROA…`) of the user or role that has this ARN now. One that is made again under the same
    /// name has another.
    fn unique_id(&self, arn: &str) -> Result<Option<String>, Error>;
}
