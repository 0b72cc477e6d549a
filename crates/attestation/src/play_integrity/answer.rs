//! Answers of `decodeIntegrityToken`, for tokens that only Google can read.

use super::{
    appraise::judge, payload::Payload, policy::Expected, refused::Refused, verdict::Verdict,
};
use crate::{
    appraisal::{Appraisal, Checks},
    jws::{Object, read_object},
};
use serde::Deserialize;

/// The longest answer that is looked at.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;

/// Judges a whole answer: an object with the verdict in `tokenPayloadExternal`.
///
/// Nothing is signed: it must come from Google over a connection that shows that.
pub fn appraise_answer(json: &[u8], expected: &Expected<'_>) -> Appraisal<Verdict, Refused> {
    let mut checks = Checks::default();
    let outcome = check_size(json, &mut checks).and_then(|()| {
        let answer: Option<Answer<'_>> = read_object(json);
        judge(answer.map(|answer| answer.payload.0), expected, &mut checks)
    });
    checks.end(outcome)
}

/// Judges what stands in `tokenPayloadExternal` of an answer.
pub fn appraise_payload(json: &[u8], expected: &Expected<'_>) -> Appraisal<Verdict, Refused> {
    let mut checks = Checks::default();
    let outcome = check_size(json, &mut checks)
        .and_then(|()| judge(read_object(json), expected, &mut checks));
    checks.end(outcome)
}

fn check_size(json: &[u8], checks: &mut Checks) -> Result<(), Refused> {
    checks.ensure(
        "answer_size",
        json.len() <= MAX_ANSWER_BYTES,
        Refused::TooLong,
    )
}

#[derive(Deserialize)]
struct Answer<'a> {
    #[serde(borrow, rename = "tokenPayloadExternal")]
    payload: Object<Payload<'a>>,
}
