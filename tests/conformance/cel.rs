//! Expressions have the values that the API server's own library gives them: those of `fixtures/cel/vectors.json`, and random
//! ones. `ONRAMP_CEL` names the program of `tests/conformance/cel`; `ONRAMP_SEED` says which random expressions.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value as Json, json};

#[path = "../it/custom_rules.rs"]
mod custom_rules;
#[path = "../it/cel.rs"]
mod vectors;

/// Random expressions.
const CASES: usize = 20_000;

/// The API server's library, in a process.
struct Server {
    child: Child,
    to: Option<ChildStdin>,
    from: BufReader<ChildStdout>,
}

impl Server {
    fn start() -> Self {
        let path = std::env::var("ONRAMP_CEL").expect("ONRAMP_CEL names the program; `.ci/run` builds it");
        let mut child = Command::new(path)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program can be started");
        let to = child.stdin.take();
        let from = BufReader::new(child.stdout.take().expect("it has an output"));
        Self { child, to, from }
    }

    fn answer(&mut self, expression: &str, object: &Json, params: &Json) -> String {
        self.ask(&json!({ "expression": expression, "object": object, "params": params }))
    }

    fn ask(&mut self, question: &Json) -> String {
        let to = self.to.as_mut().expect("it listens");
        writeln!(to, "{question}").expect("it listens");
        let mut line = String::new();
        self.from.read_line(&mut line).expect("it answers");
        let answer: Json = serde_json::from_str(&line).expect("it answers with JSON");
        if answer["refused"] == true {
            return "refused".to_owned();
        }
        if answer.get("error").is_some() {
            return "failed".to_owned();
        }
        answer["value"].as_str().expect("there is a value").to_owned()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.to.take());
        let _ = self.child.wait();
    }
}

fn file() -> Json {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/cel/vectors.json");
    serde_json::from_str(&std::fs::read_to_string(path).expect("it can be read")).expect("it is JSON")
}

#[test]
fn vectors_are_what_the_server_answers() {
    let (file, mut server) = (file(), Server::start());
    for vector in file["vectors"].as_array().expect("there are vectors") {
        let expression = vector["expression"].as_str().expect("it is a text");
        let answer = server.answer(expression, &file["object"], &file["params"]);
        assert_eq!(vector["answer"], answer, "{expression}");
    }
}

#[test]
fn exported_policies_judge_in_the_server_as_here() {
    let mut server = Server::start();
    let policies = custom_rules::policies(custom_rules::STRICT);
    for (code, object, expected) in custom_rules::judged() {
        let (_, policy) = policies.iter().find(|(name, _)| name == code).expect("it is exported");
        let spec = &policy["spec"];
        let conditions = spec["matchConditions"].as_array().cloned().unwrap_or_default();
        for condition in &conditions {
            let question = json!({ "expression": condition["expression"], "object": object });
            assert_eq!(server.ask(&question), "true", "{code}: {condition}");
        }
        let mut passes = true;
        for validation in spec["validations"].as_array().expect("there are validations") {
            let ask = |expression: &Json| json!({ "expression": expression, "object": object, "variables": spec["variables"] });
            let answer = server.ask(&ask(&validation["expression"]));
            assert!(answer == "true" || answer == "false", "{code}: {validation}: {answer}");
            passes &= answer == "true";
            if validation["messageExpression"].is_string() {
                let message = server.ask(&ask(&validation["messageExpression"]));
                assert!(message.starts_with('"'), "{code}: {message}");
            }
        }
        assert_eq!(passes, expected, "{code}: {object}");
    }
}

