//! The language server: what `onramp` knows of the files of a config repo, said to an editor while they are written.
//!
//! A [`Server`] goes from message to messages and touches no stream. What editors hold and have not saved is laid over the
//! files on disk, so that all answers are about what is on the screen. Nothing is written, and on each change only the API that it
//! belongs to is looked at; rules across the fleet see the others all the same.

mod complete;
mod cursor;
mod definition;
mod file;
mod files;
mod findings;
mod hover;
mod symbols;
#[cfg(test)]
mod tests;
mod text;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Debug, Formatter};
use std::path::{Path, PathBuf};

use lsp_server::{ErrorCode, Message, Notification, Request, Response};
use lsp_types::{
    CodeAction, CodeActionKind, CodeActionParams, CompletionParams, DidChangeTextDocumentParams,
    DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams, DocumentSymbolParams,
    ExecuteCommandParams, GotoDefinitionParams, HoverParams, PublishDiagnosticsParams, Uri,
};
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use crate::policy;
use file::{Unit, path_of};
use files::Files;
use findings::{EXPLAIN, Finding};
use text::Encoding;

/// Who says it, in every finding.
const SOURCE: &str = "onramp";
/// As many files are kept open; more are not looked at.
const MOST_OPEN: usize = 1000;

/// A language server.
pub struct Server {
    world: World,
    encoding: Encoding,
    state: State,
    open: BTreeMap<String, Open>,
    /// What has to be looked at anew.
    due: BTreeSet<(PathBuf, Unit)>,
    /// What was found, of what is open.
    found: BTreeMap<(PathBuf, Unit), Vec<Finding>>,
    /// Files that have findings at the editor's.
    published: BTreeMap<(PathBuf, Unit), BTreeSet<String>>,
}

/// Finds the config repo that a file belongs to.
pub type RepoOf = dyn Fn(&Path) -> Option<PathBuf>;

/// What a server asks of the world around it.
pub struct World {
    /// The config repo that a file belongs to.
    pub repo: Box<RepoOf>,
    /// The day that rules about dates go by.
    pub today: Box<dyn Fn() -> String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Nobody said `initialize` yet.
    New,
    Running,
    /// After `shutdown`.
    Ending,
    /// After `exit`: as asked for, or not.
    Ended(bool),
}

/// A file that an editor holds.
struct Open {
    uri: Uri,
    root: PathBuf,
    /// From the root, with `/`.
    path: String,
    text: String,
    version: i32,
}

/// Why a request has no answer.
struct Refusal(ErrorCode, String);

impl Server {
    /// Makes a server that nobody spoke to yet.
    pub fn new(world: World) -> Self {
        Self {
            world,
            encoding: Encoding::Utf16,
            state: State::New,
            open: BTreeMap::new(),
            due: BTreeSet::new(),
            found: BTreeMap::new(),
            published: BTreeMap::new(),
        }
    }

    /// Says whether the editor ended it, and whether it said so before.
    pub fn ended(&self) -> Option<bool> {
        match self.state {
            State::Ended(properly) => Some(properly),
            _ => None,
        }
    }

    /// Takes a message, and returns the answers. Findings are not among them: they come by [`Server::settle`], once there is no
    /// further message, so that none is about a text that is gone.
    pub fn take(&mut self, message: Message) -> Vec<Message> {
        match message {
            Message::Request(request) => {
                let id = request.id.clone();
                match self.answer(request) {
                    Ok((result, more)) => {
                        let answer = Response::new_ok(id, result).into();
                        std::iter::once(answer).chain(more).collect()
                    }
                    Err(Refusal(code, message)) => vec![Response::new_err(id, code as i32, message).into()],
                }
            }
            Message::Notification(notification) => {
                self.notice(notification);
                Vec::new()
            }
            // Nothing is asked of the editor.
            Message::Response(_) => Vec::new(),
        }
    }

