//! Expressions as written to expressions with a meaning: names, functions, macros and, as far as they are known, types.

use std::collections::BTreeMap;

use regex::Regex;

use super::functions::{self, Call, Overload, Refusal};
use super::machine::Machine;
use super::node::{Node, Op};
use super::syntax::{Binary, Expr, Kind, Literal, Span, Unary};
use super::text_format;
use super::types::{self, BOOL, DOUBLE, DURATION, INT, NULL, STRING, TIMESTAMP, TYPE, Type};
use super::value::Value;
use super::{Problem, Scope};
use crate::diagnostic::nearest;

/// Names of types, which are values too.
const TYPE_NAMES: &[&str] =
    &["int", "uint", "double", "bool", "string", "bytes", "list", "map", "null_type", "type"];
/// Functions whose first argument is a pattern, behind the text.
const WITH_PATTERN: &[&str] = &["matches", "find", "findAll"];

/// Conversions, whose constants can be held against them at once.
const CONVERSIONS: &[&str] = &["bool", "bytes", "double", "duration", "int", "string", "timestamp", "uint"];

/// What is known while an expression gets its meaning.
pub(super) struct Lowering<'s> {
    pub(super) scope: &'s Scope<'s>,
    /// What macros name, from the outermost.
    pub(super) locals: Vec<(Box<str>, Type)>,
    /// What is wrong.
    pub(super) problems: Vec<Problem>,
    /// Patterns that are written in the expression.
    pub(super) patterns: BTreeMap<Box<str>, Regex>,
    /// The first minor version of Kubernetes 1 that has all functions.
    pub(super) since: u32,
}

/// A part with its type.
pub(super) type Typed = (Node, Type);

