//! `stockade report`: compiles and writes only the report.

use super::exit::{Done, Exit, Failure};
use super::find;
use super::input;
use super::messages::{Format, Messages};
use super::put::put;
use super::terminal::Terminal;
use crate::artifact::Content;
use crate::compile::{Bundle, compile};
use crate::diagnostics::{codes, nearest_or_allowed};
use crate::report;
use crate::verify;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use std::path::{Path, PathBuf};

const AFTER: &str = "\
Examples:
  stockade report                    as text
  stockade report --format html --out report.html     one page for a browser
  stockade report --verified result.json              with what `verify --save` saw on the host
  stockade report --format json      for programs; `stockade schema report-v1`";

/// Writes the report on a profile, and nothing else
///
/// It says for every recommendation of the vendor's guide how it is met and where: in short as text, in full as data or as
/// a page. `generate` puts text and data into the bundle, as HARDENING.md and report.json; the page is made here only.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// The profile, or the folder of one [default: stockade.yaml]
    #[arg(value_name = "PROFILE", add = super::complete::profiles())]
    profile: Option<PathBuf>,
    /// What to write: markdown, html or json
    ///
    /// Text for people, a page for browsers, or data for programs.
    // Stands in for the global option of the same name, whose type it shares.
    #[arg(long, value_name = "FORMAT", default_value = "markdown", value_parser = formats(), hide_possible_values = true)]
    format: Format,
    /// Where to write; `-` is standard output
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Show each recommendation with its last proof, of a result that `stockade verify --save` wrote
    #[arg(long, value_name = "RESULT")]
    verified: Option<PathBuf>,
    /// The host, where the profile lists several
    #[arg(long, value_name = "NAME")]
    host: Option<String>,
}

const DOCUMENTS: [(&str, Format); 3] = [("markdown", Format::Markdown), ("json", Format::Json), ("html", Format::Html)];

fn formats() -> impl clap::builder::TypedValueParser<Value = Format> {
    PossibleValuesParser::new(DOCUMENTS.map(|(name, _)| name))
        .map(|name| DOCUMENTS.iter().find(|(known, _)| *known == name).map_or(Format::Markdown, |(_, format)| *format))
}

/// Runs the command. What is wrong is told to people, on standard error, because standard output is the document.
///
/// # Errors
/// Standard output cannot be written.
pub fn run(arguments: &Arguments, terminal: &Terminal) -> Done {
    let mut messages = Messages::new(Format::Human, terminal);
    write(arguments, terminal, &mut messages).or_else(|failure| {
        messages.add(&(*failure.finding).into(), &crate::yaml::Sources::new());
        Ok(failure.exit)
    })
}

fn write(arguments: &Arguments, terminal: &Terminal, messages: &mut Messages<'_>) -> Done {
    let today = input::today()?;
    let profiles = find::profiles(arguments.profile.as_slice())?.profiles;
    let [profile] = profiles.as_slice() else {
        let names = profiles.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ");
        return Err(Failure::input(
            codes::INVALID_VALUE,
            "a report is about one profile",
            format!("name one of {names}"),
        ));
    };
    let compiled = match input::read(profile, today) {
        Ok(input) => compile(input),
        Err(refused) => {
            messages.add(&refused.diagnostics, &refused.sources);
            return Ok(refused.exit);
        }
    };
    messages.add(&compiled.diagnostics, &compiled.sources);
    if compiled.bundles.is_empty() {
        return Ok(Exit::Input);
    }
    let bundle = choose(&compiled.bundles, arguments.host.as_deref())?;
    let mut text = text(bundle, arguments.format)?;
    if let Some(path) = &arguments.verified {
        text.push_str(&proof(bundle, path, arguments.format)?);
    }
    if arguments.out == Path::new("-") {
        terminal.out(&text)?
    } else {
        put(&arguments.out, &text, "--out")?
    }
    Ok(Exit::Fine)
}

/// The bundle of the host that was asked for.
fn choose<'a>(bundles: &'a [Bundle], host: Option<&str>) -> Result<&'a Bundle, Failure> {
    let hosts = || bundles.iter().filter_map(|bundle| bundle.host.as_ref()).map(|host| host.as_str());
    match (bundles, host) {
        ([one], None) => Ok(one),
        (_, None) => Err(Failure::input(
            codes::MISSING_KEY,
            "the profile lists several hosts, and each has a report of its own",
            format!("choose one with `--host`: {}", hosts().collect::<Vec<_>>().join(", ")),
        )),
        (_, Some(name)) => {
            let named = bundles.iter().find(|bundle| bundle.host.as_ref().is_some_and(|host| host.as_str() == name));
            named.ok_or_else(|| {
                Failure::input(
                    codes::UNKNOWN_VALUE,
                    format!("the profile has no host `{}`", name.escape_debug()),
                    match hosts().next() {
                        Some(_) => nearest_or_allowed(name, hosts()),
                        None => "leave `--host` out; the profile lists no hosts".to_owned(),
                    },
                )
            })
        }
    }
}

/// The chapter with the last proof.
fn proof(bundle: &Bundle, path: &Path, format: Format) -> Result<String, Failure> {
    let refuse = |says: String, help: &str| Failure::input(codes::INVALID_VALUE, says, help);
    if format != Format::Markdown {
        let help = "leave `--format` out; for programs, the result itself is JSON";
        return Err(refuse("`--verified` goes with the report as text".to_owned(), help));
    }
    let name = path.display();
    let help = "name a file that `sudo stockade verify --save FILE` wrote on the host";
    let bytes = std::fs::read(path).map_err(|error| refuse(format!("`{name}` cannot be read: {error}"), help))?;
    let kept = verify::kept(&bytes).map_err(|why| refuse(format!("`{name}` is no result of `verify`: {why}"), help))?;
    if kept.project != bundle.name.as_str() {
        let says = format!("`{name}` is about `{}`, and this is `{}`", kept.project, bundle.name);
        return Err(refuse(says, "name the result of this stack"));
    }
    verify::chapter(&bundle.report, &kept).map_err(|error| {
        Failure::input(
            codes::BUG,
            error.to_string(),
            "this is a mistake of Stockade; please report it with the profile",
        )
    })
}

fn text(bundle: &Bundle, format: Format) -> Result<String, Failure> {
    let file = |name: &str| bundle.artifacts.iter().find(|artifact| artifact.path.as_str() == name);
    let name = match format {
        Format::Html => {
            return report::page(&bundle.report).map_err(|error| {
                let help = "this is a mistake of Stockade; please report it with the profile";
                Failure::input(codes::BUG, error.to_string(), help)
            });
        }
        Format::Json => report::JSON,
        Format::Markdown => report::MARKDOWN,
        Format::Human | Format::Sarif | Format::Github | Format::Junit => {
            let allowed = DOCUMENTS.map(|(name, _)| name).join(", ");
            return Err(Failure::input(
                codes::INVALID_VALUE,
                "a report has formats of its own",
                format!("write `--format` behind `report`, with one of {allowed}"),
            ));
        }
    };
    match file(name).map(|artifact| &artifact.content) {
        Some(Content::Text(text)) => Ok(text.clone()),
        _ => Err(Failure::input(
            codes::BUG,
            format!("the bundle has no `{name}`"),
            "please report this with the profile",
        )),
    }
}
