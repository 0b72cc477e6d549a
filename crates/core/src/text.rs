//! Text that comes from outside: bounded, or one of a closed set.

/// The text is empty, too long, or holds a control character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 1 to {max} characters without control characters")]
pub struct InvalidText {
    /// The most characters allowed.
    pub max: usize,
}

/// Checks text that a person or an outside system chose: 1 to `max` characters, none a control character.
///
/// # Errors
/// [`InvalidText`] says what is allowed.
pub fn check(text: &str, max: usize) -> Result<(), InvalidText> {
    // A character has at most four bytes: refuse a huge text before walking it.
    let long = text.len() > max * 4 || text.chars().count() > max;
    if text.is_empty() || long || text.chars().any(char::is_control) {
        return Err(InvalidText { max });
    }
    Ok(())
}

/// Declares an enum whose values have one fixed text in the API and the store.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $text)] $variant,)*
        }

        impl $name {
            /// Every value, in declaration order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The text used in the API and the store.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }

        impl std::str::FromStr for $name {
            type Err = crate::text::UnknownValue;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|value| value.as_str() == text)
                    .ok_or_else(|| crate::text::UnknownValue(text.to_owned()))
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}
pub(crate) use text_enum;

/// The text names none of the known values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown value {0:?}")]
pub struct UnknownValue(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_in_characters() {
        assert_eq!(check("ééé", 3), Ok(()));
        assert_eq!(check("éééé", 3), Err(InvalidText { max: 3 }));
        assert_eq!(check("", 3), Err(InvalidText { max: 3 }));
        assert_eq!(check("a\nb", 3), Err(InvalidText { max: 3 }));
    }

    #[test]
    fn closed_sets_round_trip() {
        use crate::client::NoncePolicy;
        for value in NoncePolicy::ALL {
            assert_eq!(value.as_str().parse(), Ok(*value));
        }
        assert_eq!(
            "maybe".parse::<NoncePolicy>(),
            Err(UnknownValue("maybe".to_owned()))
        );
    }
}
