//! A device process: its keys, proofs and calls are another implementation's.

use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader, Write},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// A running device process. One JSON request a line, one line of answer each.
#[derive(Debug)]
pub(crate) struct Library {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What a proof is for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct For<'a> {
    pub(crate) method: &'a str,
    pub(crate) url: &'a str,
    pub(crate) token: Option<&'a str>,
    pub(crate) nonce: Option<&'a str>,
}

/// A public key that the library made.
#[derive(Debug)]
pub(crate) struct Key {
    pub(crate) jkt: String,
    pub(crate) jwk: Value,
}

/// One answer of the server to the library.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) status: u64,
    pub(crate) body: Value,
}

impl Library {
    /// Starts the process.
    pub(crate) fn start(mut command: Command) -> Self {
        let started = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut process = started.expect("the device process starts");
        let requests = process.stdin.take().expect("its standard input");
        let answers = process.stdout.take().expect("its standard output");
        let answers = BufReader::new(answers);
        Self {
            process,
            requests,
            answers,
        }
    }

    /// Makes a key and keeps it under the name.
    pub(crate) fn make_key(&mut self, key: &str, alg: &str) -> Key {
        let answer = self.ask(&json!({ "do": "key", "key": key, "alg": alg }));
        Key {
            jkt: text(&answer, "jkt"),
            jwk: answer["jwk"].clone(),
        }
    }

    /// A fresh proof, wholly made by the library.
    pub(crate) fn proof(&mut self, key: &str, wanted: For<'_>) -> String {
        let For {
            method,
            url,
            token,
            nonce,
        } = wanted;
        let mut request = json!({ "do": "proof", "key": key, "method": method, "url": url });
        for (name, value) in [("token", token), ("nonce", nonce)] {
            if let Some(value) = value {
                request[name] = value.into();
            }
        }
        text(&self.ask(&request), "proof")
    }

    /// An ES256 signature over any text, in base64url.
    pub(crate) fn sign(&mut self, key: &str, input: &str) -> String {
        let answer = self.ask(&json!({ "do": "sign", "key": key, "input": input }));
        text(&answer, "signature")
    }

    /// A request over TCP with a bound token: every answer until the library was content.
    pub(crate) fn call(&mut self, key: &str, method: &str, url: &str, token: &str) -> Vec<Seen> {
        let request = json!({
            "do": "call", "key": key, "method": method, "url": url, "token": token,
        });
        let answer = self.ask(&request);
        let seen = |seen: &Value| Seen {
            status: seen["status"].as_u64().expect("a status"),
            body: seen["body"].clone(),
        };
        let answers = answer["answers"].as_array().expect("answers");
        answers.iter().map(seen).collect()
    }

    /// Asks the process for something of its own.
    pub(crate) fn ask(&mut self, request: &Value) -> Value {
        writeln!(self.requests, "{request}").expect("the device process reads");
        let mut line = String::new();
        let read = self.answers.read_line(&mut line).expect("an answer");
        assert!(read > 0, "the device process ended at {request}");
        serde_json::from_str(&line).expect("an answer in JSON")
    }
}

impl Drop for Library {
    fn drop(&mut self) {
        // Either fails only when it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn text(answer: &Value, member: &str) -> String {
    let text = answer[member].as_str();
    text.expect("the member that was asked for").to_owned()
}
