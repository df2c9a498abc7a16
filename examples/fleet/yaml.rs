//! YAML as people write it: block or flow by taste, quotes where they are needed or everywhere,
//! comments above and beside.
//!
//! This is deliberately not the emitter of `onramp`: what the fleet consists of must not depend on
//! the code that is measured on it.

use super::random::Random;

/// A value.
#[derive(Clone)]
pub(crate) enum Yaml {
    /// Written as it is: numbers, booleans, `null`.
    Plain(String),
    /// A text, quoted where it must be or where the author likes to.
    Text(String),
    /// A text of several lines.
    Block(String),
    /// A list.
    List(Vec<Yaml>),
    /// A map.
    Map(Map),
}

/// A map, in the order of its author.
#[derive(Clone, Default)]
pub(crate) struct Map(Vec<Entry>);

/// One key of a map.
#[derive(Clone)]
pub(crate) struct Entry {
    key: String,
    value: Yaml,
    above: Option<String>,
    beside: Option<String>,
}

/// How one author writes.
pub(crate) struct Style {
    /// Blanks of one level.
    indent: usize,
    /// Whether lists stand below their key or deeper.
    deep_lists: bool,
    /// The longest line that is still written in flow style; 0 for an author who never does.
    flow_width: usize,
    /// How deep flow style is nested at most.
    flow_depth: usize,
    /// The quote of choice.
    quote: char,
    /// Whether every text gets quotes.
    always_quoted: bool,
    /// Whether sections are set apart by blank lines.
    airy: bool,
}

impl Entry {
    /// Puts a comment on the lines above.
    pub(crate) fn above(&mut self, comment: impl Into<String>) {
        self.above = Some(comment.into());
    }

    /// Puts a comment behind the value.
    pub(crate) fn beside(&mut self, comment: impl Into<String>) {
        self.beside = Some(comment.into());
    }
}

impl Map {
    /// Makes a map without keys.
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Sets a key and returns its entry, to be commented.
    pub(crate) fn set(&mut self, key: impl Into<String>, value: impl Into<Yaml>) -> &mut Entry {
        let entry = Entry { key: key.into(), value: value.into(), above: None, beside: None };
        let at = self.0.iter().position(|known| known.key == entry.key).unwrap_or(self.0.len());
        if at == self.0.len() {
            self.0.push(entry);
        } else {
            self.0[at] = entry;
        }
        &mut self.0[at]
    }

    /// Sets a key, to be chained.
    pub(crate) fn with(mut self, key: &str, value: impl Into<Yaml>) -> Self {
        self.set(key, value);
        self
    }

    /// Sets a key where the map has something in it.
    pub(crate) fn set_some(&mut self, key: &str, value: Self) {
        if !value.is_empty() {
            self.set(key, value);
        }
    }

    /// Tells whether there are no keys.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells whether there is such a key.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.0.iter().any(|entry| entry.key == key)
    }

    /// Walks keys and values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &Yaml)> {
        self.0.iter().map(|entry| (entry.key.as_str(), &entry.value))
    }

    /// Moves a key, where it is there, to the front of those behind `first` keys.
    pub(crate) fn pull_up(&mut self, key: &str, first: usize) {
        if let Some(at) = self.0.iter().position(|entry| entry.key == key).filter(|at| *at > first) {
            self.0[first..=at].rotate_right(1);
        }
    }
}

impl Style {
    /// Makes up an author.
    pub(crate) fn random(random: &mut Random) -> Self {
        Self {
            indent: if random.chance(8) { 4 } else { 2 },
            deep_lists: random.chance(60),
            flow_width: *random.pick(&[0, 60, 60, 80, 100, 100]),
            flow_depth: *random.pick(&[1, 1, 2, 3]),
            quote: if random.chance(25) { '\'' } else { '"' },
            always_quoted: random.chance(12),
            airy: random.chance(40),
        }
    }

    /// Writes a file.
    pub(crate) fn write(&self, map: &Map) -> String {
        let mut text = String::new();
        for (index, entry) in map.0.iter().enumerate() {
            let start = text.len();
            self.entry(entry, 0, &mut text);
            let section = text[start..].lines().count() > 1;
            if self.airy && section && index > 0 && !text[..start].ends_with("\n\n") {
                text.insert(start, '\n');
            }
        }
        text
    }

    fn map(&self, map: &Map, level: usize, text: &mut String) {
        for entry in &map.0 {
            self.entry(entry, level, text);
        }
    }

    fn entry(&self, entry: &Entry, level: usize, text: &mut String) {
        let margin = " ".repeat(level);
        for line in entry.above.iter().flat_map(|comment| comment.lines()) {
            text.extend([&margin, "# ", line, "\n"]);
        }
        text.extend([&margin, &entry.key, ":"]);
        let beside = entry.beside.as_ref().map(|comment| format!("  # {comment}")).unwrap_or_default();
        if let Some(line) =
            self.on_one_line(&entry.value, text.len() - text.rfind('\n').map_or(0, |at| at + 1))
        {
            text.extend([" ", &line, &beside, "\n"]);
            return;
        }
        match &entry.value {
            Yaml::Map(map) => {
                text.extend([&beside, "\n"]);
                self.map(map, level + self.indent, text);
            }
            Yaml::List(items) => {
                text.extend([&beside, "\n"]);
                let level = if self.deep_lists { level + self.indent } else { level };
                for item in items {
                    self.item(item, level, text);
                }
            }
            Yaml::Block(block) => {
                text.extend([" |", &beside, "\n"]);
                let margin = " ".repeat(level + self.indent);
                for line in block.lines() {
                    text.extend([&margin, line, "\n"]);
                }
            }
            Yaml::Plain(_) | Yaml::Text(_) => {}
        }
    }

