//! As much of XML and of XML Schema as it takes to hold a report against `junit-10.xsd`: elements, attributes and text, and
//! of the schema which element may stand in which, with which attributes. The conformance suite asks a real validator.

use std::collections::{BTreeMap, BTreeSet};

/// An element.
#[derive(Debug, Default)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: BTreeMap<String, String>,
    pub(super) children: Vec<Element>,
    /// All text in it, of its children too.
    pub(super) text: String,
}

/// What the schema says of an element.
#[derive(Debug, Default)]
struct Rule {
    attributes: BTreeSet<String>,
    required: BTreeSet<String>,
    children: BTreeSet<String>,
    has_text: bool,
}

impl Element {
    /// All elements of a name below this one.
    pub(super) fn all<'a>(&'a self, name: &'a str) -> Vec<&'a Element> {
        let below = self.children.iter().flat_map(|child| child.all(name));
        self.children.iter().filter(|child| child.name == name).chain(below).collect()
    }
}

/// Reads a document strictly: what is no XML 1.0 of the plainest kind is an error.
pub(super) fn parse(text: &str) -> Result<Element, String> {
    let is_char = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    if let Some(bad) = text.chars().find(|c| !is_char(*c)) {
        return Err(format!("{bad:?} is no character of XML"));
    }
    let mut rest = text.trim_start();
    if let Some(after) = rest.strip_prefix("<?xml") {
        rest = after.split_once("?>").ok_or("the declaration has no end")?.1;
    }
    let mut stack = vec![Element::default()];
    while let Some(at) = rest.find('<') {
        let before = decode(&rest[..at])?;
        stack.last_mut().ok_or("text after the end")?.text.push_str(&before);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix("!--") {
            rest = after.split_once("-->").ok_or("a comment has no end")?.1;
            continue;
        }
        // No attribute of ours holds the character, and the schema has none either.
        let (tag, after) = rest.split_once('>').ok_or("a tag has no end")?;
        rest = after;
        if let Some(name) = tag.strip_prefix('/') {
            let element = stack.pop().ok_or("an end too many")?;
            if element.name != name.trim() {
                return Err(format!("`{name}` ends `{}`", element.name));
            }
            close(&mut stack, element)?;
        } else {
            let alone = tag.ends_with('/');
            let element = open(tag.trim_end_matches('/'))?;
            if alone { close(&mut stack, element)? } else { stack.push(element) }
        }
    }
    let root = stack.pop().filter(|_| stack.is_empty()).ok_or("an element has no end")?;
    match (root.text.trim().is_empty() && rest.trim().is_empty(), <[_; 1]>::try_from(root.children)) {
        (true, Ok([element])) => Ok(element),
        _ => Err("there is not one element".to_owned()),
    }
}

fn close(stack: &mut [Element], element: Element) -> Result<(), String> {
    let is_root = stack.len() == 1;
    let parent = stack.last_mut().ok_or("an end too many")?;
    if !is_root {
        parent.text.push_str(&element.text);
    }
    parent.children.push(element);
    Ok(())
}

fn open(tag: &str) -> Result<Element, String> {
    let (name, mut rest) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let mut element = Element { name: name.to_owned(), ..Element::default() };
    while !rest.trim().is_empty() {
        let (key, after) = rest.trim_start().split_once("=\"").ok_or("an attribute has no value")?;
        let (value, after) = after.split_once('"').ok_or("a value has no end")?;
        if element.attributes.insert(key.to_owned(), decode(value)?).is_some() {
            return Err(format!("`{key}` is there twice"));
        }
        rest = after;
    }
    Ok(element)
}

fn decode(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut parts = text.split('&');
    out.push_str(parts.next().unwrap_or_default());
    for part in parts {
        let (name, after) = part.split_once(';').ok_or("`&` stands for itself")?;
        out.push(match name {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => return Err(format!("no entity is called `{name}`")),
        });
        out.push_str(after);
    }
    Ok(out)
}

/// What is wrong with a document.
pub(super) fn violations(schema: &Element, document: &Element) -> Vec<String> {
    let named = schema.children.iter().filter(|child| child.name == "xs:element");
    let rules: BTreeMap<&str, Rule> =
        named.map(|element| (element.attributes["name"].as_str(), rule(element))).collect();
    let mut wrong = Vec::new();
    check(&rules, document, &mut wrong);
    wrong
}

fn rule(element: &Element) -> Rule {
    let is_text = element.attributes.get("type").is_some_and(|kind| kind == "xs:string");
    let mixed = element.all("xs:complexType").iter().any(|kind| kind.attributes.contains_key("mixed"));
    let mut rule = Rule { has_text: is_text || mixed, ..Rule::default() };
    for attribute in element.all("xs:attribute") {
        let name = attribute.attributes["name"].clone();
        if attribute.attributes.get("use").is_some_and(|used| used == "required") {
            rule.required.insert(name.clone());
        }
        rule.attributes.insert(name);
    }
    rule.children =
        element.all("xs:element").iter().filter_map(|child| child.attributes.get("ref").cloned()).collect();
    rule
}

fn check(rules: &BTreeMap<&str, Rule>, element: &Element, wrong: &mut Vec<String>) {
    let name = &element.name;
    let Some(rule) = rules.get(name.as_str()) else {
        wrong.push(format!("`{name}` is not known"));
        return;
    };
    let has: BTreeSet<String> = element.attributes.keys().cloned().collect();
    wrong.extend(has.difference(&rule.attributes).map(|key| format!("`{name}` has `{key}`")));
    wrong.extend(rule.required.difference(&has).map(|key| format!("`{name}` lacks `{key}`")));
    if element.children.is_empty() && !rule.has_text && !element.text.trim().is_empty() {
        wrong.push(format!("`{name}` has text"));
    }
    for child in &element.children {
        if !rule.children.contains(&child.name) {
            wrong.push(format!("`{}` stands in `{name}`", child.name));
        }
        check(rules, child, wrong);
    }
}
