//! Expressions that are wrong, expensive or hostile, and the places that they are about.

use proptest::prelude::*;
use serde_json::{Value as Json, json};

use super::*;

const ABSENT: &[(&str, &str)] = &[("request", "there is none")];

fn compile(expression: &str) -> Result<Program, Vec<Problem>> {
    Program::compile(expression, &Scope::new(&["object"], ABSENT), Wanted::Any)
}

/// Evaluates an expression with an object, and writes its value or why there is none.
fn evaluate(expression: &str, object: &Json) -> String {
    match compile(expression) {
        Err(problems) => format!("refused: {}", problems[0].message),
        Ok(program) => match program.evaluate(&Given::new(vec![Value::of(object)], &[])) {
            Ok(value) => format!("{value:?}"),
            Err(failure) => format!("failed: {} at `{}`", failure.message, &expression[failure.span]),
        },
    }
}

/// Writes what is wrong with an expression, with the words that it is about.
fn problems(expression: &str) -> String {
    let problems = compile(expression).map(|_| "nothing").expect_err("something is wrong");
    let line = |problem: &Problem| {
        let help = problem.help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default();
        format!("`{}`: {}{help}", &expression[problem.span.clone()], problem.message)
    };
    problems.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn what_is_wrong_is_found_before_there_is_an_object() {
    for (expression, expected) in [
        ("objct.spec", "`objct`: `objct` is not declared (did you mean `object`?)"),
        ("request.name", "`request`: `request` is not known here: there is none"),
        (
            "object.a.startsWth('x')",
            "`startsWth`: there is no function `startsWth` (did you mean `startsWith`?)",
        ),
        (
            "size(object).contains('a')",
            "`contains`: there is no function `int.contains(string)` (there is `string.contains(string)`)",
        ),
        ("1 + 'a'", "`1 + 'a'`: `+` is not for values of types int and string"),
        ("[1, 'a']", "`'a'`: the elements before are of type int, and this one is of type string"),
        ("object.a = 1", "`=`: `=` has no meaning here (write `==` to compare)"),
        ("object.a && ", "``: the expression ends too early: a value is missing"),
        ("(1", "``: the expression ends too early: `)` is missing"),
        ("'abc'.matches('[')", "`'['`: the text is no pattern: unclosed character class"),
        (
            "has(object)",
            "`object`: `has` asks for a field, and this is none (write `has(object.spec.replicas)`, or `'key' in map` for a key)",
        ),
        (
            "a == 1 || b == 2",
            "`a`: `a` is not declared (declared here: `object`)\n`b`: `b` is not declared (declared here: `object`)",
        ),
    ] {
        assert_eq!(problems(expression), expected);
    }
}

#[test]
fn what_has_no_value_says_where() {
    let object = json!({ "a": { "b": 2 }, "list": [1] });
    for (expression, expected) in [
        ("object.a.b + 1 == 3", "Bool(true)"),
        ("object.a.c == 1", "failed: there is no `c` at `object.a.c`"),
        ("object.a.b.c == 1", "failed: an int has no fields at `object.a.b.c`"),
        ("object.list[3]", "failed: there is no element 3 at `object.list[3]`"),
        ("object.a.b + '1'", "failed: it is not for values of these types at `object.a.b + '1'`"),
    ] {
        assert_eq!(evaluate(expression, &object), expected);
    }
}

#[test]
fn what_takes_too_long_is_given_up() {
    let list: Vec<u32> = (0..1_000).collect();
    let object = json!({ "list": list, "text": "x".repeat(10_000) });
    for expression in [
        "object.list.map(a, object.list.map(b, a * b)).size() > 0 || true",
        "object.list.map(a, object.text + object.text).size() > 0",
        "object.list.exists(a, object.text.matches('(x+x+)+y'))",
        "object.list.map(a, object.text.replace('', object.text)).size() > 0",
        "sets.contains(object.list + object.list, object.list)",
    ] {
        let answer = evaluate(expression, &object);
        assert!(answer.starts_with("failed: it takes more than 1000000 steps"), "{expression}: {answer}");
    }
}

#[test]
fn the_estimate_refuses_four_lists_within_each_other() {
    let nested = |depth: usize| {
        (0..depth).rfold("true".to_owned(), |inner, level| format!("object.list.all(x{level}, {inner})"))
    };
    assert!(compile(&nested(3)).unwrap().too_expensive().is_none());
    let (span, steps) = compile(&nested(4)).unwrap().too_expensive().unwrap();
    assert!(steps > MOST_ESTIMATED && span == (0..nested(4).len()));
    // Lists that are written are as long as they are written.
    assert!(
        compile("[1].all(a, [1].all(b, [1].all(c, [1].all(d, true))))").unwrap().too_expensive().is_none()
    );
}

#[test]
fn the_place_is_what_the_expression_asks_for() {
    let object = json!({
        "metadata": { "name": "web" },
        "spec": {
            "replicas": 9,
            "containers": [{ "name": "a", "image": "ours/a" }, { "name": "b", "image": "theirs/b", "ports": [{ "port": 1 }] }],
        },
    });
    for (expression, expected) in [
        ("object.spec.replicas <= 5", "spec.replicas"),
        ("object.spec.?replicas.orValue(1) <= 5", "spec.replicas"),
        ("!has(object.spec.replicas) || object.spec.replicas <= 5", "spec.replicas"),
        ("has(object.metadata.labels) && object.spec.replicas < 1", "metadata.labels"),
        ("has(object.metadata.name) && object.spec.replicas < 1", "spec.replicas"),
        ("object.spec.containers.all(c, c.image.startsWith('ours/'))", "spec.containers.1.image"),
        ("object.spec.containers.all(c, c.name == 'a' && c.image != '')", "spec.containers.1.name"),
        ("object.spec.containers.exists(c, c.name == 'z')", "spec.containers"),
        ("object.spec.containers[0].name == 'b'", "spec.containers.0.name"),
        ("object.metadata['name'] == 'x'", "metadata.name"),
        ("object.spec.replicas > object.spec.containers.size() + 100", "spec"),
        ("1 == 2", ""),
    ] {
        let program = compile(expression).unwrap();
        let place = program.place(&Given::new(vec![Value::of(&object)], &[]), 0).unwrap_or_default();
        let step = |step: &Step| match step {
            Step::Field(name) => name.clone(),
            Step::Index(index) => index.to_string(),
        };
        assert_eq!(place.iter().map(step).collect::<Vec<_>>().join("."), expected, "{expression}");
    }
}

#[test]
fn hostile_expressions_are_refused_in_time() {
    let many = |text: &str, count: usize| text.repeat(count);
    for expression in [
        many("(", 8_000),
        many("[", 8_000),
        many("!", 8_000),
        many("-", 8_000),
        format!("object{}", many(".a", 4_000)),
        format!("1{}", many("+1", 4_000)),
        format!("{}1", many("true?", 2_000)),
        many("a", 100_000),
        format!("'{}", many("\\", 8_000)),
    ] {
        assert!(compile(&expression).is_err());
    }
    // A long chain of alternatives is what people write.
    assert!(compile(&format!("false{}", many(" || true", 1_000))).is_ok());
}

proptest! {
    #[test]
    fn any_text_is_read_and_evaluated_without_panic(text in "\\PC{0,60}") {
        let _ = evaluate(&text, &json!({ "a": [1, "b", null] }));
    }

    #[test]
    fn any_words_are_read_and_evaluated_without_panic(
        words in proptest::collection::vec(proptest::sample::select(vec![
            "object", ".a", "[0]", "[?1]", ".?b", "(", ")", "1", "-1", "2u", "0.5", "'x'", "b'y'", "+", "-", "*", "/", "%", "==", "<",
            "&&", "||", "!", "?", ":", ",", "[", "]", "{", "}", " in ", "null", "true", ".all(x, x)", ".map(x, x)", ".size()",
            ".split('')", ".substring(1)", ".format([1])", "'%s'", "quantity('1')", "duration('1h')", ".orValue(1)", "9223372036854775807",
            "r'\\'", "url('/a')", "type(", "string(", "int(", ".indexOf('x', 3)", ".charAt(9)", "\u{e9}",
        ]), 0..14)
    ) {
        let _ = evaluate(&words.concat(), &json!({ "a": [1, "b", null] }));
    }
}
