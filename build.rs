//! Rebuilds when a file that is embedded by folder is added; `include_dir!` sees only changes of known files.

fn main() {
    for folder in ["templates", "src/systems/builtin", "src/systems/components", "schemas"] {
        println!("cargo:rerun-if-changed={folder}");
    }
}
