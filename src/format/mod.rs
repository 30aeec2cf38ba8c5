//! What people write: profiles and system files, version 1, as types that serde fills.

pub mod misplaced_keys;
pub mod profile;
pub mod system;
