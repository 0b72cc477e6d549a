//! Pages: by cursor for users, by offset with totals for admins.

use crate::schema;
use serde::{Deserialize, Serialize};

/// The page size when none is asked for.
pub const DEFAULT_LIMIT: u32 = 20;
/// The largest page; a larger limit is lowered to it (AIP-158).
pub const MAX_LIMIT: u32 = 100;

/// One page of a list that is read on by its cursor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CursorPage<T> {
    /// The entries; may be fewer than asked for, even none, before the end.
    pub data: Vec<T>,
    /// Where the next page begins; absent at the end.
    pub next_cursor: Option<String>,
    /// Whether there is a next page.
    pub has_more: bool,
}

/// One page of a list that is read by its position.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct OffsetPage<T> {
    /// The entries.
    pub data: Vec<T>,
    /// How many there are on all pages.
    pub total: u64,
    /// How many were skipped.
    pub offset: u32,
    /// How many this page may hold at most.
    pub limit: u32,
}

/// Which page of an offset list.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::IntoParams,
)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OffsetQuery {
    /// How many entries to skip.
    #[serde(default)]
    #[param(value_type = schema::Offset, inline, required = false)]
    pub offset: u32,
    /// How many entries at most: 1 to 100, 20 when absent.
    #[param(value_type = Option<schema::Limit>, inline)]
    pub limit: Option<u32>,
}

impl OffsetQuery {
    /// The page size, 1 to [`MAX_LIMIT`].
    pub fn limit(&self) -> u32 {
        page_size(self.limit)
    }
}

/// The page size for what was asked for: absent and 0 mean [`DEFAULT_LIMIT`].
pub fn page_size(asked: Option<u32>) -> u32 {
    match asked {
        None | Some(0) => DEFAULT_LIMIT,
        Some(limit) => limit.min(MAX_LIMIT),
    }
}
