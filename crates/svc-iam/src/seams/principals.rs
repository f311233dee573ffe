//! What services ask that keep policies of resources.

use super::compiled::Stamp;
use crate::{Iam, ops};
use seams::{Error, Principals};

impl Principals for Iam {
    fn stamp(&self) -> u64 {
        Stamp::now(&self.store).sum()
    }

    fn unique_id(&self, arn: &str) -> Result<Option<String>, Error> {
        Ok(self.store.read(|view| ops::unique_id(view, arn))?)
    }
}
