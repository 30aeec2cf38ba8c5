//! In: whatever is wrong with a profile, a compose file or a running host, with its places.
//! Out: one `Diagnostic` type, rendered as human text, JSON, SARIF or GitHub annotations.

mod code;
pub mod codes;
mod collection;
mod diagnostic;
mod fix;
pub mod render;
mod suggestion;

pub use code::{Code, CodeInfo};
pub use collection::Diagnostics;
pub use diagnostic::{Diagnostic, Label, Severity};
pub use fix::{Fix, Grade, Wish};
pub use suggestion::{allowed, nearest, nearest_or_allowed};
