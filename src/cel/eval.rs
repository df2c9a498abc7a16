//! Evaluating: values in, a value or the reason for none out.

use std::borrow::Cow;
use std::rc::Rc;

use super::functions::Refusal;
use super::machine::Machine;
use super::node::{Fold, FoldKind, Node, Op};
use super::syntax::{Binary, Span};
use super::value::{List, Map, Value};
use super::{Failure, Given, operators};

/// What an expression is evaluated with.
pub(super) struct Eval<'a, 'g> {
    pub(super) given: &'g Given<'a>,
    pub(super) machine: Machine<'a>,
    /// What macros name, from the outermost.
    pub(super) locals: Vec<Value<'a>>,
}

type Evaluated<'a> = Result<Value<'a>, Failure>;

impl<'a> Eval<'a, '_> {
    /// Evaluates a part.
    pub(super) fn node(&mut self, node: &'a Node) -> Evaluated<'a> {
        self.machine.step(1).map_err(|refusal| failure(refusal, &node.span))?;
        match &node.op {
            Op::Literal(literal) => Ok(Value::literal(literal)),
            Op::Type(name) => Ok(Value::Type(name)),
            Op::Root(index) => Ok(self.given.root(*index)),
            Op::Variable(index) => self.given.variable(*index),
            Op::Local(index) => Ok(self.locals.get(*index).cloned().unwrap_or(Value::Null)),
            Op::Select { of, field, optional } => {
                let of = self.node(of)?;
                select(of, field, *optional, &node.span)
            }
            Op::Has { of, field } => self.has(of, field, &node.span),
            Op::Index { of, index, optional } => {
                let (of, index) = (self.node(of)?, self.node(index)?);
                element(of, &index, *optional, &node.span)
            }
            Op::List(elements) => self.list(elements),
            Op::Map(entries) => self.map(entries, &node.span),
            Op::Not(of) => match self.node(of)? {
                Value::Bool(value) => Ok(Value::Bool(!value)),
                other => Err(no_bool(&other, &of.span)),
            },
            Op::Negate(of) => {
                let value = self.node(of)?;
                operators::negate(&value).map_err(|refusal| failure(refusal, &node.span))
            }
            Op::Binary(operator, left, right) => self.binary(*operator, left, right, &node.span),
            Op::And(parts) => self.logic(parts, false),
            Op::Or(parts) => self.logic(parts, true),
            Op::Choice(condition, yes, no) => match self.node(condition)? {
                Value::Bool(true) => self.node(yes),
                Value::Bool(false) => self.node(no),
                other => Err(no_bool(&other, &condition.span)),
            },
            Op::Call(..) => self.call(node),
            Op::Fold(fold) => self.fold(fold, &node.span),
            Op::Else { of, other, value } => match self.node(of)? {
                Value::Optional(None) => self.node(other),
                Value::Optional(Some(inner)) if *value => Ok((*inner).clone()),
                // What is no optional value is there.
                there => Ok(there),
            },
            Op::OptMap { of, body, flat } => self.opt_map(of, body, *flat),
        }
    }

    fn binary(&mut self, operator: Binary, left: &'a Node, right: &'a Node, span: &Span) -> Evaluated<'a> {
        let (left, right) = (self.node(left)?, self.node(right)?);
        operators::binary(&mut self.machine, operator, left, right).map_err(|refusal| failure(refusal, span))
    }

    fn call(&mut self, node: &'a Node) -> Evaluated<'a> {
        let Op::Call(calls, args) = &node.op else { return Ok(Value::Null) };
        let args = args.iter().map(|arg| self.node(arg)).collect::<Result<Vec<_>, _>>()?;
        for call in calls {
            match call(&mut self.machine, &args) {
                Err(Refusal::NoOverload) => {}
                done => return done.map_err(|refusal| failure(refusal, &node.span)),
            }
        }
        Err(failure(Refusal::NoOverload, &node.span))
    }

    /// Evaluates `&&` (`decided` by false) or `||` (by true). A part that decides makes failures of others not matter,
    /// whatever the order.
    fn logic(&mut self, parts: &'a [Node], decided: bool) -> Evaluated<'a> {
        let mut failed = None;
        for part in parts {
            match self.node(part) {
                Ok(Value::Bool(value)) if value == decided => return Ok(Value::Bool(decided)),
                Ok(Value::Bool(_)) => {}
                Ok(other) => failed = failed.or(Some(no_bool(&other, &part.span))),
                Err(failure) if failure.is_final() => return Err(failure),
                Err(failure) => failed = failed.or(Some(failure)),
            }
        }
        failed.map_or(Ok(Value::Bool(!decided)), Err)
    }

    fn has(&mut self, of: &'a Node, field: &str, span: &Span) -> Evaluated<'a> {
        let has = match self.node(of)? {
            Value::Map(map) => map.field(field).is_some(),
            Value::Optional(None) => false,
            Value::Optional(Some(inner)) => match &*inner {
                Value::Map(map) => map.field(field).is_some(),
                other => return Err(no_fields(other, span)),
            },
            other => return Err(no_fields(&other, span)),
        };
        Ok(Value::Bool(has))
    }

    fn list(&mut self, elements: &'a [(Node, bool)]) -> Evaluated<'a> {
        let mut values = Vec::with_capacity(elements.len());
        for (element, optional) in elements {
            let value = self.node(element)?;
            values.extend(if *optional { held(value, &element.span)? } else { Some(value) });
        }
        Ok(Value::list(values))
    }

    fn map(&mut self, entries: &'a [(Node, Node, bool)], span: &Span) -> Evaluated<'a> {
        let mut values = Vec::with_capacity(entries.len());
        for (key, value, optional) in entries {
            let (key, value) = (self.node(key)?, self.node(value)?);
            let value = if *optional { held(value, span)? } else { Some(value) };
            if let Some(value) = value {
                // Of two that are written the last one counts.
                values.retain(|(known, _): &(Value<'a>, Value<'a>)| !known.equals(&key));
                insert(&mut values, key, value, span)?;
            }
        }
        Ok(Value::Map(Map::Made(values.into())))
    }

    fn opt_map(&mut self, of: &'a Node, body: &'a Node, flat: bool) -> Evaluated<'a> {
        let inner = match self.node(of)? {
            Value::Optional(None) => return Ok(Value::Optional(None)),
            Value::Optional(Some(inner)) => inner,
            other => return Err(Failure::new(&of.span, format!("{} is no optional value", named(&other)))),
        };
        self.locals.push((*inner).clone());
        let value = self.node(body);
        self.locals.pop();
        Ok(if flat { value? } else { Value::some(value?) })
    }

    fn fold(&mut self, fold: &'a Fold, span: &Span) -> Evaluated<'a> {
        let depth = self.locals.len();
        let range = self.node(&fold.range)?;
        let mut made = Made::new(fold.kind);
        let result = match range {
            Value::List(list) => list.iter().enumerate().try_for_each(|(index, element)| {
                if fold.two {
                    self.locals.push(Value::Int(i64::try_from(index).unwrap_or(i64::MAX)));
                }
                self.locals.push(element);
                self.turn(fold, depth, &mut made, span)
            }),
            Value::Map(map) => map.iter().try_for_each(|(key, value)| {
                self.locals.push(key);
                if fold.two {
                    self.locals.push(value);
                }
                self.turn(fold, depth, &mut made, span)
            }),
            other => Err(Stop::Failed(Failure::new(
                &fold.range.span,
                format!("a macro goes over a list or map, and this is {}", named(&other)),
            ))),
        };
        self.locals.truncate(depth);
        match result {
            Err(Stop::Failed(failure)) => Err(failure),
            Ok(()) | Err(Stop::Decided) => made.finish(),
        }
    }

    /// Does one turn of a macro: the names are there.
    fn turn(&mut self, fold: &'a Fold, depth: usize, made: &mut Made<'a>, span: &Span) -> Result<(), Stop> {
        let failed = |failure: Failure| Stop::Failed(failure);
        self.machine.step(1).map_err(|refusal| failed(failure(refusal, span)))?;
        let first = self.locals.get(depth).cloned().unwrap_or(Value::Null);
        let taken = match &fold.filter {
            None => true,
            Some(filter) => match self.node(filter).map_err(failed)? {
                Value::Bool(taken) => taken,
                other => return Err(failed(no_bool(&other, &filter.span))),
            },
        };
        if !taken {
            self.locals.truncate(depth);
            return Ok(());
        }
        let value = self.node(&fold.body);
        self.locals.truncate(depth);
        made.take(first, value, &fold.body.span)
    }
}

/// Why a macro does not go on.
enum Stop {
    /// Nothing that comes can change its value.
    Decided,
    /// It has none.
    Failed(Failure),
}

/// What a macro has made so far.
struct Made<'a> {
    kind: FoldKind,
    /// Whether `all` is false, or `exists` true.
    decided: bool,
    /// What `all` and `exists` could not ask; another element may decide without it.
    failed: Option<Failure>,
    count: usize,
    list: Vec<Value<'a>>,
    map: Vec<(Value<'a>, Value<'a>)>,
}

impl<'a> Made<'a> {
    fn new(kind: FoldKind) -> Self {
        Self { kind, decided: false, failed: None, count: 0, list: Vec::new(), map: Vec::new() }
    }

    fn take(&mut self, first: Value<'a>, value: Evaluated<'a>, span: &Span) -> Result<(), Stop> {
        let bool = |value: Value<'a>| match value {
            Value::Bool(value) => Ok(value),
            other => Err(no_bool(&other, span)),
        };
        match self.kind {
            FoldKind::All | FoldKind::Exists => match value.and_then(bool) {
                Ok(value) if value == (self.kind == FoldKind::Exists) => {
                    self.decided = true;
                    return Err(Stop::Decided);
                }
                Ok(_) => {}
                Err(failure) if failure.is_final() => return Err(Stop::Failed(failure)),
                Err(failure) => self.failed = self.failed.take().or(Some(failure)),
            },
            FoldKind::ExistsOne => {
                self.count += usize::from(value.and_then(bool).map_err(Stop::Failed)?);
            }
            FoldKind::Filter => {
                if value.and_then(bool).map_err(Stop::Failed)? {
                    self.list.push(first);
                }
            }
            FoldKind::List => self.list.push(value.map_err(Stop::Failed)?),
            FoldKind::MapValues => {
                insert(&mut self.map, first, value.map_err(Stop::Failed)?, span).map_err(Stop::Failed)?;
            }
            FoldKind::MapEntries => match value.map_err(Stop::Failed)? {
                Value::Map(entries) => {
                    for (key, value) in entries.iter() {
                        insert(&mut self.map, key, value, span).map_err(Stop::Failed)?;
                    }
                }
                other => {
                    return Err(Stop::Failed(Failure::new(span, format!("{} is no map", named(&other)))));
                }
            },
        }
        Ok(())
    }

    fn finish(self) -> Evaluated<'a> {
        match self.kind {
            FoldKind::All | FoldKind::Exists => match self.failed {
                Some(failure) if !self.decided => Err(failure),
                _ => Ok(Value::Bool(self.decided == (self.kind == FoldKind::Exists))),
            },
            FoldKind::ExistsOne => Ok(Value::Bool(self.count == 1)),
            FoldKind::Filter | FoldKind::List => Ok(Value::list(self.list)),
            FoldKind::MapValues | FoldKind::MapEntries => Ok(Value::Map(Map::Made(self.map.into()))),
        }
    }
}

/// Adds an entry to a map that does not have its key.
fn insert<'a>(
    map: &mut Vec<(Value<'a>, Value<'a>)>,
    key: Value<'a>,
    value: Value<'a>,
    span: &Span,
) -> Result<(), Failure> {
    if !matches!(key, Value::String(_) | Value::Int(_) | Value::Uint(_) | Value::Bool(_)) {
        return Err(Failure::new(span, format!("{} can be no key", named(&key))));
    }
    if map.iter().any(|(known, _)| known.equals(&key)) {
        return Err(Failure::new(span, "a key is there twice".to_owned()));
    }
    map.push((key, value));
    Ok(())
}

