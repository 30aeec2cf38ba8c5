//! `stockade systems`: the applications Stockade knows.

mod own;

use super::exit::{Done, Exit, Failure};
use super::messages::Format;
use super::terminal::{Terminal, lines};
use crate::diagnostics::{codes, nearest_or_allowed};
use crate::source::{SourceFile, Sources};
use crate::systems::format::{Setting, SettingType, System};
use crate::systems::{builtin, builtins, read};
use crate::values::SystemName;
use serde_json::{Value, json};
use std::path::PathBuf;

/// Lists the built-in systems, tells about one, or begins one of your own
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The system to tell about
    name: Option<String>,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// List the built-in systems
    List,
    /// Write a commented system file to start from, and a profile for it where there is none
    New {
        /// Name of the new system: lower-case letters, digits and `-`
        name: SystemName,
        /// The file to write; `NAME.system.yaml` here without it
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Print the file of a built-in system, as a start for one of your own
    Show {
        /// The system
        name: String,
        /// Write it to this file instead, and its templates beside it
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
}

/// Runs the command.
///
/// # Errors
/// An unknown system, a file that exists or cannot be written.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    match (&arguments.command, &arguments.name) {
        (Some(Command::New { name, out }), _) => own::new(name, out.as_deref(), terminal)?,
        (Some(Command::Show { name, out }), _) => own::show(name, known(name)?, out.as_deref(), terminal)?,
        (Some(Command::List), _) | (None, None) => terminal.out(&list(format, terminal)?)?,
        (None, Some(name)) => {
            let system = parsed(name, known(name)?)?;
            terminal.out(&match format {
                Format::Json => format!("{:#}\n", data(&system)),
                _ => detail(&system, terminal),
            })?;
        }
    }
    Ok(Exit::Fine)
}

fn known(name: &str) -> Result<&'static str, Failure> {
    builtin(name).ok_or_else(|| {
        let names: Vec<&str> = builtins().into_iter().map(|(name, _)| name).collect();
        Failure::input(
            codes::UNKNOWN_SYSTEM,
            format!("there is no built-in system `{}`", name.escape_debug()),
            nearest_or_allowed(name, names),
        )
    })
}

/// Reads a built-in system.
///
/// # Errors
/// Only a mistake of ours: they are part of the program.
pub fn parsed(name: &str, text: &'static str) -> Result<System, Failure> {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new(name, text));
    let (system, _) = read(&sources, id);
    system.ok_or_else(|| Failure::machine(format!("the built-in system `{name}` is broken"), "please report it"))
}

fn list(format: Format, terminal: &Terminal) -> Result<String, Failure> {
    let systems: Vec<System> =
        builtins().into_iter().map(|(name, text)| parsed(name, text)).collect::<Result<_, _>>()?;
    if format == Format::Json {
        let systems: Vec<Value> = systems.iter().map(data).collect();
        return Ok(format!("{:#}\n", json!({ "version": 1, "systems": systems })));
    }
    let mut table = terminal.table();
    table.set_header(["SYSTEM", "TITLE", "WHAT IT IS"]);
    table.add_rows(systems.iter().map(|it| [it.name.as_str(), it.title.as_str(), it.summary.as_str()]));
    Ok(lines(&table))
}

fn data(system: &System) -> Value {
    let settings = system.settings.iter().map(|(name, setting)| {
        json!({
            "name": name.as_str(),
            "type": kind(&setting.kind),
            "default": setting.default.value.to_json(),
            "purpose": setting.purpose.as_str(),
        })
    });
    json!({
        "name": system.name.as_str(),
        "title": system.title.as_str(),
        "summary": system.summary.as_str(),
        "variants": system.variants.iter().map(|(name, variant)| {
            json!({ "name": name.value, "title": variant.title.as_str(), "default": variant.default })
        }).collect::<Vec<_>>(),
        "roles": system.roles.iter().map(|(name, role)| {
            json!({ "name": name.value, "title": role.title.as_str(), "default": role.default })
        }).collect::<Vec<_>>(),
        "services": system.services.keys().map(|name| name.as_str()).collect::<Vec<_>>(),
        "settings": settings.collect::<Vec<_>>(),
        "recommendations": system.recommendations.len(),
    })
}

