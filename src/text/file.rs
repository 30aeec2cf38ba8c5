use std::borrow::Cow;
use std::sync::OnceLock;

/// A place as people count: line and column from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// One file: the name as the user typed it and its text without byte order mark.
#[derive(Clone, Debug)]
pub struct SourceFile {
    name: String,
    text: Cow<'static, str>,
    recorded: Option<&'static [u8]>,
    embedded: bool,
    lines: OnceLock<Vec<usize>>,
}

impl SourceFile {
    /// Text that is known to be readable, such as a built-in system.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            text: Cow::Owned(text.into()),
            recorded: None,
            embedded: false,
            lines: OnceLock::new(),
        }
    }

    /// A file that is part of the program, with its events where the build script could parse it.
    pub fn embedded(name: impl Into<String>, text: &'static str, recorded: Option<&'static [u8]>) -> Self {
        Self { name: name.into(), text: Cow::Borrowed(text), recorded, embedded: true, lines: OnceLock::new() }
    }

    /// The name as the user typed it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is part of the program, so that nobody can change it.
    pub const fn is_embedded(&self) -> bool {
        self.embedded
    }

    /// The whole text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte offset; an offset inside a character or past the end is moved back.
    pub fn position(&self, offset: usize) -> Position {
        let lines = self.lines();
        let line = lines.partition_point(|start| *start <= offset).max(1);
        let start = lines[line - 1];
        let end = floor(&self.text, offset).max(start);
        Position { line, column: self.text[start..end].chars().count() + 1 }
    }

    /// Start and end (without line break) of a line counted from 1.
    pub fn line_range(&self, line: usize) -> Option<(usize, usize)> {
        let lines = self.lines();
        let start = *lines.get(line.checked_sub(1)?)?;
        let next = lines.get(line).copied().unwrap_or(self.text.len());
        let end = start + self.text[start..next].trim_end_matches(['\n', '\r']).len();
        Some((start, end))
    }

    /// Number of lines, at least 1.
    pub fn line_count(&self) -> usize {
        self.lines().len()
    }

    /// The events of its text as the build script recorded them, where it could.
    pub fn recorded(&self) -> Option<(&'static str, &'static [u8])> {
        match self.text {
            Cow::Borrowed(text) => Some((text, self.recorded?)),
            Cow::Owned(_) => None,
        }
    }

    fn lines(&self) -> &[usize] {
        self.lines.get_or_init(|| {
            let bytes = self.text.as_bytes();
            let breaks = (0..bytes.len()).filter(|&at| match bytes[at] {
                b'\n' => true,
                b'\r' => bytes.get(at + 1) != Some(&b'\n'),
                _ => false,
            });
            std::iter::once(0).chain(breaks.map(|at| at + 1)).collect()
        })
    }
}

fn floor(text: &str, offset: usize) -> usize {
    (0..=offset.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_count_characters_and_every_kind_of_line_end() {
        let file = SourceFile::new("f", "a\r\nßx: 1\rb\n");
        assert_eq!(file.position(0), Position { line: 1, column: 1 });
        assert_eq!(file.position(5), Position { line: 2, column: 2 });
        assert_eq!(file.position(4), Position { line: 2, column: 1 });
        assert_eq!(file.position(10), Position { line: 3, column: 1 });
        assert_eq!(file.position(999), Position { line: 4, column: 1 });
        assert_eq!(file.line_range(2), Some((3, 9)));
        assert_eq!(file.line_range(5), None);
        assert_eq!(file.line_range(0), None);
    }
}
