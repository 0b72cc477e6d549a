//! No body makes a reader of bodies panic, what is accepted is bounded, and the answer to a
//! verification is what serde would write.

#![no_main]

use countersign_api_types::{
    Object, Validate,
    api_key::CreateApiKey,
    assertion::Assert,
    client::{CreateClient, UpdateClient},
    device::RenameDevice,
    enrollment::{AskChallenge, Enroll, Rotate, Unenroll},
    feed::{FeedRequest, FeedSeenRequest, FeedSessionRequest},
    session::RegisterSession,
    token::TokenRequest,
    verify::{VerifyRequest, VerifyResponse},
};
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use uuid::Uuid;

fuzz_target!(|data: &[u8]| {
    read::<AskChallenge>(data);
    read::<Assert>(data);
    read::<CreateApiKey>(data);
    read::<CreateClient>(data);
    read::<Enroll>(data);
    read::<FeedRequest>(data);
    read::<FeedSeenRequest>(data);
    read::<FeedSessionRequest>(data);
    read::<RegisterSession>(data);
    read::<RenameDevice>(data);
    read::<Rotate>(data);
    read::<Unenroll>(data);
    read::<UpdateClient>(data);
    if let Some(request) = read::<TokenRequest>(data) {
        let _ = request.device_report(Uuid::nil());
    }
    if let Some(request) = read::<VerifyRequest<'_>>(data) {
        let demands = request.demands();
        assert_eq!(demands.strict, request.strict);
        let _ = request.scheme();
    }
    if let Ok(answer) = serde_json::from_slice::<VerifyResponse<'_>>(data) {
        let written = answer.to_json().expect("JSON");
        let usual = serde_json::to_vec(&answer).expect("JSON");
        assert_eq!(written, usual);
        let again: VerifyResponse<'_> = serde_json::from_slice(&written).expect("an answer");
        assert_eq!(again, answer);
    }
});

/// What is there, if nothing is wrong with it.
fn read<'a, T: Deserialize<'a> + Validate>(data: &'a [u8]) -> Option<T> {
    let Object(request): Object<T> = serde_json::from_slice(data).ok()?;
    let errors = request.validate();
    let is_told = |error: &countersign_api_types::FieldError| {
        !error.detail.is_empty() && error.pointer.len() + error.detail.len() < 256
    };
    assert!(errors.iter().all(is_told), "{errors:?}");
    errors.is_empty().then_some(request)
}
