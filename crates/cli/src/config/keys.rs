//! The keys there are, and what was probably meant by one there isn't.

use super::{fault::Misconfigured, sections::Config};
use figment::value::Value;

/// Below this, names have nothing to do with each other.
const ALIKE: f64 = 0.8;

/// Every key as `section.key`.
pub(super) fn known() -> Result<Vec<String>, Misconfigured> {
    let defaults = Value::serialize(Config::default());
    let defaults = defaults.map_err(|error| Misconfigured::new(error.to_string()))?;
    Ok(leaves(&defaults).into_iter().map(|(key, _)| key).collect())
}

/// Every key of the value with what it holds; an empty section counts as a key.
pub(super) fn leaves(value: &Value) -> Vec<(String, &Value)> {
    let mut found = Vec::new();
    collect(String::new(), value, &mut found);
    found
}

fn collect<'a>(path: String, value: &'a Value, found: &mut Vec<(String, &'a Value)>) {
    match value.as_dict() {
        Some(members) if path.is_empty() || !members.is_empty() => {
            for (name, member) in members {
                let below = if path.is_empty() {
                    name.clone()
                } else {
                    format!("{path}.{name}")
                };
                collect(below, member, found);
            }
        }
        _ => found.push((path, value)),
    }
}

/// Whether a key, or a section without keys, is one there is.
pub(super) fn is_known(key: &str, known: &[String]) -> bool {
    known.iter().any(|known| {
        known == key
            || known
                .split_once('.')
                .is_some_and(|(section, _)| section == key)
    })
}

/// The key most like the one that was written.
pub(super) fn nearest<'a>(written: &str, known: &'a [String]) -> Option<&'a str> {
    let name = |key: &str| key.rsplit('.').next().unwrap_or_default().to_owned();
    let likeness = |key: &str| {
        let whole = strsim::normalized_damerau_levenshtein(written, key);
        // The right key in the wrong section, or in none.
        let last = strsim::normalized_damerau_levenshtein(&name(written), &name(key));
        whole.max(last)
    };
    let best = known.iter().map(|key| (likeness(key), key.as_str()));
    best.filter(|(likeness, _)| *likeness >= ALIKE)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, key)| key)
}

/// The key that a variable's name without a section probably means: `PUBLIC_URL`, `LOG_LEVEL`.
pub(super) fn without_section<'a>(name: &str, known: &'a [String]) -> Option<&'a str> {
    let name = name.to_ascii_lowercase();
    let is_meant = |key: &&String| {
        key.rsplit('.').next() == Some(name.as_str()) || key.replace('.', "_") == name
    };
    known.iter().find(is_meant).map(String::as_str)
}
