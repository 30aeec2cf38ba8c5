//! YAML made up in every style of writing.

/// A small generator of numbers, the same on every machine.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit.max(1) as u64).unwrap_or(0)
    }

    pub(super) fn one_in(&mut self, limit: usize) -> bool {
        self.below(limit) == 0
    }

    pub(super) fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        from[self.below(from.len())]
    }
}

const KEYS: &[&str] = &["a", "b", "c", "name", "'q q'", "\"d\"", "é", "x-y"];
const WORDS: &[&str] = &[
    "x",
    "5",
    "true",
    "~",
    "",
    "null",
    "'s # s'",
    "\"d: \\\" d\"",
    "two words",
    "a#b",
    "'it''s'",
    "🦀 crab",
    "http://x:1/",
    "-1",
    "\"\"",
    "1.10",
];

/// The text of a file whose root is a mapping.
pub(super) fn file(chance: &mut Chance) -> String {
    let mut out = String::new();
    let step = [2, 2, 4][chance.below(3)];
    comment(chance, &mut out, 0);
    map(chance, &mut out, 0, step, 0);
    if chance.one_in(4) {
        out = out.replace('\n', "\r\n");
    }
    if chance.one_in(4) && !out.ends_with("\n\n") {
        out = out.trim_end().to_owned();
    }
    out
}

fn comment(chance: &mut Chance, out: &mut String, column: usize) {
    if chance.one_in(6) {
        out.push_str(&" ".repeat(column));
        out.push_str("# é c\n");
    }
    if chance.one_in(12) {
        out.push('\n');
    }
}

fn map(chance: &mut Chance, out: &mut String, column: usize, step: usize, depth: usize) {
    let mut keys = KEYS.to_vec();
    for number in 0..=chance.below(4) {
        if number > 0 {
            comment(chance, out, column);
            out.push_str(&" ".repeat(column));
        }
        let key = keys.remove(chance.below(keys.len()));
        out.push_str(key);
        out.push(':');
        value(chance, out, column, step, depth + 1, true);
    }
}

fn end(chance: &mut Chance, out: &mut String) {
    if chance.one_in(5) {
        out.push_str(" # t");
    }
    out.push('\n');
}

fn value(chance: &mut Chance, out: &mut String, column: usize, step: usize, depth: usize, key: bool) {
    let kind = if depth > 4 { 0 } else { chance.below(10) };
    match kind {
        5 | 6 if key => {
            end(chance, out);
            comment(chance, out, column + step);
            out.push_str(&" ".repeat(column + step));
            map(chance, out, column + step, step, depth);
        }
        5 | 6 => {
            out.push(' ');
            map(chance, out, column + 2, step, depth);
        }
        7 if key => {
            end(chance, out);
            let column = if chance.one_in(3) { column } else { column + step };
            list(chance, out, column, step, depth);
        }
        8 => {
            out.push(' ');
            flow(chance, out, depth);
            end(chance, out);
        }
        9 => {
            let inner = " ".repeat(if key { column + step } else { column + 2 });
            out.push_str(&format!(
                " {}\n{inner}# no comment\n{inner}  text\n",
                chance.pick(&["|", ">-", "|-", "|+", "| # c"])
            ));
        }
        _ => {
            let word = chance.pick(WORDS);
            let word = if word.is_empty() && !key { "x" } else { word };
            if !word.is_empty() {
                out.push(' ');
                out.push_str(word);
            }
            end(chance, out);
        }
    }
}

fn list(chance: &mut Chance, out: &mut String, column: usize, step: usize, depth: usize) {
    for _ in 0..=chance.below(3) {
        comment(chance, out, column);
        out.push_str(&" ".repeat(column));
        out.push('-');
        value(chance, out, column, step, depth + 1, false);
    }
}

fn flow(chance: &mut Chance, out: &mut String, depth: usize) {
    let map = chance.one_in(2);
    let mut keys = KEYS.to_vec();
    out.push(if map { '{' } else { '[' });
    for number in 0..chance.below(4) {
        if number > 0 {
            out.push_str(", ");
        }
        if map {
            out.push_str(keys.remove(chance.below(keys.len())));
            out.push_str(": ");
        }
        match depth < 4 && chance.one_in(4) {
            true => flow(chance, out, depth + 1),
            false => {
                let word = chance.pick(WORDS);
                out.push_str(if word.is_empty() { "y" } else { word });
            }
        }
    }
    out.push(if map { '}' } else { ']' });
}