    /// Looks at what changed since the last time, and returns what the editor has to know of it.
    pub fn settle(&mut self) -> Vec<Message> {
        let mut messages = Vec::new();
        for key in std::mem::take(&mut self.due) {
            let (root, unit) = &key;
            if !self.is_open(root, unit) {
                self.found.remove(&key);
                messages.extend(self.publish(&key, &[]));
                continue;
            }
            let looked = self.files(root).and_then(|files| {
                findings::look_at(&files, unit, &(self.world.today)()).map_err(|error| error.to_string())
            });
            match looked {
                Ok(found) => {
                    messages.extend(self.publish(&key, &found));
                    self.found.insert(key, found);
                }
                Err(message) => {
                    let params = json!({ "type": 1, "message": format!("onramp: {message}") });
                    messages.push(Notification::new("window/logMessage".to_owned(), params).into());
                }
            }
        }
        messages
    }

    fn is_open(&self, root: &Path, unit: &Unit) -> bool {
        self.open.values().any(|open| open.root == root && unit.has(&open.path))
    }

    /// Tells the editor what was found in each file of a unit, and of which nothing is found any more.
    fn publish(&mut self, key: &(PathBuf, Unit), found: &[Finding]) -> Vec<Message> {
        let Ok(files) = self.files(&key.0) else { return Vec::new() };
        let mut by_path: BTreeMap<String, Vec<lsp_types::Diagnostic>> = BTreeMap::new();
        for path in self.published.get(key).into_iter().flatten() {
            by_path.insert(path.clone(), Vec::new());
        }
        for open in self.open.values().filter(|open| open.root == key.0 && key.1.has(&open.path)) {
            by_path.insert(open.path.clone(), Vec::new());
        }
        for finding in found {
            by_path.entry(finding.path.clone()).or_default().push(finding.show(&files));
        }
        let mut messages = Vec::new();
        let mut left = BTreeSet::new();
        for (path, diagnostics) in by_path {
            let Some(uri) = files.uri(&path) else { continue };
            let version = files.version(&path);
            if !diagnostics.is_empty() {
                left.insert(path);
            }
            let params = PublishDiagnosticsParams { uri, diagnostics, version };
            messages.push(Notification::new("textDocument/publishDiagnostics".to_owned(), params).into());
        }
        drop(files);
        self.published.insert(key.clone(), left);
        messages
    }

    fn files<'a>(&'a self, root: &'a Path) -> Result<Files<'a>, String> {
        Files::new(root, self.open.values().filter(|open| open.root == *root), self.encoding)
    }

    fn notice(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        if method == "exit" {
            self.state = State::Ended(self.state == State::Ending);
            return;
        }
        if self.state != State::Running {
            return;
        }
        match method.as_str() {
            "textDocument/didOpen" => {
                let Ok(params) = serde_json::from_value::<DidOpenTextDocumentParams>(params) else { return };
                let document = params.text_document;
                let Some((root, path)) = self.locate(&document.uri) else { return };
                if self.open.len() < MOST_OPEN {
                    let (uri, text) = (document.uri, document.text);
                    let open = Open { uri: uri.clone(), root, path, text, version: document.version };
                    self.open.insert(uri.as_str().to_owned(), open);
                    self.look_again(&uri);
                }
            }
            "textDocument/didChange" => {
                let Ok(params) = serde_json::from_value::<DidChangeTextDocumentParams>(params) else {
                    return;
                };
                let uri = params.text_document.uri;
                let Some(open) = self.open.get_mut(uri.as_str()) else { return };
                for change in params.content_changes {
                    self.encoding.apply(&mut open.text, change);
                }
                open.version = params.text_document.version;
                self.look_again(&uri);
            }
            "textDocument/didSave" => {
                let Ok(params) = serde_json::from_value::<DidSaveTextDocumentParams>(params) else { return };
                self.look_again(&params.text_document.uri);
            }
            "textDocument/didClose" => {
                let Ok(params) = serde_json::from_value::<DidCloseTextDocumentParams>(params) else { return };
                self.look_again(&params.text_document.uri);
                self.open.remove(params.text_document.uri.as_str());
            }
            "workspace/didChangeWatchedFiles" => self.look_at_all(None),
            _ => {}
        }
    }

