//! Introspection (RFC 7662) and revocation (RFC 7009), for backends.

mod introspect;
mod revoke;

use crate::router::AppState;
use utoipa_axum::router::OpenApiRouter;

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(introspect::routes())
        .merge(revoke::routes())
}
