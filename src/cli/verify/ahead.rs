//! What takes longest is asked at once and each question once: the bundle's own programs, Compose, and the sites.

use super::child::{self, first_line};
use super::client::{self, Addresses, At};
use crate::checks::{Ask, Check, Client, Subject};
use crate::verify::{Answer, Asked};
use crate::writer;
use serde_json::json;
use std::collections::BTreeMap;
use std::io::{Error, ErrorKind};
use std::panic::resume_unwind;
use std::path::Path;
use std::thread;

/// What Compose reads of a bundle.
const COMPOSE: &str = "compose.yaml";
/// How many sites' questions are on their way at once.
const LANES: usize = 4;

/// Answers to what was asked ahead.
#[derive(Debug, Default)]
pub struct Answers<'a>(Vec<(&'a Subject, &'a Ask, Answer)>);

impl<'a> Answers<'a> {
    /// The answer to a check.
    pub fn to(&self, check: &Check) -> Option<Answer> {
        let found = self.0.iter().find(|(subject, ask, _)| **subject == check.subject && **ask == check.ask);
        found.map(|(_, _, answer)| answer.clone())
    }

    /// Both.
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    fn has(&self, check: &Check) -> bool {
        self.0.iter().any(|(subject, ask, _)| **subject == check.subject && **ask == check.ask)
    }
}

/// Runs programs of the bundle.
pub fn scripts<'a>(wanted: &'a [Check], bundle: &Path, root: bool) -> Answers<'a> {
    let mut answers = Answers::default();
    for check in wanted {
        if let (Ask::Script { words }, false) = (&check.ask, answers.has(check)) {
            answers.0.push((&check.subject, &check.ask, script(words, bundle, root)));
        }
    }
    answers
}

/// A script is run as it was generated or not at all: this may be the superuser.
fn script(words: &[String], bundle: &Path, root: bool) -> Answer {
    let Some((program, arguments)) = words.split_first() else {
        return Answer::Unseen("nothing to run".to_owned());
    };
    if !root {
        return Answer::Unseen("it needs root".to_owned());
    }
    // It reads what lies beside it.
    let beside = program.trim_start_matches("./").rsplit_once('/').map_or("", |(folder, _)| folder);
    match writer::is_as_written(bundle, beside) {
        Ok(true) => {}
        Ok(false) => return Answer::Unseen(format!("something in `{beside}` was changed by hand, and is not run")),
        Err(error) => return unseen(&error),
    }
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match child::run(program, &arguments, bundle) {
        Ok(ended) => match ended.status {
            Some(status @ (0 | 1)) => Answer::Says(json!(status), first_line(&ended.said)),
            _ => Answer::Unseen(first_line(&ended.said)),
        },
        Err(error) => unseen(&error),
    }
}

/// What Compose would label the container of each service with, from the bundle as it lies there; nothing where no check asks.
///
/// # Errors
/// Why it does not tell.
pub fn hashes(asked: &Asked, wanted: &[Check], bundle: &Path) -> Result<BTreeMap<String, String>, String> {
    if !wanted.iter().any(|check| check.ask == Ask::Made) {
        return Ok(BTreeMap::new());
    }
    match writer::is_as_written(bundle, COMPOSE) {
        Ok(true) => {}
        Ok(false) => return Err(format!("`{COMPOSE}` is not as it was generated")),
        Err(error) if error.kind() == ErrorKind::PermissionDenied => return Err("it needs root".to_owned()),
        Err(error) => return Err(format!("`{COMPOSE}` cannot be read: {error}")),
    }
    let text = compose(asked.engine.program(), &["-f", COMPOSE, "config", "--hash", "*"], bundle)?;
    let pairs = text.lines().filter_map(|line| line.split_once(' '));
    Ok(pairs.map(|(service, hash)| (service.to_owned(), hash.trim().to_owned())).collect())
}

