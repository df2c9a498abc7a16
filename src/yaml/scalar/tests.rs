use super::*;

#[test]
fn what_all_readers_agree_on() {
    let number = |value: i64| Scalar::Number(value.into());
    let float = |value: f64| Scalar::Number(Number::from_f64(value).expect("finite"));
    for (text, expected) in [
        ("", Scalar::Null),
        ("~", Scalar::Null),
        ("NULL", Scalar::Null),
        ("true", Scalar::Bool(true)),
        ("False", Scalar::Bool(false)),
        ("0", number(0)),
        ("-0", number(0)),
        ("+1", number(1)),
        ("-17", number(-17)),
        ("0x1f", number(31)),
        ("9223372036854775808", Scalar::Number(9_223_372_036_854_775_808_u64.into())),
        ("1.10", float(1.1)),
        ("1.", float(1.0)),
        (".5", float(0.5)),
        ("1e3", float(1000.0)),
        ("1234e56", float(1234e56)),
        ("1e-999", float(0.0)),
        (".inf", Scalar::NonFinite),
        ("-.INF", Scalar::NonFinite),
        (".nan", Scalar::NonFinite),
        ("1e999", Scalar::NonFinite),
    ] {
        assert_eq!(resolve(text), expected, "{text}");
    }
    for text in [
        "a",
        "nO",
        "tRue",
        "nan",
        "NaN",
        "+.nan",
        ".",
        "..",
        "...",
        "+",
        "-",
        "--",
        "-x",
        "1a",
        "1.2.3",
        "v1",
        "0x",
        "0xg",
        "0o8",
        "0b2",
        "1e",
        "1e+",
        "e5",
        "12:60",
        "12:",
        ":12",
        "1:2:",
        "a:1",
        "2024-1",
        "24-01-05",
        "2024-01-05x",
        "2024-01-05T",
        "_1",
        "_",
        "+_",
        "10.0.0.1",
        "1,000",
        "1 000",
        "0x1p3",
        "é",
        "<",
        "==",
        ".e5",
        "._5",
        "2024-100-1",
    ] {
        assert_eq!(resolve(text), Scalar::Text, "{text}");
    }
}

#[test]
fn what_they_do_not_agree_on() {
    for (text, some, others) in [
        ("y", "`true`", "text"),
        ("OFF", "`false`", "text"),
        ("0755", "`493`", "`755`"),
        ("-0755", "`-493`", "`-755`"),
        ("007", "`7`", "text"),
        ("08", "`8`", "text"),
        ("0o17", "`15`", "text"),
        ("0X1F", "`31`", "text"),
        ("-0x1f", "`-31`", "text"),
        ("0b1", "`1`", "text"),
        ("-0b1", "`-1`", "text"),
        ("1_000", "`1000`", "text"),
        ("1_0.5", "`10.5`", "text"),
        (".5_0", "`0.5`", "text"),
        ("0_", "`0`", "text"),
        ("0x_1f", "`31`", "text"),
        ("2024_01_05", "`20240105`", "text"),
        ("12:30", "`750`", "text"),
        ("-1:30:45", "`-5445`", "text"),
        ("1:30.5", "a number", "text"),
        ("0b-01", "a number", "text"),
        ("-0b+0", "a number", "text"),
        ("0x_", "a number", "text"),
        ("-0b_", "a number", "text"),
        ("0xffffffffffffffffff", "a number", "text"),
        ("2024-01-05", "a point in time", "text"),
        ("2024-1-5", "a point in time", "text"),
        ("2024-01-05T10:00:00Z", "a point in time", "text"),
        ("2024-01-05 10:00:00 +01:00", "a point in time", "text"),
        ("=", "a YAML 1.1 default marker", "text"),
        ("<<", "a YAML 1.1 merge marker", "text"),
    ] {
        let found = ambiguity(text).expect(text);
        assert_eq!((found.some.as_str(), found.others.as_str()), (some, others), "{text}");
    }
}