/// Returns what stands behind a `?`, where there is something.
fn held<'a>(value: Value<'a>, span: &Span) -> Result<Option<Value<'a>>, Failure> {
    match value {
        Value::Optional(inner) => Ok(inner.map(|inner| (*inner).clone())),
        other => Err(Failure::new(span, format!("{} is no optional value", named(&other)))),
    }
}

fn select<'a>(of: Value<'a>, field: &str, optional: bool, span: &Span) -> Evaluated<'a> {
    match of {
        Value::Map(map) => match (map.field(field), optional) {
            (Some(value), true) => Ok(Value::some(value)),
            (Some(value), false) => Ok(value),
            (None, true) => Ok(Value::Optional(None)),
            (None, false) => Err(Failure::missing(span, field)),
        },
        Value::Optional(None) => Ok(Value::Optional(None)),
        Value::Optional(Some(inner)) => match &*inner {
            Value::Map(map) => Ok(Value::Optional(map.field(field).map(Rc::new))),
            other => Err(no_fields(other, span)),
        },
        _ if optional => Ok(Value::Optional(None)),
        other => Err(no_fields(&other, span)),
    }
}

fn element<'a>(of: Value<'a>, index: &Value<'a>, optional: bool, span: &Span) -> Evaluated<'a> {
    let (of, optional) = match of {
        Value::Optional(None) => return Ok(Value::Optional(None)),
        Value::Optional(Some(inner)) => ((*inner).clone(), true),
        other => (other, optional),
    };
    let found = match &of {
        Value::List(list) => at(list, index, span)?,
        Value::Map(map) => map.get(index),
        _ if optional => None,
        other => return Err(Failure::new(span, format!("{} has no elements", named(other)))),
    };
    match (found, optional) {
        (Some(value), true) => Ok(Value::some(value)),
        (Some(value), false) => Ok(value),
        (None, true) => Ok(Value::Optional(None)),
        (None, false) => Err(match index {
            Value::String(key) if !matches!(of, Value::List(_)) => Failure::missing(span, key),
            Value::Int(index) => Failure::new(span, format!("there is no element {index}")),
            _ => Failure::new(span, "there is no such element"),
        }),
    }
}

