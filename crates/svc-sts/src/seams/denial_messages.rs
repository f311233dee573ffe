//! What services write about denials.

use crate::Sts;
use base::AccountId;
use seams::DenialMessages;

impl DenialMessages for Sts {
    fn seal(&self, account: AccountId, text: &str) -> String {
        self.messages.seal(text, account, &*self.entropy)
    }
}
