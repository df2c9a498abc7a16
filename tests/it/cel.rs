//! Expressions have the values that the API server gives them: `fixtures/cel/vectors.json` holds what its library answered.

use std::fs;

use onramp::cel::{Given, Program, Scope, Value, Wanted};
use serde_json::Value as Json;

/// Names that the vectors use.
const ROOTS: &[&str] = &["object", "params"];

/// Writes a value so that two values are written alike only if they are the same, as `tests/conformance/cel` does.
pub(crate) fn shown(value: &Value<'_>) -> String {
    let joined = |parts: Vec<String>| parts.join(", ");
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Int(value) => value.to_string(),
        Value::Uint(value) => format!("{value}u"),
        Value::Double(value) => shown_double(*value),
        Value::String(text) => {
            // Go writes these three as escapes.
            let text = Json::from(text.as_ref()).to_string();
            text.replace('&', "\\u0026").replace('<', "\\u003c").replace('>', "\\u003e")
        }
        Value::Bytes(bytes) => {
            let hex: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            format!("bytes({})", hex.concat())
        }
        Value::List(list) => format!("[{}]", joined(list.iter().map(|element| shown(&element)).collect())),
        Value::Map(map) => {
            let mut parts: Vec<String> =
                map.iter().map(|(key, value)| format!("{}: {}", shown(&key), shown(&value))).collect();
            parts.sort();
            format!("{{{}}}", joined(parts))
        }
        Value::Optional(None) => "none".to_owned(),
        Value::Optional(Some(inner)) => format!("some({})", shown(inner)),
        Value::Type(name) => format!("type({name})"),
        other => format!("type({})", other.type_name()),
    }
}

fn shown_double(value: f64) -> String {
    if !value.is_finite() {
        let sign = if value.is_nan() {
            "NaN"
        } else if value > 0.0 {
            "+Inf"
        } else {
            "-Inf"
        };
        return format!("double({sign})");
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').expect("there is an exponent");
    let exponent: i32 = exponent.parse().expect("it is a number");
    format!("double({digits}e{}{:02})", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// Evaluates as a rule would: what is refused before there is an object is told from what has no value for this one.
pub(crate) fn answer(expression: &str, object: &Json, params: &Json) -> String {
    match Program::compile(expression, &Scope::new(ROOTS, &[]), Wanted::Any) {
        Err(problems) => {
            for problem in problems {
                assert!(expression.get(problem.span.clone()).is_some(), "{expression}: {problem:?}");
            }
            "refused".to_owned()
        }
        Ok(program) => match program.evaluate(&Given::new(vec![Value::of(object), Value::of(params)], &[])) {
            Ok(value) => shown(&value),
            Err(failure) => {
                assert!(expression.get(failure.span.clone()).is_some(), "{expression}: {failure:?}");
                "failed".to_owned()
            }
        },
    }
}

/// Expressions that are answered otherwise, and why that is meant.
const OTHERWISE: &[(&str, &str)] = &[
    (
        "string(timestamp('2023-01-02T03:04:05+02:00'))",
        "a moment does not remember the time zone that it was written in",
    ),
    ("timestamp('2023-01-02T03:04:05Z').getHours('+02:00')", "time zones are not known"),
    ("google.protobuf.Int32Value{value: 1}", "no object is made of protocol buffers"),
    ("format.dns1123Label().validate('')", "what is wrong is said in fewer words"),
    ("'%s'.format([quantity('1')])", "found when it is asked"),
    ("'%d'.format(['a'])", "found when it is asked"),
    ("'%d'.format([1.5])", "found when it is asked"),
    ("'%f'.format([2])", "found when it is asked"),
    ("'%e'.format([2])", "found when it is asked"),
];

#[test]
fn every_vector_has_the_value_that_the_server_gives_it() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/cel/vectors.json");
    let file: Json =
        serde_json::from_str(&fs::read_to_string(path).expect("it can be read")).expect("it is JSON");
    let vectors = file["vectors"].as_array().expect("there are vectors");
    let mut wrong = Vec::new();
    for vector in vectors {
        let expression = vector["expression"].as_str().expect("it is a text");
        let expected = vector["answer"].as_str().expect("it is a text");
        let ours = answer(expression, &file["object"], &file["params"]);
        let meant = OTHERWISE.iter().any(|(known, _)| *known == expression);
        if (ours != expected) != meant {
            wrong.push(format!("{expression}\n  the server: {expected}\n  here:       {ours}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), vectors.len(), wrong.join("\n"));
    assert!(vectors.len() > 400, "{} vectors", vectors.len());
}
