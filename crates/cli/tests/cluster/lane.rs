//! One user after another, who logs in, calls everybody, is cut off, and calls everybody again.

use crate::{
    backend,
    history::{Answer, Event, Login},
    line::{Line, Reply},
    scene::{CAST, NODES, Role, Stage},
};
use countersign_test_support::{Kind, Phone, below};
use futures_util::future::join_all;
use http::Request;
use serde_json::Value;
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// How long processes are asked again that cannot judge for the moment.
const INSISTENCE: Duration = Duration::from_mins(1);

/// How long answers are waited for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Patience {
    pub(crate) call: Duration,
    pub(crate) ending: Duration,
}

/// One caller with connections of its own.
pub(crate) struct Lane {
    stage: Arc<Stage>,
    patience: Patience,
    /// To each process, to ask.
    lines: Vec<Line>,
    /// To each node, to change something.
    changes: Vec<Line>,
    /// The nonce that proofs carry.
    nonce: Option<String>,
    /// What ended last, as many as are remembered.
    ended: VecDeque<Session>,
    remembers: usize,
    rounds: usize,
}

/// A user's session on a device.
pub(crate) struct Session {
    pub(crate) login: Login,
    user: String,
    device: String,
    token: String,
    phone: Phone,
}

/// One try, and the nonce that it should have had.
struct Tried {
    answer: Answer,
    nonce: Option<String>,
}

impl Lane {
    pub(crate) fn new(stage: &Arc<Stage>, patience: Patience) -> Self {
        Self {
            stage: Arc::clone(stage),
            patience,
            lines: (0..CAST.len()).map(|number| stage.line(number)).collect(),
            changes: (0..NODES).map(|number| stage.line(number)).collect(),
            nonce: None,
            ended: VecDeque::new(),
            remembers: 4,
            rounds: 0,
        }
    }

    /// Forgets nothing that ended.
    pub(crate) const fn remember_all(mut self) -> Self {
        self.remembers = usize::MAX;
        self
    }

    /// Logs somebody in on any node; every fourth has no key.
    pub(crate) async fn log_in(&mut self) -> Option<Session> {
        self.rounds += 1;
        let kind = match self.rounds % 4 {
            0 => Kind::Keyless,
            _ => Kind::Keyed,
        };
        let (stage, login) = (Arc::clone(&self.stage), self.stage.next_login());
        let (phone, user) = (
            Phone::new(kind, &stage.clock, &stage.rng),
            format!("user-{login}"),
        );
        let body = phone.login(&stage.client, &user);
        let request = stage.request("POST", "/v1/sessions", &body);
        let node = below(&*stage.rng, NODES);
        let reply = self.change(node, request).await?;
        // A node whose clock is wrong takes no proof, and may have no key that is good by then.
        let is_known = reply.is_success() || is_away(&reply) || stage.has_false_clock;
        assert!(is_known, "a login: {} {}", reply.status, reply.body);
        Some(Session {
            login: Login(login),
            user,
            device: reply.text("device_id")?,
            token: reply.text("access_token")?,
            phone,
        })
    }

    /// Ends the session on any node, in one of four ways; whether that returned success.
    pub(crate) async fn end(&mut self, session: &Session) -> bool {
        let node = below(&*self.stage.rng, NODES);
        self.end_on(session, node).await
    }

    /// The same on a chosen node.
    pub(crate) async fn end_on(&mut self, session: &Session, node: usize) -> bool {
        let stage = Arc::clone(&self.stage);
        let (user, device) = (&session.user, &session.device);
        let devices = format!("/v1/users/{user}/devices/{device}");
        // A node takes a token back only as long as it is good by its own clock.
        let ways = if stage.has_false_clock { 3 } else { 4 };
        let request = match below(&*stage.rng, ways) {
            0 => stage.request("POST", &format!("{devices}/logout"), &Value::Null),
            1 => stage.request("DELETE", &devices, &Value::Null),
            2 => stage.request("POST", &format!("/v1/users/{user}/disable"), &Value::Null),
            _ => {
                let form = format!("token={}", session.token);
                let kind = "application/x-www-form-urlencoded";
                stage.request_as("POST", "/oauth/revoke", kind, form)
            }
        };
        let began = stage.journal.now();
        let reply = self.change(node, request).await;
        let returned = stage.journal.now();
        if let Some(reply) = &reply {
            let is_known = reply.is_success() || is_away(reply);
            assert!(is_known, "an ending: {} {}", reply.status, reply.body);
        }
        let is_success = reply.is_some_and(|reply| reply.is_success());
        stage.journal.write(Event::Ending {
            login: session.login,
            began,
            returned,
            is_success,
        });
        is_success
    }

