//! CEL, the language of Kubernetes' own admission policies: an expression in, a value or a place that is wrong out.
//!
//! It knows what the API server knows: the macros, the functions of CEL and those that Kubernetes adds, and as much of types
//! as can be known of an object that may be anything. The differential test in `tests/conformance/cel` holds it against the
//! API server's own library.

mod base;
mod cost;
mod eval;
mod format;
mod functions;
mod lex;
mod lists;
mod lower;
mod machine;
mod macros;
mod net;
mod node;
mod operators;
mod optional;
mod parse;
mod place;
mod quantity;
mod regexes;
mod semver;
mod strings;
mod syntax;
#[cfg(test)]
mod tests;
mod text_format;
mod time;
mod types;
mod url;
mod value;

pub use functions::signatures;
pub use place::Step;
pub use value::{List, Map, Value};

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;

use regex::Regex;

use self::cost::Estimate;
use self::eval::Eval;
use self::lower::Lowering;
use self::machine::Machine;
use self::node::Node;
use self::types::Type;

/// The most bytes of an expression. Kubernetes sets no other limit than that of the object.
pub const MAX_BYTES: usize = 16 << 10;

/// The most steps that an expression may be estimated to take. Three macros within each other, over lists of an object, are
/// within it; four are not.
pub const MOST_ESTIMATED: u64 = 20_000_000;

/// What is wrong with an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where in the expression, in bytes.
    pub span: Range<usize>,
    /// A lowercase fragment, names in backticks.
    pub message: String,
    /// What to write instead.
    pub help: Option<String>,
}

impl Problem {
    fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// Why an expression has no value for an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Where in the expression, in bytes.
    pub span: Range<usize>,
    /// A lowercase fragment that names types and fields, never what a field holds.
    pub message: String,
    /// Whether it asks for a field or a key that is not there.
    pub missing: bool,
    /// Whether nothing can make up for it: the steps are spent.
    last: bool,
}

impl Failure {
    fn new(span: &Range<usize>, message: impl Into<String>) -> Self {
        Self { span: span.clone(), message: message.into(), missing: false, last: false }
    }

    /// Says that a field or a key is not there.
    fn missing(span: &Range<usize>, name: &str) -> Self {
        Self { missing: true, ..Self::new(span, format!("there is no `{name}`")) }
    }

    fn last(span: &Range<usize>, message: impl Into<String>) -> Self {
        Self { last: true, ..Self::new(span, message) }
    }

    /// Says that a value is not the truth that was wanted.
    pub fn of_type(name: &str) -> Self {
        Self::new(&(0..0), format!("the value is of type {name} and not bool"))
    }

    fn is_final(&self) -> bool {
        self.last
    }
}

/// The names that an expression may use.
#[derive(Clone, Debug)]
pub struct Scope<'s> {
    /// What it is given, in the order of [`Given`].
    pub roots: &'s [&'s str],
    /// Names that people may expect, and why they are not there.
    pub absent: &'s [(&'s str, &'s str)],
    variables: Vec<(String, Type)>,
    estimates: Vec<Estimate>,
}

impl<'s> Scope<'s> {
    /// Makes a scope without variables.
    pub fn new(roots: &'s [&'s str], absent: &'s [(&'s str, &'s str)]) -> Self {
        Self { roots, absent, variables: Vec::new(), estimates: Vec::new() }
    }

    /// Adds a variable, for expressions that are compiled from now on.
    pub fn declare(&mut self, name: &str, program: Option<&Program>) {
        self.variables.push((name.to_owned(), program.map_or(Type::Dyn, |program| program.of.clone())));
        self.estimates.push(program.map_or(Estimate { steps: 1, size: 1 }, |program| program.estimate));
    }

    /// Tells whether a variable is declared.
    pub fn declares(&self, name: &str) -> bool {
        self.variables.iter().any(|(known, _)| known == name)
    }
}

/// An expression that can be evaluated.
#[derive(Debug)]
pub struct Program {
    node: Node,
    of: Type,
    estimate: Estimate,
    patterns: BTreeMap<Box<str>, Regex>,
    /// The first minor version of Kubernetes 1 whose API server has all its functions.
    pub since: u32,
}

