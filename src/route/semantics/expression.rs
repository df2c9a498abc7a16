//! Regular expressions, as far as paths of routes need them.
//!
//! Everything that a router's renderer writes can be read: literals, `\\` before a character, `.`, `.*`,
//! `$`, groups that capture or `(?:` do not, and `|`. What else stands there is taken as a literal. The
//! first alternative that leads to a match is taken, and `.*` takes as much as it can, as in PCRE.

/// A regular expression, matched from the start of a text.
pub(super) struct Expression {
    alternatives: Vec<Vec<Node>>,
    groups: usize,
    flavour: Flavour,
}

/// What engines do not agree on.
#[derive(Clone, Copy)]
pub(super) struct Flavour {
    /// Whether letters match in any case.
    pub(super) ignores_case: bool,
    /// Whether `$` also matches in front of a newline at the end.
    pub(super) before_newline: bool,
}

/// Where an expression matched.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Match<'t> {
    /// What it did not take.
    pub(super) rest: &'t [u8],
    /// What its groups took: nothing where one took no part.
    groups: Vec<&'t [u8]>,
}

enum Node {
    Byte(u8),
    Any,
    Anything,
    End,
    Group(Option<usize>, Vec<Vec<Node>>),
}

/// Where a group began and ended.
type Spans = [(usize, usize)];

impl Expression {
    pub(super) fn new(text: &str, flavour: Flavour) -> Self {
        let mut groups = 0;
        let alternatives = alternatives(&mut text.as_bytes(), &mut groups, true);
        Self { alternatives, groups, flavour }
    }

    /// Matches the start of a text.
    pub(super) fn find<'t>(&self, text: &'t [u8]) -> Option<Match<'t>> {
        let mut spans = vec![(0, 0); self.groups];
        let mut end = None;
        self.any(&self.alternatives, text, 0, &mut spans, &mut |at, _| {
            end = Some(at);
            true
        });
        let groups = spans.into_iter().map(|(start, end)| &text[start..end]).collect();
        Some(Match { rest: &text[end?..], groups })
    }

    fn any(
        &self,
        alternatives: &[Vec<Node>],
        text: &[u8],
        at: usize,
        spans: &mut Spans,
        then: &mut dyn FnMut(usize, &mut Spans) -> bool,
    ) -> bool {
        alternatives.iter().any(|nodes| self.all(nodes, text, at, spans, then))
    }

    /// Matches nodes one after the other, and what comes `then`.
    fn all(
        &self,
        nodes: &[Node],
        text: &[u8],
        at: usize,
        spans: &mut Spans,
        then: &mut dyn FnMut(usize, &mut Spans) -> bool,
    ) -> bool {
        let Some((node, nodes)) = nodes.split_first() else { return then(at, spans) };
        let rest = &text[at..];
        match node {
            Node::Byte(byte) => {
                let fits = |actual: &u8| {
                    actual == byte || self.flavour.ignores_case && actual.eq_ignore_ascii_case(byte)
                };
                rest.first().is_some_and(fits) && self.all(nodes, text, at + 1, spans, then)
            }
            Node::Any => {
                rest.first().is_some_and(|actual| *actual != b'\n')
                    && self.all(nodes, text, at + 1, spans, then)
            }
            Node::Anything => {
                let line = rest.iter().take_while(|actual| **actual != b'\n').count();
                (0..=line).rev().any(|length| self.all(nodes, text, at + length, spans, then))
            }
            Node::End => {
                let is_end = rest.is_empty() || self.flavour.before_newline && rest == b"\n";
                is_end && self.all(nodes, text, at, spans, then)
            }
            Node::Group(number, alternatives) => {
                self.any(alternatives, text, at, spans, &mut |end, spans| {
                    let Some(number) = *number else { return self.all(nodes, text, end, spans, then) };
                    let before = std::mem::replace(&mut spans[number], (at, end));
                    let found = self.all(nodes, text, end, spans, then);
                    if !found {
                        spans[number] = before;
                    }
                    found
                })
            }
        }
    }
}

