//! `stockade images`: `list` and `show` what is known of images; `pin` writes digests and newest patch versions, as the user's
//! registries tell them, into a profile.

mod facts;
mod registry;
mod versions;
mod write;

use super::check::{difference, plural};
use super::exit::{Done, Exit, Failure};
use super::messages::{Format, Messages};
use super::terminal::{Terminal, shown};
use super::{find, input};
use crate::compile::Compiler;
use crate::diagnostics::{Diagnostic, Diagnostics, codes};
use crate::values::{Day, ImageRef, ServiceName};
use crate::writer;
use crate::yaml::Sources;
use clap::Subcommand;
use registry::Tool;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use versions::Reach;

/// Registries that are asked at once.
const AT_ONCE: usize = 8;

const AFTER: &str = "\
Examples:
  stockade images pin --diff     shows what would be written
  stockade images pin            newest patch versions, with digests
  stockade images pin --check    for pipelines: status 1 where there is newer";

const LIST: &str = "\
Examples:
  stockade images list";

const SHOW: &str = "\
Examples:
  stockade images show postgres
  stockade images show redis:7.4.1-alpine";

/// Images of a profile, and what is known of images
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Pin(Pin),
    /// Lists the images of which it is known what they need
    #[command(after_long_help = LIST)]
    List,
    /// Prints what is known of a family of images, or of an image
    #[command(after_long_help = SHOW)]
    Show {
        /// A family, as `stockade images list` names it, or an image such as `postgres:17.6`
        #[arg(value_name = "NAME", add = super::complete::images())]
        name: String,
    },
}

/// Fixes every image of a profile to its newest patch version and the digest of that
///
/// Asks the registries through `skopeo`, else `docker buildx imagetools`, which knows digests alone, as whoever runs this is
/// logged in there. Writes `services.NAME.image` into the profile, with the day as a comment behind it; everything else in the
/// file stays as it is. What is no patch version is taken where you say so.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
struct Pin {
    /// Profiles, or folders that are searched for some [default: stockade.yaml]
    #[arg(value_name = "PATH", add = super::complete::profiles())]
    profiles: Vec<PathBuf>,
    /// Services whose images are looked at [default: all]
    #[arg(long, value_name = "SERVICE", num_args = 1.., add = super::complete::services())]
    service: Vec<ServiceName>,
    /// How far versions may move; what is no patch is asked for, image by image
    #[arg(long, value_name = "REACH", default_value = "patch")]
    up_to: Reach,
    /// Take what `--up-to` allows without a question
    #[arg(long)]
    yes: bool,
    /// Write nothing; list what would change
    #[arg(long)]
    dry_run: bool,
    /// Write nothing; show what would change
    #[arg(long)]
    diff: bool,
    /// Write nothing; end with status 1 where something would change
    #[arg(long)]
    check: bool,
}

/// Runs the command.
///
/// # Errors
/// No profile, or nothing that asks registries.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let pin = match &arguments.command {
        Command::Pin(pin) => pin,
        Command::List => return facts::list(terminal),
        Command::Show { name } => return facts::show(name, terminal),
    };
    let today = input::today()?;
    let search = find::profiles(&pin.profiles)?;
    let tool = Tool::find().ok_or_else(|| {
        Failure::machine(
            "nothing here can ask a registry",
            "install `skopeo` (`sudo apt install skopeo`), or Docker with its `buildx` plugin",
        )
    })?;
    let mut messages = Messages::new(format, terminal);
    let mut exit = Exit::Fine;
    for failure in search.failed {
        messages.add(&Diagnostics::from(*failure.finding), &Sources::new());
        exit = exit.max(failure.exit);
    }
    let mut run = Run { pin, tool, today, terminal, messages, known: BTreeMap::new(), told: Vec::new() };
    for profile in &search.profiles {
        let done = run.one(profile).or_else(|failure| {
            run.messages.add(&Diagnostics::from(*failure.finding), &Sources::new());
            Ok::<_, Failure>(failure.exit)
        });
        exit = exit.max(done?);
        run.messages.close(&shown(profile));
    }
    run.messages.finish(json!({ "images": run.told }))?;
    Ok(exit)
}

/// What registries say of one image.
#[derive(Debug, Clone)]
struct Answer {
    image: ImageRef,
    reach: Option<Reach>,
}

