//! The one list of codes. A new code is one line here: constant, name, title, explanation, way out.

use super::{Code, CodeInfo};

macro_rules! codes {
    ($($constant:ident $name:literal $title:literal $explanation:literal $way_out:literal;)*) => {
        $(#[doc = $title] pub const $constant: Code = Code::external($name);)*

        /// Every registered code, in the order of this file.
        pub const ALL: &[CodeInfo] = &[$(CodeInfo {
            code: $constant,
            title: $title,
            explanation: $explanation,
            way_out: $way_out,
        },)*];
    };
}

codes! {
    FILE_TOO_LARGE "file-too-large" "the file is larger than 1 MiB" "profiles and systems are a few kilobytes; a larger file is a mistake or an attack, and is not read" "check that the path names the file you meant";
    NOT_UTF8 "not-utf8" "the file is not UTF-8 text" "YAML is read as UTF-8; other encodings would be misread silently" "save the file as UTF-8";
    CONTROL_CHARACTER "control-character" "the file contains a character YAML forbids" "control characters are invisible in an editor and can fool a terminal or another parser" "delete the character, or write it as an escape in a double-quoted string";
    EMPTY_FILE "empty-file" "the file has no content" "nothing but blank lines and comments was found" "remove the file and run `stockade init`, which writes a profile; `stockade systems new NAME` begins a system";
    SEVERAL_DOCUMENTS "several-documents" "the file holds more than one YAML document" "a `---` line starts a second document, which would be ignored silently by other tools" "put the second document in its own file, or remove the `---` line";
    YAML_SYNTAX "yaml-syntax" "the file is not valid YAML" "the YAML grammar does not allow what stands here; nothing after it can be understood" "correct the marked place; indentation uses spaces, text with `: ` or ` #` needs quotes";
    TOO_DEEP "too-deep" "the file is nested more than 64 levels deep" "no real profile needs such nesting, and deep nesting exhausts parsers" "flatten the structure";
    TOO_MANY_NODES "too-many-nodes" "the file has more than 100,000 values, or a list in it more entries than are read" "the limit keeps memory and time bounded" "name fewer, or split the file";
    TOO_MANY_ALIASES "too-many-aliases" "aliases expand to more than 100,000 values" "aliases of aliases grow exponentially (the `billion laughs` attack), so the expanded size is limited" "write the repeated parts out, or alias smaller parts";
    RECURSIVE_ALIAS "recursive-alias" "an alias refers to the value it stands in" "the expanded value would be infinite" "move the anchor to a value that does not contain the alias";
    DUPLICATE_KEY "duplicate-key" "a key is written twice in one mapping" "tools disagree on which of the two wins" "keep one of the two";
    COMPLEX_KEY "complex-key" "a key is a list or a mapping" "keys must be plain words" "write the key as text";
    UNKNOWN_TAG "unknown-tag" "a YAML tag is not known" "a tag such as `!name` changes a value's meaning; ignoring it would change what the file says" "remove the tag";
    BAD_MERGE "bad-merge" "a merge key `<<` does not hold a mapping" "`<<` copies keys from a mapping or a list of mappings" "point `<<` at an anchored mapping";
    UNKNOWN_KEY "unknown-key" "a key is not known here" "unknown keys are errors, because a misspelt hardening setting would otherwise be off without a word" "use one of the allowed keys";
    MISSING_KEY "missing-key" "a required key is missing" "the value has no safe default" "add the key";
    UNKNOWN_VALUE "unknown-value" "a value is not one of the allowed ones" "the setting takes one of a fixed list of values" "use one of the allowed values";
    WRONG_TYPE "wrong-type" "a value has the wrong shape" "text, number, list or mapping was expected and another was found" "write the value in the expected shape";
    INVALID_VALUE "invalid-value" "a value is not valid" "the value has the right shape but breaks a rule of its type" "follow the reason given with the finding";
    TOO_MANY_ERRORS "too-many-errors" "there are more findings than are told: reading stops after 50 errors, and 200 are shown" "later errors are often consequences of earlier ones" "correct the errors shown and run again";
    BAD_EXPRESSION "bad-expression" "an expression of a system file fails" "the text between `{{` and `}}` is computed over the facts of the run, and one of its names or operations does not exist" "use the facts listed in docs/systems.md";
    BAD_TEMPLATE "bad-template" "a template of a system fails" "the text between `{{` and `}}` or `{%` and `%}` is no valid template, asks for something that does not exist, or stands where no whole value may" "follow the reason given with the finding; docs/systems.md lists what templates see";
    INVALID_SYSTEM "invalid-system" "a system file contradicts itself" "a name it refers to does not exist, or two of its parts exclude each other" "follow the reason given with the finding";
    UNKNOWN_SYSTEM "unknown-system" "a system is not known" "the profile names a system that is neither built in nor a file" "`stockade systems` lists the built-in ones; a path begins with `./`";
    UNPRINTABLE_VALUE "unprintable-value" "a value cannot be written in the file it belongs to" "the grammar of that file has no way to hold the value, and anything near it would be another value" "use another value";
    PROXY_CANNOT "proxy-cannot" "the chosen proxy cannot do what is asked" "stock servers differ: nginx gets no certificates by itself, Caddy limits no rates" "choose another `proxy.kind`, or drop the request";
    HSTS_UNTRUSTED "hsts-untrusted-certificate" "HSTS with a certificate that browsers do not trust" "HSTS forbids visitors to continue past a certificate warning, so they would be locked out" "use `acme` or `files`, or leave `hsts` out";
    PUBLIC_ADMIN "public-admin-surface" "an admin surface is open to the internet" "admin surfaces are for a VPN, an office or a management network" "name those networks in `admin`";
    UNPINNED_IMAGE "unpinned-image" "an image has no fixed version" "`latest` or no tag is another program tomorrow" "name a version, best with its digest";
    SECRET_IN_ENVIRONMENT "secret-in-environment" "a secret stands in the environment" "`docker inspect` and every child process show it" "put it into `secrets/` as a file";
    SUBNET_IN_POOL "subnet-in-pool" "a network's addresses lie where the engine takes networks from by itself" "Docker gives networks without a `subnet` one of 172.17.0.0/16 to 172.31.0.0/16 or of 192.168.0.0/16, in turn; once one of those holds this network's addresses, `docker compose up` fails with `Pool overlaps`" "take addresses of 10.0.0.0/8 that neither the host nor its VPN uses";
    SUBNET_CLASH "subnet-clash" "a network's addresses belong to somebody else, or do not suffice" "the host sends whatever is for those addresses to its containers, so admins, proxies in front and other hosts that have them get no answer; a network without an address for each of its services cannot be started" "take addresses of 10.0.0.0/8 that neither the host nor its VPN uses";
    MOUNT_POINT "mount-point" "a mount lies inside another one where its mount point cannot be made right" "the engine makes a missing mount point, and the directories that lead to it, as root; where the mount around it is read-only it can make none, and the container does not start" "mount it elsewhere, or let the mount around it be a directory of the bundle";
    IMAGE_NEEDS "image-needs" "an image is known to need more than its service declares" "images that start as root and drop their rights stop at once without root, or without the capabilities to drop them; servers stop where they cannot write, or have no password" "declare what the help names, or take another image";
    IMAGE_CONTRADICTED "image-contradicted" "a service says what its image is known not to do" "the container would not start, would never be healthy, or would keep its data where nothing mounts anything" "write what the help names";
    BUFFERED_BODY "buffered-body" "a proxy would hold very large bodies in memory" "Traefik reads a body to its end before it passes it on, in scratch space that counts as memory; there must be room for two of the largest" "switch buffering off for the path with `streaming: true`, or choose a proxy that passes bodies on";
    NEEDS_WAIVER "needs-waiver" "a control would be weakened without a waiver" "a weakening is written down with a reason and an end, so that somebody decides again" "add an entry to `waivers`";
    EXPIRED_WAIVER "expired-waiver" "a waiver has ended" "its last day is past, so the control is due again" "remove it, or decide anew and set another `until`";
    WIDE_WAIVER "wide-waiver" "a waiver reaches several services" "one that needs less protection is no reason to take it from all" "write `service: NAME` in it, and one more for each that needs it";
    PORT_CLASH "port-clash" "two services want one port of the host" "the second would not start" "give one of them another port";
    SYSTEM_CLASH "system-clash" "two systems of one profile want the same name or addresses, or decide the same thing differently" "one stack has every network, address, volume, secret, file and host name once" "give one of them another name or subnet, or say in the profile what both are to do";
    PROFILE_CLASH "profile-clash" "two profiles of one run want the same domain, or the same port, name or addresses of one host" "a domain leads to one host, and a host has every port, name and network once; profiles with the same domain, or the same `address` of a host, share that host" "give one of them another domain, port, name or subnet";
    LOCKED_OUT "locked-out" "the firewall would cut the operator off" "no network would be left from which SSH is reachable" "name the operator's network in `admin` or `firewall.ssh.from`";
    PLACEHOLDER_DIGEST "placeholder-digest" "a digest stands for one that is still to be found" "no image has a digest of zeros, so `docker compose up` cannot pull it" "write the digest that `docker buildx imagetools inspect IMAGE` prints";
    MISSING_DIGEST "missing-digest" "an image is pinned by tag only" "its publisher can move a tag; a digest names the content" "add `@sha256:…`; `docker buildx imagetools inspect IMAGE` prints it";
    LEFT_OUT "left-out" "something the guide asks for cannot be done here" "the chosen tools do not offer it, and other controls stand in" "see HARDENING.md";
    UNUSED_KEY "unused-key" "a key has no effect" "another setting switches off what it configures" "remove it, or change the other setting";
    BLIND_CHECK "blind-check" "a check of a system file succeeds where nothing runs" "`! A | B` takes the status of `B` alone, so without a container, a daemon or a name it says that all is well" "run `A` first and keep what it printed, then look for what must not be in it";
    UNDECLARED_PORT "undeclared-port" "a health check or a site asks a port that its service does not declare" "either the number is wrong, and the container never becomes healthy or visitors get 502, or the report misses a port" "correct the number, or declare the port under the service's `ports`";
    UNUSED_PART "unused-part" "nothing in a system file uses one of its settings, facts or words" "whoever sets it would change nothing, and not know" "use it in an expression, or remove it";
    LINT "lint" "a combination is wrong for this application" "the system file knows it from its author's code" "follow the way out given with the finding";
    BUG "bug" "a template does not fit its data" "a mistake of Stockade, never of the profile" "please report it with the profile";
    IO "io" "the machine failed" "a file could not be read or written" "look at the path and its permissions";
    DRIFT "drift" "the bundle differs from what the profile says" "a file was changed by hand, or the profile or Stockade changed" "run `stockade generate`";
    FOREIGN_FILE "foreign-file" "a file that Stockade did not write stands where the bundle belongs" "it may be the only copy of somebody's work, or a program may take it for a part of the bundle" "choose another `--out`, name it after `--adopt`, or move it away";
    EDITED_FILE "edited-file" "a file was changed by hand since it was generated" "what the profile does not say is gone with the next run, or stays although the profile no longer wants it" "say the change in the profile, or bring the file back with `--force`, which keeps yours beside it";
    NEWER_LOCK "newer-lock" "a newer Stockade has written the bundle" "an older one may not know what the newer one did, and undo it" "install that version or a later one";
    BAD_SECRET "bad-secret" "a secret's file does not hold what it should" "its form or size is wrong, or it is missing and only the operator can bring it" "follow the reason given with the finding";
    BAD_CERTIFICATE "bad-certificate" "a certificate cannot be used" "it does not fit its key, its names or the calendar" "follow the reason given with the finding";
    UNPROVEN "unproven" "a running host does not show what the bundle claims" "the host was changed by hand, runs something older, or cannot be seen from here; a warning says that nothing is proven, an error that the host shows something else" "follow the reason given with the finding, and ask again with `stockade verify`";
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_is_kebab_case_unique_and_explained() {
        let mut seen = BTreeSet::new();
        for info in ALL {
            let name = info.code.as_str();
            assert!(seen.insert(name), "{name} is listed twice");
            assert!(
                name.split('-')
                    .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())),
                "{name}"
            );
            for text in [info.title, info.explanation, info.way_out] {
                assert!(!text.is_empty() && !text.ends_with('.'), "{name}: {text:?}");
            }
            assert_eq!(Code::find(name), Some(info.code));
        }
        assert_eq!(Code::find("no-such-code"), None);
    }
}
