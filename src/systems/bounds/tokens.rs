//! Words and signs of an expression, as the template engine's own lexer cuts them.

/// What a token is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A name or a word of the language.
    Word,
    /// A number or a text in quotes.
    Value,
    /// `(`, `[` or `{`.
    Open,
    /// `)`, `]` or `}`.
    Close,
    /// An operator or separator.
    Sign(&'static str),
    /// What the engine does not know.
    Unknown,
}

/// One token and where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) start: usize,
    pub(super) end: usize,
    /// Whether it is a word that joins two operands or stands before one.
    joins: bool,
    /// Whether it is a name by which the engine hands out text that it printed.
    pub(super) captures: bool,
}

/// Longest first.
const SIGNS: [&str; 19] =
    ["==", "!=", "<=", ">=", "//", "**", "+", "-", "*", "/", "%", "~", "|", ".", "<", ">", "=", ",", ":"];

const WORDS: [&str; 7] = ["not", "and", "or", "in", "is", "if", "else"];

impl Token {
    /// Its text.
    pub(super) fn text<'a>(&self, of: &'a str) -> &'a str {
        &of[self.start..self.end]
    }

    /// Whether something is asked of what stands before it.
    pub(super) fn is_call_or_attribute(&self) -> bool {
        matches!(self.kind, Kind::Open | Kind::Sign("."))
    }

    /// Whether the parser goes one step deeper for it.
    pub(super) fn is_operator(&self) -> bool {
        match self.kind {
            Kind::Word => self.joins,
            Kind::Sign(sign) => !matches!(sign, "," | ":" | "="),
            Kind::Open => true,
            _ => false,
        }
    }
}

/// The tokens from a place to the closing delimiter outside brackets, and the place behind that; to the end without one.
pub(super) fn read(text: &str, from: usize, close: Option<&str>) -> (Vec<Token>, usize) {
    let mut tokens = Vec::new();
    let mut depth = 0_isize;
    let mut at = from;
    while let Some(c) = text[at..].chars().next() {
        let rest = &text[at..];
        if depth == 0
            && let Some(close) = close
        {
            // A sign before it trims blanks.
            let trimmed = rest.strip_prefix(['-', '+']).unwrap_or(rest);
            if trimmed.starts_with(close) {
                return (tokens, at + rest.len() - trimmed.len() + close.len());
            }
        }
        if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        }
        let (kind, length) = match c {
            '\'' | '"' => (Kind::Value, quoted(rest, c)),
            '0'..='9' => (Kind::Value, number(rest)),
            '(' | '[' | '{' => (Kind::Open, 1),
            ')' | ']' | '}' => (Kind::Close, 1),
            _ if c.is_alphabetic() || c == '_' => {
                (Kind::Word, rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len()))
            }
            _ => match SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
                Some(sign) => (Kind::Sign(sign), sign.len()),
                None => (Kind::Unknown, c.len_utf8()),
            },
        };
        match kind {
            Kind::Open => depth += 1,
            Kind::Close => depth -= 1,
            _ => {}
        }
        let end = at + length;
        let word = if kind == Kind::Word { &text[at..end] } else { "" };
        let after_dot = tokens.last().is_some_and(|last: &Token| last.kind == Kind::Sign("."));
        let captures = matches!(word, "self" | "super") && !after_dot;
        tokens.push(Token { kind, start: at, end, joins: WORDS.contains(&word), captures });
        at = end;
    }
    (tokens, at)
}

/// Length of a text in quotes.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if c == quote => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Length of a number; the point of `1.b` is none of it.
fn number(text: &str) -> usize {
    let word = |text: &str| text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let whole = word(text);
    match text[whole..].strip_prefix('.') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => whole + 1 + word(rest),
        _ => whole,
    }
}

/// The first token outside brackets that fits.
pub(super) fn outside(tokens: &[Token], fits: impl Fn(&Token) -> bool) -> Option<usize> {
    let mut depth = 0_isize;
    tokens.iter().position(|token| {
        match token.kind {
            Kind::Open => depth += 1,
            Kind::Close => depth -= 1,
            _ => return depth == 0 && fits(token),
        }
        false
    })
}

/// The last token of the operand that begins at one, with its attributes, calls and filters.
pub(super) fn operand(tokens: &[Token], from: usize) -> Option<usize> {
    let mut at = from;
    while tokens.get(at)?.kind == Kind::Sign("-") {
        at += 1;
    }
    let group = |open: usize| {
        let mut depth = 0_usize;
        tokens[open..].iter().position(|token| {
            match token.kind {
                Kind::Open => depth += 1,
                Kind::Close => depth -= 1,
                _ => {}
            }
            depth == 0
        })
    };
    if tokens.get(at)?.kind == Kind::Open {
        at += group(at)?;
    }
    loop {
        match tokens.get(at + 1).map(|token| token.kind) {
            Some(Kind::Sign("." | "|")) => {
                tokens.get(at + 2)?;
                at += 2;
            }
            // A map does not stand behind anything.
            Some(Kind::Open) => at += 1 + group(at + 1)?,
            _ => return Some(at),
        }
    }
}