    fn item(&self, item: &Yaml, level: usize, text: &mut String) {
        let margin = " ".repeat(level);
        if let Some(line) = self.on_one_line(item, level + 1) {
            text.extend([&margin, "- ", &line, "\n"]);
        } else if let Yaml::Map(map) = item {
            let start = text.len();
            self.map(map, level + 2, text);
            text.replace_range(start + level..=start + level, "-");
        }
    }

    /// Writes a value behind its key or dash, where it goes there.
    fn on_one_line(&self, value: &Yaml, column: usize) -> Option<String> {
        match value {
            Yaml::Plain(_) | Yaml::Text(_) => {}
            Yaml::Map(map) if map.is_empty() => {}
            Yaml::List(items) if items.is_empty() => {}
            _ if depth(value)? > self.flow_depth => return None,
            Yaml::Block(_) | Yaml::List(_) | Yaml::Map(_) => {
                let line = self.flow(value);
                return (column + 1 + line.len() <= self.flow_width).then_some(line);
            }
        }
        Some(self.flow(value))
    }

    fn flow(&self, value: &Yaml) -> String {
        match value {
            Yaml::Plain(text) | Yaml::Block(text) => text.clone(),
            Yaml::Text(text) => self.text(text),
            Yaml::List(items) => {
                let items: Vec<String> = items.iter().map(|item| self.flow(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Yaml::Map(map) if map.is_empty() => "{}".to_owned(),
            Yaml::Map(map) => {
                let entries: Vec<String> =
                    map.iter().map(|(key, value)| format!("{key}: {}", self.flow(value))).collect();
                format!("{{ {} }}", entries.join(", "))
            }
        }
    }

    fn text(&self, text: &str) -> String {
        if is_plain(text) && !self.always_quoted {
            text.to_owned()
        } else if text.contains(['"', '\\']) || (self.quote == '\'' && !text.contains('\'')) {
            format!("'{}'", text.replace('\'', "''"))
        } else {
            format!("\"{text}\"")
        }
    }
}

/// Returns how deep a value is nested, or nothing where it needs lines of its own.
fn depth(value: &Yaml) -> Option<usize> {
    let children: Vec<&Yaml> = match value {
        Yaml::Plain(_) | Yaml::Text(_) => return Some(0),
        Yaml::Block(_) => return None,
        Yaml::List(items) => items.iter().collect(),
        Yaml::Map(map) if map.0.iter().any(|entry| entry.above.is_some() || entry.beside.is_some()) => {
            return None;
        }
        Yaml::Map(map) => map.iter().map(|(_, value)| value).collect(),
    };
    let deepest = children.into_iter().try_fold(0, |most, value| Some(depth(value)?.max(most)))?;
    Some(deepest + 1)
}

/// Tells whether a text needs no quotes wherever it stands, and in whatever version of YAML.
fn is_plain(text: &str) -> bool {
    const WORDS: &[&str] = &["y", "n", "yes", "no", "on", "off", "true", "false", "null", "~"];
    let Some(first) = text.chars().next() else { return false };
    let starts_number = first.is_ascii_digit() || matches!(first, '+' | '-' | '.');
    // Base 2, 8, 16 and 60, exponents, digit groups and dates are numbers to some reader.
    let reads_as_number =
        starts_number && text.chars().all(|c| c.is_ascii_digit() || "+-._:eExXoObBaAcCdDfFtTzZ".contains(c));
    let allowed = |c: char| c.is_alphanumeric() || "_./@:+=$()-; <>".contains(c);
    (first.is_alphanumeric() || matches!(first, '/' | '$' | '(' | '<' | '-' | '.' | '+'))
        && text.chars().all(allowed)
        && !first.is_whitespace()
        && !text.starts_with("- ")
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !reads_as_number
        && !WORDS.contains(&text.to_ascii_lowercase().as_str())
}

impl From<&str> for Yaml {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Yaml {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<u32> for Yaml {
    fn from(number: u32) -> Self {
        Self::Plain(number.to_string())
    }
}

impl From<bool> for Yaml {
    fn from(value: bool) -> Self {
        Self::Plain(value.to_string())
    }
}

impl From<Map> for Yaml {
    fn from(map: Map) -> Self {
        Self::Map(map)
    }
}

impl From<Vec<Yaml>> for Yaml {
    fn from(items: Vec<Yaml>) -> Self {
        Self::List(items)
    }
}

/// The value that removes what a weaker layer says.
pub(crate) fn null() -> Yaml {
    Yaml::Plain("null".to_owned())
}

/// Makes a list of texts.
pub(crate) fn texts(items: impl IntoIterator<Item = impl Into<String>>) -> Yaml {
    Yaml::List(items.into_iter().map(|item| Yaml::Text(item.into())).collect())
}
