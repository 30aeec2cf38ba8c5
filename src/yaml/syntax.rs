use crate::diagnostics::{Diagnostic, codes};
use crate::text::{SourceFile, SourceId, Span};

/// Start of the parser's words, what we say instead, and the way out; the first match counts.
const WORDING: &[(&str, &str, &str)] = &[
    (
        "mapping values are not allowed",
        "a `:` is not allowed here",
        "quote text that contains `: `, or check the indentation of this and the line before",
    ),
    (
        "illegal placement of ':'",
        "a `:` is not allowed here",
        "close the list or mapping opened with `[` or `{` before this line",
    ),
    ("unexpected character: `@'", "text cannot begin with `@`", "put the text in quotes"),
    ("unexpected character: ``'", "text cannot begin with a backtick", "put the text in quotes"),
    ("unexpected character: `%'", "text cannot begin with `%`", "put the text in quotes"),
    (
        "while parsing node, found unknown anchor",
        "no anchor of this name stands before this alias",
        "write the anchor first (`&name`), or quote text that begins with `*`",
    ),
    (
        "while scanning an anchor or alias",
        "`&` or `*` needs a name after it",
        "put text that begins with `&` or `*` in quotes",
    ),
    (
        "while scanning a quoted scalar, found unexpected end",
        "the quote opened here is never closed",
        "add the closing quote",
    ),
    (
        "invalid indentation in quoted scalar",
        "the quote opened here is not closed on its line",
        "add the closing quote",
    ),
    (
        "while scanning a quoted scalar, found unexpected document",
        "the quote opened here is never closed",
        "add the closing quote",
    ),
    (
        "while parsing a quoted scalar, found unknown escape",
        "this text has an unknown `\\` escape",
        "use single quotes, or write `\\\\` for a backslash",
    ),
    (
        "while parsing a quoted scalar",
        "this text has a broken `\\` escape",
        "use single quotes, or write `\\\\` for a backslash",
    ),
    (
        "invalid trailing content after double-quoted",
        "text follows the closing quote",
        "put the whole value in quotes; write `\\\"` for a quote inside",
    ),
    (
        "block sequence entries are not allowed",
        "a list item cannot begin here",
        "put `- ` on its own line below the key",
    ),
    (
        "while parsing a block collection",
        "this line does not continue the list before it",
        "begin it with `- `, or indent it as the key it belongs to",
    ),
    (
        "while parsing a block mapping",
        "this line does not continue the mapping before it",
        "indent it as the keys it belongs to",
    ),
    ("while parsing a flow mapping", "`{` is not closed, or a comma is missing", "add `,` or `}`"),
    ("while parsing a flow sequence", "`[` is not closed, or a comma is missing", "add `,` or `]`"),
    ("misplaced bracket", "this bracket closes nothing", "remove it, or put the text in quotes"),
    (
        "invalid indentation in flow",
        "this line is indented less than the list or mapping it belongs to",
        "close the `[` or `{`, or indent the line",
    ),
    ("invalid indentation", "the indentation matches no line above", "indent it as the keys it belongs to"),
    (
        "wrongly indented line in block scalar",
        "this line is indented less than the text it belongs to",
        "indent it like the first line of the text",
    ),
    ("simple key expect", "a key without `:`", "write `key: value`"),
    ("mapping keys are not allowed", "a key cannot begin here", "check the indentation"),
    (
        "while parsing a node, did not find expected node content",
        "a value is missing here",
        "write the value, or remove the sign before it",
    ),
    ("the handle wasn't declared", "the tag is not known", "remove the tag; text that begins with `!` needs quotes"),
    ("while parsing a tag", "the tag is not valid", "put text that begins with `!` in quotes"),
    ("while scanning a tag", "the tag is not valid", "put text that begins with `!` in quotes"),
];

/// The parser's error as one diagnostic in our words.
pub(super) fn diagnostic(info: &str, file: &SourceFile, id: SourceId, at: usize) -> Diagnostic {
    let point = caret(file, id, at);
    if info.starts_with("recursion limit") {
        return too_deep(point);
    }
    if info.contains("tab") && !info.contains("expected") {
        return tab(tab_near(file, at).map_or(point, |tab| Span::new(id, tab, tab + 1)));
    }
    let found = WORDING.iter().find(|(start, ..)| info.starts_with(start));
    let (message, help) = match found {
        Some((_, message, help)) => ((*message).to_owned(), *help),
        None => (format!("not valid YAML: {info}"), "correct the marked place"),
    };
    let finding = Diagnostic::error(codes::YAML_SYNTAX, message).at(point, "here").help(help);
    match OF_BRACKETS.iter().any(|start| info.starts_with(start)).then(|| unclosed(file, at)).flatten() {
        Some(open) => finding.also(Span::new(id, open, open + 1), "opened here, and not closed"),
        None => finding,
    }
}

/// Start of the parser's words where a bracket may be the cause, long before the place.
const OF_BRACKETS: &[&str] =
    &["illegal placement of ':'", "while parsing a flow", "invalid indentation in flow", "misplaced bracket"];

/// The bracket that is open at an offset, looked for from the last line before it that begins a top-level entry.
fn unclosed(file: &SourceFile, at: usize) -> Option<usize> {
    let text = file.text();
    let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let begins = |start: &usize| text[*start..].starts_with(|c: char| c.is_alphanumeric() || "_\"'".contains(c));
    let starts = text[..line].match_indices('\n').map(|(end, _)| end + 1).chain([0]).filter(|start| *start < line);
    let start = starts.filter(begins).max().unwrap_or(line);
    let mut open: Vec<(usize, char)> = Vec::new();
    let (mut quote, mut before) = (None, ' ');
    for (place, c) in text[start..at].char_indices() {
        match (quote, c) {
            (Some(end), _) if end == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') if ":-[{,".contains(before) => quote = Some(c),
            (None, '[' | '{') if ":-[{,".contains(before) => open.push((start + place, c)),
            (None, ']' | '}') => match open.last() {
                Some((_, '[')) if c == ']' => drop(open.pop()),
                Some((_, '{')) if c == '}' => drop(open.pop()),
                _ => break,
            },
            _ => {}
        }
        if !c.is_whitespace() {
            before = c;
        }
    }
    open.last().map(|(place, _)| *place)
}

/// The finding for nesting over the limit.
pub(super) fn too_deep(span: Span) -> Diagnostic {
    Diagnostic::error(codes::TOO_DEEP, "nested more than 64 levels deep")
        .at(span, "level 65")
        .help("flatten the structure")
}

/// The finding for a tab in the indentation.
pub(super) fn tab(span: Span) -> Diagnostic {
    Diagnostic::error(codes::YAML_SYNTAX, "a tab is used for indentation")
        .at(span, "tab")
        .help("replace tabs by spaces; YAML indents with spaces only")
}

/// One character wide, so that there is something to underline.
fn caret(file: &SourceFile, id: SourceId, at: usize) -> Span {
    let width = file.text()[at..].chars().next().filter(|c| !matches!(c, '\n' | '\r')).map_or(0, char::len_utf8);
    Span::new(id, at, at + width)
}

/// The parser reports the start of the text before the tab; the tab itself is in the next lines' indentation.
fn tab_near(file: &SourceFile, at: usize) -> Option<usize> {
    let line = file.position(at).line;
    (line..=file.line_count()).find_map(|line| {
        let (start, end) = file.line_range(line)?;
        let text = &file.text()[start..end];
        let indent = &text[..text.len() - text.trim_start_matches([' ', '\t']).len()];
        indent.find('\t').map(|tab| start + tab)
    })
}
