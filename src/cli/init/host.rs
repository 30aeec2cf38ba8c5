//! The host as the wizard may look at it; tests hand in another.

use std::io::Read as _;
use std::net::{IpAddr, ToSocketAddrs as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// How long a program or a name server may take.
const PATIENCE: Duration = Duration::from_millis(1500);
/// Most of a file or an output that is read.
const MOST: u64 = 1 << 20;
/// Where the programs of an administrator lie, which are not on everybody's path.
const SYSTEM: [&str; 2] = ["/usr/sbin", "/sbin"];

/// Questions to a host. Nothing is an answer too: it was not seen.
pub trait Host {
    /// The text of a file.
    fn read(&self, path: &str) -> Option<String>;
    /// Whether a path is there.
    fn exists(&self, path: &str) -> bool;
    /// Standard output of a program that ended well.
    fn run(&self, program: &str, arguments: &[&str]) -> Option<String>;
    /// A variable of the environment.
    fn variable(&self, name: &str) -> Option<String>;
    /// The addresses of a name.
    fn resolve(&self, name: &str) -> Option<Vec<IpAddr>>;
    /// How many processors this process may use.
    fn processors(&self) -> Option<usize>;
}

/// This host.
#[derive(Debug)]
pub struct ThisHost;

impl Host for ThisHost {
    fn read(&self, path: &str) -> Option<String> {
        let mut text = String::new();
        std::fs::File::open(path).ok()?.take(MOST).read_to_string(&mut text).ok()?;
        Some(text)
    }

    fn exists(&self, path: &str) -> bool {
        Path::new(path).exists()
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Option<String> {
        let program = found(program)?;
        let mut child = Command::new(program)
            .args(arguments)
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .ok()?;
        let stdout = child.stdout.take()?;
        let (sender, receiver) = mpsc::channel();
        std::thread::spawn(move || {
            let mut text = String::new();
            let read = stdout.take(MOST).read_to_string(&mut text);
            let _ = sender.send(read.ok().map(|_| text));
        });
        let began = Instant::now();
        let text = receiver.recv_timeout(PATIENCE).ok().flatten();
        loop {
            match child.try_wait() {
                Ok(Some(status)) => return text.filter(|_| status.success()),
                Ok(None) if text.is_some() && began.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(5));
                }
                _ => {
                    let _ = child.kill();
                    let _ = child.wait();
                    return None;
                }
            }
        }
    }

    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok().filter(|value| !value.is_empty())
    }

    fn resolve(&self, name: &str) -> Option<Vec<IpAddr>> {
        let (sender, receiver) = mpsc::channel();
        let name = name.to_owned();
        std::thread::spawn(move || {
            let found = (name.as_str(), 443).to_socket_addrs().ok();
            let _ = sender.send(found.map(|all| all.map(|one| one.ip()).collect::<Vec<_>>()));
        });
        receiver.recv_timeout(PATIENCE).ok().flatten()
    }

    fn processors(&self) -> Option<usize> {
        std::thread::available_parallelism().ok().map(usize::from)
    }
}

/// A program on the path, or where the system keeps those of administrators.
fn found(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).filter(|folder| folder.is_absolute()).chain(SYSTEM.map(PathBuf::from));
    folders.map(|folder| folder.join(program)).find(|path| path.is_file())
}