struct Run<'a> {
    pin: &'a Pin,
    tool: Tool,
    today: Day,
    terminal: &'a Terminal,
    messages: Messages<'a>,
    /// Answers of this run: several profiles have the same images.
    known: BTreeMap<ImageRef, Result<Answer, String>>,
    told: Vec<Value>,
}

impl Run<'_> {
    fn one(&mut self, profile: &Path) -> Done {
        let images = match self.images(profile) {
            Ok(images) => images,
            Err(exit) => return Ok(exit),
        };
        self.ask(images.values());
        let mut exit = Exit::Fine;
        let mut changes = Vec::new();
        for (service, now) in &images {
            match self.known.get(now).cloned() {
                Some(Ok(answer)) if answer.image == *now => {}
                Some(Ok(answer)) if self.agrees(service, now, &answer)? => changes.push((service, now, answer)),
                Some(Ok(_)) | None => {}
                Some(Err(said)) => {
                    exit = Exit::Machine;
                    self.tell(unknown(service, now, &said));
                }
            }
        }
        let before = std::fs::read(profile).map_err(|error| unreadable(profile, &error))?;
        let mut text = String::from_utf8_lossy(&before).into_owned();
        for (service, _, answer) in &changes {
            text = write::image(&text, service, &answer.image, self.today).map_err(|refusal| {
                let says = format!("`{}` cannot be changed by itself: {refusal}", shown(profile));
                Failure::input(codes::INVALID_VALUE, says, by_hand(service, &answer.image))
            })?;
        }
        if !changes.is_empty() {
            self.prove(profile, &text)?;
        }
        self.say(profile, &images, &changes, (&before, &text))?;
        let looks = self.pin.dry_run || self.pin.diff || self.pin.check;
        if !changes.is_empty() && !looks {
            writer::rewrite(profile, &before, text.as_bytes())?;
        }
        let differs = self.pin.check && !changes.is_empty();
        Ok(exit.max(if differs { Exit::Findings } else { Exit::Fine }))
    }

    /// The image of each service of a profile, on all its hosts.
    fn images(&mut self, profile: &Path) -> Result<BTreeMap<ServiceName, ImageRef>, Exit> {
        let input = input::read(profile, self.today).map_err(|refused| {
            self.messages.add(&refused.diagnostics, &refused.sources);
            refused.exit
        })?;
        let compiled = Compiler::default().compile(input);
        if compiled.bundles.is_empty() {
            self.messages.add(&compiled.diagnostics, &compiled.sources);
            return Err(Exit::Input);
        }
        let images: BTreeMap<_, _> = compiled.bundles.into_iter().flat_map(|bundle| bundle.images).collect();
        let unknown: Vec<_> = self.pin.service.iter().filter(|name| !images.contains_key(*name)).collect();
        for name in &unknown {
            let says = format!("`{}` has no service `{name}`", shown(profile));
            let names = images.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            self.tell(Diagnostic::error(codes::UNKNOWN_VALUE, says).help(format!("it has {names}")));
        }
        if !unknown.is_empty() {
            return Err(Exit::Input);
        }
        let wanted = |name: &ServiceName| self.pin.service.is_empty() || self.pin.service.contains(name);
        Ok(images.into_iter().filter(|(name, _)| wanted(name)).collect())
    }

    /// Asks registries for what is not known yet, several at once.
    fn ask<'i>(&mut self, images: impl Iterator<Item = &'i ImageRef>) {
        let mut open: Vec<&ImageRef> = images.filter(|image| !self.known.contains_key(*image)).collect();
        open.sort();
        open.dedup();
        let (next, answers) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
        let (tool, most) = (self.tool, self.pin.up_to);
        std::thread::scope(|scope| {
            for _ in 0..AT_ONCE.min(open.len()) {
                scope.spawn(|| {
                    while let Some(image) = open.get(next.fetch_add(1, Ordering::Relaxed)) {
                        let answer = answer(tool, image, most);
                        if let Ok(mut answers) = answers.lock() {
                            answers.push(((*image).clone(), answer));
                        }
                    }
                });
            }
        });
        self.known.extend(answers.into_inner().unwrap_or_default());
    }

    /// Whether the image may change: what is no patch is asked for.
    fn agrees(&mut self, service: &ServiceName, now: &ImageRef, answer: &Answer) -> Result<bool, Failure> {
        let looks = self.pin.dry_run || self.pin.diff || self.pin.check;
        if answer.reach.is_none_or(|reach| reach == Reach::Patch) || self.pin.yes || looks {
            return Ok(true);
        }
        let (from, to) = (now.tag.as_deref().unwrap_or_default(), answer.image.tag.as_deref().unwrap_or_default());
        if super::init::obstacle().is_some() {
            let says =
                format!("`{service}` could move from {from} to {to}, which is no patch, and nobody can be asked");
            let help = "read what changed there, then `--yes` takes it; `--up-to patch` leaves it out";
            return Err(Failure::input(codes::INVALID_VALUE, says, help));
        }
        let prompt = format!("{service}: from {} {from} to {to}, which is no patch?", now.repository);
        super::secrets::ask::confirmed(&prompt)
    }

    /// The profile with other images must compile as it did.
    fn prove(&mut self, profile: &Path, text: &str) -> Result<(), Failure> {
        let refused = |found: &Diagnostics| {
            let first = found.iter().find(|it| it.severity == crate::diagnostics::Severity::Error);
            let says = format!("`{}` would be refused with these images", shown(profile));
            let why = first.map_or_else(String::new, |first| first.message.clone());
            Failure::input(codes::INVALID_VALUE, format!("{says}: {why}"), "nothing was written; name them by hand")
        };
        let input = input::assemble(profile, text.as_bytes(), self.today).map_err(|it| refused(&it.diagnostics))?;
        let compiled = Compiler::default().compile(input);
        if compiled.bundles.is_empty() { Err(refused(&compiled.diagnostics)) } else { Ok(()) }
    }

    fn say(
        &mut self,
        profile: &Path,
        images: &BTreeMap<ServiceName, ImageRef>,
        changes: &[(&ServiceName, &ImageRef, Answer)],
        (before, after): (&[u8], &str),
    ) -> Result<(), Failure> {
        for (service, now, answer) in changes {
            self.told.push(json!({
                "profile": shown(profile),
                "service": service.as_str(),
                "from": now.to_string(),
                "to": answer.image.to_string(),
            }));
            if self.pin.check && !self.messages.are_for_people() {
                let says = format!("`{service}` has the image `{now}`, and the registry has `{}`", answer.image);
                self.tell(Diagnostic::error(codes::DRIFT, says).help("run `stockade images pin`"));
            }
        }
        if !self.messages.are_for_people() {
            return Ok(());
        }
        let mut text = String::new();
        if self.pin.diff {
            text = difference(profile, before, after.as_bytes());
        } else {
            for (service, now, answer) in changes {
                text.push_str(&format!("{service}: {now}\n  -> {}\n", answer.image));
            }
        }
        let did = if self.pin.dry_run || self.pin.diff || self.pin.check { "would change" } else { "pinned" };
        let same = images.len() - changes.len();
        text.push_str(&format!("{}: {} {did}, {same} as they were\n", shown(profile), plural(changes.len(), "image")));
        if !self.tool.knows_tags() {
            text.push_str("newer versions were not looked for: Docker knows no list of tags, `skopeo` does\n");
        }
        self.terminal.out(&text)
    }

    fn tell(&mut self, finding: Diagnostic) {
        self.messages.add(&finding.into(), &Sources::new());
    }
}

