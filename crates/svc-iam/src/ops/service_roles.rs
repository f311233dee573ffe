//! What operations on the roles of services share.

use crate::model::service_linked_roles;

/// The name of a service's role: what is known of it, and a suffix. `*` for a service that is not known.
pub fn name(service: &str, suffix: Option<&str>) -> String {
    let known = service_linked_roles::find(service).map_or_else(|| "*".to_string(), |r| r.name);
    match suffix {
        Some(suffix) => format!("{known}_{suffix}"),
        None => known,
    }
}