    /// Ends it, and asks everybody about it and what ended before, if that returned success.
    pub(crate) async fn end_and_ask(&mut self, session: Session) {
        if !self.end(&session).await {
            return;
        }
        self.ask_all(&session).await;
        if let Some(earlier) = self.ended.pop_front() {
            self.ask_all(&earlier).await;
            self.ended.push_back(earlier);
        }
        self.ended.push_back(session);
        if self.ended.len() > self.remembers {
            self.ended.pop_front();
        }
    }

    /// Asks everybody about everything that ended of late.
    pub(crate) async fn ask_about_ended(&mut self) {
        for session in std::mem::take(&mut self.ended) {
            self.ask_all(&session).await;
        }
    }

    /// Asks every process at the same time.
    pub(crate) async fn ask_all(&mut self, session: &Session) -> Vec<Answer> {
        let (stage, nonce, patience) = (&*self.stage, self.nonce.clone(), self.patience.call);
        let asking = self.lines.iter_mut().enumerate().map(|(number, line)| {
            let nonce = nonce.clone();
            async move { ask(stage, number, line, session, nonce, patience).await }
        });
        let tried = join_all(asking).await;
        for tried in &tried {
            if let Some(nonce) = &tried.nonce {
                self.nonce = Some(nonce.clone());
            }
        }
        tried.iter().map(|tried| tried.answer).collect()
    }

    /// Asks until nobody is unable to judge; whether all accepted then.
    pub(crate) async fn is_accepted_by_all(&mut self, session: &Session) -> bool {
        let start = self.stage.journal.now();
        while self.stage.journal.since(start) < INSISTENCE {
            let answers = self.ask_all(session).await;
            let is_judged = |answer| matches!(answer, Answer::Accepted | Answer::Refused);
            if answers.iter().copied().all(is_judged) {
                return answers.iter().all(|answer| *answer == Answer::Accepted);
            }
        }
        false
    }

    /// A call of a node.
    async fn change(&mut self, node: usize, request: Request<String>) -> Option<Reply> {
        self.changes[node].send(request, self.patience.ending).await
    }
}

/// One question, with another try for one that wants a nonce.
async fn ask(
    stage: &Stage,
    number: usize,
    line: &mut Line,
    session: &Session,
    mut nonce: Option<String>,
    patience: Duration,
) -> Tried {
    let (name, role, _) = CAST[number];
    let mut told = None;
    loop {
        let request = question(stage, role, session, nonce.as_deref());
        let began = stage.journal.now();
        let reply = line.send(request, patience).await;
        let returned = stage.journal.now();
        let answer = judged(name, role, reply.as_ref());
        stage.journal.write(Event::Call {
            login: session.login,
            process: name.to_owned(),
            began,
            returned,
            answer,
        });
        let wanted = reply.as_ref().and_then(wanted_nonce);
        if wanted.is_none() || told.is_some() {
            return Tried {
                answer,
                nonce: told,
            };
        }
        nonce.clone_from(&wanted);
        told = wanted;
    }
}

fn question(stage: &Stage, role: Role, session: &Session, nonce: Option<&str>) -> Request<String> {
    let Session { token, phone, .. } = session;
    if role != Role::Backend {
        return stage.request("POST", "/v1/verify", &phone.verify(token, nonce));
    }
    let url = format!("{}{}", backend::PUBLIC_URL, backend::PATH);
    let request = Request::builder()
        .uri(backend::PATH)
        .header("host", "localhost");
    let request = match phone.proof("GET", &url, Some(token), nonce) {
        Some(proof) => request
            .header("authorization", format!("DPoP {token}"))
            .header("dpop", proof),
        None => request.header("authorization", format!("Bearer {token}")),
    };
    request.body(String::new()).expect("a request")
}

fn judged(name: &str, role: Role, reply: Option<&Reply>) -> Answer {
    let Some(reply) = reply else {
        return Answer::Silent;
    };
    let is_allowed = match role {
        Role::Backend => reply.status == 200,
        Role::Node | Role::Sidecar => reply.body["allowed"] == true,
    };
    match (role, reply.status) {
        (_, 503) => Answer::Unable,
        (_, 200) if is_allowed => Answer::Accepted,
        (Role::Node | Role::Sidecar, 200) | (Role::Backend, 401 | 403) => Answer::Refused,
        (_, status) => panic!("{name}: {status} {}", reply.body),
    }
}

/// What a refusal for want of a nonce carries.
fn wanted_nonce(reply: &Reply) -> Option<String> {
    if reply.body["code"] != "use_dpop_nonce" {
        return None;
    }
    let header = reply.headers.get("dpop-nonce");
    let header = header.and_then(|value| value.to_str().ok());
    reply.text("dpop_nonce").or(header.map(str::to_owned))
}

/// It could not be done for the moment, or may have been done.
fn is_away(reply: &Reply) -> bool {
    reply.status == 503
}
