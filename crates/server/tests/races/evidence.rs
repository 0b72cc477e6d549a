//! The tablet's maker vouches for it: what it presents, and whom it presents that to.

use crate::{acts::Act, link::Reply, place::Place};
use countersign_attestation::transcript::Purpose;
use countersign_test_support::{Asked, Kind, Phone, TestApp};
use serde_json::{Value, json};
use std::{net::Ipv4Addr, sync::Arc};

/// What a tablet is about to present.
pub(crate) struct Presented {
    phone: Arc<Phone>,
    path: &'static str,
    body: Value,
}

impl Place {
    /// Makes what the act presents: the tablet's key again, a new key on the same machine, or one
    /// that takes the old one's place.
    pub(crate) async fn present(&self, act: Act) -> Presented {
        let (tablet, tokens) = self.now(0);
        let (purpose, path) = match act {
            Act::Rotate => (Purpose::Rotate, "/v1/enrollments/rotate"),
            _ => (Purpose::Enroll, "/v1/enrollments"),
        };
        let phone = match act {
            Act::Reinstall | Act::Rotate => Arc::new(tablet.with_new_key()),
            _ => Arc::clone(&tablet),
        };
        let challenge = self.challenge(purpose).await;
        let asked = Asked {
            purpose,
            client: &self.world.client,
            challenge: &challenge,
            at: self.world.clock.now(),
            action: None,
        };
        let device = phone.as_device();
        // A record's machine is named after it, so that a new record is on a new one.
        let machine = &tokens.device;
        let evidence = self.platforms.android_machine(asked, &device, machine);
        let mut body = json!({
            "client_id": self.world.client, "challenge": challenge, "device": device.report(),
            "evidence": evidence,
        });
        if purpose == Purpose::Rotate {
            let url = format!("{}{path}", TestApp::PUBLIC_URL);
            body["previous_proof"] = json!(tablet.proof("POST", &url, None, None));
        }
        Presented { phone, path, body }
    }

    /// Presents it; the tablet has the key from then on.
    pub(crate) async fn enroll(&self, presented: &Presented) -> Reply {
        let answer = self.send(presented).await;
        if answer.is_success() {
            self.keep_tablet(Arc::clone(&presented.phone));
        }
        answer
    }

    /// Shows what the tablet is, with the key that it has.
    pub(crate) async fn show(&self) -> Reply {
        let presented = self.present(Act::Enroll).await;
        self.send(&presented).await
    }

    /// Enrolls a key of the tablet's without saying on which machine it is: another record, until
    /// its user logs in.
    pub(crate) async fn enroll_apart(&self, phone: &Arc<Phone>) {
        let elsewhere = self.world.phone(Kind::Keyless);
        let challenge = self.challenge(Purpose::Enroll).await;
        let body = json!({
            "client_id": self.world.client, "challenge": challenge,
            "device": { "installation_id": elsewhere.installation_id },
        });
        let presented = Presented {
            phone: Arc::clone(phone),
            path: "/v1/enrollments",
            body,
        };
        self.send(&presented).await.expect_status(201);
    }

    async fn send(&self, presented: &Presented) -> Reply {
        let Presented { phone, path, body } = presented;
        let url = format!("{}{path}", TestApp::PUBLIC_URL);
        let proof = phone.proof("POST", &url, None, None).expect("a key");
        let call = self.world.app().public("POST", path).header("dpop", &proof);
        let call = call.from(&self.address()).json(body);
        call.send().await.into()
    }

    async fn challenge(&self, purpose: Purpose) -> String {
        let body = json!({ "client_id": self.world.client, "purpose": purpose.as_str() });
        let path = "/v1/enrollments/challenges";
        let call = self.world.app().public("POST", path);
        let answer = call.from(&self.address()).json(&body).send().await;
        Reply::from(answer).expect_status(201).text("challenge")
    }

    /// Another one for each call: calls by nobody known are limited by address.
    fn address(&self) -> String {
        let mut bytes = [0; 3];
        self.world.rng.fill(&mut bytes);
        Ipv4Addr::new(100, bytes[0], bytes[1], bytes[2]).to_string()
    }
}