    /// Says that what a file belongs to has to be looked at.
    fn look_again(&mut self, uri: &Uri) {
        let Some(open) = self.open.get(uri.as_str()) else { return };
        let Some(unit) = Unit::of(&open.path) else { return };
        let root = open.root.clone();
        if unit == Unit::Common {
            self.look_at_all(Some(&root));
        }
        self.due.insert((root, unit));
    }

    /// Says so of all that is open, of one repo or of each.
    fn look_at_all(&mut self, root: Option<&Path>) {
        for open in self.open.values().filter(|open| root.is_none_or(|root| open.root == root)) {
            if let Some(unit) = Unit::of(&open.path) {
                self.due.insert((open.root.clone(), unit));
            }
        }
    }

    /// Returns the config repo of a file, and its path there.
    fn locate(&self, uri: &Uri) -> Option<(PathBuf, String)> {
        let path = path_of(uri.as_str())?;
        let root = (self.world.repo)(&path)?;
        let below = path.strip_prefix(&root).ok()?;
        let parts: Option<Vec<&str>> = below.iter().map(|part| part.to_str()).collect();
        let parts = parts?;
        (!parts.is_empty() && !parts.contains(&"..")).then(|| (root, parts.join("/")))
    }

    fn answer(&mut self, request: Request) -> Result<(Json, Vec<Message>), Refusal> {
        let Request { method, params, .. } = request;
        match (self.state, method.as_str()) {
            (State::New, "initialize") => {
                let encodings = params.pointer("/capabilities/general/positionEncodings");
                let utf8 = encodings
                    .and_then(Json::as_array)
                    .is_some_and(|all| all.iter().any(|name| name == "utf-8"));
                self.encoding = if utf8 { Encoding::Utf8 } else { Encoding::Utf16 };
                self.state = State::Running;
                return Ok((self.capabilities(), Vec::new()));
            }
            (State::New, _) => {
                return Err(Refusal(ErrorCode::ServerNotInitialized, "`initialize` comes first".to_owned()));
            }
            (State::Running, "shutdown") => {
                self.state = State::Ending;
                return Ok((Json::Null, Vec::new()));
            }
            (State::Running, _) => {}
            _ => return Err(Refusal(ErrorCode::InvalidRequest, "the server is shut down".to_owned())),
        }
        let result = match method.as_str() {
            "textDocument/hover" => self.hover(&read::<HoverParams>(params)?),
            "textDocument/completion" => self.complete(&read::<CompletionParams>(params)?),
            "textDocument/definition" => self.definition(&read::<GotoDefinitionParams>(params)?),
            "textDocument/documentSymbol" => self.symbols(&read::<DocumentSymbolParams>(params)?),
            "textDocument/codeAction" => {
                // Fixes are about bytes of the text as it is now.
                let published = self.settle();
                return Ok((
                    self.actions(&read::<CodeActionParams>(params)?).unwrap_or_else(|| json!([])),
                    published,
                ));
            }
            "workspace/executeCommand" => return self.explain(&read::<ExecuteCommandParams>(params)?),
            _ => return Err(Refusal(ErrorCode::MethodNotFound, format!("`{method}` is not known"))),
        };
        Ok((result.unwrap_or(Json::Null), Vec::new()))
    }

    fn capabilities(&self) -> Json {
        let encoding = if self.encoding == Encoding::Utf8 { "utf-8" } else { "utf-16" };
        json!({
            "capabilities": {
                "positionEncoding": encoding,
                "textDocumentSync": { "openClose": true, "change": 2, "save": true },
                "hoverProvider": true,
                "completionProvider": { "triggerCharacters": [" ", ":", "-", "{", "["] },
                "codeActionProvider": { "codeActionKinds": ["quickfix"] },
                "definitionProvider": true,
                "documentSymbolProvider": true,
                "executeCommandProvider": { "commands": [EXPLAIN] },
            },
            "serverInfo": { "name": SOURCE, "version": env!("CARGO_PKG_VERSION") },
        })
    }

    fn of(&self, uri: &Uri) -> Option<(&Open, Files<'_>)> {
        let open = self.open.get(uri.as_str())?;
        Some((open, self.files(&open.root).ok()?))
    }

