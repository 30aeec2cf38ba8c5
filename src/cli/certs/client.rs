//! A certificate for one client of the proxy: a person's browser, a phone, a machine.

use super::key::Kept;
use super::work::refused;
use crate::certs::{self, Authority};
use crate::cli::exit::{Done, Exit, Failure};
use crate::cli::input;
use crate::cli::messages::Format;
use crate::cli::secrets::place::Opened;
use crate::cli::secrets::program::Program;
use crate::cli::secrets::{ask, value};
use crate::cli::terminal::{Terminal, shown};
use crate::diagnostics::codes;
use crate::secrets::Secret;
use crate::stack::Access;
use crate::values::{BundlePath, ServiceName};
use crate::writer::{Folder, Found, exchange};
use serde_json::json;
use std::ffi::OsString;
use std::path::Path;
use zeroize::Zeroizing;

const OPENSSL: Program<'static> = Program { name: "openssl", get: "install it, as with `sudo apt install openssl`" };

/// What helps where the key of the clients' authority is lost.
const LOST: &str = "move `certs/clients` away and issue all clients anew";

/// What is asked for.
pub struct Wish<'w> {
    pub name: &'w ServiceName,
    pub days: u16,
    /// Where a PKCS#12 file is wanted: its password.
    pub password: Option<Password<'w>>,
    pub kept: &'w Kept,
}

/// Where the password of a PKCS#12 file comes from.
pub enum Password<'p> {
    Terminal,
    Input,
    File(&'p Path),
}

/// Makes it, and its authority where there is none.
///
/// # Errors
/// There is one of this name, the authority's key is not to be had, a failing disk.
pub fn run(opened: &Opened, wish: &Wish<'_>, (format, terminal): (Format, &Terminal)) -> Done {
    let [place] = opened.places.as_slice() else {
        let help = "name one after `--host`: each has an authority of its own";
        return Err(Failure::input(codes::BAD_CERTIFICATE, "the profile lists several hosts", help));
    };
    if wish.name.as_str() == "ca" {
        let help = "choose another name";
        return Err(Failure::input(codes::BAD_CERTIFICATE, "`ca` is the name of the authority's own files", help));
    }
    let folder = Folder::claim(&place.folder)?;
    let file = |name: &str, end: &str| -> BundlePath {
        format!("certs/clients/{name}.{end}").parse().expect("the bundle's own names are paths")
    };
    let (own, key) = (file(wish.name.as_str(), "crt"), file(wish.name.as_str(), "key"));
    for path in [&own, &key] {
        if !matches!(folder.find(path)?, Found::Absent) {
            let help = format!(
                "choose another name, or move `{}` and `{}` away",
                folder.shown(own.as_str()),
                folder.shown(key.as_str())
            );
            return Err(Failure::input(
                codes::BAD_CERTIFICATE,
                format!("there is a client `{}` already", wish.name),
                help,
            ));
        }
    }
    let password = wish.password.as_ref().map(read).transpose()?;
    if password.is_some() {
        // Before anything is written.
        OPENSSL.run(&["version".into()], &[], (folder.path(), &[]), "asking for its version")?;
    }
    let now = input::now()?;
    let mut random = rand::rngs::SysRng;
    let (trusted, secret) = (file("ca", "crt"), file("ca", "key"));
    let authority = match (read_text(&folder, &trusted)?, read_text(&folder, &secret)?) {
        (Some(cert), Some(key)) => {
            wish.kept.makes_none()?;
            wish.kept.is_not_needed(&folder.shown(secret.as_str()))?;
            open(cert.expose(), &key)?
        }
        (Some(cert), None) => {
            wish.kept.makes_none()?;
            let typed = format!("stockade certs issue --client {}{}", wish.name, opened.typed);
            open(cert.expose(), &wish.kept.read(&typed, LOST)?)?
        }
        (None, there) => {
            wish.kept.brings_none()?;
            if there.is_some() {
                let help = format!(
                    "put `{}` back, or move the key away to have another authority",
                    folder.shown(trusted.as_str())
                );
                return Err(Failure::input(
                    codes::BAD_CERTIFICATE,
                    "the authority's certificate is missing, and its key is there",
                    help,
                ));
            }
            let (cert, key) =
                certs::client_authority(place.bundle.name.as_str(), now, &mut random).map_err(|e| refused(&e))?;
            // Without the key nothing is trusted that could not be made.
            match wish.kept.out() {
                Some(_) => wish.kept.write(&key)?,
                None => exchange::add(&folder, &secret, Access::PRIVATE, key.expose().as_bytes())?,
            }
            exchange::add(&folder, &trusted, Access::PUBLIC, cert.as_bytes())?;
            open(&cert, &key)?
        }
    };
    let pair = certs::client(&authority, wish.name, (now, wish.days), &mut random).map_err(|error| refused(&error))?;
    exchange::add(&folder, &key, Access::PRIVATE, pair.key.expose().as_bytes())?;
    exchange::add(&folder, &own, Access::PUBLIC, pair.chain.as_bytes())?;
    let mut files = vec![own.clone(), key.clone()];
    if let Some(password) = password {
        let path = file(wish.name.as_str(), "p12");
        let bytes = pkcs12(&folder, (&own, &key), wish.name, &password)?;
        exchange::add(&folder, &path, Access::PRIVATE, &bytes)?;
        files.push(path);
    }
    if let Some(out) = wish.kept.out() {
        terminal.message(&format!(
            "the key of the clients' authority is in `{out}`: keep it where nobody else comes; `stockade certs issue --client NAME --ca-key {out}{}` needs it for the next one\n",
            opened.typed,
            out = shown(out),
        ));
    }
    let files: Vec<String> = files.iter().map(|path| folder.shown(path.as_str())).collect();
    let trusted = folder.shown(trusted.as_str());
    match format {
        Format::Human => terminal.message(&format!(
            "wrote {}\nhand them to `{}` on a way that nobody else can read, then remove the key from here; a proxy that trusts `{trusted}` lets it in\n",
            files.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", "),
            wish.name,
        )),
        _ => terminal.out(&format!("{:#}\n", json!({ "version": 1, "diagnostics": [], "issued": files, "authority": trusted })))?,
    }
    Ok(Exit::Fine)
}

