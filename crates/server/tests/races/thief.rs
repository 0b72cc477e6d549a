//! I6 and I7: who has every token and every used proof, but not the key, gets nothing.

use crate::{
    link::Reply,
    rows,
    world::{Tokens, World},
};
use countersign_test_support::{API_URL, ENGINES, Kind, Phone, TestApp, below, report, rounds};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// How often the victim goes on with its day, in tries of the thief.
const DAY: usize = 25;

/// What the thief puts where the victim's proof belongs.
#[derive(Debug, Clone, Copy)]
enum Proof {
    None,
    OfOwnKey,
    Replayed,
    ReplayedAltered,
    MadeForAnotherUrl,
    WithOwnKeyAndVictimsInstallation,
}

const PROOFS: [Proof; 6] = [
    Proof::None,
    Proof::OfOwnKey,
    Proof::Replayed,
    Proof::ReplayedAltered,
    Proof::MadeForAnotherUrl,
    Proof::WithOwnKeyAndVictimsInstallation,
];

/// Everything that the victim ever sent or got.
struct Loot {
    tokens: Vec<Tokens>,
    relayed: Vec<Value>,
    asked: Vec<Value>,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn i6_a_thief_without_the_key_gets_no_token() {
    let tries = rounds(120);
    let mut results = BTreeMap::new();
    for engine in ENGINES {
        let world = World::start(engine).await;
        let codes = steal(&world, tries).await;
        results.insert(
            format!("{engine:?}"),
            json!({ "refreshes_tried": tries, "requests_tried": tries, "tokens": 0, "let_through": 0, "refusals": codes }),
        );
    }
    report(&json!(results));
}

async fn steal(world: &World, tries: usize) -> BTreeMap<String, usize> {
    let (victim, thief) = (world.phone(Kind::Keyed), world.phone(Kind::Keyed));
    let mut loot = Loot {
        tokens: vec![world.log_in("victim", &victim).await],
        relayed: Vec::new(),
        asked: Vec::new(),
    };
    let mut codes = BTreeMap::new();
    for number in 0..tries {
        if number.is_multiple_of(DAY) {
            loot.live_a_day(world, &victim).await;
        }
        let proof = PROOFS[number % PROOFS.len()];
        for answer in [
            loot.try_refresh(world, &victim, &thief, proof).await,
            loot.try_request(world, &thief, proof).await,
        ] {
            let is_through = answer.body["allowed"] == true;
            let has_tokens = !answer.body["access_token"].is_null();
            assert!(!is_through && !has_tokens, "{proof:?}: {}", answer.body);
            answer.expect_no_fault();
            *codes.entry(answer.code().to_owned()).or_insert(0) += 1;
        }
    }
    // The session lives, and its owner goes on.
    loot.live_a_day(world, &victim).await;
    let sessions = "SELECT COUNT(*) FROM sessions";
    assert_eq!(rows::count(world.database(), sessions).await, 1);
    rows::assert_consistent(world.database()).await;
    codes
}

impl Loot {
    /// The victim refreshes and makes a request; the thief sees both.
    async fn live_a_day(&mut self, world: &World, victim: &Phone) {
        let newest = self.tokens.last().expect("a login").clone();
        let body = victim.refresh(&world.client, "victim", &newest.refresh);
        let answer = world.post_session(&body).await.expect("an answer");
        let tokens = Tokens::of(&answer.expect_status(200));
        self.relayed.push(body["proof"].clone());
        let request = victim.verify(&tokens.access, None);
        let answer = world.ask(&request).await.expect("an answer");
        assert_eq!(answer.body["allowed"], true, "{}", answer.body);
        self.asked.push(request);
        self.tokens.push(tokens);
        world.app().clock.advance(std::time::Duration::from_secs(1));
    }

    async fn try_refresh(
        &self,
        world: &World,
        victim: &Phone,
        thief: &Phone,
        proof: Proof,
    ) -> Reply {
        let token = &pick(world, &self.tokens).refresh;
        let by = match proof {
            Proof::WithOwnKeyAndVictimsInstallation => victim,
            _ => thief,
        };
        let mut body = by.refresh(&world.client, "victim", token);
        let replayed = pick(world, &self.relayed).clone();
        body["proof"] = match proof {
            Proof::None => Value::Null,
            Proof::OfOwnKey | Proof::WithOwnKeyAndVictimsInstallation => {
                thief.relayed_proof().expect("a key")
            }
            Proof::Replayed => replayed,
            Proof::ReplayedAltered => {
                let mut altered = replayed;
                altered["jwt"] = json!(alter(world, altered["jwt"].as_str().expect("a proof")));
                altered
            }
            Proof::MadeForAnotherUrl => {
                let mut moved = replayed;
                moved["htu"] = json!(format!("{}/other", TestApp::APP_ORIGIN));
                moved
            }
        };
        if body["proof"].is_null() {
            body.as_object_mut().expect("an object").remove("proof");
        }
        world.post_session(&body).await.expect("an answer")
    }

    async fn try_request(&self, world: &World, thief: &Phone, proof: Proof) -> Reply {
        let token = &pick(world, &self.tokens).access;
        let mut body = pick(world, &self.asked).clone();
        body["token"] = json!(token);
        match proof {
            Proof::None => {
                body.as_object_mut().expect("an object").remove("proof");
            }
            Proof::OfOwnKey | Proof::WithOwnKeyAndVictimsInstallation => {
                let own = thief.proof("GET", API_URL, Some(token), None);
                body["proof"] = json!(own);
            }
            Proof::Replayed => {}
            Proof::ReplayedAltered => {
                body["proof"] = json!(alter(world, body["proof"].as_str().expect("a proof")));
            }
            Proof::MadeForAnotherUrl => body["url"] = json!("https://api.example/other"),
        }
        world.ask(&body).await.expect("an answer")
    }
}

/// Most of the time what is newest, else anything.
fn pick<'a, T>(world: &World, things: &'a [T]) -> &'a T {
    let index = match below(&*world.rng, 3) {
        0 => below(&*world.rng, things.len()),
        _ => things.len() - 1,
    };
    &things[index]
}

/// Changes one character of a text.
fn alter(world: &World, text: &str) -> String {
    let at = below(&*world.rng, text.len());
    let new = if text.as_bytes()[at] == b'A' {
        "B"
    } else {
        "A"
    };
    format!("{}{new}{}", &text[..at], &text[at + 1..])
}
