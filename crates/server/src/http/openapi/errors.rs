//! The error answers of each operation: every one of them, by what the operation takes and does.

use countersign_api_types::Problem;
use utoipa::{
    ToSchema,
    openapi::{
        Components, Content, HeaderBuilder, ObjectBuilder, Ref, RefOr, Response, ResponseBuilder,
        Type,
        path::{Operation, ParameterIn},
        schema::SchemaType,
    },
};

/// What operations have in common: status, name, meaning, and the headers that come with it.
const ANSWERS: [(u16, &str, &str, &[Header]); 10] = [
    (400, "Invalid", "The request is not valid.", &[]),
    (
        401,
        "Unauthenticated",
        "Credentials are missing or not accepted.",
        &[CHALLENGE, NONCE],
    ),
    (403, "Forbidden", "The caller may not do this.", &[]),
    (
        404,
        "NotFound",
        "There is none that the caller may see.",
        &[],
    ),
    (413, "TooLarge", "The body is larger than 64 KiB.", &[]),
    (
        415,
        "WrongMediaType",
        "`Content-Type` is missing or another one.",
        &[],
    ),
    (
        429,
        "TooMany",
        "Too many unauthenticated or failed requests from this address.",
        &[RETRY_AFTER],
    ),
    (500, "Failed", "Something failed here.", &[]),
    (
        503,
        "Unavailable",
        "The store can't be reached, or an outcome is not known: `code` says which.",
        &[RETRY_AFTER],
    ),
    (507, "Full", "The store has no room left.", &[]),
];

type Header = (&'static str, Type, &'static str);

const CHALLENGE: Header = (
    "WWW-Authenticate",
    Type::String,
    "What to come back with (RFC 9110 section 11.6.1).",
);
const NONCE: Header = (
    "DPoP-Nonce",
    Type::String,
    "With `use_dpop_nonce` and `proof_expired`: repeat with it (RFC 9449 section 9).",
);
const RETRY_AFTER: Header = (
    "Retry-After",
    Type::Integer,
    "Seconds; with `rate_limited` and `unavailable`.",
);

/// Operations that change nothing although they are no `GET`: the store is never too full for them.
const READS: [&str; 5] = [
    "verify",
    "introspect",
    "pull_feed",
    "read_feed_session",
    "report_seen",
];

/// Proxies ask here about another request: their handlers name every answer.
const COMPLETE: &str = "forward-auth";

/// Adds the answers that operations refer to.
pub(super) fn describe(components: &mut Components) {
    for (_, name, description, headers) in ANSWERS {
        let answer = problem(description, headers);
        components.responses.insert(name.to_owned(), answer.into());
    }
}

fn problem(description: &str, headers: &[Header]) -> Response {
    let body = Content::new(Some(Ref::from_schema_name(Problem::name())));
    let answer = ResponseBuilder::new()
        .description(description)
        .content(Problem::MEDIA_TYPE, body);
    let headers = headers.iter().map(|(name, kind, description)| {
        let schema = ObjectBuilder::new().schema_type(SchemaType::new(kind.clone()));
        let header = HeaderBuilder::new().schema(Some(schema));
        (*name, header.description(Some(*description)).build())
    });
    headers
        .fold(answer, |answer, (name, header)| answer.header(name, header))
        .build()
}

/// Adds what the operation answers beside what its handler names.
pub(super) fn complete(operation: &mut Operation, is_get: bool) {
    if operation.tags.iter().flatten().any(|tag| tag == COMPLETE) {
        return;
    }
    for status in statuses(operation, is_get) {
        for (_, name, ..) in ANSWERS.iter().filter(|(of, ..)| *of == status) {
            let answer = RefOr::Ref(Ref::from_response_name(*name));
            let answers = &mut operation.responses.responses;
            answers.entry(status.to_string()).or_insert(answer);
        }
    }
}

fn statuses(operation: &Operation, is_get: bool) -> Vec<u16> {
    let mut statuses = Vec::new();
    if takes(operation, &ParameterIn::Query) {
        statuses.push(400);
    }
    if takes(operation, &ParameterIn::Path) {
        statuses.push(404);
    }
    // At an OAuth form all that can be wrong with it has one status, which its handler names.
    let is_oauth = operation.responses.responses.contains_key("400");
    if operation.request_body.is_some() && !is_oauth {
        statuses.extend([400, 413, 415]);
    }
    if operation.security.is_some() {
        statuses.extend([401, 403, 429, 500, 503]);
        let id = operation.operation_id.as_deref().unwrap_or_default();
        if !is_get && !READS.contains(&id) {
            statuses.push(507);
        }
    }
    statuses
}

fn takes(operation: &Operation, place: &ParameterIn) -> bool {
    let mut parameters = operation.parameters.iter().flatten();
    parameters.any(|parameter| match parameter {
        RefOr::T(parameter) => parameter.parameter_in == *place,
        RefOr::Ref(_) => false,
    })
}