fn detail(system: &System, terminal: &Terminal) -> String {
    let mut text = format!("{}: {}\n  {}\n", system.name.as_str(), system.title, system.summary);
    if !system.variants.is_empty() {
        let mut table = terminal.table();
        table.add_rows(system.variants.iter().map(|(name, variant)| {
            let default = if variant.default { " (default)" } else { "" };
            [format!("  {}{default}", name.value), variant.title.to_string()]
        }));
        text.push_str(&format!("\nvariants, chosen by `variant`\n{}", lines(&table)));
    }
    if !system.roles.is_empty() {
        let mut table = terminal.table();
        table.add_rows(system.roles.iter().map(|(name, role)| {
            let default = if role.default { " (default)" } else { "" };
            [format!("  {}{default}", name.value), role.title.to_string()]
        }));
        text.push_str(&format!("\nroles of hosts, chosen by `role` under `hosts`\n{}", lines(&table)));
    }
    let services: Vec<&str> = system.services.keys().map(|name| name.as_str()).collect();
    text.push_str(&format!("\nservices\n  {}\n", services.join(", ")));
    if !system.settings.is_empty() {
        let mut table = terminal.table();
        table.add_rows(system.settings.iter().map(|(name, setting)| row(name.as_str(), setting)));
        text.push_str(&format!("\nsettings, with type and default\n{}", lines(&table)));
    }
    text.push_str(&format!(
        "\n{} recommendations of its guide; `stockade explain ID` tells about one\n",
        system.recommendations.len()
    ));
    text
}

fn row(name: &str, setting: &Setting) -> [String; 4] {
    let default = match setting.default.value.to_json() {
        Value::String(text) => text,
        other => other.to_string(),
    };
    [format!("  {name}"), kind(&setting.kind), default, setting.purpose.to_string()]
}

/// A setting's type in a word or two.
fn kind(kind: &SettingType) -> String {
    match kind {
        SettingType::Boolean => "boolean".into(),
        SettingType::Integer { min, max } => format!("integer, {min} to {max}"),
        SettingType::Number { min, max } => format!("number, {min} to {max}"),
        SettingType::Name => "name".into(),
        SettingType::HeaderName => "name of an HTTP header".into(),
        SettingType::Text { max_length, .. } => format!("text, at most {max_length}"),
        SettingType::Choice { of } => of.join(" | "),
        SettingType::Size { min, max } => match (min, max) {
            (Some(min), Some(max)) => format!("size, {min} to {max}"),
            (Some(min), None) => format!("size, at least {min}"),
            (None, Some(max)) => format!("size, at most {max}"),
            (None, None) => "size".into(),
        },
        SettingType::Duration => "duration".into(),
        SettingType::Port => "port".into(),
        SettingType::Cidr => "network".into(),
        SettingType::Domain => "host name".into(),
        SettingType::Path => "absolute path".into(),
        SettingType::UrlPath => "path of a URL".into(),
        SettingType::LastDay => "day, YYYY-MM-DD".into(),
        SettingType::Device => "device of the host".into(),
        SettingType::Group => "number of a group".into(),
        SettingType::Origins => "list of origins".into(),
        SettingType::List { .. } => "list of texts".into(),
        SettingType::Address => "IP address".into(),
        SettingType::Endpoint => "host and port".into(),
        SettingType::Email => "e-mail address".into(),
        SettingType::Items { of } => format!("list: {}", self::kind(of)),
        SettingType::Records { fields, .. } => {
            let names: Vec<&str> = fields.keys().map(|name| name.value.as_str()).collect();
            format!("list of records with {}", names.join(", "))
        }
    }
}