/// What the value of an expression has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Anything.
    Any,
    /// A truth.
    Bool,
    /// A text.
    Text,
}

impl Program {
    /// Reads an expression.
    ///
    /// # Errors
    /// Says what is wrong with it, all at once where the grammar is right.
    pub fn compile(text: &str, scope: &Scope<'_>, wanted: Wanted) -> Result<Self, Vec<Problem>> {
        let parsed = parse::parse(text).map_err(|problem| vec![problem])?;
        let mut lowering =
            Lowering { scope, locals: Vec::new(), problems: Vec::new(), patterns: BTreeMap::new(), since: 0 };
        let (node, of) = lowering.expr(&parsed);
        let fits = match wanted {
            Wanted::Any => true,
            Wanted::Bool => of.may_be(&types::BOOL),
            Wanted::Text => of.may_be(&types::STRING),
        };
        if !fits && lowering.problems.is_empty() {
            let name = if wanted == Wanted::Bool { "bool" } else { "string" };
            lowering.wrong(&parsed.span, format!("the expression is of type {of} and not {name}"));
        }
        if !lowering.problems.is_empty() {
            return Err(lowering.problems);
        }
        let estimate = cost::estimate(&node, &scope.estimates);
        Ok(Self { node, of, estimate, patterns: lowering.patterns, since: lowering.since })
    }

    /// Returns the place of what may cost too much, with the steps that it may take.
    pub fn too_expensive(&self) -> Option<(Range<usize>, u64)> {
        let steps = self.estimate.steps;
        (steps > MOST_ESTIMATED).then(|| (cost::outermost(&self.node).span.clone(), steps))
    }

    /// Returns the places where it names what it is given, by its place in the scope.
    pub fn uses(&self, root: usize) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        self.node.visit(&mut |node| {
            if matches!(node.op, node::Op::Root(index) if index == root) {
                places.push(node.span.clone());
            }
        });
        places
    }

    /// Evaluates it.
    ///
    /// # Errors
    /// If a field is missing, a value is of another type than the expression thinks, or it takes too long.
    pub fn evaluate<'a>(&'a self, given: &Given<'a>) -> Result<Value<'a>, Failure> {
        let mut eval = Eval { given, machine: Machine::new(&self.patterns), locals: Vec::new() };
        eval.node(&self.node)
    }

    /// Returns the place in what is given that the expression is about.
    pub fn place<'a>(&'a self, given: &Given<'a>, root: usize) -> Option<Vec<Step>> {
        place::of(self, given, root)
    }
}

/// What an expression is evaluated with: values by the order of the scope's names, and the variables that it may use, which
/// are evaluated when one is asked for, and once.
#[derive(Debug)]
pub struct Given<'a> {
    roots: Vec<Value<'a>>,
    variables: &'a [Program],
    known: RefCell<Vec<Known<'a>>>,
}

/// What is known of a variable.
#[derive(Clone, Debug)]
enum Known<'a> {
    Nothing,
    Done(Result<Value<'a>, Failure>),
}

impl<'a> Given<'a> {
    /// Puts together what an expression is given.
    pub fn new(roots: Vec<Value<'a>>, variables: &'a [Program]) -> Self {
        Self { roots, variables, known: RefCell::new(vec![Known::Nothing; variables.len()]) }
    }

    fn root(&self, index: usize) -> Value<'a> {
        self.roots.get(index).cloned().unwrap_or(Value::Null)
    }

    /// Evaluates a variable; one can use only those before it, so this ends.
    fn variable(&self, index: usize) -> Result<Value<'a>, Failure> {
        if let Some(Known::Done(value)) = self.known.borrow().get(index) {
            return value.clone();
        }
        let value = match self.variables.get(index) {
            Some(program) => program.evaluate(self),
            None => Ok(Value::Null),
        };
        if let Some(known) = self.known.borrow_mut().get_mut(index) {
            *known = Known::Done(value.clone());
        }
        value
    }
}
