//! The macros: what looks like a function and names the elements of a list or map.
//!
//! Sources: <https://github.com/google/cel-spec/blob/master/doc/langdef.md#macros>, and for two names
//! `ext/comprehensions.go` of cel-go.

use super::Problem;
use super::lower::{Lowering, Typed};
use super::node::{Fold, FoldKind, Node, Op};
use super::syntax::{Expr, Kind, Literal, Span};
use super::types::{BOOL, INT, Type};

/// Names of the macros that stand behind a dot.
pub(super) const NAMES: &[&str] = &[
    "all",
    "exists",
    "exists_one",
    "existsOne",
    "filter",
    "map",
    "transformList",
    "transformMap",
    "transformMapEntry",
    "optMap",
    "optFlatMap",
];

/// The first minor version of Kubernetes 1 with macros that name two things.
const SINCE_TWO: u32 = 32;
/// The first with optional values.
const SINCE_OPTIONAL: u32 = 28;

impl Lowering<'_> {
    /// Reads a macro; nothing where it is a function.
    pub(super) fn macros(
        &mut self,
        whole: &Expr,
        target: Option<&Expr>,
        name: &str,
        at: &Span,
        args: &[Expr],
    ) -> Option<Typed> {
        let (op, of) = match (target, name, args) {
            (None, "has", [arg]) => (self.has(arg), BOOL),
            (Some(target), "optMap" | "optFlatMap", [local, body]) => {
                self.opt_map(target, local, body, name == "optFlatMap")
            }
            (Some(target), _, _) => self.fold(target, name, at, args)?,
            _ => return None,
        };
        Some((Node { op, span: whole.span.clone() }, of))
    }

    fn has(&mut self, arg: &Expr) -> Op {
        let Kind::Select { of, field, optional: false, .. } = &arg.kind else {
            self.problems.push(
                Problem::new(arg.span.clone(), "`has` asks for a field, and this is none")
                    .help("write `has(object.spec.replicas)`, or `'key' in map` for a key"),
            );
            return Op::Literal(Literal::Null);
        };
        if matches!(&of.kind, Kind::Name(name) if **name == *"variables") {
            self.problems.push(Problem::new(arg.span.clone(), "a variable is always there"));
            return Op::Literal(Literal::Null);
        }
        let (node, of_type) = self.expr(of);
        if !matches!(&of_type, Type::Dyn | Type::Map(..) | Type::Optional(_)) {
            self.wrong(&of.span, format!("a value of type {of_type} has no fields"));
        }
        Op::Has { of: node.into(), field: field.clone() }
    }

    fn opt_map(&mut self, target: &Expr, local: &Expr, body: &Expr, flat: bool) -> (Op, Type) {
        self.since = self.since.max(SINCE_OPTIONAL);
        let (of, of_type) = self.expr(target);
        let inner = match of_type {
            Type::Optional(inner) => *inner,
            Type::Dyn => Type::Dyn,
            other => {
                self.wrong(&target.span, format!("this is of type {other} and not an optional value"));
                Type::Dyn
            }
        };
        let names = self.local(local).into_iter().map(|name| (name, inner.clone())).collect();
        let (body, result) = self.within(names, |lowering| lowering.expr(body));
        let result = if flat { result } else { Type::optional(result) };
        (Op::OptMap { of: of.into(), body: body.into(), flat }, result)
    }

    fn fold(&mut self, target: &Expr, name: &str, at: &Span, args: &[Expr]) -> Option<(Op, Type)> {
        use FoldKind::{All, Exists, ExistsOne, Filter, List, MapEntries, MapValues};
        let (kind, locals, filter, body) = match (name, args) {
            ("all", [x, body]) => (All, vec![x], None, body),
            ("all", [x, y, body]) => (All, vec![x, y], None, body),
            ("exists", [x, body]) => (Exists, vec![x], None, body),
            ("exists", [x, y, body]) => (Exists, vec![x, y], None, body),
            ("exists_one", [x, body]) => (ExistsOne, vec![x], None, body),
            ("exists_one" | "existsOne", [x, y, body]) => (ExistsOne, vec![x, y], None, body),
            ("filter", [x, body]) => (Filter, vec![x], None, body),
            ("map", [x, body]) => (List, vec![x], None, body),
            ("map", [x, filter, body]) => (List, vec![x], Some(filter), body),
            ("transformList", [x, y, body]) => (List, vec![x, y], None, body),
            ("transformList", [x, y, filter, body]) => (List, vec![x, y], Some(filter), body),
            ("transformMap", [x, y, body]) => (MapValues, vec![x, y], None, body),
            ("transformMap", [x, y, filter, body]) => (MapValues, vec![x, y], Some(filter), body),
            ("transformMapEntry", [x, y, body]) => (MapEntries, vec![x, y], None, body),
            ("transformMapEntry", [x, y, filter, body]) => (MapEntries, vec![x, y], Some(filter), body),
            _ => return None,
        };
        let two = locals.len() == 2;
        if two {
            self.since = self.since.max(SINCE_TWO);
        }
        let (range, range_type) = self.expr(target);
        let (key, value) = match &range_type {
            Type::List(element) => (INT, (**element).clone()),
            Type::Map(key, value) => ((**key).clone(), (**value).clone()),
            Type::Dyn => (Type::Dyn, Type::Dyn),
            other => {
                self.wrong(at, format!("`{name}` goes over a list or map, and this is of type {other}"));
                (Type::Dyn, Type::Dyn)
            }
        };
        // One name is that of an element of a list, and of a key of a map.
        let single = if matches!(range_type, Type::Map(..)) { key.clone() } else { value.clone() };
        let types = if two { vec![key.clone(), value] } else { vec![single.clone()] };
        let mut names: Vec<(Box<str>, Type)> = Vec::new();
        for (local, of) in locals.into_iter().zip(types) {
            let name = self.local(local).unwrap_or_default();
            if !name.is_empty() && names.iter().any(|(other, _)| *other == name) {
                self.wrong(&local.span, format!("`{name}` is there twice"));
            }
            names.push((name, of));
        }
        let (filter, (body, body_type)) = self.within(names, |lowering| {
            let filter = filter.map(|filter| lowering.bool(filter, "which elements are taken"));
            let truth = matches!(kind, All | Exists | ExistsOne | Filter);
            let body = if truth {
                (lowering.bool(body, &format!("what `{name}` asks of each element")), BOOL)
            } else {
                lowering.expr(body)
            };
            (filter, body)
        });
        let result = match kind {
            All | Exists | ExistsOne => BOOL,
            Filter => Type::list(single),
            List => Type::list(body_type),
            MapValues => Type::map(key, body_type),
            MapEntries => match body_type {
                entries @ Type::Map(..) => entries,
                Type::Dyn => Type::map(Type::Dyn, Type::Dyn),
                other => {
                    self.wrong(&body.span, format!("`{name}` makes maps, and this is of type {other}"));
                    Type::Dyn
                }
            },
        };
        Some((Op::Fold(Box::new(Fold { kind, range, two, filter, body })), result))
    }

    /// Reads the name that a macro gives.
    fn local(&mut self, expr: &Expr) -> Option<Box<str>> {
        if let Kind::Name(name) = &expr.kind {
            return Some(name.clone());
        }
        self.wrong(&expr.span, "here stands the name of an element");
        None
    }

    fn within<T>(&mut self, names: Vec<(Box<str>, Type)>, go: impl FnOnce(&mut Self) -> T) -> T {
        let before = self.locals.len();
        self.locals.extend(names);
        let result = go(self);
        self.locals.truncate(before);
        result
    }
}
