//! What a migration has to ask of people, and what it notices.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::{Value as Json, json};

use super::assemble::Frame;
use super::family::{template, title};
use super::group::Group;
use super::outcome::{Question, QuestionKind, SourceGap, SourceNote};
use super::run::Request;
use super::words::{NoteKind, normal};
use crate::image::ImageRef;
use crate::legacy::{Branch, Gap, Skipped};
use crate::yaml::encode_scalar;

/// Says why nothing of some branches is applied.
pub(super) fn nothing_applied(parts: &[&Branch]) -> String {
    if let Some(why) = parts.iter().find_map(|branch| branch.failure.as_ref()) {
        return why.clone();
    }
    let is_template =
        |branch: &&Branch| branch.files.iter().any(|file| matches!(file.skipped, Some(Skipped::Template(_))));
    if parts.iter().any(is_template) {
        return "its files are templates, and their variables have no values".to_owned();
    }
    let why = "no file in it holds an object of Kubernetes that can be read";
    match gaps(parts).first() {
        Some(gap) => format!("{why}: {}:{}: {}", gap.file, gap.line, gap.text),
        None => why.to_owned(),
    }
}

/// Returns what is applied with some branches and is not known here.
pub(super) fn gaps(parts: &[&Branch]) -> Vec<SourceGap> {
    let of_branch = |branch: &&Branch| {
        let name = branch.reference.name.clone();
        let one = move |gap: &Gap| SourceGap {
            branch: name.clone(),
            file: Arc::clone(&gap.file),
            line: gap.line,
            text: gap.why.clone(),
        };
        branch.gaps.iter().map(one).collect::<Vec<_>>()
    };
    parts.iter().flat_map(of_branch).collect()
}

/// Returns who owns an API: as decided, else the one who changed it last.
pub(super) fn owner(
    group: &Group,
    parts: &[&Branch],
    request: &Request<'_>,
    questions: &mut Vec<Question>,
) -> Json {
    if let Some(owner) = request.decisions.owner(&group.name) {
        let mut words = json!({ "team": owner.team, "email": owner.email });
        for (key, value) in [("channel", &owner.channel), ("costCenter", &owner.cost_center)] {
            if let Some(value) = value {
                words[key] = value.clone().into();
            }
        }
        return words;
    }
    let mail = parts.iter().find_map(|branch| branch.author.as_ref().map(|(_, mail)| mail.clone()));
    let is_address = |mail: &String| {
        let mut parts = mail.split('@');
        mail.len() <= 254
            && parts.clone().count() == 2
            && parts.all(|part| !part.is_empty() && !part.contains(char::is_whitespace))
    };
    let mail = mail.filter(is_address).unwrap_or_else(|| "unassigned@unassigned.invalid".to_owned());
    questions.push(Question {
        kind: QuestionKind::Owner,
        text: format!("who owns `{}`?", group.name),
        answer: format!("owner: {{ team: …, email: {mail} }}"),
        is_open: true,
    });
    json!({ "team": "unassigned", "email": mail })
}

/// Asks for images that say no release.
pub(super) fn images_asked(frame: &Frame<'_>, questions: &mut Vec<Question>) {
    let mut images: BTreeSet<String> = BTreeSet::new();
    for side in &frame.sides {
        for member in &side.family.members {
            let mut json = member.workload.found.json.clone();
            frame.decide(&mut json);
            let spec = json.pointer(template(&json)).map(|template| &template["spec"]);
            let lists =
                ["containers", "initContainers"].map(|key| spec.and_then(|spec| spec[key].as_array()));
            let named = lists.into_iter().flatten().flatten().filter_map(|one| one["image"].as_str());
            images.extend(named.map(str::to_owned));
        }
    }
    for image in images {
        let why = match ImageRef::parse(&image) {
            Err(_) => "is no image that a registry has",
            Ok(reference) if reference.digest().is_some() => continue,
            Ok(reference) => match reference.tag() {
                None => "has no tag",
                Some(tag) if MOVING.contains(&tag) => "has a tag that moves",
                Some(tag) if tag.starts_with("__") && tag.ends_with("__") => "has a placeholder for a tag",
                Some(_) => continue,
            },
        };
        questions.push(Question {
            kind: QuestionKind::Image,
            text: format!("which image runs as `{image}`, which {why}?"),
            answer: format!("images: {{ \"{image}\": … }}"),
            is_open: true,
        });
    }
}

/// Asks for the values of templates.
pub(super) fn values_asked(parts: &[&Branch], all: bool) -> Vec<Question> {
    let mut places: BTreeMap<&str, (&str, String)> = BTreeMap::new();
    for file in parts.iter().flat_map(|branch| &branch.files) {
        let Some(Skipped::Template(variables)) = &file.skipped else { continue };
        for variable in variables {
            let place = format!("{}:{}", file.path, variable.line);
            places.entry(&variable.name).or_insert((&variable.written, place));
        }
    }
    let question = |(name, (written, place)): (&str, (&str, String))| Question {
        kind: QuestionKind::Values,
        text: format!("what fills in `{written}` ({place})?"),
        answer: format!("{}: …", encode_scalar(name)),
        is_open: !all,
    };
    places.into_iter().map(question).collect()
}

/// Tags that mean something else tomorrow.
const MOVING: &[&str] =
    &["latest", "stable", "main", "master", "dev", "develop", "staging", "production", "prod", "edge"];

/// What was noticed in the objects.
pub(super) fn notes(frame: &Frame<'_>) -> Vec<SourceNote> {
    let mut notes = BTreeSet::new();
    for side in &frame.sides {
        let members =
            side.family.members.iter().flat_map(|member| {
                [Some(member.workload), member.service, member.scaler].into_iter().flatten()
            });
        for item in members.chain(side.family.others.iter().copied()) {
            let object = title(&item.found.json);
            for note in normal(&item.found.json).notes {
                if note.kind != NoteKind::Converted {
                    notes.insert(SourceNote { object: object.clone(), path: note.path, text: note.why });
                }
            }
        }
    }
    notes.into_iter().collect()
}
