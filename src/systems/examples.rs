//! System files of applications that are not built in, as the wizard offers them: those of `examples/`.

use crate::embedded;

/// Names of files with their texts, `NAME.system.yaml`, in order.
pub fn examples() -> Vec<(&'static str, &'static str)> {
    let file = |path: &'static str| Some((path.rsplit('/').next()?, embedded::text(path)?));
    embedded::below("examples/").filter_map(file).collect()
}
