//! What admins do to the tablet and those on it.

use crate::{acts::Act, link::Reply, place::Place};
use serde_json::{Value, json};

impl Place {
    pub(crate) async fn by_admin(&self, act: Act) -> Reply {
        let device = self.now(0).1.device;
        let step = async |what: &str| {
            let path = format!("/v1/devices/{device}/{what}");
            self.call("POST", &path, &Value::Null).await
        };
        match act {
            Act::BanDevice | Act::BanUser | Act::BanKey => self.ban(act).await,
            Act::LiftBan => self.lift().await,
            Act::Suspend => step("suspend").await,
            Act::Resume => step("resume").await,
            Act::RevokeDevice => step("revoke").await,
            Act::Approve => self.decide("approve").await,
            Act::Reject => self.decide("reject").await,
            _ => self.set_play_credentials().await,
        }
    }

    pub(crate) async fn ban(&self, act: Act) -> Reply {
        let (tablet, tokens) = self.now(0);
        let subject = match act {
            Act::BanUser => json!({ "device_id": tokens.device, "user_id": self.users[0] }),
            Act::BanKey => json!({ "jkt": tablet.as_device().jkt().to_string() }),
            _ => json!({ "device_id": tokens.device }),
        };
        let banned = self.call("POST", "/v1/bans", &subject).await;
        if banned.is_success() {
            let ban = banned.text("ban_id");
            self.left.lock().expect("no panic").bans.push(ban);
        }
        banned
    }

    async fn lift(&self) -> Reply {
        let lifting = self.left.lock().expect("no panic").lifting.clone();
        let path = format!("/v1/bans/{}", lifting.expect("a ban to lift"));
        self.call("DELETE", &path, &Value::Null).await
    }

    async fn decide(&self, what: &str) -> Reply {
        let approval = self.left.lock().expect("no panic").approval.clone();
        let approval = approval.expect("a request to decide");
        let path = format!("/v1/approvals/{approval}/{what}");
        self.call("POST", &path, &Value::Null).await
    }

    async fn set_play_credentials(&self) -> Reply {
        let (decryption, verification) = self.platforms.console().response_keys();
        let keys = json!({ "decryption_key": decryption, "verification_key": verification });
        let path = format!("/v1/clients/{}/play-integrity", self.world.client);
        self.call("PUT", &path, &keys).await
    }
}
