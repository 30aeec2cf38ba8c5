//! Units for Podman's systemd generator stand beside `compose.yaml` and must name what is there.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::generated::Generated;

#[test]
fn units_name_networks_secrets_and_images_of_compose() {
    let mut seen = 0;
    for case in Generated::all() {
        for path in case.texts().filter(|path| path.ends_with(".container")) {
            seen += 1;
            judge(&case, path);
        }
    }
    assert!(seen > 0, "no case has a unit");
}

fn judge(case: &Generated, path: &str) {
    let unit = case.read(path);
    let compose = case.compose();
    let values = |key: &str| -> Vec<String> {
        let start = format!("{key}=");
        unit.lines().filter_map(|line| line.strip_prefix(&start)).map(str::to_owned).collect()
    };
    let here = format!("{}: {path}: {unit}", case.name);
    let services = compose["services"].as_object().expect("there are services");
    let container = values("ContainerName").remove(0);
    let service =
        services.values().find(|service| service["container_name"] == container.as_str()).expect("its service");
    assert_eq!(values("Image"), [service["image"].as_str().expect("an image")], "{here}");
    let names = |value: &Value| -> BTreeSet<String> {
        let list = value.as_object().into_iter().flatten();
        list.map(|(key, value)| value["name"].as_str().unwrap_or(key).to_owned()).collect()
    };
    let joined: BTreeSet<_> =
        values("Network").iter().map(|it| it.split(':').next().unwrap_or_default().to_owned()).collect();
    let wanted: BTreeSet<_> = service["networks"]
        .as_object()
        .expect("networks")
        .keys()
        .map(|key| compose["networks"][key]["name"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(joined, wanted, "{here}");
    let given: BTreeSet<_> =
        values("Secret").iter().map(|it| it.split(',').next().unwrap_or_default().to_owned()).collect();
    let asked: BTreeSet<_> = service["secrets"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|it| it["source"].as_str().expect("a name").to_owned())
        .collect();
    assert_eq!(given, asked, "{here}");
    assert!(given.is_subset(&names(&compose["secrets"])), "{here}");
    let limits = &service["deploy"]["resources"]["limits"];
    assert!(unit.contains(&format!("--pids-limit={} ", limits["pids"])), "{here}");
}
