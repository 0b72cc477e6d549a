//! `/v1/limit-tickets/…`.

use super::{Counted, Presented, TicketError, Tickets};
use crate::{
    caller::{DPOP, single},
    cors::CallOf,
    device::http::{ended, item},
    http::{Json, Problem, RateLimiter, RequestContext},
    router::AppState,
    session::SessionError,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use countersign_api_types::{
    Problem as ProblemBody, Secret,
    device::{DeviceLimit, Ended},
    limit::{CountedDevices, ListWithTicket, RemoveWithTicket},
};
use countersign_core::{ClientId, decision::Refusal, token::HashedToken};
use http::HeaderMap;
use std::sync::Arc;
use utoipa_axum::{router::OpenApiRouter, routes};

pub(crate) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_with_ticket))
        .routes(routes!(remove_with_ticket))
}

/// Shows a user whom a device limit refused the devices that count, those that were not used for
/// longest first.
#[utoipa::path(
    post, path = "/v1/limit-tickets/devices", operation_id = "list_with_ticket", tag = "own devices",
    params(("DPoP" = Option<String>, Header, description = "A proof by the refused device's key for this method and URL, without `ath`; where it has a key.")),
    security(()), request_body = ListWithTicket,
    responses((status = 200, description = "The devices, at most 100.", body = CountedDevices)),
)]
async fn list_with_ticket(
    State(tickets): State<Arc<Tickets>>,
    State(limiter): State<RateLimiter>,
    context: RequestContext,
    headers: HeaderMap,
    Json(body): Json<ListWithTicket>,
) -> Result<Response, Problem> {
    let presented = presented(&tickets, &body.ticket, &headers)?;
    let mut client = None;
    let listed = async {
        let ticket = tickets.find(&presented.hash).await?;
        client = Some(ticket.client_id);
        tickets.list(&ticket, &presented).await
    };
    let listed = listed.await;
    count(&limiter, &context, listed.as_ref().err())?;
    let answer = listed.map(|counted| Json::<CountedDevices>(counted.into()).into_response());
    Ok(finish(&tickets, client, answer))
}

/// Removes one of the devices that count, so that the user can log in; the ticket is used up.
#[utoipa::path(
    post, path = "/v1/limit-tickets/remove", operation_id = "remove_with_ticket", tag = "own devices",
    params(("DPoP" = Option<String>, Header, description = "A proof by the refused device's key for this method and URL, without `ath`; where it has a key.")),
    security(()), request_body = RemoveWithTicket,
    responses(
        (status = 200, description = "Removed.", body = Ended),
        (status = 404, description = "The device is none that counts.", body = ProblemBody, content_type = "application/problem+json"),
    ),
)]
async fn remove_with_ticket(
    State(tickets): State<Arc<Tickets>>,
    State(limiter): State<RateLimiter>,
    context: RequestContext,
    headers: HeaderMap,
    Json(body): Json<RemoveWithTicket>,
) -> Result<Response, Problem> {
    let presented = presented(&tickets, &body.ticket, &headers)?;
    let mut client = None;
    let removed = async {
        let ticket = tickets.find(&presented.hash).await?;
        client = Some(ticket.client_id);
        tickets.remove(ticket, &presented, body.device_id).await
    };
    let removed = removed.await;
    count(&limiter, &context, removed.as_ref().err())?;
    let answer = removed.map(|(done, _)| Json::<Ended>(ended(&done, None)).into_response());
    Ok(finish(&tickets, client, answer))
}

impl From<Counted> for CountedDevices {
    fn from(counted: Counted) -> Self {
        let devices = counted.devices.into_iter();
        Self {
            limit: DeviceLimit {
                used: u32::try_from(counted.used).unwrap_or(u32::MAX),
                max: counted.max,
            },
            data: devices
                .map(|device| item(device, None, counted.now))
                .collect(),
        }
    }
}

fn presented(
    tickets: &Tickets,
    ticket: &Secret,
    headers: &HeaderMap,
) -> Result<Presented, Problem> {
    let Ok(proof) = single(headers, &DPOP) else {
        return Err(refuse(tickets, TicketError::Proof(Refusal::ProofInvalid)));
    };
    Ok(Presented {
        hash: HashedToken::of(ticket.reveal()),
        proof: proof.map(str::to_owned),
    })
}

/// Counts what only somebody sends who has nothing genuine.
fn count(
    limiter: &RateLimiter,
    context: &RequestContext,
    error: Option<&TicketError>,
) -> Result<(), Problem> {
    if error.is_some_and(TicketError::is_guess) {
        limiter.check(context.client_ip)?;
    }
    Ok(())
}

/// The answer, which the pages of the ticket's client may read.
fn finish(
    tickets: &Tickets,
    client: Option<ClientId>,
    answer: Result<Response, TicketError>,
) -> Response {
    let mut response = answer.unwrap_or_else(|error| refuse(tickets, error).into_response());
    if let Some(client) = client {
        response.extensions_mut().insert(CallOf(client));
    }
    response
}

fn refuse(tickets: &Tickets, error: TicketError) -> Problem {
    let refusal = match &error {
        TicketError::Proof(refusal) | TicketError::Session(SessionError::Proof(refusal)) => {
            Some(*refusal)
        }
        _ => None,
    };
    let sessions = &tickets.sessions;
    let nonce = || sessions.nonces.issue(sessions.ledger.clock.now());
    Problem::new(error.code())
        .for_proof(refusal, nonce)
        .caused_by(error)
}
