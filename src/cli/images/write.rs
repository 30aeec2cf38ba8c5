//! Writes image references into the text of a profile, with comments kept, and the day beside each.

use crate::text::{SourceFile, apply};
use crate::values::{Day, ImageRef, ServiceName};
use crate::yaml::patch::{self, Operation, Refusal, Value};
use crate::yaml::{Route, Sources};

/// What stands before the day.
const MARK: &str = "pinned ";

/// The text with another image of a service.
///
/// # Errors
/// The profile is written in a way in which nothing can be put in without touching more.
pub fn image(text: &str, service: &ServiceName, image: &ImageRef, today: Day) -> Result<String, Refusal> {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new("profile", text));
    let holder: Route = ["services", service.as_str()].into_iter().collect();
    let value = Value::Text(image.to_string());
    let there = sources.tree(id).and_then(|root| root.get("services")?.get(service.as_str())?.get("image")).is_some();
    let edits = match there {
        true => patch::edits(&sources, id, &holder.key("image"), &Operation::Replace(value))?,
        false => patch::edits(&sources, id, &holder, &Operation::Insert { key: "image".to_owned(), value })?,
    };
    let text = apply(text, &edits).map_err(|_| Refusal("the change cannot be made in one step"))?;
    Ok(dated(&text, service, today))
}

/// The text with the day behind the line of a service's image: in the comment that says one already, else at its end.
fn dated(text: &str, service: &ServiceName, today: Day) -> String {
    let mut sources = Sources::new();
    let id = sources.add(SourceFile::new("profile", text));
    let node = sources.tree(id).and_then(|root| root.get("services")?.get(service.as_str())?.get("image"));
    let Some(node) = node else { return text.to_owned() };
    let end = text[node.span.end..].find(['\n', '\r']).map_or(text.len(), |at| node.span.end + at);
    let line = &text[node.span.end..end];
    let said = format!("{MARK}{today}");
    let written = match line.find(MARK).filter(|at| line[..*at].contains('#')) {
        Some(at) => {
            let rest = &line[at + MARK.len()..];
            let day = rest.find(|c: char| !c.is_ascii_digit() && c != '-').unwrap_or(rest.len());
            format!("{}{said}{}", &line[..at], &rest[day..])
        }
        None if line.contains(" #") => format!("{}; {said}", line.trim_end()),
        None => format!("{}  # {said}", line.trim_end()),
    };
    format!("{}{written}{}", &text[..node.span.end], &text[end..])
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: &str = "2026-11-30";

    fn pinned(text: &str, service: &str, reference: &str) -> String {
        let (service, reference) = (service.parse().expect("a name"), reference.parse().expect("an image"));
        image(text, &service, &reference, DAY.parse().expect("a day")).expect("written")
    }

    #[test]
    fn comments_and_order_stay() {
        let text = "version: 1\nname: a   # mine\nservices:\n  db:\n    # the old one\n    image: \"postgres:16.4\"   # from the hub\n    memory: 1g\nlevel: strict\n";
        let expected = text.replace("16.4\"   # from the hub", "16.5\"   # from the hub; pinned 2026-11-30");
        assert_eq!(pinned(text, "db", "postgres:16.5"), expected);
        assert_eq!(pinned(&expected.replace(DAY, "2025-01-02"), "db", "postgres:16.5"), expected);
    }

    #[test]
    fn what_is_not_there_is_put_in() {
        let text = "version: 1\nname: a\n# last words\n";
        let written = pinned(text, "db", "postgres:16.5");
        assert!(written.contains("services:\n  db:\n    image: postgres:16.5  # pinned 2026-11-30\n"), "{written}");
        assert!(written.starts_with("version: 1\nname: a\n") && written.contains("# last words"), "{written}");
        let more = pinned(&written, "web", "nginx:1.29.1");
        assert!(more.contains("  web:\n    image: nginx:1.29.1  # pinned 2026-11-30\n"), "{more}");
    }

    #[test]
    fn a_mapping_on_one_line_has_its_comment_behind_it() {
        let text = "services: {db: {image: 'postgres:16.4'}}\nlevel: strict\n";
        let expected = "services: {db: {image: 'postgres:16.5'}}  # pinned 2026-11-30\nlevel: strict\n";
        assert_eq!(pinned(text, "db", "postgres:16.5"), expected);
    }
}
