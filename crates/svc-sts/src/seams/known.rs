//! Credentials that were looked up before.

use crate::limits;
use base::Time;
use parking_lot::RwLock;
use seams::Credential;
use std::collections::HashMap;
use std::sync::Arc;

/// Credentials by access key id, for as long as nothing has changed in IAM.
#[derive(Default)]
pub struct Known(RwLock<HashMap<String, Entry>>);

struct Entry {
    generation: u64,
    /// None for long-term keys.
    token: Option<String>,
    expires_at: Option<Time>,
    credential: Arc<Credential>,
}

impl Known {
    /// The credential, if it was looked up with the same token at the same generation and has not expired.
    pub fn get(
        &self,
        access_key_id: &str,
        token: Option<&str>,
        generation: u64,
        now: Time,
    ) -> Option<Arc<Credential>> {
        let entries = self.0.read();
        let entry = entries.get(access_key_id)?;
        let is_same = entry.generation == generation && entry.token.as_deref() == token;
        let is_valid = entry.expires_at.is_none_or(|expires_at| now < expires_at);
        (is_same && is_valid).then(|| Arc::clone(&entry.credential))
    }

    /// Keeps a credential.
    pub fn put(
        &self,
        access_key_id: &str,
        token: Option<&str>,
        generation: u64,
        credential: &Arc<Credential>,
    ) {
        let mut entries = self.0.write();
        if entries.len() >= limits::KNOWN_CREDENTIALS_MAX {
            entries.clear();
        }
        let entry = Entry {
            generation,
            token: token.map(str::to_string),
            expires_at: credential.caller.session.as_ref().map(|session| session.expires_at),
            credential: Arc::clone(credential),
        };
        entries.insert(access_key_id.to_string(), entry);
    }

    /// Forgets all.
    pub fn clear(&self) {
        self.0.write().clear();
    }
}
