//! What an operator asks of the requests of one route.

use countersign_core::{decision::Demands, trust::TrustLevel};
use std::str::FromStr;

/// What is asked of a request, as the proxy's configuration says it: `key,trusted,assertion`.
///
/// It stands where no client can write: in the URL that the proxy is configured with, or, where a
/// proxy appends the client's path to that, in a header that the proxy sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Rule {
    /// What the request must bring beyond a live session.
    pub(crate) demands: Demands,
    /// Whether the app gets a signed assertion, which costs a signature per request.
    pub(crate) has_assertion: bool,
}

/// The text is not a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct InvalidRule;

impl FromStr for Rule {
    type Err = InvalidRule;

    fn from_str(text: &str) -> Result<Self, InvalidRule> {
        let mut rule = Self::default();
        for (at, word) in text.split(',').enumerate() {
            // Twice is a typing error, perhaps of a word that was meant to be there.
            if text.split(',').take(at).any(|other| other == word) {
                return Err(InvalidRule);
            }
            match word {
                "session" => {}
                "key" => rule.demands.require_key = true,
                "strict" => rule.demands.strict = true,
                "compliant" => rule.demands.require_compliant = true,
                "trusted" | "corporate" if rule.demands.min_trust.is_some() => {
                    return Err(InvalidRule);
                }
                "trusted" => rule.demands.min_trust = Some(TrustLevel::Trusted),
                "corporate" => rule.demands.min_trust = Some(TrustLevel::Corporate),
                "assertion" => rule.has_assertion = true,
                _ => return Err(InvalidRule),
            }
        }
        Ok(rule)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_a_list_of_known_words() {
        assert_eq!("session".parse(), Ok(Rule::default()));
        let all = Rule {
            demands: Demands {
                min_trust: Some(TrustLevel::Corporate),
                require_compliant: true,
                require_key: true,
                strict: true,
            },
            has_assertion: true,
        };
        assert_eq!("key,corporate,compliant,strict,assertion".parse(), Ok(all));
        let trusted: Rule = "trusted".parse().unwrap();
        assert_eq!(trusted.demands.min_trust, Some(TrustLevel::Trusted));
    }

    #[test]
    fn what_is_not_understood_is_no_rule() {
        for text in [
            "",
            ",",
            "key,",
            "Key",
            "key trusted",
            "key,key",
            "trusted,corporate",
            "unknown",
            "session,x",
            " key",
        ] {
            assert_eq!(text.parse::<Rule>(), Err(InvalidRule), "{text:?}");
        }
    }
}
