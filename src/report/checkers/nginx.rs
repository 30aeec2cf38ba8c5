//! What gixy says about `proxy/nginx.conf`.

use super::super::files::Files;
use super::Said;
use crate::controls::Hardened;
use std::collections::BTreeSet;

const GIXY: &str = "gixy";
const FILE: &str = "proxy/nginx.conf";

/// A block of the file with what stands in it, inner blocks but for `if` left out.
#[derive(Debug, Default)]
struct Block {
    /// What opens it, `server` or `location /x`.
    head: String,
    /// Directives with their lines, those of an `if` inside included.
    lines: Vec<(usize, String)>,
    /// Whether the blocks in it are on it too.
    inner: Vec<Block>,
}

impl Block {
    fn all(&self) -> Vec<&Self> {
        std::iter::once(self).chain(self.inner.iter().flat_map(Self::all)).collect()
    }

    fn says(&self, directive: &str) -> Option<usize> {
        self.lines.iter().find(|(_, text)| begins(text, directive)).map(|(line, _)| *line)
    }

    /// Statuses that are answered in it, in order.
    fn returned(&self) -> BTreeSet<u16> {
        let words = self.lines.iter().filter(|(_, text)| begins(text, "return"));
        words.filter_map(|(_, text)| text.split_whitespace().nth(1)?.trim_end_matches(';').parse().ok()).collect()
    }
}

fn begins(text: &str, directive: &str) -> bool {
    text.strip_prefix(directive).is_some_and(|rest| rest.starts_with([' ', ';']))
}

/// Reads blocks as the generated file has them: one directive or brace a line.
fn read(text: &str) -> Block {
    let mut open = vec![Block::default()];
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split("  # why: ").next().unwrap_or_default().trim();
        if let Some(head) = line.strip_suffix('{') {
            open.push(Block { head: head.trim().to_owned(), ..Block::default() });
        } else if line == "}" {
            let Some(done) = open.pop() else { continue };
            let Some(around) = open.last_mut() else { return done };
            if done.head.starts_with("if ") {
                around.lines.extend(done.lines);
                around.inner.extend(done.inner);
            } else {
                around.inner.push(done);
            }
        } else if !line.is_empty() && !line.starts_with('#') {
            open.last_mut().into_iter().for_each(|block| block.lines.push((number, line.to_owned())));
        }
    }
    open.swap_remove(0)
}

/// Says what gixy 0.2 of `gixy-ng` reports of a generated file.
pub(super) fn look(stack: &Hardened, files: &Files, said: &mut Said) {
    let Some(file) = files.get(FILE) else { return };
    let whole = read(file.text());
    let blocks = whole.all();
    let mut say = |rule, line: usize, reason: String| said.at_line((GIXY, rule, true, reason), FILE, Some(line));
    let connections = blocks.iter().find_map(|block| block.says("worker_connections"));
    if let Some(line) = connections.filter(|_| whole.says("worker_rlimit_nofile").is_none()) {
        let reason = "A process that is not root cannot raise its limit of open files, so the directive would change \
                      nothing; the limit is the container's.";
        say("worker_rlimit_nofile_vs_connections", line, reason.to_owned());
    }
    let hsts = stack.edge.iter().flat_map(|edge| &edge.sites).any(|site| site.hsts.is_set());
    for block in blocks {
        if let Some(line) = block.says("ssl_reject_handshake").filter(|_| block.says("http2").is_some()) {
            let returned: Vec<String> = block.returned().iter().map(u16::to_string).collect();
            let reason = match returned.as_slice() {
                [] => "The server for names that nobody asked for ends the handshake.".to_owned(),
                some => format!(
                    "The server for names that nobody asked for ends the handshake; what reaches it all the same gets \
                     {}, which tells no more than 421{}.",
                    some.join(", "),
                    if some == ["444"] { " because nginx closes without an answer" } else { "" }
                ),
            };
            say("http2_misdirected_request", line, reason);
        }
        let returned = block.returned();
        if let Some(line) = block.says("deny").or(block.says("allow")).filter(|_| !returned.is_empty()) {
            let list: Vec<String> = returned.iter().map(u16::to_string).collect();
            let what = match returned.iter().all(|status| *status >= 300) {
                true => "redirects and refusals, which nobody needs to be kept from",
                false => "what the proxy says itself; nothing of the application passes",
            };
            let reason =
                format!("`return` comes before `allow` and `deny`, and gives {} here: {what}.", list.join(", "));
            say("return_bypasses_allow_deny", line, reason);
        }
        let off = block.lines.iter().find(|(_, text)| text == "proxy_buffering off;");
        if let Some((line, _)) = off {
            let reason = "The answers of this path are a stream, which a buffer would hold back.";
            say("proxy_buffering_off", *line, reason.to_owned());
        }
        if let Some(line) = block.says("try_files").filter(|_| whole.says("open_file_cache").is_none()) {
            let reason = "It leads to an answer of the proxy's own and looks for no file.";
            say("try_files_is_evil_too", line, reason.to_owned());
        }
        let sends = |block: &&Block| {
            block.lines.iter().any(|(_, text)| begins(text, "add_header") && text.contains("Strict-Transport-Security"))
        };
        let serves = block.head == "server" && block.says("ssl_reject_handshake").is_none();
        let tls = block.lines.iter().any(|(_, text)| begins(text, "listen") && text.contains(" ssl"));
        if let Some(line) = block.says("server_name").filter(|_| serves && tls && !block.all().iter().any(sends)) {
            let reason = if hsts { "The header is sent where answers come from." } else { NO_HSTS };
            say("hsts_header", line, reason.to_owned());
        }
    }
}

/// Why Strict-Transport-Security may be missing.
pub(super) const NO_HSTS: &str = "Browsers that remember the header could not come back once a certificate they do not \
                                  trust changes, or the profile leaves the header out.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_hold_their_own_directives_and_those_of_an_if() {
        let text = "worker_processes 2;\nhttp {\n    a b;\n    server {\n        # c d;\n        allow 10.0.0.0/8;  # why: \
                    x\n        if ($a) {\n            return 400;\n        }\n        location / {\n            return \
                    204;\n        }\n    }\n}\n";
        let whole = read(text);
        assert_eq!(whole.says("worker_processes"), Some(1));
        let heads: Vec<_> = whole.all().iter().map(|block| block.head.clone()).collect();
        assert_eq!(heads, ["", "http", "server", "location /"]);
        let server = whole.all()[2];
        assert_eq!((server.says("allow"), server.says("c"), server.returned()), (Some(6), None, BTreeSet::from([400])));
    }
}
