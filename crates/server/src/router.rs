//! Every route, on the listener it belongs to.

use crate::{
    api_key, app::App, approval, ban, caller::PublicUrl, client, compliance, cors, device,
    enrollment, feed, forward_auth, http::RateLimiter, limit, membership, oauth, session, trust,
    user, verify, well_known,
};
use axum::{Router, extract::FromRef};
use std::sync::Arc;
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// The state of all routes; each handler takes only the part it needs.
#[derive(Debug, Clone)]
pub struct AppState(pub Arc<App>);

macro_rules! parts {
    ($($part:ty = $field:ident;)*) => {$(
        impl FromRef<AppState> for Arc<$part> {
            fn from_ref(state: &AppState) -> Self {
                Arc::clone(&state.0.$field)
            }
        }
    )*};
}

parts! {
    crate::session::Sessions = sessions;
    crate::verify::Gate = gate;
    crate::device::Devices = devices;
    crate::enrollment::Enrollments = enrollments;
    crate::limit::Tickets = tickets;
    crate::compliance::Compliance = compliance;
    crate::trust::Trust = trust;
    crate::ban::Bans = bans;
    crate::approval::Approvals = approvals;
    crate::user::Users = users;
    crate::client::Clients = clients;
    crate::api_key::ApiKeys = api_keys;
    crate::geo::GeoIp = geo;
    crate::signing::Issuer = issuer;
    crate::oauth::DirectDoor = door;
    crate::cors::AllowedOrigins = origins;
    crate::forward_auth::ForwardAuth = forward_auth;
    crate::feed::Feed = feed;
    crate::membership::Membership = membership;
}

impl FromRef<AppState> for RateLimiter {
    fn from_ref(state: &AppState) -> Self {
        state.0.limiter.clone()
    }
}

impl FromRef<AppState> for PublicUrl {
    fn from_ref(state: &AppState) -> Self {
        Self(Arc::clone(&state.0.public_url))
    }
}

/// What devices and users call.
pub fn public(state: AppState) -> Router {
    let origins = Arc::clone(&state.0.origins);
    let routes = public_routes().with_state(state).split_for_parts().0;
    // The pages of clients may read the answers.
    routes.layer(axum::middleware::from_fn_with_state(origins, cors::apply))
}

/// What backends, admins and proxies call.
pub fn internal(state: AppState) -> Router {
    let routes = internal_routes().merge(oauth::revoke_routes());
    routes.with_state(state).split_for_parts().0
}

/// Both, on one listener. Tokens are given back at one path by devices and backends.
pub(crate) fn everything(state: AppState) -> Router {
    let internal = internal_routes().with_state(state.clone());
    public(state).merge(internal.split_for_parts().0)
}

/// The description of every route.
pub fn openapi() -> OpenApi {
    let (_, document) = public_routes().merge(internal_routes()).split_for_parts();
    crate::http::assemble(document)
}

fn public_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(device::http::own_routes())
        .merge(ban::http::own_routes())
        .merge(enrollment::http::routes())
        .merge(limit::http::routes())
        .merge(compliance::http::device_routes())
        .merge(oauth::token_routes())
        .merge(oauth::revoke_routes())
        .merge(well_known::routes())
}

fn internal_routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .merge(session::http::routes())
        .merge(enrollment::http::backend_routes())
        .merge(verify::http::routes())
        .merge(feed::http::routes())
        .merge(forward_auth::routes())
        .merge(oauth::introspect_routes())
        .merge(device::http::admin_routes())
        .merge(device::record_http::routes())
        .merge(trust::http::routes())
        .merge(compliance::http::routes())
        .merge(ban::http::routes())
        .merge(approval::http::routes())
        .merge(user::http::routes())
        .merge(client::http::routes())
        .merge(api_key::http::routes())
        .merge(membership::http::routes())
}