/// No list is as long.
const MOST_PLACES: f64 = 1e15;

#[expect(clippy::cast_possible_truncation, reason = "only whole numbers within bounds are taken")]
fn at<'a>(list: &List<'a>, index: &Value<'a>, span: &Span) -> Result<Option<Value<'a>>, Failure> {
    let index = match index {
        Value::Int(index) => *index,
        Value::Uint(index) => i64::try_from(*index).unwrap_or(i64::MAX),
        Value::Double(index) if index.fract() == 0.0 && index.abs() < MOST_PLACES => *index as i64,
        other => return Err(Failure::new(span, format!("{} is no place in a list", named(other)))),
    };
    Ok(usize::try_from(index).ok().and_then(|index| list.get(index)))
}

pub(super) fn failure(refusal: Refusal, span: &Span) -> Failure {
    match refusal {
        Refusal::NoOverload => Failure::new(span, "it is not for values of these types".to_owned()),
        Refusal::Wrong(why) if why == super::machine::TOO_EXPENSIVE => Failure::last(span, why),
        Refusal::Wrong(why) => Failure::new(span, why),
    }
}

fn no_bool(value: &Value<'_>, span: &Span) -> Failure {
    Failure::new(span, format!("this is {} and not bool", named(value)))
}

fn no_fields(value: &Value<'_>, span: &Span) -> Failure {
    Failure::new(span, format!("{} has no fields", named(value)))
}

/// Names a value by its type: never by what it holds, which may be a secret.
fn named(value: &Value<'_>) -> Cow<'static, str> {
    match value {
        Value::Null => "null".into(),
        Value::Int(_) => "an int".into(),
        Value::Uint(_) => "a uint".into(),
        Value::Bool(_) => "a bool".into(),
        Value::String(_) => "a text".into(),
        Value::List(_) => "a list".into(),
        Value::Map(_) => "a map".into(),
        other => format!("a value of type {}", other.type_name()).into(),
    }
}
