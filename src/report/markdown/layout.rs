//! What Markdown does not care about and people who read it as plain text do: columns of tables that line up, lines that are
//! not too long, and single blank lines. Nothing within a code block is touched.

/// Widest cell that others are padded to; a longer one sticks out alone.
const WIDEST: usize = 60;
/// Longest line of running text, where a word allows it.
const LINE: usize = 160;
/// Blanks before a line of a code block that has no fence: more than before the text of any list item.
const CODE: &str = "      ";

/// Lays a document out.
pub(super) fn tidy(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut lines = text.lines().peekable();
    let mut fence = None;
    while let Some(line) = lines.next() {
        let ticks = ticks(line);
        match fence {
            Some(open) => {
                if ticks >= open && line.trim().len() == ticks {
                    fence = None;
                }
                push(&mut out, line);
            }
            None if ticks >= 3 => {
                fence = Some(ticks);
                push(&mut out, line);
            }
            None if line.starts_with("| ") => {
                let mut rows = vec![line];
                while let Some(row) = lines.next_if(|next| next.starts_with("| ")) {
                    rows.push(row);
                }
                table(&rows, &mut out);
            }
            None if line.trim().is_empty() => {
                if !out.is_empty() && !out.ends_with("\n\n") && lines.peek().is_some() {
                    out.push('\n');
                }
            }
            None if line.starts_with(CODE) || line.starts_with('#') => push(&mut out, line.trim_end()),
            None => wrap(line.trim_end(), &mut out),
        }
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn push(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// A paragraph or the text of a list item, on as many lines as it takes. A line is broken before a word that begins with a
/// letter, so that it begins nothing else in Markdown, and never inside a code span, which somebody may copy.
fn wrap(text: &str, out: &mut String) {
    let margin = " ".repeat(margin(text));
    let mut width = 0;
    for (number, part) in parts(text).into_iter().enumerate() {
        let length = part.chars().count();
        if number > 0 && width + 1 + length > LINE {
            out.push('\n');
            out.push_str(&margin);
            width = margin.len();
        } else if number > 0 {
            out.push(' ');
            width += 1;
        }
        out.push_str(part);
        width += length;
    }
    out.push('\n');
}

/// What stands together: each word, with those behind it that may not begin a line.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    // Before the first word stand blanks and the mark of a list.
    let (mut start, mut at, mut code, mut begun) = (0, 0, false, false);
    for word in text.split(' ') {
        let plain = word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '(' || c == '"');
        let span = word.starts_with('`') && !word.starts_with("``");
        if !code && (plain || span) && begun {
            parts.push(&text[start..at - 1]);
            start = at;
        }
        at += word.len() + 1;
        begun |= word.contains(|c: char| c.is_ascii_alphabetic());
        code ^= word.bytes().filter(|byte| *byte == b'`').count() % 2 == 1;
    }
    parts.push(&text[start..]);
    parts
}

/// The column in which the text of a list item begins; 0 in paragraphs.
fn margin(line: &str) -> usize {
    let blanks = line.len() - line.trim_start().len();
    let marker = line.trim_start().split(' ').next().unwrap_or_default();
    let numbered = marker.strip_suffix('.').is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    if marker == "-" || numbered { blanks + marker.len() + 1 } else { blanks }
}

/// Backticks that a line begins with.
fn ticks(line: &str) -> usize {
    line.trim_start().bytes().take_while(|b| *b == b'`').count()
}

fn table(rows: &[&str], out: &mut String) {
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| cells(row)).collect();
    let width = |cell: &str| Some(cell.chars().count()).filter(|width| *width <= WIDEST);
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widths: Vec<usize> = (0..columns)
        .map(|column| rows.iter().filter_map(|row| width(row.get(column)?)).max().unwrap_or_default().max(3))
        .collect();
    let right: Vec<bool> = (0..columns)
        .map(|column| rows.get(1).and_then(|row| row.get(column)).is_some_and(|cell| cell.ends_with("-:")))
        .collect();
    for (number, row) in rows.iter().enumerate() {
        out.push('|');
        for (column, cell) in row.iter().enumerate() {
            let (width, right) = (widths[column], right[column]);
            let rule = "-".repeat(width - usize::from(right));
            let gap = " ".repeat(width.saturating_sub(cell.chars().count()));
            out.extend(match (number, right) {
                (1, false) => [" ", &rule, "", " |"],
                (1, true) => [" ", &rule, ":", " |"],
                (_, false) => [" ", cell, &gap, " |"],
                (_, true) => [" ", &gap, cell, " |"],
            });
        }
        out.push('\n');
    }
}

/// Cells of a row; a bar behind a backslash is text.
fn cells(row: &str) -> Vec<&str> {
    let inner = row.trim_end();
    let mut cells = Vec::new();
    let mut start = None;
    let mut escaped = false;
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            b'\\' => escaped = !escaped,
            b'|' if !escaped => {
                if let Some(start) = start {
                    cells.push(inner[start..at].trim());
                }
                start = Some(at + 1);
            }
            _ => escaped = false,
        }
    }
    cells
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_line_up_and_blank_lines_are_single() {
        let text =
            "# T\n\n\n\n| A | Number |\n| --- | ---: |\n| a\\|b | 1 |\n\n\n```text\na  \n\n\n| x | y |\n```\n\n\n";
        assert_eq!(
            tidy(text),
            "# T\n\n| A    | Number |\n| ---- | -----: |\n| a\\|b |      1 |\n\n```text\na  \n\n\n| x | y |\n```\n"
        );
    }

    #[test]
    fn a_longer_fence_holds_a_shorter_one() {
        let text = "````text\n```\n\n\n````\nx\n\n\ny\n";
        assert_eq!(tidy(text), "````text\n```\n\n\n````\nx\n\ny\n");
    }

    #[test]
    fn long_lines_are_broken_where_it_means_nothing() {
        let words = |count: usize| vec!["word"; count].join(" ");
        let text = format!(" 1. {} `a b` - # 5. {}\n- {}\n", words(30), words(10), words(40));
        let lines: Vec<String> = tidy(&text).lines().map(str::to_owned).collect();
        assert!(lines.iter().all(|line| line.chars().count() <= LINE), "{lines:#?}");
        assert_eq!(lines.len(), 4, "{lines:#?}");
        assert!(lines[1].starts_with("    `a b` - # 5. word") && lines[3].starts_with("  word"), "{lines:#?}");
        assert_eq!(tidy(&text).split_whitespace().collect::<Vec<_>>(), text.split_whitespace().collect::<Vec<_>>());

        // What may not begin a line stays with the word before it, however long that makes the line.
        let stuck = format!("{} - 1. # > + {}", words(31), "`c d` ".repeat(3).trim_end());
        assert!(tidy(&stuck).lines().all(|line| line.starts_with(['w', '`'])), "{}", tidy(&stuck));
        assert!(!tidy(&stuck).contains("c\n"), "a span is not broken");
    }
}
