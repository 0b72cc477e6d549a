//! When evidence is judged, and what is known then.

use super::{
    encoding::Certificates,
    input::{Input, Unreadable},
};
use countersign_attestation::{
    android_key::{MAX_STATUS_LIST_BYTES, Roots, StatusList},
    path,
};
use countersign_core::{Clock, Timestamp};
use serde::Deserialize;
use std::{path::PathBuf, sync::Arc};

/// By which times evidence is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Times {
    pub(super) presented_at: Timestamp,
    pub(super) now: Timestamp,
}

/// What Google took back, and when that was known.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StatusListItem {
    as_of: Timestamp,
    /// The list, as a text.
    json: Option<String>,
    /// Where the list is, seen from beside this file.
    file: Option<PathBuf>,
}

impl Times {
    /// The clock's time stands in for a `now` that is not told, and `now` for a `presented_at`.
    pub(super) fn new(
        presented_at: Option<Timestamp>,
        now: Option<Timestamp>,
        clock: &dyn Clock,
    ) -> Self {
        let now = now.unwrap_or_else(|| clock.now());
        Self {
            presented_at: presented_at.unwrap_or(now),
            now,
        }
    }
}

impl StatusListItem {
    pub(super) fn read(&self, input: &Input) -> Result<Arc<StatusList>, Unreadable> {
        let most = MAX_STATUS_LIST_BYTES as u64;
        let (pointer, bytes) = match (&self.json, &self.file) {
            (Some(json), None) => ("/status_list/json", json.clone().into_bytes()),
            (None, Some(file)) => ("/status_list/file", input.read_named(file, most)?),
            _ => {
                let detail = "one of `json` and `file` is needed";
                return Err(Unreadable::at("/status_list", &detail));
            }
        };
        let list = StatusList::parse(&bytes, self.as_of);
        list.map(Arc::new)
            .map_err(|error| Unreadable::at(pointer, &error))
    }
}

/// Anchors that a file names.
pub(super) fn anchors(
    pointer: &str,
    Certificates(roots): &Certificates,
) -> Result<path::Anchors, Unreadable> {
    path::Anchors::new(roots).map_err(|error| Unreadable::at(pointer, &error))
}

/// Android's, of which only the keys count.
pub(super) fn android_roots(
    pointer: &str,
    Certificates(roots): &Certificates,
) -> Result<Roots, Unreadable> {
    let mut keys = roots.iter();
    keys.try_fold(Roots::none(), |all, root| all.with(root))
        .map_err(|error| Unreadable::at(pointer, &error))
}
