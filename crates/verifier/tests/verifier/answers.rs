//! What is made of the service's answers: whatever is not exactly a yes or a no is neither.

use crate::fake::{Fake, yes};
use countersign_verifier::{Demands, Platform, Refused, TrustLevel, Verdict};
use http::{Request, request::Parts};
use serde_json::{Value, json};

fn request() -> Parts {
    let request = Request::builder().header("authorization", "Bearer token");
    request.body(()).unwrap().into_parts().0
}

async fn verdict(fake: &Fake, answer: Value) -> Verdict {
    fake.answer(answer);
    fake.verifier().verify(&request(), Demands::default()).await
}

fn refused(verdict: Verdict) -> Refused {
    match verdict {
        Verdict::Refused(refused) => refused,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_yes_says_whose_request_it_is() {
    let fake = Fake::start().await;
    let mut answer = yes();
    answer["app_version"] = json!("1.2.3");
    answer["dpop_nonce"] = json!("nonce");
    let Verdict::Allowed(admitted) = verdict(&fake, answer).await else {
        panic!("not allowed");
    };
    let session = &admitted.session;
    assert_eq!(
        (&*session.user_id, session.app_version.as_deref()),
        ("42", Some("1.2.3"))
    );
    assert_eq!(
        (session.trust, session.platform),
        (TrustLevel::Trusted, Platform::Web)
    );
    assert_eq!(admitted.nonce.unwrap(), "nonce");
}

#[tokio::test]
async fn a_member_that_is_missing_or_of_another_kind_makes_a_yes_none() {
    let fake = Fake::start().await;
    let members: Vec<String> = yes().as_object().unwrap().keys().cloned().collect();
    for member in &members {
        for wrong in [Value::Null, json!({}), json!(7), json!("")] {
            let mut answer = yes();
            answer[member] = wrong.clone();
            let refused = refused(verdict(&fake, answer).await);
            assert_eq!(refused.status().as_u16(), 503, "{member}: {wrong}");
        }
        let mut answer = yes();
        answer.as_object_mut().unwrap().remove(member);
        assert_eq!(
            refused(verdict(&fake, answer).await).code(),
            "unavailable",
            "{member}"
        );
    }
    assert_eq!(members.len(), 12);
}

#[tokio::test]
async fn a_yes_with_a_nonce_that_ends_its_line_is_none() {
    let fake = Fake::start().await;
    let mut answer = yes();
    answer["dpop_nonce"] = json!("a\r\nSet-Cookie: a=b");
    assert_eq!(refused(verdict(&fake, answer).await).code(), "unavailable");
}

#[tokio::test]
async fn a_refusal_of_a_newer_service_is_handed_on() {
    let fake = Fake::start().await;
    let answer = json!({ "allowed": false, "code": "moon_phase", "status": 403 });
    let refused = refused(verdict(&fake, answer).await);
    assert_eq!(
        (refused.status().as_u16(), refused.code()),
        (403, "moon_phase")
    );
    assert!(
        !refused
            .to_response()
            .headers()
            .contains_key("www-authenticate")
    );
}

#[tokio::test]
async fn a_refusal_that_could_not_be_sent_is_none() {
    let fake = Fake::start().await;
    for (member, wrong) in [
        ("code", json!("Moon phase")),
        ("code", json!("")),
        ("code", json!("a".repeat(65))),
        ("code", json!(7)),
        ("status", json!(200)),
        ("status", json!(404)),
        ("status", json!("403")),
        ("www_authenticate", json!("DPoP\r\nSet-Cookie: a=b")),
        ("www_authenticate", json!(["DPoP"])),
        ("dpop_nonce", json!("a\nb")),
    ] {
        let mut answer = json!({ "allowed": false, "code": "device_banned", "status": 403 });
        answer[member] = wrong.clone();
        assert_eq!(
            refused(verdict(&fake, answer).await).code(),
            "unavailable",
            "{member}: {wrong}"
        );
    }
}
