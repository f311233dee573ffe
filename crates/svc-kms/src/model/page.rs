//! Pages: `Marker`, `Limit`, `NextMarker`, `Truncated`.

use crate::errors::{self, Error};
use crate::limits;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What a request says of the page that it wants.
pub struct PageRequest {
    after: Option<String>,
    items: usize,
}

/// A page, and where the next one begins.
pub struct Page<T> {
    /// In the order of their sort keys.
    pub items: Vec<T>,
    /// Whether there are more.
    pub truncated: Option<bool>,
    /// Opaque to the caller.
    pub next_marker: Option<String>,
}

impl PageRequest {
    /// `limit` has been checked against the model; `items` is what stands for it if it is absent.
    pub fn parse(marker: Option<&str>, limit: Option<i32>, items: usize) -> Result<Self, Error> {
        let decode = |marker: &str| {
            let bytes = URL_SAFE_NO_PAD.decode(marker).map_err(|_| errors::invalid_marker())?;
            String::from_utf8(bytes).map_err(|_| errors::invalid_marker())
        };
        let after = marker.map(decode).transpose()?;
        let items = limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(items);
        Ok(PageRequest { after, items: items.clamp(1, limits::PAGE_ITEMS_MAX) })
    }

    /// Behind which sort key the page begins.
    pub fn after(&self) -> Option<&str> {
        self.after.as_deref()
    }

    /// How many items to look at, so that it is known whether there are more than fit.
    pub fn fetch(&self) -> usize {
        self.items + 1
    }

    /// A page of `all`, which is sorted by `key`.
    pub fn of<T>(&self, all: impl IntoIterator<Item = T>, key: impl Fn(&T) -> String) -> Page<T> {
        let is_next = |item: &T| self.after.as_ref().is_none_or(|after| key(item) > *after);
        let mut items: Vec<T> = Vec::new();
        for item in all.into_iter().filter(is_next) {
            if items.len() == self.items {
                let marker = items.last().map(|last| URL_SAFE_NO_PAD.encode(key(last)));
                return Page { items, truncated: Some(true), next_marker: marker };
            }
            items.push(item);
        }
        Page { items, truncated: Some(false), next_marker: None }
    }
}
