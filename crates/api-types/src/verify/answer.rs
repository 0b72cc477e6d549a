//! The answer as text. serde escapes every key of every answer anew, which costs more than the
//! judgement; here only what people wrote is escaped.

use super::{Allowed, VerifyResponse};

/// Room for an answer without reallocation: texts of people are mostly short.
const USUAL_BYTES: usize = 640;

impl VerifyResponse<'_> {
    /// The answer in JSON, member for member as serde writes it.
    ///
    /// # Errors
    /// Only serde's own, which these types do not have.
    pub fn to_json(&self) -> serde_json::Result<Vec<u8>> {
        match self {
            Self::Allowed(answer) => allowed(answer),
            Self::Refused(answer) => serde_json::to_vec(answer),
        }
    }
}

fn allowed(answer: &Allowed<'_>) -> serde_json::Result<Vec<u8>> {
    let mut json = Vec::with_capacity(USUAL_BYTES);
    json.extend_from_slice(br#"{"allowed":true,"session_id":""#);
    answer.session_id.push_to(&mut json);
    json.extend_from_slice(br#"","user_id":"#);
    push_text(&mut json, &answer.user_id)?;
    json.extend_from_slice(br#","client_id":""#);
    answer.client_id.push_to(&mut json);
    json.extend_from_slice(br#"","device_id":""#);
    answer.device_id.push_to(&mut json);
    json.extend_from_slice(br#"","app_id":""#);
    answer.app_id.push_to(&mut json);
    json.extend_from_slice(br#"","trust":""#);
    json.extend_from_slice(answer.trust.as_str().as_bytes());
    json.extend_from_slice(br#"","compliance":""#);
    json.extend_from_slice(answer.compliance.as_str().as_bytes());
    json.extend_from_slice(br#"","platform":""#);
    json.extend_from_slice(answer.platform.as_str().as_bytes());
    json.push(b'"');
    if let Some(version) = &answer.app_version {
        json.extend_from_slice(br#","app_version":"#);
        push_text(&mut json, version)?;
    }
    json.extend_from_slice(br#","amr":["#);
    for (index, method) in answer.amr.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        push_text(&mut json, method)?;
    }
    json.extend_from_slice(br#"],"key_bound":"#);
    json.extend_from_slice(if answer.key_bound { b"true" } else { b"false" });
    json.extend_from_slice(br#","expires_at":""#);
    answer.expires_at.push_to(&mut json);
    json.push(b'"');
    if let Some(nonce) = &answer.dpop_nonce {
        json.extend_from_slice(br#","dpop_nonce":"#);
        push_text(&mut json, nonce)?;
    }
    json.push(b'}');
    Ok(json)
}

fn push_text(json: &mut Vec<u8>, text: &str) -> serde_json::Result<()> {
    let is_plain = |byte: u8| matches!(byte, b' '..=b'~') && byte != b'"' && byte != b'\\';
    if text.bytes().all(is_plain) {
        json.push(b'"');
        json.extend_from_slice(text.as_bytes());
        json.push(b'"');
    } else {
        json.extend_from_slice(&serde_json::to_vec(text)?);
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

    fn answer(text: &str, optional: Option<&str>, micros: i64) -> VerifyResponse<'static> {
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
            expires_at: Timestamp::from_micros(micros),
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
            for (optional, micros) in [(None, 1_700_000_000_120_000), (Some(text), i64::MAX)] {
                let answer = answer(text, optional, micros);
                let written = answer.to_json().unwrap();
                assert_eq!(written, serde_json::to_vec(&answer).unwrap());
            }
        }
    }
}