fn open(cert: &str, key: &Secret) -> Result<Authority, Failure> {
    Authority::open(cert, key).map_err(|why| {
        Failure::input(
            codes::BAD_CERTIFICATE,
            format!("nothing can be signed: {why}"),
            "name the key that belongs to `certs/clients/ca.crt`: `--ca-key FILE`",
        )
    })
}

fn read_text(folder: &Folder, path: &BundlePath) -> Result<Option<Secret>, Failure> {
    Ok(match folder.find(path)? {
        Found::File { mut bytes, .. } => Secret::from_bytes(std::mem::take(&mut *bytes)).ok(),
        Found::Absent | Found::Directory { .. } => None,
    })
}

fn read(from: &Password<'_>) -> Result<Secret, Failure> {
    let name = "the password of the PKCS#12 file";
    let bytes = match from {
        Password::Terminal => ask::password(name)?.as_bytes().to_vec(),
        Password::Input => value::read(name, &value::From::Input)?,
        Password::File(path) => value::read(name, &value::From::File(path))?,
    };
    let refuse = |why: &str| Failure::input(codes::BAD_CERTIFICATE, format!("{name} {why}"), "bring one line of text");
    let secret = Secret::from_bytes(bytes).map_err(|_| refuse("is no text"))?;
    let line = secret.expose().strip_suffix('\n').unwrap_or(secret.expose());
    if line.is_empty() || line.contains(['\n', '\r', '\0']) {
        return Err(refuse("is empty or has several lines"));
    }
    Ok(Secret::new(line.to_owned()))
}

/// Certificate, chain and key in one file. The password goes through a pipe; the key is read from its own file.
fn pkcs12(
    folder: &Folder,
    (cert, key): (&BundlePath, &BundlePath),
    name: &ServiceName,
    password: &Secret,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let words = [
        "pkcs12",
        "-export",
        "-in",
        cert.as_str(),
        "-inkey",
        key.as_str(),
        "-name",
        name.as_str(),
        "-passout",
        "stdin",
    ];
    let arguments: Vec<OsString> = words.iter().map(OsString::from).collect();
    let input = Zeroizing::new(format!("{}\n", password.expose()));
    OPENSSL.run(&arguments, input.as_bytes(), (folder.path(), &[]), "making the PKCS#12 file")
}
