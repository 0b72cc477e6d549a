//! The answer as text. serde escapes every key of every answer anew, which costs more than the
//! judgement; here only what people wrote is escaped.

use super::{Allowed, VerifyResponse};
use std::fmt::Write;

/// Room for an answer without reallocation: texts of people are mostly short.
const USUAL_BYTES: usize = 640;

impl VerifyResponse<'_> {
    /// The answer in JSON, member for member as serde writes it.
    ///
    /// # Errors
    /// Only serde's own, which these types do not have.
    pub fn to_json(&self) -> serde_json::Result<String> {
        match self {
            Self::Allowed(answer) => allowed(answer),
            Self::Refused(answer) => serde_json::to_string(answer),
        }
    }
}

fn allowed(answer: &Allowed<'_>) -> serde_json::Result<String> {
    let mut json = String::with_capacity(USUAL_BYTES);
    json.push_str(r#"{"allowed":true,"session_id":""#);
    answer.session_id.push_to(&mut json);
    json.push_str(r#"","user_id":"#);
    push_text(&mut json, &answer.user_id)?;
    json.push_str(r#","client_id":""#);
    answer.client_id.push_to(&mut json);
    json.push_str(r#"","device_id":""#);
    answer.device_id.push_to(&mut json);
    json.push_str(r#"","app_id":""#);
    answer.app_id.push_to(&mut json);
    json.push_str(r#"","trust":""#);
    json.push_str(answer.trust.as_str());
    json.push_str(r#"","compliance":""#);
    json.push_str(answer.compliance.as_str());
    json.push_str(r#"","platform":""#);
    json.push_str(answer.platform.as_str());
    json.push('"');
    if let Some(version) = &answer.app_version {
        json.push_str(r#","app_version":"#);
        push_text(&mut json, version)?;
    }
    json.push_str(r#","amr":["#);
    for (index, method) in answer.amr.iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        push_text(&mut json, method)?;
    }
    json.push_str(r#"],"key_bound":"#);
    json.push_str(if answer.key_bound { "true" } else { "false" });
    // Writing to a String cannot fail, and a time needs no escapes.
    let _ = write!(json, r#","expires_at":"{}""#, answer.expires_at);
    if let Some(nonce) = &answer.dpop_nonce {
        json.push_str(r#","dpop_nonce":"#);
        push_text(&mut json, nonce)?;
    }
    json.push('}');
    Ok(json)
}

fn push_text(json: &mut String, text: &str) -> serde_json::Result<()> {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        json.push('"');
        json.push_str(text);
        json.push('"');
    } else {
        json.push_str(&serde_json::to_string(text)?);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::Yes;
    use countersign_core::{
        AppId, ClientId, DeviceId, SessionId, Timestamp, device::Platform, snapshot::Compliance,
        trust::TrustLevel,
    };
    use uuid::Uuid;

    fn answer(text: &str, optional: Option<&str>) -> VerifyResponse<'static> {
        let text = || text.to_owned();
        let optional = || optional.map(str::to_owned).map(Into::into);
        VerifyResponse::Allowed(Allowed {
            allowed: Yes,
            session_id: SessionId::from_uuid(Uuid::from_u128(1)),
            user_id: text().into(),
            client_id: ClientId::from_uuid(Uuid::from_u128(2)),
            device_id: DeviceId::from_uuid(Uuid::from_u128(3)),
            app_id: AppId::from_uuid(Uuid::max()),
            trust: TrustLevel::Trusted,
            compliance: Compliance::Unevaluated,
            platform: Platform::Ios,
            app_version: optional(),
            amr: vec![text(), "pwd".to_owned()].into(),
            key_bound: optional().is_none(),
            expires_at: Timestamp::from_micros(1_700_000_000_123_456),
            dpop_nonce: optional(),
        })
    }

    #[test]
    fn the_answer_is_what_serde_writes() {
        for text in [
            "42",
            "",
            "a\"b",
            "back\\slash",
            "line\nfeed",
            "\u{1}",
            "Zoë 🙂",
            "\u{7f}",
            " ~",
        ] {
            for optional in [None, Some(text)] {
                let answer = answer(text, optional);
                let written = answer.to_json().unwrap();
                assert_eq!(written, serde_json::to_string(&answer).unwrap());
            }
        }
    }
}
