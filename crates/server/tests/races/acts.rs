//! Everything that writes, done to a tablet that two users share.

use crate::{link::Reply, place::Place, prepare::Ready};
use countersign_server::Job;
use countersign_test_support::Kind;
use serde_json::{Value, json};
use std::sync::Arc;

macro_rules! acts {
    ($($act:ident,)*) => {
        /// What is done to a tablet that two users share, or to something around it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub(crate) enum Act {
            $($act,)*
        }

        /// All, those last whose preparation takes the tablet from its users.
        pub(crate) const ACTS: &[Act] = &[$(Act::$act,)*];
    };
}

acts! {
    LogIn,
    LogInOther,
    Refresh,
    RefreshOther,
    ComeBackWithNewKey,
    LogOut,
    LogOutOther,
    LogDeviceOut,
    Remove,
    RemoveOther,
    Rename,
    EndOthers,
    Disable,
    Enable,
    Adopt,
    ReplaceTokens,
    Revoke,
    ChangeClient,
    SetPlayCredentials,
    MakeRoom,
    AskToBeLetIn,
    Approve,
    Reject,
    Enroll,
    Reinstall,
    Rotate,
    JudgeAgain,
    ProveBadly,
    BanDevice,
    BanUser,
    BanKey,
    Suspend,
    RevokeDevice,
    FlushActivity,
    Sweep,
    Resume,
    Admit,
    LiftBan,
}

impl Place {
    /// Plays an act that is ready; jobs have no answer.
    pub(crate) async fn play(&self, ready: &Ready) -> Option<Reply> {
        match ready.act {
            Act::FlushActivity => return self.run(Job::FlushActivity).await,
            Act::Sweep => return self.run(Job::Sweep).await,
            Act::JudgeAgain => return self.run(Job::JudgeAgain).await,
            Act::Admit => return self.run(Job::Admit).await,
            _ => {}
        }
        Some(match (&ready.presented, ready.act) {
            (Some(presented), _) => self.enroll(presented).await,
            (None, Act::LogIn) => self.log_in(0).await,
            (None, Act::LogInOther) => self.log_in(1).await,
            (None, Act::Refresh) => self.refresh(0).await,
            (None, Act::RefreshOther) => self.refresh(1).await,
            (None, Act::ComeBackWithNewKey) => self.come_back(ready).await,
            // On another phone: somebody has to look first, or the user's other devices make room.
            (None, Act::AskToBeLetIn | Act::MakeRoom) => self.log_in_elsewhere().await,
            (None, Act::ProveBadly) => self.prove_badly().await,
            (None, Act::Adopt) => self.adopt().await,
            (None, Act::ReplaceTokens) => self.replace_tokens().await,
            (None, Act::Revoke) => self.revoke().await,
            (None, Act::ChangeClient) => self.rename_client().await,
            (None, act) => match self.on_devices(act).await {
                Some(answer) => answer,
                None => self.by_admin(act).await,
            },
        })
    }

    /// What users and the backend do to the users' devices.
    async fn on_devices(&self, act: Act) -> Option<Reply> {
        Some(match act {
            Act::LogOut => self.own(0, "/v1/logout").await,
            Act::LogOutOther => self.own(1, "/v1/logout").await,
            Act::EndOthers => self.own(2, "/v1/me/sessions/end-others").await,
            Act::LogDeviceOut => self.on_device("POST", 0, "/logout", &Value::Null).await,
            Act::Remove => self.on_device("DELETE", 0, "", &Value::Null).await,
            Act::RemoveOther => self.on_device("DELETE", 1, "", &Value::Null).await,
            Act::Rename => {
                let name = json!({ "name": format!("Tablet {}", self.next()) });
                self.on_device("PATCH", 0, "", &name).await
            }
            Act::Disable => self.on_first_user("disable").await,
            Act::Enable => self.on_first_user("enable").await,
            _ => return None,
        })
    }

    async fn log_in(&self, index: usize) -> Reply {
        let (tablet, _) = self.now(index);
        let answer = self.world.login(&self.users[index], &tablet).await;
        let answer = answer.expect("an answer");
        self.keep(index, &answer);
        answer
    }

    async fn refresh(&self, index: usize) -> Reply {
        let (tablet, tokens) = self.now(index);
        let user = &self.users[index];
        let answer = self.world.refresh(user, &tablet, &tokens.refresh).await;
        let answer = answer.expect("an answer");
        self.keep(index, &answer);
        answer
    }

    async fn come_back(&self, ready: &Ready) -> Reply {
        let new = ready.returning.as_ref().expect("a tablet with a new key");
        let answer = self.world.login(&self.users[0], new).await;
        let answer = answer.expect("an answer");
        if answer.is_success() {
            self.keep_tablet(Arc::clone(new));
            self.keep(0, &answer);
        }
        answer
    }

    /// The first user comes with another phone.
    async fn log_in_elsewhere(&self) -> Reply {
        let phone = self.world.phone(Kind::Keyed);
        let answer = self.world.login(&self.users[0], &phone).await;
        answer.expect("an answer")
    }

    /// A live token of the tablet with a proof by another key.
    async fn prove_badly(&self) -> Reply {
        let (tablet, tokens) = self.now(0);
        let other = tablet.with_new_key();
        let answer = self.world.verify(&other, &tokens.access).await;
        answer.expect("an answer")
    }

    async fn own(&self, index: usize, path: &str) -> Reply {
        let (phone, tokens) = self.now(index);
        self.world.own(&phone, &tokens.access, path).await
    }

    async fn on_device(&self, method: &str, index: usize, what: &str, body: &Value) -> Reply {
        let (_, tokens) = self.now(index);
        let (user, device) = (&self.users[index], tokens.device);
        let path = format!("/v1/users/{user}/devices/{device}{what}");
        self.call(method, &path, body).await
    }

    async fn on_first_user(&self, what: &str) -> Reply {
        let answer = self.world.on_user(&self.users[0], what).await;
        answer.expect("an answer")
    }

    async fn adopt(&self) -> Reply {
        let (tablet, _) = self.now(1);
        let mut body = tablet.login(&self.world.client, &self.users[1]);
        body["tokens"] = self.new_pair();
        let answer = self.world.post_session(&body).await;
        answer.expect("an answer")
    }

    async fn replace_tokens(&self) -> Reply {
        let path = format!("/v1/sessions/{}/tokens", self.adopted());
        self.call("PUT", &path, &self.new_pair()).await
    }

    async fn revoke(&self) -> Reply {
        let (_, tokens) = self.now(0);
        let call = self.world.app().internal("POST", "/oauth/revoke");
        let answer = call.form(&format!("token={}", tokens.refresh)).send().await;
        answer.into()
    }

    async fn rename_client(&self) -> Reply {
        let app = self.world.app();
        let path = format!("/v1/clients/{}", self.world.client);
        let read = app.internal("GET", &path).send().await;
        let tag = read.headers["etag"].to_str().expect("text").to_owned();
        let name = json!({ "name": format!("App {}", self.next()) });
        let change = app.internal("PATCH", &path).header("if-match", &tag);
        change.json(&name).send().await.into()
    }

    async fn run(&self, job: Job) -> Option<Reply> {
        let done = Box::pin(self.world.app().app.run_job(job)).await;
        done.expect("the job");
        None
    }
}