impl Lowering<'_> {
    /// Gives an expression its meaning. What has none is a problem, and goes on as anything.
    pub(super) fn expr(&mut self, expr: &Expr) -> Typed {
        let span = expr.span.clone();
        let (op, of_type) = match &expr.kind {
            Kind::Literal(literal) => (Op::Literal(literal.clone()), literal_type(literal)),
            Kind::Name(name) => self.name(name, &span),
            Kind::Select { of, field, field_span, optional } => self.select(of, field, field_span, *optional),
            Kind::Index { of, index, optional } => self.index(of, index, *optional, &span),
            Kind::Call { target, name, name_span, args } => {
                return self.call(expr, target.as_deref(), name, name_span, args);
            }
            Kind::List(elements) => self.list(elements),
            Kind::Map(entries) => self.map(entries),
            Kind::Unary(unary, of) => self.unary(*unary, of, &span),
            Kind::Binary(operator, left, right) => self.binary(*operator, left, right, &span),
            Kind::And(parts) => (Op::And(self.bools(parts, "&&")), BOOL),
            Kind::Or(parts) => (Op::Or(self.bools(parts, "||")), BOOL),
            Kind::Choice(condition, yes, no) => {
                let condition = self.bool(condition, "the condition");
                let ((yes, one), (no, other)) = (self.expr(yes), self.expr(no));
                if !one.meets(&other) {
                    self.wrong(&span, format!("one side is of type {one}, the other of type {other}"));
                }
                (Op::Choice(condition.into(), yes.into(), no.into()), one.join(other))
            }
        };
        (Node { op, span }, of_type)
    }

    pub(super) fn wrong(&mut self, span: &Span, message: impl Into<String>) {
        self.problems.push(Problem::new(span.clone(), message));
    }

    fn name(&mut self, name: &str, span: &Span) -> (Op, Type) {
        if let Some(index) = self.locals.iter().rposition(|(local, _)| **local == *name) {
            return (Op::Local(index), self.locals[index].1.clone());
        }
        if let Some(index) = self.scope.roots.iter().position(|root| *root == name) {
            return (Op::Root(index), Type::Dyn);
        }
        if let Some(known) = TYPE_NAMES.iter().find(|known| **known == name) {
            return (Op::Type(known), TYPE);
        }
        let problem = if name == "variables" && !self.scope.variables.is_empty() {
            Problem::new(span.clone(), "`variables` is no value by itself").help("name one: `variables.x`")
        } else if let Some((_, why)) = self.scope.absent.iter().find(|(absent, _)| *absent == name) {
            Problem::new(span.clone(), format!("`{name}` is not known here: {why}"))
        } else {
            let locals = self.locals.iter().map(|(local, _)| &**local);
            let known = self.scope.roots.iter().copied().chain(locals);
            let problem = Problem::new(span.clone(), format!("`{name}` is not declared"));
            match nearest(name, known) {
                Some(near) => problem.help(format!("did you mean `{near}`?")),
                None => problem.help(format!("declared here: {}", backticked(self.scope.roots))),
            }
        };
        self.problems.push(problem);
        (Op::Literal(Literal::Null), Type::Dyn)
    }

    fn select(&mut self, of: &Expr, field: &str, field_span: &Span, optional: bool) -> (Op, Type) {
        if let Some((index, of_type)) = self.variable(of, field, field_span) {
            return (Op::Variable(index), of_type);
        }
        let (of, of_type) = self.expr(of);
        let selected = match inner(&of_type) {
            Type::Map(_, value) => *value,
            Type::Dyn => Type::Dyn,
            other => {
                self.wrong(field_span, format!("a value of type {other} has no fields"));
                Type::Dyn
            }
        };
        let viral = optional || matches!(of_type, Type::Optional(_));
        let result = if viral { Type::optional(selected) } else { selected };
        (Op::Select { of: of.into(), field: field.into(), optional }, result)
    }

    /// Finds the variable that `variables.field` means.
    fn variable(&mut self, of: &Expr, field: &str, span: &Span) -> Option<(usize, Type)> {
        let Kind::Name(name) = &of.kind else { return None };
        if **name != *"variables" || self.locals.iter().any(|(local, _)| **local == *"variables") {
            return None;
        }
        if let Some(index) = self.scope.variables.iter().position(|(known, _)| known == field) {
            return Some((index, self.scope.variables[index].1.clone()));
        }
        let known = self.scope.variables.iter().map(|(known, _)| known.as_str());
        let problem =
            Problem::new(span.clone(), format!("there is no variable `{field}` before this expression"));
        self.problems.push(match nearest(field, known) {
            Some(near) => problem.help(format!("did you mean `{near}`?")),
            None => problem.help("declare it under `variables`, before those that use it"),
        });
        // What it is does not matter any more.
        Some((0, Type::Dyn))
    }

    fn index(&mut self, of: &Expr, index: &Expr, optional: bool, span: &Span) -> (Op, Type) {
        let ((of, of_type), (index, index_type)) = (self.expr(of), self.expr(index));
        let element = match inner(&of_type) {
            Type::List(element) if index_type.may_be(&INT) => *element,
            Type::Map(key, value) if key.meets(&index_type) => *value,
            Type::Dyn => Type::Dyn,
            NULL if optional => Type::Dyn,
            other => {
                self.wrong(span, format!("a value of type {other} has no element by {index_type}"));
                Type::Dyn
            }
        };
        let viral = optional || matches!(of_type, Type::Optional(_));
        let result = if viral { Type::optional(element) } else { element };
        (Op::Index { of: of.into(), index: index.into(), optional }, result)
    }

    fn list(&mut self, elements: &[(Expr, bool)]) -> (Op, Type) {
        let mut element_type: Option<Type> = None;
        let mut nodes = Vec::new();
        for (element, optional) in elements {
            let (node, mut of) = self.expr(element);
            if *optional {
                of = self.optional(&of, &element.span);
            }
            // What may be none says nothing of the others.
            if !(*optional && of == Type::Dyn) {
                element_type = Some(self.alike(element_type, of, &element.span));
            }
            nodes.push((node, *optional));
        }
        (Op::List(nodes), Type::list(element_type.unwrap_or(Type::Dyn)))
    }

    fn map(&mut self, entries: &[(Expr, Expr, bool)]) -> (Op, Type) {
        let (mut key_type, mut value_type): (Option<Type>, Option<Type>) = (None, None);
        let mut nodes = Vec::new();
        for (key, value, optional) in entries {
            let ((key_node, of_key), (value_node, mut of_value)) = (self.expr(key), self.expr(value));
            if *optional {
                of_value = self.optional(&of_value, &value.span);
            }
            key_type = Some(self.alike(key_type, of_key, &key.span));
            if !(*optional && of_value == Type::Dyn) {
                value_type = Some(self.alike(value_type, of_value, &value.span));
            }
            nodes.push((key_node, value_node, *optional));
        }
        (Op::Map(nodes), Type::map(key_type.unwrap_or(Type::Dyn), value_type.unwrap_or(Type::Dyn)))
    }

    fn optional(&mut self, of: &Type, span: &Span) -> Type {
        match of {
            Type::Optional(inner) => (**inner).clone(),
            Type::Dyn => Type::Dyn,
            other => {
                self.wrong(span, format!("behind `?` stands an optional value, and this is of type {other}"));
                Type::Dyn
            }
        }
    }

    /// Kubernetes wants all elements of a list to be of one type.
    fn alike(&mut self, known: Option<Type>, next: Type, span: &Span) -> Type {
        let Some(known) = known else { return next };
        // What is not known is told from what is.
        let half = |of: &Type| (known == *of) != (next == *of);
        if half(&Type::Dyn) || half(&NULL) || !known.meets(&next) {
            self.wrong(
                span,
                format!("the elements before are of type {known}, and this one is of type {next}"),
            );
        }
        known.join(next)
    }

    fn unary(&mut self, unary: Unary, of: &Expr, span: &Span) -> (Op, Type) {
        match unary {
            Unary::Not => (Op::Not(self.bool(of, "what `!` turns around").into()), BOOL),
            Unary::Negate => {
                let (node, of_type) = self.expr(of);
                if ![Type::Dyn, INT, DOUBLE].contains(&of_type) {
                    self.wrong(span, format!("`-` is not for a value of type {of_type}"));
                }
                (Op::Negate(node.into()), of_type)
            }
        }
    }

    fn bools(&mut self, parts: &[Expr], sign: &str) -> Vec<Node> {
        parts.iter().map(|part| self.bool(part, &format!("what `{sign}` joins"))).collect()
    }

    /// Reads what has to be a truth.
    pub(super) fn bool(&mut self, expr: &Expr, what: &str) -> Node {
        let (node, of_type) = self.expr(expr);
        if !of_type.may_be(&BOOL) {
            self.wrong(&expr.span, format!("{what} is of type {of_type} and not bool"));
        }
        node
    }

    fn binary(&mut self, operator: Binary, left: &Expr, right: &Expr, span: &Span) -> (Op, Type) {
        let ((left, one), (right, other)) = (self.expr(left), self.expr(right));
        let result = operator_type(operator, &one, &other).unwrap_or_else(|| {
            self.wrong(span, format!("`{}` is not for values of types {one} and {other}", operator.sign()));
            Type::Dyn
        });
        (Op::Binary(operator, left.into(), right.into()), result)
    }

    fn call(&mut self, whole: &Expr, target: Option<&Expr>, name: &str, at: &Span, args: &[Expr]) -> Typed {
        if let Some(expanded) = self.macros(whole, target, name, at, args) {
            return expanded;
        }
        let dotted = target.and_then(|target| self.space(target)).map(|space| format!("{space}.{name}"));
        if let Some(dotted) = dotted.filter(|dotted| !functions::overloads(dotted, false).is_empty()) {
            return self.function(whole, None, &dotted, at, args);
        }
        self.function(whole, target, name, at, args)
    }

    /// Reads the word before the dot of a function such as `optional.of`, unless it is the name of a value.
    fn space<'e>(&self, target: &'e Expr) -> Option<&'e str> {
        let Kind::Name(name) = &target.kind else { return None };
        let declared =
            self.scope.roots.contains(&&**name) || self.locals.iter().any(|(local, _)| local == name);
        (!declared).then_some(&**name)
    }

    fn function(
        &mut self,
        whole: &Expr,
        target: Option<&Expr>,
        name: &str,
        at: &Span,
        args: &[Expr],
    ) -> Typed {
        let known = functions::overloads(name, target.is_some());
        if known.is_empty() {
            let problem = unknown_function(name, target.is_some(), at);
            self.problems.push(problem);
            return (Node { op: Op::Literal(Literal::Null), span: whole.span.clone() }, Type::Dyn);
        }
        let before = self.problems.len();
        let loose = name == "format";
        let (mut nodes, mut types) = (Vec::new(), Vec::new());
        for arg in target.into_iter().chain(args) {
            let (node, of) = match &arg.kind {
                // What `format` is given are texts and numbers side by side.
                Kind::List(_) if loose => self.loose(arg),
                _ => self.expr(arg),
            };
            nodes.push(node);
            types.push(of);
        }
        let fitting: Vec<(&Overload, Type)> =
            known.iter().filter_map(|overload| Some((overload, fit(overload, &types)?))).collect();
        if fitting.is_empty() && before == self.problems.len() {
            let given: Vec<String> =
                types.iter().skip(usize::from(target.is_some())).map(Type::to_string).collect();
            let receiver = target.map(|_| format!("{}.", types[0])).unwrap_or_default();
            let message = format!("there is no function `{receiver}{name}({})`", given.join(", "));
            let has = known.iter().map(|overload| overload.shown(name, target.is_some())).collect::<Vec<_>>();
            self.problems
                .push(Problem::new(at.clone(), message).help(format!("there is {}", has.join(", "))));
        }
        if WITH_PATTERN.contains(&name) {
            self.pattern(&nodes);
        }
        let since = fitting.iter().map(|(overload, _)| overload.since).min().unwrap_or(0);
        self.since = self.since.max(since);
        let mut calls: Vec<Call> = Vec::new();
        for (overload, _) in &fitting {
            if !calls.iter().any(|call| std::ptr::fn_addr_eq(*call, overload.call)) {
                calls.push(overload.call);
            }
        }
        let mut results = fitting.into_iter().map(|(_, result)| result);
        let first = results.next().unwrap_or(Type::Dyn);
        let result = if results.all(|other| other == first) { first } else { Type::Dyn };
        self.constant(name, &calls, &nodes, &whole.span);
        if let ("or" | "orValue", true, 2) = (name, target.is_some(), nodes.len())
            && let (Some(other), Some(of)) = (nodes.pop(), nodes.pop())
        {
            let op = Op::Else { of: of.into(), other: other.into(), value: name == "orValue" };
            return (Node { op, span: whole.span.clone() }, result);
        }
        (Node { op: Op::Call(calls, nodes), span: whole.span.clone() }, result)
    }

    /// Reads a list or map whose values may be of several types.
    fn loose(&mut self, expr: &Expr) -> Typed {
        let span = expr.span.clone();
        match &expr.kind {
            Kind::List(elements) => {
                let nodes =
                    elements.iter().map(|(element, optional)| (self.loose(element).0, *optional)).collect();
                (Node { op: Op::List(nodes), span }, Type::list(Type::Dyn))
            }
            Kind::Map(entries) => {
                let nodes = entries
                    .iter()
                    .map(|(key, value, optional)| (self.loose(key).0, self.loose(value).0, *optional))
                    .collect();
                (Node { op: Op::Map(nodes), span }, Type::map(Type::Dyn, Type::Dyn))
            }
            _ => self.expr(expr),
        }
    }

    /// Evaluates a conversion of a constant, which the API server does before there is an object too.
    fn constant(&mut self, name: &str, calls: &[Call], args: &[Node], span: &Span) {
        let literals: Option<Vec<Value<'_>>> = args
            .iter()
            .map(|arg| match &arg.op {
                Op::Literal(literal) => Some(Value::literal(literal)),
                _ => None,
            })
            .collect();
        if let (
            "format",
            [Node { op: Op::Literal(Literal::String(pattern)), .. }, Node { op: Op::List(values), .. }],
        ) = (name, args)
        {
            match text_format::signs(pattern) {
                Err(Refusal::Wrong(why)) => self.wrong(&args[0].span, why),
                Ok(signs) if signs != values.len() && values.iter().all(|(_, optional)| !optional) => {
                    self.wrong(span, format!("the text has {signs} signs for {} values", values.len()));
                }
                Ok(_) | Err(Refusal::NoOverload) => {}
            }
        }
        let Some(values) = literals.filter(|_| CONVERSIONS.contains(&name)) else { return };
        let empty = BTreeMap::new();
        for call in calls {
            if let Err(Refusal::Wrong(why)) = call(&mut Machine::new(&empty), &values) {
                return self.wrong(span, why);
            }
        }
    }

    /// Compiles a pattern that is written in the expression, once for all objects.
    fn pattern(&mut self, args: &[Node]) {
        let Some(Node { op: Op::Literal(Literal::String(pattern)), span }) = args.get(1) else { return };
        match super::regexes::compile(pattern) {
            Ok(compiled) => drop(self.patterns.insert(pattern.clone(), compiled)),
            Err(why) => self.wrong(span, why),
        }
    }
}

