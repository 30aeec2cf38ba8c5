use crate::text::Edit;

/// How far a fix may be trusted; ordered, so that "may it be applied" is one comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Grade {
    /// A sketch that somebody completes or chooses; no command applies it.
    Shown,
    /// Right as it stands, and changes what the file asks for.
    Behaviour,
    /// Says what the file meant anyway.
    Safe,
}

impl Grade {
    /// The word for programs: `shown`, `behaviour`, `safe`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Shown => "shown",
            Self::Behaviour => "behaviour",
            Self::Safe => "safe",
        }
    }
}

/// One way to mend a finding, as changes of the files it is about. Command line, editor and reports share it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as an order: "write `domain`"; names in backticks, no full stop.
    pub title: String,
    /// How far it may be trusted.
    pub grade: Grade,
    /// The changes; all of them or none.
    pub edits: Vec<Edit>,
}

impl Fix {
    /// A fix of one edit.
    pub fn new(title: impl Into<String>, grade: Grade, edit: Edit) -> Self {
        Self { title: title.into(), grade, edits: vec![edit] }
    }
}

/// What would mend a finding, said by a rule that knows no file; `format/wished.rs` finds out how the file says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// The value at the primary place is to go, with its key or dash.
    Remove,
    /// The item of a list that the primary place stands in is to go.
    RemoveItem,
    /// The mapping at the primary place lacks this key.
    Add(String),
}
