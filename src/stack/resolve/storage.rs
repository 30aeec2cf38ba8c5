//! Volumes, directories, secrets and files of the application.

use super::Context;
use crate::diagnostics::{Diagnostic, codes, nearest_or_allowed};
use crate::format::system::{self, Format, VolumeKind};
use crate::stack::service::{MountSource, SecretUse};
use crate::stack::storage::SaidLines;
use crate::stack::{AppFile, Body, Directory, Enforced, OwnTemplate, Secret, Stack, Volume, cause, hole};
use crate::text::{Span, Spanned};
use crate::values::{BundlePath, SecretName, SecretStore, User, VolumeName};
use serde_json::Value as Json;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Adds the volumes the engine keeps and the directories of the bundle.
pub fn volumes(context: &mut Context, volumes: &BTreeMap<Spanned<VolumeName>, system::Volume>, stack: &mut Stack) {
    for (name, volume) in volumes {
        if !context.scope.holds(&volume.when) {
            continue;
        }
        if context.system.volumes.keys().any(|own| own.span == name.span) {
            context.claims.add("volume", name, name.span);
        }
        let memory = match &volume.kind {
            VolumeKind::Directory { path, owner, mode, directories } => {
                context.folders.insert(name.value.clone(), path.clone());
                stack.directories.push(Directory {
                    path: Spanned::new(path.clone(), name.span),
                    owner: Some(*owner),
                    mode: *mode,
                });
                for directory in directories {
                    if context.scope.holds(&directory.when)
                        && let Ok(path) = path.join(directory.path.as_str())
                    {
                        let mode = directory.mode.unwrap_or(*mode);
                        let path = Spanned::new(path, name.span);
                        stack.directories.push(Directory { path, owner: Some(*owner), mode });
                    }
                }
                continue;
            }
            VolumeKind::Named => None,
            VolumeKind::Memory { owner, mode, size } => Some((*owner, *mode, *size)),
        };
        let volume = Volume { name: name.value.clone(), purpose: volume.purpose.clone(), memory };
        stack.volumes.insert(name.value.clone(), volume);
    }
}

/// What a mount of a volume shows; its directory is made before the first start.
pub fn mount_source(
    context: &mut Context,
    volume: &Spanned<VolumeName>,
    path: Option<&Spanned<BundlePath>>,
    stack: &Stack,
) -> Option<MountSource> {
    if stack.volumes.contains_key(&volume.value) {
        return Some(MountSource::Volume(volume.value.clone()));
    }
    let Some(root) = context.folders.get(&volume.value) else {
        // One that the file does not have at all was said when it was read.
        if let Some(name) = context.system.volumes.keys().find(|name| name.value == volume.value) {
            let says = format!("there is no volume `{}` here", volume.value);
            context.scope.diagnostics.push(
                Diagnostic::error(codes::INVALID_SYSTEM, says)
                    .at(volume.span, "")
                    .also(name.span, "its `when` does not hold")
                    .help("give the mount the same `when`"),
            );
        }
        return None;
    };
    let whole = match path {
        None => root.clone(),
        Some(path) => root.join(path.as_str()).ok()?,
    };
    if !stack.directories.iter().any(|directory| directory.path.value == whole) {
        context.scope.diagnostics.push(
            Diagnostic::error(
                codes::INVALID_SYSTEM,
                format!("the mounted directory `{whole}` is not made by the volume"),
            )
            .at(path.map_or(volume.span, |path| path.span), "")
            .help("list it under the volume's `directories`; Docker would make it as root"),
        );
    }
    Some(MountSource::Bundle(whole))
}

/// Adds the system's secrets and who reads them.
pub fn secrets(context: &mut Context, stack: &mut Stack) {
    let system = context.system;
    for (name, spec) in &system.secrets {
        if !context.scope.holds(&spec.when) {
            continue;
        }
        let Some(each) = &spec.each else {
            secret(context, name, spec, None, stack);
            continue;
        };
        for (_, item) in context.scope.items(&each.0) {
            secret(context, name, spec, Some((&item.to_string(), &each.0)), stack);
        }
    }
    check_sources(context, stack);
}

