//! Words to expressions, by the grammar of CEL.
//!
//! Source: <https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax>.

use super::lex::{self, Token};
use super::syntax::{Binary, Expr, Kind, Literal, Span, Unary};
use super::{MAX_BYTES, Problem};

/// The deepest expression. What looks at an expression later goes as deep, on the stack.
const MOST_DEPTH: usize = 100;
/// The most brackets and signs within each other, for each of which reading goes through the whole grammar.
const MOST_NESTED: usize = 40;
/// The most parts of an expression.
const MOST_PARTS: usize = 10_000;

/// Words that can be no name. Source: the grammar.
const RESERVED: &[&str] = &[
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// Reads an expression.
pub(super) fn parse(text: &str) -> Result<Expr, Problem> {
    if text.len() > MAX_BYTES {
        return Err(Problem::new(0..0, format!("the expression has more than {MAX_BYTES} bytes")));
    }
    let words = lex::words(text)?;
    let mut parser = Parser { words, at: 0, depth: 0, parts: 0 };
    let expr = parser.expr()?;
    match parser.peek() {
        Token::End => Ok(expr),
        _ => Err(parser.unexpected("the expression is over before it")),
    }
}

struct Parser {
    words: Vec<(Token, Span)>,
    at: usize,
    depth: usize,
    parts: usize,
}

type Parsed = Result<Expr, Problem>;

impl Parser {
    fn peek(&self) -> &Token {
        &self.words[self.at].0
    }

    fn span(&self) -> Span {
        self.words[self.at].1.clone()
    }

    fn next(&mut self) -> (Token, Span) {
        let word = self.words[self.at].clone();
        // The last word is the end, where one stays.
        self.at = (self.at + 1).min(self.words.len() - 1);
        word
    }

    fn takes(&mut self, sign: &str) -> bool {
        let is = matches!(self.peek(), Token::Sign(here) if *here == sign);
        if is {
            self.next();
        }
        is
    }

    fn expect(&mut self, sign: &str) -> Result<Span, Problem> {
        let span = self.span();
        if self.takes(sign) {
            Ok(span)
        } else {
            Err(self.unexpected(&format!("`{sign}` is missing before it")))
        }
    }

    fn unexpected(&self, why: &str) -> Problem {
        let span = self.span();
        match self.peek() {
            Token::End => Problem::new(
                span,
                format!("the expression ends too early: {}", why.replace(" before it", "")),
            ),
            Token::Name(name) => Problem::new(span, format!("`{name}` is unexpected: {why}")),
            Token::Sign(sign) => Problem::new(span, format!("`{sign}` is unexpected: {why}")),
            Token::Literal(_) | Token::Int(..) => {
                Problem::new(span, format!("the value is unexpected: {why}"))
            }
        }
    }

    /// Makes an expression, and counts it.
    fn make(&mut self, kind: Kind, span: Span) -> Parsed {
        self.parts += 1;
        if self.parts > MOST_PARTS {
            return Err(Problem::new(span, format!("the expression has more than {MOST_PARTS} parts")));
        }
        let depth = kind.depth() + 1;
        if depth > MOST_DEPTH {
            return Err(Problem::new(span, format!("the expression is more than {MOST_DEPTH} deep")));
        }
        Ok(Expr { kind, span, depth })
    }

    fn deeper<T>(&mut self, go: impl FnOnce(&mut Self) -> Result<T, Problem>) -> Result<T, Problem> {
        if self.depth == MOST_NESTED {
            let message = format!("more than {MOST_NESTED} brackets stand within each other");
            return Err(Problem::new(self.span(), message));
        }
        self.depth += 1;
        let result = go(self);
        self.depth -= 1;
        result
    }

    fn expr(&mut self) -> Parsed {
        self.deeper(|parser| {
            let condition = parser.or()?;
            if !parser.takes("?") {
                return Ok(condition);
            }
            let yes = parser.or()?;
            parser.expect(":")?;
            let no = parser.expr()?;
            let span = condition.span.start..no.span.end;
            parser.make(Kind::Choice(condition.into(), yes.into(), no.into()), span)
        })
    }

    /// Reads operands joined by one of some operators, which bind to the left.
    fn chain(&mut self, operand: fn(&mut Self) -> Parsed, operator: fn(&Token) -> Option<Binary>) -> Parsed {
        let mut left = operand(self)?;
        while let Some(operator) = operator(self.peek()) {
            self.next();
            let right = operand(self)?;
            let span = left.span.start..right.span.end;
            left = self.make(Kind::Binary(operator, left.into(), right.into()), span)?;
        }
        Ok(left)
    }

    /// Reads operands joined by `&&` or `||`. They are kept in a row, since chains of them are long in real rules.
    fn logic(&mut self, sign: &str, operand: fn(&mut Self) -> Parsed, kind: fn(Vec<Expr>) -> Kind) -> Parsed {
        let first = operand(self)?;
        if !matches!(self.peek(), Token::Sign(here) if *here == sign) {
            return Ok(first);
        }
        let start = first.span.start;
        let mut parts = vec![first];
        while self.takes(sign) {
            parts.push(operand(self)?);
        }
        let end = parts.last().map_or(start, |last| last.span.end);
        self.make(kind(parts), start..end)
    }

    fn or(&mut self) -> Parsed {
        self.logic("||", Self::and, Kind::Or)
    }

    fn and(&mut self) -> Parsed {
        self.logic("&&", Self::relation, Kind::And)
    }

    fn relation(&mut self) -> Parsed {
        self.chain(Self::sum, |token| {
            Some(match token {
                Token::Sign("==") => Binary::Equal,
                Token::Sign("!=") => Binary::NotEqual,
                Token::Sign("<") => Binary::Less,
                Token::Sign("<=") => Binary::LessEqual,
                Token::Sign(">") => Binary::Greater,
                Token::Sign(">=") => Binary::GreaterEqual,
                Token::Name(name) if &**name == "in" => Binary::In,
                _ => return None,
            })
        })
    }

    fn sum(&mut self) -> Parsed {
        self.chain(Self::product, |token| match token {
            Token::Sign("+") => Some(Binary::Add),
            Token::Sign("-") => Some(Binary::Subtract),
            _ => None,
        })
    }

    fn product(&mut self) -> Parsed {
        self.chain(Self::unary, |token| match token {
            Token::Sign("*") => Some(Binary::Multiply),
            Token::Sign("/") => Some(Binary::Divide),
            Token::Sign("%") => Some(Binary::Remainder),
            _ => None,
        })
    }

    fn unary(&mut self) -> Parsed {
        let start = self.span().start;
        if self.takes("!") {
            // Two of them are none, whatever stands behind.
            if self.takes("!") {
                return self.deeper(Self::unary);
            }
            let of = self.deeper(Self::unary)?;
            let span = start..of.span.end;
            return self.make(Kind::Unary(Unary::Not, of.into()), span);
        }
        if matches!(self.peek(), Token::Sign("-")) && !self.is_number_next() {
            self.next();
            if matches!(self.peek(), Token::Sign("-")) && !self.is_number_next() {
                self.next();
                return self.deeper(Self::unary);
            }
            let of = self.deeper(Self::unary)?;
            let span = start..of.span.end;
            return self.make(Kind::Unary(Unary::Negate, of.into()), span);
        }
        self.member()
    }

    /// Tells whether a number stands behind this sign: `-1` is one, so that the least can be written.
    fn is_number_next(&self) -> bool {
        let next = self.words.get(self.at + 1).map(|(token, _)| token);
        matches!(next, Some(Token::Int(..) | Token::Literal(Literal::Double(_))))
    }

    fn member(&mut self) -> Parsed {
        let mut of = self.primary()?;
        loop {
            let start = of.span.start;
            if self.takes(".") {
                let (name, name_span) = self.field()?;
                if self.takes("(") {
                    let (args, end) = self.args()?;
                    let kind = Kind::Call { target: Some(of.into()), name, name_span, args };
                    of = self.make(kind, start..end)?;
                } else {
                    let span = start..name_span.end;
                    let kind =
                        Kind::Select { of: of.into(), field: name, field_span: name_span, optional: false };
                    of = self.make(kind, span)?;
                }
            } else if self.takes(".?") {
                let (name, name_span) = self.field()?;
                let span = start..name_span.end;
                let kind = Kind::Select { of: of.into(), field: name, field_span: name_span, optional: true };
                of = self.make(kind, span)?;
            } else if let Token::Sign(sign @ ("[" | "[?")) = *self.peek() {
                self.next();
                let index = self.expr()?;
                let end = self.expect("]")?.end;
                let kind = Kind::Index { of: of.into(), index: index.into(), optional: sign == "[?" };
                of = self.make(kind, start..end)?;
            } else {
                return Ok(of);
            }
        }
    }

    /// Reads the name of a field or function, which may be a reserved word.
    fn field(&mut self) -> Result<(Box<str>, Span), Problem> {
        match self.peek() {
            Token::Name(name) if !matches!(&**name, "in" | "true" | "false" | "null") => {
                let name = name.clone();
                Ok((name, self.next().1))
            }
            _ => Err(self.unexpected("the name of a field is missing before it")),
        }
    }

    fn args(&mut self) -> Result<(Vec<Expr>, usize), Problem> {
        let mut args = Vec::new();
        if matches!(self.peek(), Token::Sign(")")) {
            return Ok((args, self.next().1.end));
        }
        loop {
            args.push(self.expr()?);
            if !self.takes(",") {
                return Ok((args, self.expect(")")?.end));
            }
        }
    }

    fn primary(&mut self) -> Parsed {
        let span = self.span();
        match self.peek().clone() {
            Token::Name(name) => self.name(&name, span),
            Token::Literal(literal) => {
                self.next();
                self.make(Kind::Literal(literal), span)
            }
            Token::Int(digits, base) => {
                self.next();
                self.int(&digits, base, false, span)
            }
            Token::Sign("-") => {
                self.next();
                let (token, last) = self.next();
                let span = span.start..last.end;
                match token {
                    Token::Int(digits, base) => self.int(&digits, base, true, span),
                    Token::Literal(Literal::Double(number)) => {
                        self.make(Kind::Literal(Literal::Double(-number)), span)
                    }
                    _ => Err(Problem::new(span, "a number is missing")),
                }
            }
            Token::Sign("(") => {
                self.next();
                let inner = self.expr()?;
                let end = self.expect(")")?.end;
                Ok(Expr { span: span.start..end, ..inner })
            }
            // `[?a]` is a list whose first element may be left out; its first two signs are one word.
            Token::Sign("[" | "[?") => self.list(span.start),
            Token::Sign("{") => self.map(span.start),
            Token::Sign(".") => {
                self.next();
                let span = self.span();
                match self.peek().clone() {
                    Token::Name(name) => self.name(&name, span),
                    _ => Err(self.unexpected("a name is missing before it")),
                }
            }
            _ => Err(self.unexpected("a value is missing before it")),
        }
    }

    fn int(&mut self, digits: &str, base: u32, negative: bool, span: Span) -> Parsed {
        let text = if negative { format!("-{digits}") } else { digits.to_owned() };
        let number = i64::from_str_radix(&text, base)
            .map_err(|_| Problem::new(span.clone(), "the number is out of range"))?;
        self.make(Kind::Literal(Literal::Int(number)), span)
    }

    fn name(&mut self, name: &str, span: Span) -> Parsed {
        let literal = match name {
            "true" => Some(Literal::Bool(true)),
            "false" => Some(Literal::Bool(false)),
            "null" => Some(Literal::Null),
            _ => None,
        };
        if let Some(literal) = literal {
            self.next();
            return self.make(Kind::Literal(literal), span);
        }
        if name == "in" {
            return Err(self.unexpected("a value is missing before it"));
        }
        if RESERVED.contains(&name) {
            return Err(Problem::new(span, format!("`{name}` is a reserved word")));
        }
        self.next();
        if self.takes("(") {
            let (args, end) = self.args()?;
            let kind = Kind::Call { target: None, name: name.into(), name_span: span.clone(), args };
            return self.make(kind, span.start..end);
        }
        self.make(Kind::Name(name.into()), span)
    }

    fn list(&mut self, start: usize) -> Parsed {
        let mut elements = Vec::new();
        let mut optional = matches!(self.next().0, Token::Sign("[?"));
        while !matches!(self.peek(), Token::Sign("]")) {
            optional = optional || self.takes("?");
            elements.push((self.expr()?, optional));
            optional = false;
            if !self.takes(",") {
                break;
            }
        }
        let end = self.expect("]")?.end;
        self.make(Kind::List(elements), start..end)
    }

    fn map(&mut self, start: usize) -> Parsed {
        let mut entries = Vec::new();
        self.next();
        while !matches!(self.peek(), Token::Sign("}")) {
            let optional = self.takes("?");
            let key = self.expr()?;
            self.expect(":")?;
            let value = self.expr()?;
            entries.push((key, value, optional));
            if !self.takes(",") {
                break;
            }
        }
        let end = self.expect("}")?.end;
        self.make(Kind::Map(entries), start..end)
    }
}