fn answer(tool: Tool, image: &ImageRef, most: Reach) -> Result<Answer, String> {
    let tags = match &image.tag {
        Some(_) => tool.tags(image)?,
        None => Vec::new(),
    };
    let newer = image.tag.as_deref().and_then(|tag| versions::newest(tag, &tags, most));
    let tag = newer.map(|(tag, _)| tag.to_owned()).or_else(|| image.tag.clone());
    let moved = ImageRef { tag, digest: None, ..image.clone() };
    let digest = Some(tool.digest(&moved)?);
    Ok(Answer { image: ImageRef { digest, ..moved }, reach: newer.map(|(_, reach)| reach) })
}

fn unknown(service: &ServiceName, image: &ImageRef, said: &str) -> Diagnostic {
    Diagnostic::error(codes::IO, format!("the registry says nothing of `{image}` of `{service}`: {said}"))
        .help("look at the name and the log-in (`skopeo login`, `docker login`), or leave it out with `--service`")
}

fn unreadable(profile: &Path, error: &std::io::Error) -> Failure {
    Failure::machine(format!("cannot read `{}`: {error}", shown(profile)), "look at its permissions")
}

fn by_hand(service: &ServiceName, image: &ImageRef) -> String {
    format!("write it yourself: `services: {{{service}: {{image: \"{image}\"}}}}`")
}