/// One secret; `of` is the item it is made for, and the expression of the list that has it.
fn secret(
    context: &mut Context,
    key: &Spanned<SecretName>,
    spec: &system::SecretSpec,
    of: Option<(&str, &Spanned<String>)>,
    stack: &mut Stack,
) {
    let (name, purpose) = match of {
        None => (Some(key.value.clone()), Some(spec.purpose.clone())),
        Some((item, each)) => {
            let purpose = format!("{} ({item}).", spec.purpose.as_str().trim_end_matches('.'));
            (context.scope.parse(&format!("{key}_{item}"), each), context.scope.parse(&purpose, each))
        }
    };
    let (Some(name), Some(purpose)) = (name, purpose) else { return };
    context.claims.add("secret", &name, key.span);
    let mut readers = Vec::new();
    for delivery in &spec.deliver {
        // One that the file does not have at all was reported when it was read.
        let Some(service) = stack.services.get_mut(&delivery.service.value) else { continue };
        if delivery.environment.is_some() && service.shim.is_none() {
            context.scope.diagnostics.push(
                Diagnostic::error(codes::INVALID_SYSTEM, format!("`{}` has no shim to export `{name}`", service.name))
                    .at(delivery.service.span, "")
                    .help("describe the service's `shim`, or let it read `/run/secrets`"),
            );
        }
        let environment = match (&delivery.environment, of) {
            (Some(variable), Some((item, each))) => {
                let variable = format!("{variable}_{}", item.to_uppercase().replace('-', "_"));
                let Some(variable) = context.scope.parse(&variable, each) else { continue };
                Some(variable)
            }
            (variable, _) => variable.clone(),
        };
        let file = context.names.secret(&name).filter(|word| *word != name);
        service.secrets.insert(name.clone(), SecretUse { file, environment, min_length: delivery.min_length });
        readers.push(service.name.clone());
    }
    let kind = match context.profile.secret_source(&name) {
        Some(crate::format::profile::SecretSource::Supplied) => {
            crate::secrets::Kind::Supplied { min_length: None, begins: String::new() }
        }
        _ => spec.kind.clone(),
    };
    let rotation = spec.rotation.as_ref();
    let secret = Secret {
        name: name.clone(),
        purpose,
        kind,
        readers,
        access: Enforced::default(),
        reader_users: Vec::new(),
        shared: spec.shared,
        brought: false,
        login: spec.login.unwrap_or(matches!(spec.kind, crate::secrets::Kind::Password { .. })),
        rotation: rotation.map(|r| (r.effect.clone(), r.restart.iter().map(|service| service.value.clone()).collect())),
    };
    stack.secrets.insert(name, secret);
}

fn check_sources(context: &mut Context, stack: &Stack) {
    for name in context.system.secrets.keys() {
        let Some(secret) = stack.secrets.get(&name.value) else { continue };
        // A name that the file does not have at all was reported when it was read.
        let described = |of: &str| context.system.secrets.keys().any(|name| name.as_str() == of);
        let missing = secret.kind.source().filter(|of| described(of) && !stack.secrets.contains_key(*of));
        if let Some(of) = missing {
            context.scope.diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_SYSTEM,
                    format!("`{}` is derived from `{of}`, which does not exist", name.value),
                )
                .at(name.span, ""),
            );
        }
        let made = |of: &&str| stack.secrets.get(*of).is_some_and(|source| source.kind.source().is_some());
        if let Some(of) = secret.kind.source().filter(made) {
            context.scope.diagnostics.push(
                Diagnostic::error(
                    codes::INVALID_SYSTEM,
                    format!("`{}` is made of `{of}`, which is made of a secret itself", name.value),
                )
                .at(name.span, "")
                .help("name a secret under `of` that is generated or supplied"),
            );
        }
    }
}

/// Tells every secret the users of its readers, from which file modes are decided, and whether it is kept elsewhere.
pub fn readers(stack: &mut Stack) {
    let users: BTreeMap<_, _> =
        stack.services.iter().map(|(name, service)| (name.clone(), service.declared.user)).collect();
    for secret in stack.secrets.values_mut() {
        let mut of: Vec<User> = secret.readers.iter().filter_map(|reader| users.get(reader).copied()).collect();
        of.sort_unstable();
        of.dedup();
        secret.reader_users = of;
        secret.brought = stack.keeping.store == SecretStore::External;
    }
}

