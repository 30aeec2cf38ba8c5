//! What Markdown does not care about and people who read it as plain text do: columns of tables that line up, and single
//! blank lines. Nothing within a code block is touched.

/// Widest cell that others are padded to; a longer one sticks out alone.
const WIDEST: usize = 60;

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
            None => push(&mut out, line.trim_end()),
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
}