impl Overload {
    /// Writes the signature as people read it.
    fn shown(&self, name: &str, member: bool) -> String {
        let args: Vec<String> = self.args.iter().skip(usize::from(member)).map(Type::to_string).collect();
        let receiver = if member { format!("{}.", self.args[0]) } else { String::new() };
        format!("`{receiver}{name}({})`", args.join(", "))
    }
}

/// Returns the type of a function's value for arguments of these types, where it takes them.
fn fit(overload: &Overload, types: &[Type]) -> Option<Type> {
    let mut params = [Type::Dyn, Type::Dyn];
    let fits = overload.args.len() == types.len()
        && types.iter().zip(&overload.args).all(|(given, wanted)| given.fits(wanted, &mut params));
    fits.then(|| overload.result.with(&params))
}

/// Returns what an optional value may hold, or the type itself.
fn inner(of: &Type) -> Type {
    match of {
        Type::Optional(inner) => (**inner).clone(),
        other => other.clone(),
    }
}

fn unknown_function(name: &str, member: bool, at: &Span) -> Problem {
    let problem = Problem::new(at.clone(), format!("there is no function `{name}`"));
    if !functions::overloads(name, !member).is_empty() {
        let how = if member { format!("{name}(x)") } else { format!("x.{name}()") };
        return problem.help(format!("write `{how}`"));
    }
    let alike = functions::names().filter(|(_, is_member)| *is_member == member).map(|(known, _)| known);
    let macros = super::macros::NAMES.iter().copied();
    match nearest(name, alike.chain(macros)) {
        Some(near) => problem.help(format!("did you mean `{near}`?")),
        None => problem.help("the functions are those of Kubernetes' own expressions"),
    }
}