/// Adds the application's config and state files.
pub fn files(context: &mut Context, stack: &mut Stack) {
    let system = context.system;
    let lines = |text: &str| cause::of_lines(context.profile, system, text);
    let said: SaidLines = system.templates.iter().map(|(name, it)| (name.clone(), lines(&it.text))).collect();
    let said = Arc::new(said);
    for (name, file) in &system.files {
        if !context.scope.holds(&file.when) {
            continue;
        }
        let body = match (&file.content, &file.template, &file.verbatim) {
            (Some(content), None, None) => {
                let Some(tree) = context.scope.tree(content, name.span) else { continue };
                let tree = punch(tree, context, stack, name.span);
                match file.format {
                    Format::Json => Body::Json(tree),
                    Format::Yaml | Format::Text => Body::Yaml(tree),
                }
            }
            (None, None, Some(name)) => {
                let Some(template) = own_template(name, &said, context, stack) else { continue };
                let text = template.folder.get(name.as_str()).map(|template| template.text.clone());
                Body::Verbatim(text.unwrap_or_default())
            }
            (None, Some(template), None) => {
                let Some(template) = own_template(template, &said, context, stack) else { continue };
                Body::Template(template)
            }
            // The one that is written was refused when the file was read.
            (None, None, None) if system.damaged => continue,
            _ => {
                context.scope.diagnostics.push(
                    Diagnostic::error(
                        codes::INVALID_SYSTEM,
                        format!("file `{}` has none or several of `content`, `template` and `verbatim`", name.value),
                    )
                    .at(name.span, ""),
                );
                continue;
            }
        };
        if !context.claims.add("file", &file.path.value, name.span) {
            context.scope.diagnostics.push(
                Diagnostic::error(codes::INVALID_SYSTEM, format!("`{}` is written twice", file.path)).at(name.span, ""),
            );
            continue;
        }
        stack.files.push(AppFile {
            name: name.value.clone(),
            purpose: file.purpose.clone(),
            path: file.path.clone(),
            policy: file.policy,
            owner: file.owner,
            mode: file.mode,
            body,
        });
    }
}

fn own_template(
    name: &Spanned<BundlePath>,
    said: &Arc<SaidLines>,
    context: &mut Context,
    stack: &Stack,
) -> Option<OwnTemplate> {
    let folder = &context.system.templates;
    if !folder.contains_key(name.as_str()) {
        let names = folder.keys().map(String::as_str);
        let help = match folder.is_empty() {
            true => "put it into the folder `templates` beside the system file".to_owned(),
            false => format!(
                "{}; templates lie in the folder `templates` beside the system file",
                nearest_or_allowed(name.as_str(), names)
            ),
        };
        context.scope.diagnostics.push(
            Diagnostic::error(codes::INVALID_SYSTEM, format!("there is no template `{}`", name.value))
                .at(name.span, "")
                .help(help),
        );
        return None;
    }
    let known = |name: &SecretName| Some((context.names.secret(name)?.to_string(), name.clone()));
    let secrets = stack.secrets.keys().filter_map(known).collect();
    Some(OwnTemplate {
        name: Spanned::new(name.value.to_string(), name.span),
        folder: folder.clone(),
        facts: context.scope.template_facts(secrets),
        said: Arc::clone(said),
    })
}

/// Replaces `{$secret: NAME}` by the text that stands for the secret.
fn punch(tree: Json, context: &mut Context, stack: &Stack, span: Span) -> Json {
    match tree {
        Json::Object(entries) => {
            if entries.len() == 1
                && let Some(Json::String(name)) = entries.get("$secret")
            {
                return match name.parse::<SecretName>() {
                    Ok(name) if stack.secrets.contains_key(&context.names.secret_of(&name)) => {
                        Json::String(hole(&context.names.secret_of(&name)))
                    }
                    _ => {
                        context.scope.diagnostics.push(
                            Diagnostic::error(
                                codes::INVALID_SYSTEM,
                                format!("there is no secret `{}`", name.escape_debug()),
                            )
                            .at(span, ""),
                        );
                        Json::Null
                    }
                };
            }
            Json::Object(entries.into_iter().map(|(key, value)| (key, punch(value, context, stack, span))).collect())
        }
        Json::Array(items) => Json::Array(items.into_iter().map(|item| punch(item, context, stack, span)).collect()),
        plain => plain,
    }
}

/// Orders the directories, parents first, and drops repetitions.
pub fn directories(stack: &mut Stack) {
    stack.directories.sort_by(|a, b| a.path.as_str().cmp(b.path.as_str()));
    stack.directories.dedup_by(|b, a| a.path == b.path);
}
