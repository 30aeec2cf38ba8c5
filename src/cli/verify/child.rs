//! Programs of the host that answer and change nothing.

use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Most bytes of either stream that are kept.
const MOST: u64 = 32 << 20;
/// How long a program may take.
pub const PATIENCE: Duration = Duration::from_secs(60);
/// How often it is asked whether it has ended.
const TICK: Duration = Duration::from_millis(2);

/// How a program ended.
#[derive(Debug)]
pub struct Ended {
    /// Its exit status; `None` where a signal or our patience ended it.
    pub status: Option<i32>,
    /// Its standard output.
    pub out: Vec<u8>,
    /// What it said in error.
    pub said: String,
}

/// Starts a program in a folder and waits for its end, with nothing to read.
///
/// # Errors
/// It cannot be started.
pub fn run(program: &str, arguments: &[&str], folder: &Path) -> std::io::Result<Ended> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let (out, said) = (child.stdout.take(), child.stderr.take());
    let began = Instant::now();
    std::thread::scope(|scope| {
        let out = scope.spawn(move || all(out));
        let said = scope.spawn(move || all(said));
        let status = loop {
            match child.try_wait()? {
                Some(status) => break status.code(),
                None if began.elapsed() > PATIENCE => {
                    child.kill()?;
                    child.wait()?;
                    break None;
                }
                None => std::thread::sleep(TICK),
            }
        };
        let text = said.join().unwrap_or_default();
        Ok(Ended { status, out: out.join().unwrap_or_default(), said: String::from_utf8_lossy(&text).into_owned() })
    })
}

fn all(stream: Option<impl Read>) -> Vec<u8> {
    let mut bytes = Vec::new();
    // What was read until it broke is what there is.
    let _ = stream.map(|stream| stream.take(MOST).read_to_end(&mut bytes));
    bytes
}

/// The first line with anything on it.
pub fn first_line(text: &str) -> String {
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("nothing").to_owned()
}
