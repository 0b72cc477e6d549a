//! Parameters and forms hold text: what has no value is absent, and there is no `null` in them.

use utoipa::openapi::{
    Components, OneOf, RefOr, Schema, Type,
    path::{Operation, ParameterIn},
    schema::SchemaType,
};

const FORM: &str = "application/x-www-form-urlencoded";

/// Takes `null` out of the operation's parameters.
pub(super) fn correct_parameters(operation: &mut Operation) {
    for parameter in operation.parameters.iter_mut().flatten() {
        if let RefOr::T(parameter) = parameter
            && parameter.parameter_in != ParameterIn::Path
            && let Some(schema) = &mut parameter.schema
        {
            remove_null(schema);
        }
    }
}

/// The schema that the operation's form refers to.
pub(super) fn form_of(operation: &Operation) -> Option<String> {
    let Some(RefOr::T(body)) = &operation.request_body else {
        return None;
    };
    let RefOr::T(form) = body.content.get(FORM)? else {
        return None;
    };
    match form.schema.as_ref()? {
        RefOr::Ref(reference) => reference.ref_location.rsplit('/').next().map(str::to_owned),
        RefOr::T(_) => None,
    }
}

/// Takes `null` out of a form's members.
pub(super) fn correct_form(components: &mut Components, name: &str) {
    if let Some(RefOr::T(Schema::Object(form))) = components.schemas.get_mut(name) {
        form.properties.values_mut().for_each(remove_null);
    }
}

fn remove_null(schema: &mut RefOr<Schema>) {
    let RefOr::T(value) = schema else {
        return;
    };
    match value {
        Schema::Object(object) => {
            if let SchemaType::Array(types) = &object.schema_type
                && let [kind, Type::Null] | [Type::Null, kind] = types.as_slice()
            {
                object.schema_type = SchemaType::new(kind.clone());
            }
        }
        Schema::OneOf(OneOf { items, .. }) => {
            items.retain(|item| !is_null(item));
            if let [only] = items.as_slice() {
                *schema = only.clone();
            }
        }
        _ => {}
    }
}

fn is_null(schema: &RefOr<Schema>) -> bool {
    let null = SchemaType::new(Type::Null);
    matches!(schema, RefOr::T(Schema::Object(object)) if object.schema_type == null)
}
