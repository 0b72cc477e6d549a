//! The `OpenAPI` document.

mod errors;
mod texts;

use countersign_api_types::Problem;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        Components, Info, License, OpenApi,
        path::{Operation, PathItem},
        security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};

/// Completes the document that the routers' operations add up to: title, version, security
/// schemes, and every operation's error answers.
///
/// An operation names its schemes in `security`: `api_key`, at the OAuth endpoints also
/// `api_key_basic`, for users `access_token` together with `dpop_proof`.
pub fn assemble(mut document: OpenApi) -> OpenApi {
    document.info = Info::new("Countersign", env!("CARGO_PKG_VERSION"));
    document.info.description = Some(
        "Which device is this, is it really that device, how far is it trusted, \
         and has anyone cut it off?"
            .to_owned(),
    );
    document.info.license = Some(license());
    let components = document.components.get_or_insert_default();
    describe_problem(components);
    for (name, scheme) in security_schemes() {
        components.add_security_scheme(name, scheme);
    }
    errors::describe(components);
    for item in document.paths.paths.values_mut() {
        for (operation, is_get) in operations(item) {
            errors::complete(operation, is_get);
            texts::correct_parameters(operation);
            if let Some(form) = texts::form_of(operation) {
                texts::correct_form(components, &form);
            }
        }
    }
    document
}

fn license() -> License {
    let mut license = License::new("Apache-2.0");
    license.identifier = Some("Apache-2.0".to_owned());
    license
}

fn describe_problem(components: &mut Components) {
    let mut schemas = vec![(Problem::name().into_owned(), Problem::schema())];
    Problem::schemas(&mut schemas);
    components.schemas.extend(schemas);
}

fn security_schemes() -> [(&'static str, SecurityScheme); 4] {
    let http = |scheme, description: &str| {
        let scheme = HttpBuilder::new().scheme(scheme);
        SecurityScheme::Http(scheme.description(Some(description)).build())
    };
    let header = |name: &str, description: &str| {
        let value = ApiKeyValue::with_description(name, description);
        SecurityScheme::ApiKey(ApiKey::Header(value))
    };
    [
        (
            "api_key",
            http(HttpAuthScheme::Bearer, "An API key, `csak_…`."),
        ),
        (
            "api_key_basic",
            http(
                HttpAuthScheme::Basic,
                "An API key's id as user, the key as password.",
            ),
        ),
        (
            "access_token",
            header(
                "Authorization",
                "`DPoP` and a bound access token, or `Bearer` and an unbound one.",
            ),
        ),
        (
            "dpop_proof",
            header(
                "DPoP",
                "A proof of the device's key (RFC 9449), with a bound access token.",
            ),
        ),
    ]
}

/// Each operation, and whether it is a `GET`.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&mut Operation, bool)> {
    let get = item.get.iter_mut().map(|operation| (operation, true));
    let others = [
        &mut item.head,
        &mut item.put,
        &mut item.post,
        &mut item.patch,
        &mut item.delete,
        &mut item.options,
        &mut item.trace,
    ];
    let others = others.into_iter().flatten();
    get.chain(others.map(|operation| (operation, false)))
}

/// Fails when the document differs from the committed one; with `UPDATE_OPENAPI=1` in the
/// environment it is rewritten instead.
#[cfg(test)]
pub(crate) fn assert_committed(document: &OpenApi) {
    assert_file(document, "docs/openapi.json");
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "a switch of the test run, not configuration"
)]
fn assert_file(document: &OpenApi, path: &str) {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let path = std::path::Path::new(root).join(path);
    let text = document.to_pretty_json().expect("the document is JSON") + "\n";
    if std::env::var("UPDATE_OPENAPI").is_ok_and(|value| value == "1") {
        std::fs::write(&path, &text).expect("the document can be written");
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == text,
        "{} is not what the routes say; run the test again with UPDATE_OPENAPI=1",
        path.display()
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use countersign_api_types::session::{RegisterSession, RegisteredSession};
    use utoipa_axum::{router::OpenApiRouter, routes};

    #[utoipa::path(
        post, path = "/v1/sessions", operation_id = "register_session",
        request_body = RegisterSession, responses((status = 200, body = RegisteredSession)),
        security(("api_key" = []))
    )]
    async fn register_session() {}

    fn document() -> OpenApi {
        let router: OpenApiRouter<()> = OpenApiRouter::new().routes(routes!(register_session));
        assemble(router.split_for_parts().1)
    }

    #[test]
    fn the_document_is_complete() {
        let document = serde_json::to_value(document()).unwrap();
        assert_eq!(document["openapi"], "3.1.0");
        assert_eq!(document["info"]["title"], "Countersign");
        let operation = &document["paths"]["/v1/sessions"]["post"];
        let statuses: Vec<_> = operation["responses"].as_object().unwrap().keys().collect();
        assert_eq!(
            statuses,
            [
                "200", "400", "401", "403", "413", "415", "429", "500", "503", "507"
            ]
        );
        let unavailable = &document["components"]["responses"]["Unavailable"];
        assert_eq!(
            operation["responses"]["503"]["$ref"],
            "#/components/responses/Unavailable"
        );
        assert_eq!(
            unavailable["headers"]["Retry-After"]["schema"]["type"],
            "integer"
        );
        let codes = &document["components"]["schemas"]["ErrorCode"]["enum"];
        let known = countersign_api_types::ErrorCode::ALL;
        assert_eq!(codes.as_array().map(Vec::len), Some(known.len()));
    }

    #[test]
    fn every_reference_leads_somewhere() {
        let document = serde_json::to_value(document()).unwrap();
        let mut left = vec![&document];
        let mut references = 0;
        while let Some(value) = left.pop() {
            if let Some(reference) = value.get("$ref").and_then(|value| value.as_str()) {
                let pointer = reference.strip_prefix('#').unwrap();
                assert!(document.pointer(pointer).is_some(), "{reference}");
                references += 1;
            }
            left.extend(
                value
                    .as_object()
                    .into_iter()
                    .flat_map(|object| object.values()),
            );
            left.extend(value.as_array().into_iter().flatten());
        }
        assert!(references > 20, "{references}");
    }

    #[test]
    fn a_document_that_drifted_is_noticed() {
        let noticed = std::panic::catch_unwind(|| assert_file(&document(), "docs/no-such.json"));
        assert!(noticed.is_err());
    }
}