fn literal_type(literal: &Literal) -> Type {
    match literal {
        Literal::Null => NULL,
        Literal::Bool(_) => BOOL,
        Literal::Int(_) => INT,
        Literal::Uint(_) => types::UINT,
        Literal::Double(_) => DOUBLE,
        Literal::String(_) => STRING,
        Literal::Bytes(_) => types::BYTES,
    }
}

/// Returns the type that an operator makes of two, or nothing where it is not for them.
fn operator_type(operator: Binary, one: &Type, other: &Type) -> Option<Type> {
    const NUMBERS: [Type; 3] = [INT, types::UINT, DOUBLE];
    let unknown = *one == Type::Dyn || *other == Type::Dyn;
    match operator {
        Binary::Equal | Binary::NotEqual => one.meets(other).then_some(BOOL),
        Binary::Less | Binary::LessEqual | Binary::Greater | Binary::GreaterEqual => {
            let ordered = |of: &Type| {
                *of == Type::Dyn
                    || NUMBERS.contains(of)
                    || [BOOL, STRING, types::BYTES, DURATION, TIMESTAMP].contains(of)
            };
            let both_numbers = NUMBERS.contains(one) && NUMBERS.contains(other);
            (ordered(one) && ordered(other) && (unknown || one == other || both_numbers)).then_some(BOOL)
        }
        Binary::In => match other {
            Type::List(element) => element.meets(one).then_some(BOOL),
            Type::Map(key, _) => key.meets(one).then_some(BOOL),
            Type::Dyn => Some(BOOL),
            _ => None,
        },
        Binary::Add => match (one, other) {
            (Type::List(_), Type::List(_)) => one.meets(other).then(|| one.clone().join(other.clone())),
            _ if *one == TIMESTAMP && other.may_be(&DURATION)
                || *other == TIMESTAMP && one.may_be(&DURATION) =>
            {
                Some(TIMESTAMP)
            }
            _ => {
                let addable = |of: &Type| {
                    NUMBERS.contains(of)
                        || [STRING, types::BYTES, DURATION, Type::Dyn].contains(of)
                        || matches!(of, Type::List(_))
                        || (unknown && *of == TIMESTAMP)
                };
                let result = if unknown { sure(one, other) } else { one.clone() };
                (addable(one) && addable(other) && (unknown || one == other)).then_some(result)
            }
        },
        Binary::Subtract => {
            if *one == TIMESTAMP {
                return match other {
                    Type::Dyn => Some(Type::Dyn),
                    _ if *other == TIMESTAMP => Some(DURATION),
                    _ if *other == DURATION => Some(TIMESTAMP),
                    _ => None,
                };
            }
            let fits = |of: &Type| {
                NUMBERS.contains(of) || [DURATION, Type::Dyn].contains(of) || (unknown && *of == TIMESTAMP)
            };
            let result = if unknown { sure(one, other) } else { one.clone() };
            (fits(one) && fits(other) && (unknown || one == other)).then_some(result)
        }
        Binary::Multiply | Binary::Divide | Binary::Remainder => {
            let fits = |of: &Type| {
                *of == Type::Dyn || NUMBERS.contains(of) && !(operator == Binary::Remainder && *of == DOUBLE)
            };
            let result = if *one == Type::Dyn { other } else { one };
            (fits(one) && fits(other) && (unknown || one == other)).then(|| result.clone())
        }
    }
}

/// Returns what comes out of something unknown and something known: what is known, but for times, of which there are two.
fn sure(one: &Type, other: &Type) -> Type {
    let known = if *one == Type::Dyn { other } else { one };
    if [DURATION, TIMESTAMP].contains(known) { Type::Dyn } else { known.clone() }
}

fn backticked(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