/// Numbers that look random, and are the same for a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % bound as u64).expect("it is small")
    }

    fn one<'t>(&mut self, of: &[&'t str]) -> &'t str {
        of[self.below(of.len())]
    }

    /// Makes an expression; `locals` may be used in it.
    fn expression(&mut self, depth: usize, locals: usize) -> String {
        let names = ["x", "y"];
        if depth == 0 {
            if locals > 0 && self.below(2) == 0 {
                return names[self.below(locals)].to_owned();
            }
            return self
                .one(&[
                    "1",
                    "0",
                    "-3",
                    "2u",
                    "1.5",
                    "'a'",
                    "'10'",
                    "''",
                    "true",
                    "false",
                    "null",
                    "dyn([])",
                    "[1, 2, 3]",
                    "['b', 'a']",
                    "{'a': 1}",
                    "object.spec.replicas",
                    "object.metadata.name",
                    "object.spec.containers",
                    "object.metadata.labels",
                    "object.missing",
                    "object.spec.nothing",
                    "params.max",
                    "quantity('1Gi')",
                    "quantity('500m')",
                    "duration('1h')",
                    "optional.of(1)",
                    "optional.none()",
                    "semver('1.2.3')",
                    "ip('10.0.0.1')",
                    "cidr('10.0.0.0/8')",
                    "url('https://a.example/b')",
                ])
                .to_owned();
        }
        let next = |random: &mut Self| random.expression(depth - 1, locals);
        match self.below(16) {
            0..=3 => {
                let sign = self.one(&["+", "-", "*", "/", "%", "==", "!=", "<", "<=", ">", ">=", "in"]);
                format!("({} {sign} {})", next(self), next(self))
            }
            4 => format!("({} {} {})", next(self), self.one(&["&&", "||"]), next(self)),
            5 => format!("({} ? {} : {})", next(self), next(self), next(self)),
            6 => format!("{}{}", self.one(&["!", "-"]), next(self)),
            7 => format!("[{}, {}]", next(self), next(self)),
            8 => {
                let call = self.one(&[
                    ".size()",
                    ".name",
                    ".?name",
                    "[0]",
                    "[?0]",
                    "['a']",
                    ".min()",
                    ".max()",
                    ".sum()",
                    ".isSorted()",
                    ".upperAscii()",
                    ".trim()",
                    ".hasValue()",
                    ".value()",
                    ".asInteger()",
                    ".orValue(1)",
                    ".split(',')",
                    ".join('-')",
                    ".find('[a-z]+')",
                    ".matches('^a')",
                    ".charAt(0)",
                    ".getHours()",
                    ".family()",
                    ".prefixLength()",
                    ".major()",
                    ".getHost()",
                    ".isInteger()",
                ]);
                format!("{}{call}", next(self))
            }
            9 => {
                let function = self.one(&[
                    "int",
                    "string",
                    "double",
                    "type",
                    "size",
                    "bool",
                    "uint",
                    "dyn",
                    "isQuantity",
                    "isIP",
                ]);
                format!("{function}({})", next(self))
            }
            10 => {
                let method = self.one(&[
                    "contains",
                    "startsWith",
                    "indexOf",
                    "lastIndexOf",
                    "isGreaterThan",
                    "compareTo",
                    "add",
                    "containsIP",
                    "or",
                    "orValue",
                    "substring",
                    "replace",
                ]);
                format!("{}.{method}({})", next(self), next(self))
            }
            11..=14 if locals < names.len() => {
                let name = names[locals];
                let body = self.expression(depth - 1, locals + 1);
                let fold = self.one(&["all", "exists", "exists_one", "filter", "map"]);
                format!("{}.{fold}({name}, {body})", next(self))
            }
            _ => format!("dyn({})", next(self)),
        }
    }
}

#[test]
fn random_expressions_have_the_values_of_the_server() {
    let seed = std::env::var("ONRAMP_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(20_261_121);
    let (mut file, mut server, mut random) = (file(), Server::start(), Random(seed));
    // The server walks a map in any order.
    file["object"]["metadata"]["labels"] = json!({ "app": "shop" });
    let (mut wrong, mut values) = (Vec::new(), 0);
    for _ in 0..CASES {
        let depth = 1 + random.below(3);
        let expression = random.expression(depth, 0);
        let theirs = server.answer(&expression, &file["object"], &file["params"]);
        let ours = vectors::answer(&expression, &file["object"], &file["params"]);
        values += usize::from(theirs != "refused" && theirs != "failed");
        // The server evaluates some constants before there is an object. Either way there is no value.
        let none = |answer: &str| answer == "refused" || answer == "failed";
        if ours != theirs && !(none(&ours) && none(&theirs)) {
            wrong.push(format!("{expression}\n  the server: {theirs}\n  here:       {ours}"));
        }
    }
    let shown = wrong.iter().take(40).cloned().collect::<Vec<_>>().join("\n");
    assert!(wrong.is_empty(), "seed {seed}, {} of {CASES}:\n{shown}", wrong.len());
    assert!(values > CASES / 20, "{values} of {CASES} have a value");
}
