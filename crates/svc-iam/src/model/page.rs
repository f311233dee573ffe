//! Pages: `Marker`, `MaxItems`, `IsTruncated`.

use crate::errors::{self, Error};
use crate::limits;
use crate::tables::{NameKey, Named};
use base::AccountId;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use store::{Prefix, View};

/// What a request says of the page that it wants.
pub struct PageRequest {
    /// The sort key after which the page begins.
    after: Option<String>,
    /// 1 to 1,000.
    items: usize,
}

/// A page, and where the next one begins.
pub struct Page<T> {
    /// In the order of their sort keys.
    pub items: Vec<T>,
    /// Whether there are more.
    pub is_truncated: Option<bool>,
    /// Opaque to the caller.
    pub marker: Option<String>,
}

impl PageRequest {
    /// `max_items` has been checked against the model.
    pub fn parse(marker: Option<&str>, max_items: Option<i32>) -> Result<Self, Error> {
        let after = match marker {
            None => None,
            Some(marker) => {
                let bytes = URL_SAFE_NO_PAD.decode(marker).map_err(|_| errors::invalid_marker())?;
                Some(String::from_utf8(bytes).map_err(|_| errors::invalid_marker())?)
            }
        };
        let items = max_items.and_then(|items| usize::try_from(items).ok());
        let items = items.unwrap_or(limits::PAGE_ITEMS).clamp(1, limits::PAGE_ITEMS_MAX);
        Ok(PageRequest { after, items })
    }

    /// A page of `all`, which is sorted by `key`.
    pub fn of<T>(&self, all: impl IntoIterator<Item = T>, key: impl Fn(&T) -> String) -> Page<T> {
        let is_next = |item: &T| self.after.as_ref().is_none_or(|after| key(item) > *after);
        let mut items: Vec<T> = Vec::new();
        for item in all.into_iter().filter(is_next) {
            if items.len() == self.items {
                return self.page(items, key);
            }
            items.push(item);
        }
        Page { items, is_truncated: Some(false), marker: None }
    }

    /// A page of the rows of `account` that `wanted` accepts.
    pub fn of_rows<R: Named>(
        &self,
        view: &View<'_>,
        account: AccountId,
        wanted: impl Fn(&R) -> bool,
    ) -> Result<Page<R>, Error> {
        let mut items = Vec::new();
        let mut after: Option<NameKey> = self.after.clone().map(|name| (account, name));
        loop {
            let range = Prefix::of((account,));
            let range = match &after {
                Some(after) => range.after(after),
                None => range,
            };
            let rows = view.scan(R::table(), range, limits::PAGE_ITEMS_MAX)?;
            let is_last = rows.len() < limits::PAGE_ITEMS_MAX;
            after = rows.last().map(|(key, _)| key.clone());
            for (_, row) in rows {
                if !wanted(&row) {
                    continue;
                }
                if items.len() == self.items {
                    return Ok(self.page(items, |row: &R| row.name().to_ascii_lowercase()));
                }
                items.push(row);
            }
            if is_last {
                return Ok(Page { items, is_truncated: Some(false), marker: None });
            }
        }
    }

    /// A full page that is followed by another.
    fn page<T>(&self, items: Vec<T>, key: impl Fn(&T) -> String) -> Page<T> {
        let marker = items.last().map(|last| URL_SAFE_NO_PAD.encode(key(last)));
        Page { items, is_truncated: Some(true), marker }
    }
}

impl<T> Page<T> {
    /// The same page with other items.
    pub fn map<U>(self, f: impl FnMut(T) -> U) -> Page<U> {
        let items = self.items.into_iter().map(f).collect();
        Page { items, is_truncated: self.is_truncated, marker: self.marker }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_each_other() {
        let all = ["a", "b", "c"];
        let page = |marker: Option<&str>| {
            let request = PageRequest::parse(marker, Some(2)).unwrap();
            request.of(all, |item| item.to_string())
        };
        let first = page(None);
        assert_eq!((&*first.items, first.is_truncated), (&["a", "b"][..], Some(true)));
        let second = page(first.marker.as_deref());
        assert_eq!((&*second.items, second.is_truncated), (&["c"][..], Some(false)));
        assert_eq!(second.marker, None);
        assert!(PageRequest::parse(Some("ü"), None).is_err());
    }
}
