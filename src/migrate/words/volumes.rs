//! Volumes and mounts in the short form, as far as their order allows.
//!
//! What the short form says is rendered before Kubernetes' own words, volumes and mounts alike. So the short form
//! takes volumes from the first to the last that it can say, and of each container's mounts those from the first
//! on that follow the order of the volumes; the rest stays in `pod.volumes` and `container.volumeMounts`.

use serde_json::{Value as Json, json};

use super::maps::{Object, into_object, is_label, put, take_list, take_text};
use super::pod::Found;
use super::report::Report;

/// A mount that the short form can say, and the container it is in: `None` is the main one.
struct Mount {
    container: Option<String>,
    words: Object,
}

/// Takes what the short form can say out of a pod and its containers.
pub(super) fn convert(
    pod: &mut Object,
    containers: &mut [Found],
    inits: &mut [Found],
    main: usize,
    path: &str,
    report: &mut Report,
) -> Object {
    let mut volumes = take_list(pod, "volumes").into_iter().peekable();
    let mut names: Vec<String> = Vec::new();
    let mut sources: Vec<Object> = Vec::new();
    while let Some((name, source)) = volumes.peek().and_then(short)
        && !names.contains(&name)
    {
        names.push(name);
        sources.push(source);
        volumes.next();
    }
    let mut rest: Vec<Json> = Vec::new();
    for (index, volume) in volumes.enumerate() {
        let is_there = names.iter().any(|name| volume["name"] == **name)
            || rest.iter().any(|other| other["name"] == volume["name"]);
        if is_there {
            let path = format!("{path}/volumes/{}", names.len() + index);
            report.fault(path, volume, "a volume of this name is there already");
        } else {
            rest.push(volume);
        }
    }
    put(pod, "volumes", rest);

    let mut mounts: Vec<Vec<Mount>> = names.iter().map(|_| Vec::new()).collect();
    let all = containers.iter_mut().enumerate().map(|(index, container)| (index == main, container));
    for (is_main, container) in all.chain(inits.iter_mut().map(|container| (false, container))) {
        let mut found = take_list(&mut container.fields, "volumeMounts").into_iter().peekable();
        let mut reached = 0;
        while let Some((volume, words)) = found.peek().and_then(|mount| short_mount(mount, &names))
            && volume >= reached
        {
            reached = volume;
            let of = (!is_main).then(|| container.name.clone());
            mounts[volume].push(Mount { container: of, words });
            found.next();
        }
        put(&mut container.fields, "volumeMounts", found.collect::<Vec<_>>());
    }
    let written = names.into_iter().zip(sources).zip(mounts);
    written.map(|((name, source), mounts)| (name, with_mounts(source, mounts).into())).collect()
}

/// Reads a volume; `None` where the short form has no words for its source.
fn short(volume: &Json) -> Option<(String, Object)> {
    let mut volume = volume.as_object()?.clone();
    let name = take_text(&mut volume, "name").filter(|name| is_label(name))?;
    if volume.len() != 1 {
        return None;
    }
    let (kind, source) = volume.into_iter().next()?;
    let mut source = into_object(source);
    let mut words = Object::new();
    match kind.as_str() {
        "configMap" => words.insert("config".to_owned(), take_text(&mut source, "name")?.into()),
        "secret" => words.insert("secret".to_owned(), take_text(&mut source, "secretName")?.into()),
        "emptyDir" => words.insert(kind, std::mem::take(&mut source).into()),
        "persistentVolumeClaim" => words.insert(kind, take_text(&mut source, "claimName")?.into()),
        "projected" => words.insert(kind, take_list(&mut source, "sources").into()),
        _ => return None,
    };
    if let Some(items) = source.shift_remove("items") {
        words.insert("items".to_owned(), short_items(&items)?);
    }
    if let Some(mode) = source.shift_remove("defaultMode") {
        words.insert("mode".to_owned(), octal(&mode)?);
    }
    if let Some(optional) = source.shift_remove("optional") {
        words.insert("optional".to_owned(), optional);
    }
    source.is_empty().then_some((name, words))
}

fn short_items(items: &Json) -> Option<Json> {
    let mut words = Object::new();
    for item in items.as_array()? {
        let mut item = item.as_object()?.clone();
        let key = take_text(&mut item, "key")?;
        let path = take_text(&mut item, "path")?;
        let value = match item.shift_remove("mode") {
            Some(mode) => json!({ "path": path, "mode": octal(&mode)? }),
            None => path.into(),
        };
        if !item.is_empty() || words.insert(key, value).is_some() {
            return None;
        }
    }
    Some(words.into())
}

/// Writes a file mode as people write it.
fn octal(mode: &Json) -> Option<Json> {
    let mode = mode.as_u64().filter(|mode| *mode <= 0o777)?;
    Some(format!("{mode:04o}").into())
}

/// Reads a mount; `None` where its volume or one of its fields is not in the short form.
fn short_mount(mount: &Json, names: &[String]) -> Option<(usize, Object)> {
    let mut mount = mount.as_object()?.clone();
    let name = take_text(&mut mount, "name")?;
    let volume = names.iter().position(|known| *known == name)?;
    let mut words = Object::new();
    for key in ["mountPath", "subPath", "readOnly"] {
        put(&mut words, key, mount.shift_remove(key).unwrap_or_default());
    }
    (mount.is_empty() && words.contains_key("mountPath")).then_some((volume, words))
}

fn with_mounts(mut source: Object, mut mounts: Vec<Mount>) -> Object {
    if let [Mount { container: None, words }] = mounts.as_mut_slice() {
        source.append(words);
        return source;
    }
    let written = mounts.into_iter().map(|mut mount| {
        if let Some(container) = mount.container {
            mount.words.insert("container".to_owned(), container.into());
        }
        Json::Object(mount.words)
    });
    put(&mut source, "mounts", written.collect::<Vec<_>>());
    source
}
