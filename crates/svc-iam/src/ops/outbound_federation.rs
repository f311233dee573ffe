//! What operations on outbound federation share: tokens of this cloud's own, and who makes them.

use crate::Iam;
use crate::errors::Error;
use crate::tables::{ACCOUNTS, OutboundRecord};
use base::AccountId;
use store::View;

/// The account's setting, if it ever had one.
pub fn get(view: &View<'_>, account: AccountId) -> Result<Option<OutboundRecord>, Error> {
    Ok(view.get(&ACCOUNTS, &account)?.and_then(|row| row.outbound))
}

impl Iam {
    /// The issuer with this id, as clients on this machine reach it: names below `localhost` are its own.
    pub(crate) fn issuer_url(&self, id: &str) -> String {
        let port = self.endpoint_url.rsplit(':').next().unwrap_or_default();
        format!("http://{id}.tokens.sts.localhost:{port}")
    }
}