impl Match<'_> {
    /// Puts what the groups took into a replacement, for `$1` and on.
    pub(super) fn expand(&self, replacement: &str) -> Vec<u8> {
        let mut parts = replacement.split('$');
        let mut out = parts.next().unwrap_or_default().as_bytes().to_vec();
        for part in parts {
            let number =
                part.bytes().next().filter(u8::is_ascii_digit).map(|digit| usize::from(digit - b'0'));
            match number.and_then(|number| number.checked_sub(1)) {
                Some(index) => {
                    out.extend_from_slice(self.groups.get(index).copied().unwrap_or_default());
                    out.extend_from_slice(&part.as_bytes()[1..]);
                }
                None => out.extend([b"$", part.as_bytes()].concat()),
            }
        }
        out
    }
}

/// Reads alternatives up to the end of their group.
fn alternatives(text: &mut &[u8], groups: &mut usize, is_top: bool) -> Vec<Vec<Node>> {
    let mut all = vec![Vec::new()];
    while let Some((first, rest)) = text.split_first() {
        *text = rest;
        let node = match first {
            b')' if !is_top => return all,
            b'|' => {
                all.push(Vec::new());
                continue;
            }
            b'$' => Node::End,
            b'.' if rest.starts_with(b"*") => {
                *text = &rest[1..];
                Node::Anything
            }
            b'.' => Node::Any,
            b'(' if rest.starts_with(b"?:") => {
                *text = &rest[2..];
                Node::Group(None, alternatives(text, groups, false))
            }
            b'(' => {
                let number = *groups;
                *groups += 1;
                Node::Group(Some(number), alternatives(text, groups, false))
            }
            b'\\' if !rest.is_empty() => {
                *text = &rest[1..];
                Node::Byte(rest[0])
            }
            byte => Node::Byte(*byte),
        };
        if let Some(nodes) = all.last_mut() {
            nodes.push(node);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is left and what `$1-$2` becomes.
    fn found(expression: &str, text: &str, flavour: Flavour) -> Option<(String, String)> {
        let expression = Expression::new(expression, flavour);
        let found = expression.find(text.as_bytes())?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Some((text(found.rest), text(&found.expand("$1-$2"))))
    }

    #[test]
    fn matches_and_captures() {
        let nginx = Flavour { ignores_case: true, before_newline: true };
        let kong = Flavour { ignores_case: false, before_newline: false };
        for (flavour, expression, text, expected) in [
            (nginx, "/x(/|$)(.*)", "/X/a/b", Some(("", "/-a/b"))),
            (nginx, "/x(/|$)(.*)", "/x", Some(("", "-"))),
            (nginx, "/x(/|$)(.*)", "/xa", None),
            (nginx, "/x(/|$)(.*)", "/x/a\nb", Some(("\nb", "/-a"))),
            (nginx, "/x(/(.*)|$)", "/x/a", Some(("", "/a-a"))),
            (nginx, "/x(/(.*)|$)", "/x\n", Some(("\n", "-"))),
            (nginx, "/x$$$", "/x/", None),
            (nginx, "/v1\\.0", "/v1.0/a", Some(("/a", "-"))),
            (nginx, "/v1\\.0", "/v1x0", None),
            (nginx, "/v1.0", "/v1x0", Some(("", "-"))),
            (kong, "/x(?:/|$)", "/x/a", Some(("a", "-"))),
            (kong, "/x(?:/|$)", "/X/a", None),
            (kong, "/x(?:/|$)", "/x\n", None),
            (kong, "/(.*)", "/a/b", Some(("", "a/b-"))),
            (kong, "(.*)b(.*)", "/abcb!", Some(("", "/abc-!"))),
        ] {
            let expected = expected.map(|(rest, groups)| (rest.to_owned(), groups.to_owned()));
            assert_eq!(found(expression, text, flavour), expected, "{expression} on {text:?}");
        }
    }

    #[test]
    fn a_dollar_without_a_number_stays() {
        let flavour = Flavour { ignores_case: false, before_newline: false };
        let expression = Expression::new("/(.*)", flavour);
        let found = expression.find(b"/a").expect("it matches");
        assert_eq!(found.expand("/p$/$1$x$3").as_slice(), b"/p$/a$x");
    }
}
