//! Changed proofs at every door: `/v1/verify`, the public listener, and logins.

use crate::{
    library::{For, Library},
    mutations::{self, Context, Mutation},
    service::{LOGIN_URL, Service},
};
use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use countersign_test_support::Answer;
use serde_json::json;

const DEVICES: &str = "/v1/me/devices";

/// A device with a session whose proofs need nonces.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) service: Service,
    pub(crate) device: Library,
    pub(crate) client: String,
    pub(crate) token: String,
    pub(crate) nonce: String,
}

/// Every change is refused at every door, and right after it the very proof that was changed is
/// accepted: neither is anything else wrong with it, nor does a refused copy use it up.
pub(crate) async fn changed_proofs(device: Library) {
    let mut scene = Scene::set(device).await;
    let context = scene.context();
    let mut wrong = Vec::new();
    let all = mutations::all();
    assert!(all.len() >= 30, "only {} changes", all.len());
    for (number, mutation) in all.iter().enumerate() {
        wrong.extend(
            scene
                .refuse_at_request(mutation, &context, number % 2 == 0)
                .await,
        );
        if mutation.at_login {
            wrong.extend(scene.refuse_at_login(mutation, &context).await);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // What the script signs itself is as good as what the library signs.
    let proof = scene.proof(DEVICES);
    let proof = mutations::unchanged().apply(&proof, &mut scene.device, &context);
    let answer = scene.request(&proof).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    scene.service.stop().await;
}

impl Scene {
    pub(crate) async fn set(mut device: Library) -> Self {
        let service = Service::start().await;
        let client = service.client("always").await;
        device.make_key("device", "ES256");
        let proof = login_proof(&mut device, "device", None);
        let nonce = service
            .login(&client, "42", &proof)
            .await
            .text("dpop_nonce");
        let mut scene = Self {
            service,
            device,
            client,
            token: String::new(),
            nonce,
        };
        scene.token = scene.login("device", "42").await.text("access_token");
        scene
    }

    /// Logs in by the key.
    pub(crate) async fn login(&mut self, key: &str, user: &str) -> Answer {
        let proof = login_proof(&mut self.device, key, Some(&self.nonce));
        let login = self.service.login(&self.client, user, &proof).await;
        assert_eq!(login.status, 201, "{}", login.body);
        login
    }

    /// A proof for a `GET` of the path with the session's token.
    pub(crate) fn proof(&mut self, path: &str) -> String {
        let wanted = For {
            method: "GET",
            url: &self.service.url(path),
            token: Some(&self.token),
            nonce: Some(&self.nonce),
        };
        self.device.proof("device", wanted)
    }

    /// The user's own call with the proof.
    pub(crate) async fn request(&self, proof: &str) -> Answer {
        let authorization = format!("DPoP {}", self.token);
        let headers = [("authorization", authorization.as_str()), ("dpop", proof)];
        self.service.get(DEVICES, &headers).await
    }

    /// The judgement of that call.
    pub(crate) async fn verify(&self, proof: &str) -> Answer {
        let request = json!({
            "token": self.token, "scheme": "DPoP", "proof": proof,
            "method": "GET", "url": self.service.url(DEVICES),
        });
        self.service.verify(&request).await
    }

    fn context(&mut self) -> Context {
        let foreign_jwk = self.device.make_key("other", "ES256").jwk;
        Context {
            foreign_jwk,
            foreign_ath: URL_SAFE_NO_PAD.encode(digest(&SHA256, b"another token")),
            second_proof: self.proof(DEVICES),
        }
    }

    async fn refuse_at_request(
        &mut self,
        mutation: &Mutation,
        context: &Context,
        is_then_verified: bool,
    ) -> Vec<String> {
        let proof = self.proof(DEVICES);
        let changed = mutation.apply(&proof, &mut self.device, context);
        let (name, code) = (mutation.name, mutation.code);
        let mut wrong = Vec::new();
        let answer = self.verify(&changed).await;
        wrong.extend(check_refusal(
            &answer,
            code,
            answer.body["www_authenticate"].as_str(),
        ));
        let answer = self.request(&changed).await;
        wrong.extend(check_refusal(
            &answer,
            code,
            Some(answer.header("www-authenticate")),
        ));
        let is_accepted = if is_then_verified {
            self.verify(&proof).await.body["allowed"] == true
        } else {
            self.request(&proof).await.status == 200
        };
        if !is_accepted {
            wrong.push("the unchanged proof is refused".to_owned());
        }
        wrong
            .iter()
            .map(|wrong| format!("{name}: {wrong}"))
            .collect()
    }

    async fn refuse_at_login(&mut self, mutation: &Mutation, context: &Context) -> Vec<String> {
        let proof = login_proof(&mut self.device, "device", Some(&self.nonce));
        let changed = mutation.apply(&proof, &mut self.device, context);
        let (name, code) = (mutation.name, mutation.code);
        let mut wrong = Vec::new();
        let answer = self.service.login(&self.client, "43", &changed).await;
        wrong.extend(check_refusal(
            &answer,
            code,
            answer.body["www_authenticate"].as_str(),
        ));
        let answer = self.service.login(&self.client, "43", &proof).await;
        if answer.status != 201 {
            wrong.push(format!("the unchanged proof is refused: {}", answer.body));
        }
        wrong
            .iter()
            .map(|wrong| format!("{name}, at a login: {wrong}"))
            .collect()
    }
}

/// What is not as documented about a refusal.
pub(crate) fn check_refusal(
    answer: &Answer,
    code: &str,
    challenge: Option<&str>,
) -> Option<String> {
    let error = match code {
        "use_dpop_nonce" => "use_dpop_nonce",
        "scheme_mismatch" | "token_invalid" | "session_ended" => "invalid_token",
        _ => "invalid_dpop_proof",
    };
    let challenge = challenge.unwrap_or_default();
    let is_right = answer.code() == code
        && answer.body["status"] == 401
        && challenge.contains(&format!(r#" error="{error}","#));
    (!is_right).then(|| format!("not {code} ({error}) but {} ({challenge})", answer.raw))
}

fn login_proof(device: &mut Library, key: &str, nonce: Option<&str>) -> String {
    let wanted = For {
        method: "POST",
        url: LOGIN_URL,
        token: None,
        nonce,
    };
    device.proof(key, wanted)
}
