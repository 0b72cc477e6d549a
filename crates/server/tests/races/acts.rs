//! Everything that writes, done to a tablet that two users share.

use crate::{
    link::Reply,
    world::{Tokens, World},
};
use countersign_server::Job;
use countersign_test_support::{Kind, Phone, adopted_pair};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

/// What is done to a tablet that two users share, or to something around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Act {
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
    FlushActivity,
    Sweep,
}

pub(crate) const ACTS: [Act; 20] = [
    Act::LogIn,
    Act::LogInOther,
    Act::Refresh,
    Act::RefreshOther,
    Act::ComeBackWithNewKey,
    Act::LogOut,
    Act::LogOutOther,
    Act::LogDeviceOut,
    Act::Remove,
    Act::RemoveOther,
    Act::Rename,
    Act::EndOthers,
    Act::Disable,
    Act::Enable,
    Act::Adopt,
    Act::ReplaceTokens,
    Act::Revoke,
    Act::ChangeClient,
    Act::FlushActivity,
    Act::Sweep,
];

/// A tablet of two users, and a phone of the first.
pub(crate) struct Place {
    world: World,
    users: [String; 2],
    tablet: Mutex<Arc<Phone>>,
    phone: Phone,
    /// Of each user on the tablet, and of the first on the phone.
    tokens: Mutex<[Tokens; 3]>,
    adopted: String,
    serial: AtomicU64,
}

impl Place {
    pub(crate) async fn make(world: &World, name: &str) -> Self {
        let users = [format!("{name}-1"), format!("{name}-2")];
        let (tablet, phone) = (world.phone(Kind::Keyed), world.phone(Kind::Keyed));
        let tokens = [
            world.log_in(&users[0], &tablet).await,
            world.log_in(&users[1], &tablet).await,
            world.log_in(&users[0], &phone).await,
        ];
        let mut body = world.phone(Kind::Keyless).login(&world.client, &users[0]);
        body["tokens"] = adopted_pair(&format!("{name}-0"));
        let adopting = world.post_session(&body).await.expect("an answer");
        Self {
            world: world.clone(),
            users,
            tablet: Mutex::new(Arc::new(tablet)),
            phone,
            tokens: Mutex::new(tokens),
            adopted: adopting.expect_status(201).text("session_id"),
            serial: AtomicU64::new(1),
        }
    }

    /// Logs in again whoever was cut off, so that there is something to meet about.
    pub(crate) async fn revive(&self) {
        let standing = self.world.on_user(&self.users[0], "enable").await;
        standing.expect("an answer").expect_status(200);
        for index in 0..3 {
            let (tablet, tokens) = self.now(index);
            let phone = if index == 2 { &self.phone } else { &*tablet };
            if !self.world.is_allowed(phone, &tokens.access).await {
                let new = self.world.log_in(&self.users[index % 2], phone).await;
                self.tokens.lock().expect("no panic")[index] = new;
            }
        }
    }

    fn now(&self, index: usize) -> (Arc<Phone>, Tokens) {
        let tablet = Arc::clone(&self.tablet.lock().expect("no panic"));
        (tablet, self.tokens.lock().expect("no panic")[index].clone())
    }

    fn keep(&self, index: usize, answer: &Reply) {
        if answer.is_success() {
            self.tokens.lock().expect("no panic")[index] = Tokens::of(answer);
        }
    }

    pub(crate) async fn play(&self, act: Act) -> Option<Reply> {
        match act {
            Act::LogIn => self.log_in(0).await,
            Act::LogInOther => self.log_in(1).await,
            Act::Refresh => self.refresh(0).await,
            Act::RefreshOther => self.refresh(1).await,
            Act::ComeBackWithNewKey => self.come_back().await,
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
            Act::Disable => self.world.on_user(&self.users[0], "disable").await,
            Act::Enable => self.world.on_user(&self.users[0], "enable").await,
            Act::Adopt | Act::ReplaceTokens => self.adopt(act).await,
            Act::Revoke => self.revoke().await,
            Act::ChangeClient => self.change_client().await,
            Act::FlushActivity => self.run(Job::FlushActivity).await,
            Act::Sweep => self.run(Job::Sweep).await,
        }
    }

    async fn log_in(&self, index: usize) -> Option<Reply> {
        let (tablet, _) = self.now(index);
        let answer = self.world.login(&self.users[index], &tablet).await?;
        self.keep(index, &answer);
        Some(answer)
    }

    async fn refresh(&self, index: usize) -> Option<Reply> {
        let (tablet, tokens) = self.now(index);
        let user = &self.users[index];
        let answer = self.world.refresh(user, &tablet, &tokens.refresh).await?;
        self.keep(index, &answer);
        Some(answer)
    }

    async fn come_back(&self) -> Option<Reply> {
        let (tablet, _) = self.now(0);
        let new = Arc::new(tablet.with_new_key());
        let answer = self.world.login(&self.users[0], &new).await?;
        if answer.is_success() {
            *self.tablet.lock().expect("no panic") = new;
            self.keep(0, &answer);
        }
        Some(answer)
    }

    async fn own(&self, index: usize, path: &str) -> Option<Reply> {
        let (tablet, tokens) = self.now(index);
        let phone = if index == 2 { &self.phone } else { &*tablet };
        Some(self.world.own(phone, &tokens.access, path).await)
    }

    async fn on_device(
        &self,
        method: &str,
        index: usize,
        what: &str,
        body: &Value,
    ) -> Option<Reply> {
        let (_, tokens) = self.now(index);
        let (user, device) = (&self.users[index], tokens.device);
        let path = format!("/v1/users/{user}/devices/{device}{what}");
        self.world.link.call(method, &path, body).await
    }

    async fn adopt(&self, act: Act) -> Option<Reply> {
        let tokens = adopted_pair(&format!("{}-{}", self.users[0], self.next()));
        if act == Act::Adopt {
            let (tablet, _) = self.now(1);
            let mut body = tablet.login(&self.world.client, &self.users[1]);
            body["tokens"] = tokens;
            return self.world.post_session(&body).await;
        }
        let path = format!("/v1/sessions/{}/tokens", self.adopted);
        self.world.link.call("PUT", &path, &tokens).await
    }

    async fn revoke(&self) -> Option<Reply> {
        let (_, tokens) = self.now(0);
        let call = self.world.app().internal("POST", "/oauth/revoke");
        let answer = call.form(&format!("token={}", tokens.refresh)).send().await;
        Some(Reply {
            status: answer.status.as_u16(),
            body: answer.body,
        })
    }

    async fn change_client(&self) -> Option<Reply> {
        let app = self.world.app();
        let path = format!("/v1/clients/{}", self.world.client);
        let read = app.internal("GET", &path).send().await;
        let tag = read.headers["etag"].to_str().expect("text").to_owned();
        let name = json!({ "name": format!("App {}", self.next()) });
        let change = app.internal("PATCH", &path).header("if-match", &tag);
        let answer = change.json(&name).send().await;
        Some(Reply {
            status: answer.status.as_u16(),
            body: answer.body,
        })
    }

    async fn run(&self, job: Job) -> Option<Reply> {
        // Something to write: the activity of a request that is newer than the rows.
        self.world.app().clock.advance(Duration::from_millis(1));
        for index in 0..2 {
            let (tablet, tokens) = self.now(index);
            self.world.is_allowed(&tablet, &tokens.access).await;
        }
        let done = Box::pin(self.world.app().app.run_job(job)).await;
        done.expect("the job");
        None
    }

    fn next(&self) -> u64 {
        self.serial.fetch_add(1, Ordering::Relaxed)
    }
}
