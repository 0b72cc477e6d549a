//! A user who remembers what they were told, to hold it against the service later.

use crate::{
    link::Reply,
    load::{Load, Told},
    world::{Tokens, World},
};
use countersign_test_support::{Kind, Phone, below};

/// A user with one device.
pub(crate) struct Account {
    user: String,
    phone: Phone,
    state: State,
    /// What must never work again.
    dead: Vec<Tokens>,
    /// How many of these the last check went through.
    checked: usize,
}

enum State {
    /// No session that the user knows of.
    Out,
    /// This session was acknowledged and not ended.
    In(Tokens),
}

/// How often a call is repeated that was refused for the moment.
const INSISTENCE: usize = 200;

impl Account {
    pub(crate) fn new(world: &World, number: usize) -> Self {
        Self {
            user: format!("user-{number}"),
            phone: world.phone(Kind::Keyed),
            state: State::Out,
            dead: Vec::new(),
            checked: 0,
        }
    }

    /// Does one thing that a user may do now.
    pub(crate) async fn step(&mut self, world: &World, load: &Load) {
        match &self.state {
            State::Out => self.log_in(world, load).await,
            State::In(tokens) => {
                let tokens = tokens.clone();
                match below(&*world.rng, 10) {
                    0..5 => self.refresh(world, load, tokens).await,
                    5 | 6 => self.log_in(world, load).await,
                    7 => self.expect_let_in(world, &tokens).await,
                    _ => self.end(world, load, tokens).await,
                }
                self.expect_kept_out(world).await;
            }
        }
    }

    async fn log_in(&mut self, world: &World, load: &Load) {
        // A disable may stand, also one whose answer was lost.
        if let Told::Done(_) = load.judge(world.on_user(&self.user, "enable").await) {
            let answer = world.login(&self.user, &self.phone).await;
            match load.judge(answer) {
                Told::Done(answer) => {
                    self.bury();
                    self.state = State::In(Tokens::of(&answer));
                    load.tell(&load.tally.logins);
                }
                Told::Refused => {}
                // If it was made, it ended the one before.
                Told::Unknown => self.state = State::Out,
            }
        }
    }

    async fn refresh(&mut self, world: &World, load: &Load, tokens: Tokens) {
        let answer = world
            .refresh(&self.user, &self.phone, &tokens.refresh)
            .await;
        // Without an answer the same token is presented again.
        if let Told::Done(answer) = load.judge(answer) {
            self.state = State::In(Tokens::of(&answer));
            load.tell(&load.tally.refreshes);
        }
    }

    async fn end(&mut self, world: &World, load: &Load, tokens: Tokens) {
        let answer = match below(&*world.rng, 3) {
            0 => world.log_device_out(&self.user, &tokens.device).await,
            1 => world.remove_device(&self.user, &tokens.device).await,
            _ => world.on_user(&self.user, "disable").await,
        };
        match load.judge(answer) {
            Told::Done(_) => {
                self.bury();
                load.tell(&load.tally.endings);
            }
            Told::Refused => {}
            Told::Unknown => self.state = State::Out,
        }
    }

    fn bury(&mut self) {
        if let State::In(tokens) = std::mem::replace(&mut self.state, State::Out) {
            self.dead.push(tokens);
        }
    }

    /// The gate lets a live session in, or can't say for the moment.
    async fn expect_let_in(&self, world: &World, tokens: &Tokens) {
        if let Some(answer) = world.verify(&self.phone, &tokens.access).await {
            let is_away = answer.status == 503;
            let user = &self.user;
            assert!(
                is_away || answer.body["allowed"] == true,
                "{user}: {}",
                answer.body
            );
        }
    }

    /// The gate never lets in what was ended last.
    async fn expect_kept_out(&self, world: &World) {
        if let Some(tokens) = self.dead.last()
            && let Some(answer) = world.verify(&self.phone, &tokens.access).await
        {
            let user = &self.user;
            assert!(answer.body["allowed"] != true, "{user}: {}", answer.body);
        }
    }

    /// Checks everything that the user was told since the last check, against a service that works.
    pub(crate) async fn check(&mut self, world: &World) {
        for tokens in &self.dead[self.checked..] {
            let verified = insist(async || world.verify(&self.phone, &tokens.access).await).await;
            assert_eq!(verified.body["allowed"], false, "{}", verified.body);
            let refresh = async || {
                world
                    .refresh(&self.user, &self.phone, &tokens.refresh)
                    .await
            };
            let refreshed = insist(refresh).await;
            assert!(
                [401, 403].contains(&refreshed.status),
                "{} {}",
                refreshed.status,
                refreshed.body
            );
        }
        self.checked = self.dead.len();
        if let State::In(tokens) = &self.state {
            let verified = insist(async || world.verify(&self.phone, &tokens.access).await).await;
            assert_eq!(verified.body["allowed"], true, "{}", verified.body);
            let refresh = async || {
                world
                    .refresh(&self.user, &self.phone, &tokens.refresh)
                    .await
            };
            let refreshed = insist(refresh).await.expect_status(200);
            self.state = State::In(Tokens::of(&refreshed));
        }
    }
}

/// Repeats a call that was refused for the moment.
async fn insist(call: impl AsyncFn() -> Option<Reply>) -> Reply {
    for _ in 0..INSISTENCE {
        match call().await {
            Some(answer) if answer.status < 500 => return answer,
            Some(answer) if answer.status == 503 => {}
            other => unreachable!("{other:?}"),
        }
    }
    unreachable!("still refused after {INSISTENCE} tries")
}

/// Checks what every account was told since the last check.
pub(crate) async fn check_news(world: &World, accounts: &mut [Account]) {
    for account in accounts {
        account.check(world).await;
    }
}

/// Checks everything that every account was ever told.
pub(crate) async fn check_all(world: &World, accounts: &mut [Account]) {
    for account in accounts {
        account.checked = 0;
        account.check(world).await;
    }
}