    fn hover(&self, params: &HoverParams) -> Option<Json> {
        let at = &params.text_document_position_params;
        let (open, files) = self.of(&at.text_document.uri)?;
        let offset = self.encoding.offset(&open.text, at.position);
        let found = Unit::of(&open.path).and_then(|unit| self.found.get(&(open.root.clone(), unit)));
        let found = found.map(Vec::as_slice).unwrap_or_default();
        let (text, span) = hover::hover(&files, &open.path, offset, found)?;
        let range = self.encoding.lines(&open.text, span);
        Some(json!({ "contents": { "kind": "markdown", "value": text }, "range": range }))
    }

    fn complete(&self, params: &CompletionParams) -> Option<Json> {
        let at = &params.text_document_position;
        let (open, files) = self.of(&at.text_document.uri)?;
        let offset = self.encoding.offset(&open.text, at.position);
        serde_json::to_value(complete::complete(&files, &open.path, offset)).ok()
    }

    fn definition(&self, params: &GotoDefinitionParams) -> Option<Json> {
        let at = &params.text_document_position_params;
        let (open, files) = self.of(&at.text_document.uri)?;
        let offset = self.encoding.offset(&open.text, at.position);
        let places = definition::definition(&files, &open.path, offset);
        let place = |(path, at): (String, usize)| {
            Some(json!({ "uri": files.uri(&path)?, "range": files.lines(&path, at..at) }))
        };
        Some(places.into_iter().filter_map(place).collect())
    }

    fn symbols(&self, params: &DocumentSymbolParams) -> Option<Json> {
        let open = self.open.get(params.text_document.uri.as_str())?;
        serde_json::to_value(symbols::symbols(&open.path, &open.text, self.encoding)).ok()
    }

    fn actions(&self, params: &CodeActionParams) -> Option<Json> {
        let (open, files) = self.of(&params.text_document.uri)?;
        let found = self.found.get(&(open.root.clone(), Unit::of(&open.path)?))?;
        let [start, end] =
            [params.range.start, params.range.end].map(|at| self.encoding.offset(&open.text, at));
        let here = found.iter().filter(|finding| finding.touches(&open.path, &(start..end.max(start))));
        let only = params.context.only.as_deref();
        // A kind stands for those below it too, and the empty one for all.
        let wants = |action: &CodeAction| {
            let kind = action.kind.as_ref().map_or("", CodeActionKind::as_str);
            let below = |wanted: &str| {
                kind.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
            };
            only.is_none_or(|only| {
                only.iter().any(|wanted| wanted.as_str().is_empty() || below(wanted.as_str()))
            })
        };
        let actions: Vec<_> = here.flat_map(|finding| finding.actions(&files)).filter(wants).collect();
        serde_json::to_value(actions).ok()
    }

    /// Shows the page of a rule, and returns it. The platforms of what is open have rules of their own.
    fn explain(&self, params: &ExecuteCommandParams) -> Result<(Json, Vec<Message>), Refusal> {
        let name = params.arguments.first().and_then(Json::as_str).filter(|_| params.command == EXPLAIN);
        let roots = || self.open.values().map(|open| &open.root).collect::<BTreeSet<_>>();
        let own = |name: &str| {
            roots().into_iter().find_map(|root| {
                let platform = self.files(root).ok()?.platform()?;
                platform.custom.iter().map(|rule| rule.code).find(|code| code.name == name)
            })
        };
        let Some(code) = name.and_then(|name| policy::code(name).or_else(|| own(name))) else {
            return Err(Refusal(ErrorCode::InvalidParams, format!("`{EXPLAIN}` takes the name of a rule")));
        };
        let shown = json!({ "type": 3, "message": code.page });
        Ok((Json::from(code.page), vec![Notification::new("window/showMessage".to_owned(), shown).into()]))
    }
}

fn read<T: DeserializeOwned>(params: Json) -> Result<T, Refusal> {
    serde_json::from_value(params).map_err(|error| Refusal(ErrorCode::InvalidParams, error.to_string()))
}

impl Debug for Server {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        write!(out, "Server({:?}, {} open)", self.state, self.open.len())
    }
}

impl Debug for World {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        out.write_str("World")
    }
}
