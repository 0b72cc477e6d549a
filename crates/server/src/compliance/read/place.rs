//! Where in a text something stands.

use super::Position;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Where each value of a text begins.
pub(super) struct Starts<'a>(Option<Spanned<DeTable<'a>>>);

impl<'a> Starts<'a> {
    /// Finds nothing in a text that is not TOML.
    pub(super) fn of(text: &'a str) -> Self {
        Self(DeTable::parse(text).ok())
    }

    /// The offset in bytes of what a JSON pointer names, or of the nearest that it stands in; the whole
    /// stands nowhere.
    pub(super) fn find(&self, pointer: &str) -> Option<usize> {
        let table = self.0.as_ref()?.get_ref();
        let mut names = pointer.split('/').skip(1);
        let mut found = table.get(unescaped(names.next()?).as_str())?;
        for name in names {
            let name = unescaped(name);
            let inner = match found.get_ref() {
                DeValue::Table(table) => table.get(name.as_str()),
                DeValue::Array(values) => name.parse().ok().and_then(|at: usize| values.get(at)),
                _ => None,
            };
            let Some(inner) = inner else { break };
            found = inner;
        }
        Some(found.span().start)
    }
}

/// The line and column of an offset in bytes.
pub(super) fn position(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    Position {
        line: before.matches('\n').count() + 1,
        column: before[line_start..].chars().count() + 1,
    }
}

fn unescaped(name: &str) -> String {
    name.replace("~1", "/").replace("~0", "~")
}
