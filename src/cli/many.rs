//! Many profiles in one run: every core works, and what each says is told in their order.

use super::check::plural;
use super::clashes::{self, Taken};
use super::exit::{Done, Exit, Failure};
use super::find::Search;
use super::messages::{Collected, Format, Messages};
use super::terminal::{Said, Terminal, shown};
use crate::compile::Compiler;
use crate::diagnostics::Diagnostic;
use crate::yaml::Sources;
use indicatif::ProgressBar;
use serde_json::Value;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::sync_channel;
use std::thread;
use std::time::{Duration, Instant};

/// How long a run may take before it shows how far it is.
const PATIENCE: Duration = Duration::from_millis(500);
/// Results that may wait for each core to be told.
const WAITING: usize = 16;

/// Profiles worked on at once for each core, where each waits for the disk: it writes for several as fast as for one.
const WRITERS: usize = 8;

/// One for each core.
pub fn lookers() -> usize {
    thread::available_parallelism().map_or(1, NonZeroUsize::get)
}

/// As many as keep the cores busy while others wait for the disk.
pub fn writers() -> usize {
    lookers() * WRITERS
}

/// Gives `work` every number below `count`, so many at once, and what it makes of each to `tell`, here and in order.
///
/// # Errors
/// That of `tell`, after which nothing new is begun.
pub fn each<T: Send>(
    count: usize,
    at_once: usize,
    work: impl Fn(&Compiler, usize) -> T + Sync,
    mut tell: impl FnMut(usize, T) -> Result<(), Failure>,
) -> Result<(), Failure> {
    let at_once = at_once.min(count);
    let next = AtomicUsize::new(0);
    let compiler = Compiler::of_many();
    let (send, receive) = sync_channel(WAITING * at_once);
    thread::scope(|scope| {
        for _ in 0..at_once {
            let (send, next, work, compiler) = (send.clone(), &next, &work, &compiler);
            scope.spawn(move || {
                // What could be done beside each other in one profile is done one after the other: there are other profiles.
                let _pool = rayon::ThreadPoolBuilder::new().num_threads(1).use_current_thread().build();
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    if index >= count || send.send((index, work(compiler, index))).is_err() {
                        break;
                    }
                    // What was left to be dropped.
                    while rayon::yield_now() == Some(rayon::Yield::Executed) {}
                }
            });
        }
        drop(send);
        let mut early = BTreeMap::new();
        let mut wanted = 0;
        for (index, result) in receive {
            early.insert(index, result);
            while let Some(result) = early.remove(&wanted) {
                if let Err(failure) = tell(wanted, result) {
                    // Whoever works meanwhile finds nothing more to do.
                    next.store(count, Ordering::Relaxed);
                    return Err(failure);
                }
                wanted += 1;
            }
        }
        Ok(())
    })
}

/// What one profile came to.
#[derive(Debug)]
pub struct Told {
    /// Its own exit status.
    pub exit: Exit,
    /// What people are told.
    pub said: Vec<Said>,
    /// What programs are told.
    pub collected: Collected,
}

/// What a run over many profiles tells: of each in turn, and of all in the end.
pub struct Report<'t> {
    messages: Messages<'t>,
    terminal: &'t Terminal,
    began: Instant,
    count: usize,
    done: usize,
    /// Shown once the run has taken a while and somebody watches.
    bar: Option<ProgressBar>,
    failed: Vec<PathBuf>,
    exit: Exit,
}

/// Profiles that the last lines name.
const MOST_NAMED: usize = 20;

impl<'t> Report<'t> {
    /// Begins with what the search could not see.
    pub fn new(format: Format, terminal: &'t Terminal, search: &Search) -> Self {
        let mut messages = Messages::new(format, terminal);
        let mut exit = Exit::Fine;
        for failure in &search.failed {
            messages.add(&Diagnostic::clone(&failure.finding).into(), &Sources::new());
            exit = exit.max(failure.exit);
        }
        let count = search.profiles.len();
        Self { messages, terminal, began: Instant::now(), count, done: 0, bar: None, failed: Vec::new(), exit }
    }

    /// Tells of one profile.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn add(&mut self, profile: &Path, told: Told) -> Result<(), Failure> {
        if self.bar.is_none() && self.began.elapsed() > PATIENCE {
            let bar = self.terminal.bar("profiles");
            bar.set_length(self.count as u64);
            self.bar = Some(bar);
        }
        self.done += 1;
        self.exit = self.exit.max(told.exit);
        if told.exit > Exit::Fine {
            self.failed.push(profile.to_owned());
        }
        self.messages.absorb(told.collected);
        let terminal = self.terminal;
        match &self.bar {
            Some(bar) => {
                bar.set_position(self.done as u64);
                bar.suspend(|| terminal.repeat(&told.said))?;
            }
            None => terminal.repeat(&told.said)?,
        }
        // Nobody asks for it again, and it would grow.
        terminal.take();
        Ok(())
    }

    /// Whether people read.
    pub fn is_for_people(&self) -> bool {
        self.messages.are_for_people()
    }

    /// Tells what several profiles all want, though it can be had once.
    pub fn clashes(&mut self, profiles: &[PathBuf], taken: &[(usize, Taken)], one_host: bool) -> usize {
        let (found, sources) = clashes::find(profiles, taken, one_host);
        if !found.is_empty() {
            self.exit = self.exit.max(Exit::Findings);
        }
        let messages = &mut self.messages;
        match &self.bar {
            Some(bar) => bar.suspend(|| messages.add(&found, &sources)),
            None => messages.add(&found, &sources),
        }
        found.len()
    }

    /// Tells of all; `more` are further keys of the JSON document.
    ///
    /// # Errors
    /// Standard output cannot be written.
    pub fn finish(self, sum: &str, more: Value) -> Done {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
        if self.messages.are_for_people() {
            let mut text = format!("\n{}: {sum}", plural(self.count, "profile"));
            if !self.failed.is_empty() {
                text.push_str(&format!("; {} with findings:", self.failed.len()));
            }
            text.push('\n');
            text.extend(self.failed.iter().take(MOST_NAMED).map(|path| format!("  {}\n", shown(path))));
            if self.failed.len() > MOST_NAMED {
                text.push_str(&format!("  and {} more\n", self.failed.len() - MOST_NAMED));
            }
            self.terminal.out(&text)?;
        }
        self.messages.finish(more)?;
        Ok(self.exit)
    }
}
