//! Grammars of words and quotes: nginx, Caddyfile, nftables, HAProxy, `.env` and shell. A quoted value is a word of its own
//! (in shell: a part of one), outside the quotes that the template itself opens.

use super::{Fault, Scanner};
use crate::grammar::Grammar;

/// Directives of a Caddyfile that take a path matcher before their arguments, in quotes too.
const MATCHING: [&str; 25] = [
    "abort",
    "basic_auth",
    "basicauth",
    "encode",
    "error",
    "file_server",
    "forward_auth",
    "header",
    "log_append",
    "log_skip",
    "map",
    "method",
    "php_fastcgi",
    "push",
    "redir",
    "request_body",
    "request_header",
    "respond",
    "reverse_proxy",
    "rewrite",
    "root",
    "templates",
    "try_files",
    "uri",
    "vars",
];

pub(super) struct Words {
    grammar: Grammar,
    /// Open quotes, and `)` for each open command substitution of the shell.
    open: Vec<char>,
    comment: bool,
    escaped: bool,
    /// The character before; a line break at the start, and a letter after a value.
    last: char,
    line: String,
    heredoc: Option<Heredoc>,
}

struct Heredoc {
    end: String,
    indented: bool,
}

impl Words {
    pub(super) fn new(grammar: Grammar) -> Self {
        Self {
            grammar,
            open: Vec::new(),
            comment: false,
            escaped: false,
            last: '\n',
            line: String::new(),
            heredoc: None,
        }
    }

    fn read(&mut self, c: char) {
        if c == '\n' {
            self.end_line();
        } else {
            self.line.push(c);
            if !self.comment && self.heredoc.is_none() {
                self.read_in_line(c);
            }
        }
        self.last = c;
    }

    fn end_line(&mut self) {
        match &self.heredoc {
            Some(heredoc) => {
                let line = if heredoc.indented { self.line.trim_start_matches('\t') } else { &self.line };
                if line == heredoc.end {
                    self.heredoc = None;
                }
            }
            None if self.grammar == Grammar::Shell && !self.comment => {
                self.heredoc = Heredoc::begun_by(&self.line);
            }
            None => {}
        }
        self.line.clear();
        self.comment = false;
        self.escaped = false;
    }

    fn read_in_line(&mut self, c: char) {
        if std::mem::take(&mut self.escaped) {
            return;
        }
        let shell = self.grammar == Grammar::Shell;
        match self.open.last().copied() {
            Some(quote @ ('"' | '\'' | '`')) => {
                if c == quote {
                    self.open.pop();
                } else if c == '\\' {
                    self.escaped = self.has_escapes(quote);
                } else if shell && quote == '"' && c == '(' && self.last == '$' {
                    self.open.push(')');
                }
            }
            _ if c == '\\' => self.escaped = true,
            _ if c == '#' && self.at_word_start() => self.comment = true,
            _ if self.quotes().contains(c) && (self.quotes_anywhere() || self.at_word_start()) => {
                self.open.push(c);
            }
            _ if shell && c == '(' && (self.last == '$' || !self.open.is_empty()) => {
                self.open.push(')');
            }
            Some(')') if c == ')' => {
                self.open.pop();
            }
            _ => {}
        }
    }

    fn quotes(&self) -> &'static str {
        match self.grammar {
            Grammar::Caddy => "\"`",
            Grammar::Shell => "\"'`",
            Grammar::Nft => "\"",
            _ => "\"'",
        }
    }

    /// Whether a quote counts in the middle of a word too.
    fn quotes_anywhere(&self) -> bool {
        !matches!(self.grammar, Grammar::Caddy | Grammar::Nginx)
    }

    fn has_escapes(&self, quote: char) -> bool {
        match self.grammar {
            Grammar::Nginx => true,
            Grammar::Nft => false,
            _ => quote == '"',
        }
    }

    fn at_word_start(&self) -> bool {
        self.last.is_whitespace()
            || match self.grammar {
                Grammar::Shell => ";&|()".contains(self.last),
                Grammar::Nginx | Grammar::Nft => ";{}".contains(self.last),
                _ => false,
            }
    }

    /// Whether Caddy would take a value for the path that the directive before it is for.
    fn is_taken_for_a_path(&self, value: &str) -> bool {
        let text = value.trim_matches(['"', '`']);
        self.grammar == Grammar::Caddy
            && (text.starts_with('/') || text == "*")
            && self.line.ends_with(char::is_whitespace)
            && MATCHING.contains(&self.line.trim())
    }

    fn may_begin(&self) -> bool {
        match self.grammar {
            Grammar::Shell => !self.escaped && self.last != '$',
            Grammar::Dotenv => self.last == '=',
            Grammar::Nft => self.last.is_whitespace() || "{,".contains(self.last),
            _ => self.last.is_whitespace(),
        }
    }

    fn may_end(&self, after: &str) -> bool {
        let Some(next) = after.chars().next() else {
            return true;
        };
        match self.grammar {
            Grammar::Shell => true,
            Grammar::Dotenv => next == '\n',
            Grammar::Nginx => next.is_whitespace() || next == ';',
            Grammar::Nft => next.is_whitespace() || ";,}".contains(next),
            _ => next.is_whitespace(),
        }
    }
}

impl Scanner for Words {
    fn is_comment(&self) -> bool {
        self.comment
    }

    fn text(&mut self, text: &str) {
        for c in text.chars() {
            self.read(c);
        }
    }

    fn bare(&mut self, value: &str) -> Result<(), Fault> {
        let taken = !self.comment && self.is_taken_for_a_path(value);
        self.text(value);
        if taken { Err(TAKEN) } else { Ok(()) }
    }

    fn value(&mut self, value: &str, after: &str) -> Result<(), Fault> {
        let fault = if self.comment {
            value.contains('\n').then_some("would end the comment it stands in")
        } else if self.heredoc.is_some() {
            Some("stands in a here document, which keeps its quotes; use printf")
        } else if matches!(self.open.last(), Some('"' | '\'' | '`')) {
            Some("stands inside quotes; remove them, the value brings its own")
        } else if !self.may_begin() || !self.may_end(after) {
            Some("is glued to other text; a value must be a whole word, so join texts in the view")
        } else if self.is_taken_for_a_path(value) {
            Some(TAKEN)
        } else {
            None
        };
        // Any character that is neither space nor quote.
        self.last = 'v';
        self.line.push('v');
        fault.map_or(Ok(()), Err)
    }
}

const TAKEN: Fault = "stands where caddy takes it for the path that the directive is for; write `*` before it";

impl Heredoc {
    /// The here document whose body starts behind this line of shell (POSIX.1-2024 XCU 2.7.4).
    fn begun_by(line: &str) -> Option<Self> {
        let (_, redirect) = line.rsplit_once("<<").filter(|(before, _)| !before.ends_with('<'))?;
        let indented = redirect.starts_with('-');
        let word = redirect.strip_prefix('-').unwrap_or(redirect).trim_start();
        let end: String = word
            .chars()
            .take_while(|c| !c.is_whitespace() && !";&|)<>".contains(*c))
            .filter(|c| !"\"'\\".contains(*c))
            .collect();
        (!end.is_empty()).then_some(Self { end, indented })
    }
}
