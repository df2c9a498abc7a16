//! Which place of an object an expression is about, for a finding that points at it.

use super::eval::Eval;
use super::machine::Machine;
use super::node::{Fold, FoldKind, Node, Op};
use super::syntax::Literal;
use super::value::Value;
use super::{Given, Program};

/// A step on the way to a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// A field.
    Field(String),
    /// An element of a list, from 0.
    Index(usize),
}

/// The deepest that macros are looked into.
const MOST_DEPTH: usize = 4;

/// Finds the place that an expression which is not true is about: the one way that all its selections go, or their common
/// beginning; of `list.all(x, ..)` the first element that fails, and where the way goes on in it. Nothing where it asks for
/// nothing of the value at `root`.
pub(super) fn of<'a>(program: &'a Program, given: &Given<'a>, root: usize) -> Option<Vec<Step>> {
    let mut eval = Eval { given, machine: Machine::new(&program.patterns), locals: Vec::new() };
    let mut ways = Vec::new();
    find(&mut eval, &program.node, root, &mut ways, 0);
    common(ways)
}

/// Returns the common beginning of ways; nothing where there is none to go.
fn common(ways: Vec<Vec<Step>>) -> Option<Vec<Step>> {
    ways.into_iter()
        .reduce(|one, other| {
            one.into_iter().zip(other).take_while(|(one, other)| one == other).map(|(step, _)| step).collect()
        })
        .filter(|way| !way.is_empty())
}

/// Collects the ways that parts of an expression go, only those of parts that are to blame where that can be told.
fn find<'a>(eval: &mut Eval<'a, '_>, node: &'a Node, root: usize, ways: &mut Vec<Vec<Step>>, depth: usize) {
    if let Op::And(parts) = &node.op {
        // The first part that is not true is to blame.
        for part in parts {
            if !matches!(eval.node(part), Ok(Value::Bool(true))) {
                return find(eval, part, root, ways, depth);
            }
        }
    }
    if let Op::Or(parts) = &node.op {
        // `!has(a.b) || a.b.c`: what comes last is what was wanted.
        if let Some(last) = parts.last() {
            return find(eval, last, root, ways, depth);
        }
    }
    if let Op::Fold(fold) = &node.op
        && let Some(way) = blamed(eval, fold, root, depth)
    {
        ways.push(way);
        return;
    }
    if let Some(way) = way(node, root) {
        ways.push(way);
        return;
    }
    let mut children: Vec<&'a Node> = Vec::new();
    let mut first = true;
    let mut skip = 0_usize;
    // Only direct parts: those below are seen by the next call.
    node.visit(&mut |part| {
        if first {
            first = false;
        } else if skip > 0 {
            skip -= 1;
        } else {
            children.push(part);
            part.visit(&mut |_| skip += 1);
            skip -= 1;
        }
    });
    for child in children {
        find(eval, child, root, ways, depth);
    }
}

/// Returns the way of `a.b[0]['c']`, from the value at `root`.
fn way(node: &Node, root: usize) -> Option<Vec<Step>> {
    match &node.op {
        Op::Root(index) if *index == root => Some(Vec::new()),
        Op::Select { of, field, .. } | Op::Has { of, field } => {
            let mut way = way(of, root)?;
            way.push(Step::Field(field.to_string()));
            Some(way)
        }
        Op::Index { of, index, .. } => {
            let mut way = way(of, root)?;
            match &index.op {
                Op::Literal(Literal::String(key)) => way.push(Step::Field(key.to_string())),
                Op::Literal(Literal::Int(index)) => way.push(Step::Index(usize::try_from(*index).ok()?)),
                _ => {}
            }
            Some(way)
        }
        // `a.b.?c.orValue(x)` is about `a.b.c`, `a.b.filter(..)` about `a.b`.
        Op::Call(_, args) => way(args.first()?, root).filter(|way| !way.is_empty()),
        Op::Fold(fold) => way(&fold.range, root),
        Op::Else { of, .. } => way(of, root),
        _ => None,
    }
}

/// Finds the first element that makes `all` false.
fn blamed<'a>(eval: &mut Eval<'a, '_>, fold: &'a Fold, root: usize, depth: usize) -> Option<Vec<Step>> {
    if fold.kind != FoldKind::All
        || depth == MOST_DEPTH
        || !matches!(fold.range.op, Op::Select { .. } | Op::Index { .. })
    {
        return None;
    }
    let mut found = way(&fold.range, root)?;
    let range = eval.node(&fold.range).ok()?;
    let names = eval.locals.len();
    let turns: Vec<(Step, Vec<Value<'a>>)> = match &range {
        Value::List(list) => list
            .iter()
            .enumerate()
            .map(|(index, element)| {
                let number = Value::Int(i64::try_from(index).unwrap_or(i64::MAX));
                (Step::Index(index), if fold.two { vec![number, element] } else { vec![element] })
            })
            .collect(),
        Value::Map(map) => map
            .iter()
            .filter_map(|(key, value)| {
                let Value::String(name) = &key else { return None };
                let step = Step::Field(name.to_string());
                Some((step, if fold.two { vec![key, value] } else { vec![key] }))
            })
            .collect(),
        _ => return None,
    };
    let is_list = matches!(range, Value::List(_));
    for (step, values) in turns {
        eval.locals.truncate(names);
        eval.locals.extend(values);
        if !matches!(eval.node(&fold.body), Ok(Value::Bool(true))) {
            found.push(step);
            let element = names + usize::from(fold.two);
            if is_list || fold.two {
                found.extend(below(eval, &fold.body, element));
            }
            eval.locals.truncate(names);
            return Some(found);
        }
    }
    eval.locals.truncate(names);
    None
}

/// Returns the way from an element on, where a macro's body goes one.
fn below<'a>(eval: &mut Eval<'a, '_>, body: &'a Node, local: usize) -> Vec<Step> {
    let mut body = body;
    if let Op::And(parts) = &body.op {
        for part in parts {
            if !matches!(eval.node(part), Ok(Value::Bool(true))) {
                body = part;
                break;
            }
        }
    }
    if let Op::Or(parts) = &body.op {
        body = parts.last().unwrap_or(body);
    }
    let mut ways: Vec<Vec<Step>> = Vec::new();
    collect(body, local, &mut ways);
    common(ways).unwrap_or_default()
}

fn collect(node: &Node, local: usize, ways: &mut Vec<Vec<Step>>) {
    node.visit(&mut |part| {
        if let Some(way) = local_way(part, local)
            && !way.is_empty()
        {
            // A longer way replaces those that it goes on.
            if !ways.iter().any(|known| known.starts_with(&way)) {
                ways.push(way);
            }
        }
    });
}

fn local_way(node: &Node, local: usize) -> Option<Vec<Step>> {
    match &node.op {
        Op::Local(index) if *index == local => Some(Vec::new()),
        Op::Select { of, field, .. } | Op::Has { of, field } => {
            let mut way = local_way(of, local)?;
            way.push(Step::Field(field.to_string()));
            Some(way)
        }
        _ => None,
    }
}