/// What Compose says: a part of the engine's command line, or on its own where that has none.
///
/// # Errors
/// Why it says nothing.
pub fn compose(program: &str, words: &[&str], bundle: &Path) -> Result<String, String> {
    let part = [&["compose"], words].concat();
    let alone = format!("{program}-compose");
    let mut why = String::new();
    for (program, words) in [(program, &part[..]), (&alone, words)] {
        match child::run(program, words, bundle) {
            Ok(ended) if ended.status == Some(0) => return Ok(String::from_utf8_lossy(&ended.out).into_owned()),
            Ok(ended) => why = first_line(&ended.said),
            Err(_) => {}
        }
    }
    Err(format!("Compose does not tell: {why}"))
}

/// Asks sites: all requests of one client to one of them over one connection.
pub fn sites<'a>(wanted: &[&'a Check], bundle: &Path, addresses: &Addresses) -> Answers<'a> {
    let mut jobs: Vec<Job<'a>> = Vec::new();
    let mut known: Vec<(&Subject, &Ask)> = Vec::new();
    for check in wanted.iter().copied() {
        let Subject::Site { host, .. } = &check.subject else { continue };
        if known.contains(&(&check.subject, &check.ask)) {
            continue;
        }
        known.push((&check.subject, &check.ask));
        match &check.ask {
            Ask::Request { client, port, address, .. } => {
                let at = At { host, port: *port, address: *address };
                let same = |job: &&mut Job<'a>| job.at == at && job.client == Some(client);
                match jobs.iter_mut().find(same) {
                    Some(job) => job.checks.push(check),
                    None => jobs.push(Job { at, client: Some(client), checks: vec![check] }),
                }
            }
            Ask::Handshake { port, address, .. } | Ask::Certificate { port, address, .. } => {
                let at = At { host, port: *port, address: *address };
                jobs.push(Job { at, client: None, checks: vec![check] });
            }
            _ => {}
        }
    }
    let each = jobs.len().div_ceil(LANES).max(1);
    thread::scope(|scope| {
        let lanes: Vec<_> = jobs
            .chunks(each)
            .map(|jobs| {
                scope.spawn(move || jobs.iter().flat_map(|job| job.done(bundle, addresses)).collect::<Vec<_>>())
            })
            .collect();
        let done = lanes.into_iter().flat_map(|lane| lane.join().unwrap_or_else(|panic| resume_unwind(panic)));
        Answers(done.collect())
    })
}

/// Questions that one program asks a site.
struct Job<'a> {
    at: At<'a>,
    client: Option<&'a Client>,
    checks: Vec<&'a Check>,
}

impl<'a> Job<'a> {
    fn done(&self, bundle: &Path, addresses: &Addresses) -> Vec<(&'a Subject, &'a Ask, Answer)> {
        let answers = match self.client {
            Some(client) => {
                let asked = self.checks.iter().filter_map(|check| match &check.ask {
                    Ask::Request { method, path, .. } => Some((method.as_str(), path.as_str())),
                    _ => None,
                });
                client::requests(self.at, client, &asked.collect::<Vec<_>>(), addresses)
            }
            None => self.checks.iter().map(|check| self.shaken(check, bundle, addresses)).collect(),
        };
        self.checks.iter().zip(answers).map(|(check, answer)| (&check.subject, &check.ask, answer)).collect()
    }

    fn shaken(&self, check: &Check, bundle: &Path, addresses: &Addresses) -> Answer {
        match &check.ask {
            Ask::Handshake { version, .. } => client::handshake(self.at, version, bundle, addresses),
            Ask::Certificate { authority, .. } => client::certificate(self.at, authority.as_deref(), bundle, addresses),
            _ => Answer::Unseen("this version does not know how to ask it".to_owned()),
        }
    }
}

/// Why something cannot be seen.
pub fn unseen(error: &Error) -> Answer {
    match error.kind() {
        ErrorKind::PermissionDenied => Answer::Unseen("it needs root".to_owned()),
        ErrorKind::NotFound => Answer::Unseen("it is not shown on this host".to_owned()),
        _ => Answer::Unseen(error.to_string()),
    }
}
