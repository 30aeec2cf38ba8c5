//! Running text in which words between backticks are code, as the texts of systems and reports are written.

/// A stretch of such text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Run<'a> {
    /// Plain text.
    Text(&'a str),
    /// Code.
    Code(&'a str),
}

/// The text's runs, none of them empty. An odd backtick opens nothing and stays text. Addresses are code too: no value
/// becomes a link, and they stay readable.
#[must_use]
pub fn runs(text: &str) -> Vec<Run<'_>> {
    let mut runs = Vec::new();
    if text.bytes().filter(|b| *b == b'`').count() % 2 == 1 {
        addresses(text, &mut runs);
        return runs;
    }
    for (index, part) in text.split('`').enumerate().filter(|(_, part)| !part.is_empty()) {
        match index % 2 {
            1 => runs.push(Run::Code(part)),
            _ => addresses(part, &mut runs),
        }
    }
    runs
}

fn addresses<'a>(text: &'a str, runs: &mut Vec<Run<'a>>) {
    let mut rest = text;
    while let Some(start) = ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
        let length = rest[start..].find(char::is_whitespace).unwrap_or(rest.len() - start);
        let address = rest[start..start + length].trim_end_matches(['.', ',', ';', ':', ')', '!', '?']);
        if start > 0 {
            runs.push(Run::Text(&rest[..start]));
        }
        runs.push(Run::Code(address));
        rest = &rest[start + address.len()..];
    }
    if !rest.is_empty() {
        runs.push(Run::Text(rest));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backticks_and_addresses_are_code() {
        let text = "Open https://a.example/x. Then `b`";
        assert_eq!(
            runs(text),
            [Run::Text("Open "), Run::Code("https://a.example/x"), Run::Text(". Then "), Run::Code("b")]
        );
        assert_eq!(runs("an odd ` stays"), [Run::Text("an odd ` stays")]);
        assert_eq!(runs("``"), []);
        assert_eq!(runs("https://. http://"), [Run::Code("https://"), Run::Text(". "), Run::Code("http://")]);
    }
}
