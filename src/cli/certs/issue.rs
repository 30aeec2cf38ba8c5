//! `stockade certs issue`: the first certificates of a bundle, or one for a client.

use super::client;
use super::key::Kept;
use super::renew::{none, take_up};
use super::work::{Asked, Work};
use crate::certs::MOST_DAYS;
use crate::cli::exit::{Done, Exit, Failure};
use crate::cli::input;
use crate::cli::messages::Format;
use crate::cli::secrets::place::{self, Where};
use crate::cli::terminal::Terminal;
use crate::diagnostics::codes;
use crate::values::ServiceName;
use std::path::PathBuf;

const AFTER: &str = "\
Examples:
  stockade certs issue --ca-key-out ~/play-ca.key   its key not in the bundle
  stockade certs issue --client laptop              for a client of the proxy
  stockade certs issue --client phone --pkcs12      for browsers and phones, too
  pass show phone | stockade certs issue --client phone --pkcs12 --stdin";

/// Issues the bundle's certificates where there are none, or one for a client
///
/// `generate` makes the first certificates, too; here the key of their authority can go elsewhere.
///
/// Certificates of clients lie in `certs/clients`, with an authority of their own, `certs/clients/ca.crt`, which a proxy is told to
/// trust and which can sign for no server. A password is asked for or read, and never an argument.
#[derive(Debug, clap::Args)]
#[command(after_long_help = AFTER)]
pub struct Arguments {
    /// For a client of this name: a person or a machine
    #[arg(long, value_name = "NAME", value_parser = client_name)]
    client: Option<ServiceName>,
    /// Days for which the client's is valid, 1 to 366
    #[arg(long, value_name = "DAYS", default_value_t = 90, requires = "client", value_parser = days)]
    days: u16,
    /// Also as PKCS#12, which browsers and phones import
    ///
    /// The program `openssl` makes it.
    #[arg(long, requires = "client")]
    pkcs12: bool,
    /// Read the password of that from standard input
    #[arg(long, requires = "pkcs12", conflicts_with = "password_file")]
    stdin: bool,
    /// Read the password of that from a file
    #[arg(long, requires = "pkcs12", value_name = "FILE")]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    kept: Kept,
    #[command(flatten)]
    place: Where,
}

/// Names files, and stands in the certificate.
fn client_name(text: &str) -> Result<ServiceName, &'static str> {
    text.parse().map_err(|_| {
        "the name of a client begins with a lower-case letter or a digit; letters, digits, `-` and `_` follow, as in `anna-laptop`"
    })
}

fn days(text: &str) -> Result<u16, String> {
    let days = text.parse().ok().filter(|days| (1..=MOST_DAYS).contains(days));
    days.ok_or_else(|| format!("a client's certificate is valid for 1 to {MOST_DAYS} days"))
}

/// Runs the command.
///
/// # Errors
/// There are certificates already, a key that does not fit, nobody to ask, a failing disk.
pub fn run(arguments: &Arguments, format: Format, terminal: &Terminal) -> Done {
    let opened = match place::open(&arguments.place, format, terminal)? {
        Ok(opened) => opened,
        Err(exit) => return Ok(exit),
    };
    if let Some(name) = &arguments.client {
        let wish = client::Wish {
            name,
            days: arguments.days,
            password: arguments.pkcs12.then_some(match &arguments.password_file {
                Some(file) => client::Password::File(file),
                None if arguments.stdin => client::Password::Input,
                None => client::Password::Terminal,
            }),
            kept: &arguments.kept,
        };
        return client::run(&opened, &wish, (format, terminal));
    }
    let now = input::now()?;
    let mut works = Vec::new();
    for place in &opened.places {
        works.extend(Work::of(place, Asked::default(), now)?);
    }
    if works.is_empty() {
        return Err(none(&opened));
    }
    arguments.kept.is_for(works.len())?;
    let missing: Vec<&Work> = works.iter().filter(|work| work.is_new()).collect();
    if missing.is_empty() {
        let help = format!("`stockade certs renew{}` makes anew what is due", opened.typed);
        return Err(Failure::input(codes::BAD_CERTIFICATE, "there are certificates already", help));
    }
    arguments.kept.brings_none()?;
    let typed = format!("stockade certs issue{}", opened.typed);
    for work in &missing {
        terminal.message(&work.said());
        work.apply(&arguments.kept, &typed, now, &mut rand::rngs::SysRng)?;
    }
    if let Some(out) = arguments.kept.out() {
        terminal.message(&format!(
            "the authority's key is in `{}`: keep it where nobody else comes; `certs renew --ca-key` asks for it\n",
            out.display()
        ));
    }
    let folders: Vec<String> = missing.iter().map(|work| work.place.folder.display().to_string()).collect();
    let exit = take_up(&opened, false, (format, terminal), &folders)?;
    Ok(exit.max(Exit::Fine))
}
