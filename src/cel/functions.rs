//! The functions of expressions: those of CEL, and those that Kubernetes adds, with their names and types.
//!
//! Sources: <https://kubernetes.io/docs/reference/using-api/cel/>,
//! <https://github.com/google/cel-spec/blob/master/doc/langdef.md#standard-definitions>.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::types::Type;
use super::value::Value;
use super::{
    base, format, lists, machine::Machine, net, optional, quantity, regexes, semver, strings, text_format,
    time, url,
};

/// Why a function has no value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Refusal {
    /// It is not for values of these types.
    NoOverload,
    /// What it was given is wrong.
    Wrong(String),
}

/// What a function does. The value before the dot is the first argument.
pub(super) type Call = for<'a> fn(&mut Machine<'_>, &[Value<'a>]) -> Result<Value<'a>, Refusal>;

/// Functions that one piece of code does, by the signatures that they have.
pub(super) struct Function {
    /// Each as `string.contains(string): bool` or `isIP(string): bool`.
    signatures: &'static [&'static str],
    /// The first minor version of Kubernetes 1 whose API server has them.
    since: u32,
    /// What they do.
    call: Call,
}

/// A signature.
pub(super) struct Overload {
    /// Types of the arguments.
    pub(super) args: Vec<Type>,
    /// Type of the value.
    pub(super) result: Type,
    /// The first minor version of Kubernetes 1 whose API server has it.
    pub(super) since: u32,
    /// What it does.
    pub(super) call: Call,
}

const fn function(since: u32, signatures: &'static [&'static str], call: Call) -> Function {
    Function { signatures, since, call }
}

/// All functions.
pub(super) static FUNCTIONS: &[Function] = &[
    // CEL.
    function(
        0,
        &[
            "size(string): int",
            "size(bytes): int",
            "size(list<A>): int",
            "size(map<A, B>): int",
            "string.size(): int",
            "bytes.size(): int",
            "list<A>.size(): int",
            "map<A, B>.size(): int",
        ],
        base::size,
    ),
    function(0, &["type(A): type"], base::type_of),
    function(0, &["dyn(A): dyn"], base::same),
    function(
        0,
        &[
            "int(int): int",
            "int(uint): int",
            "int(double): int",
            "int(string): int",
            "int(timestamp): int",
            "int(duration): int",
        ],
        base::int,
    ),
    function(
        0,
        &["uint(uint): uint", "uint(int): uint", "uint(double): uint", "uint(string): uint"],
        base::uint,
    ),
    function(
        0,
        &["double(double): double", "double(int): double", "double(uint): double", "double(string): double"],
        base::double,
    ),
    function(0, &["bool(bool): bool", "bool(string): bool"], base::bool),
    function(
        0,
        &[
            "string(string): string",
            "string(bool): string",
            "string(int): string",
            "string(uint): string",
            "string(double): string",
            "string(bytes): string",
            "string(timestamp): string",
            "string(duration): string",
            "string(ip): string",
            "string(cidr): string",
        ],
        base::string,
    ),
    function(0, &["bytes(bytes): bytes", "bytes(string): bytes"], base::bytes),
    function(0, &["duration(string): duration", "duration(duration): duration"], time::duration),
    function(
        0,
        &["timestamp(string): timestamp", "timestamp(timestamp): timestamp", "timestamp(int): timestamp"],
        time::timestamp,
    ),
    function(0, &["timestamp.getFullYear(): int"], time::year),
    function(0, &["timestamp.getMonth(): int"], time::month),
    function(0, &["timestamp.getDate(): int"], time::date),
    function(0, &["timestamp.getDayOfMonth(): int"], time::day_of_month),
    function(0, &["timestamp.getDayOfWeek(): int"], time::day_of_week),
    function(0, &["timestamp.getDayOfYear(): int"], time::day_of_year),
    function(0, &["timestamp.getHours(): int", "duration.getHours(): int"], time::hours),
    function(0, &["timestamp.getMinutes(): int", "duration.getMinutes(): int"], time::minutes),
    function(0, &["timestamp.getSeconds(): int", "duration.getSeconds(): int"], time::seconds),
    function(0, &["timestamp.getMilliseconds(): int", "duration.getMilliseconds(): int"], time::milliseconds),
    function(0, &["string.contains(string): bool"], strings::contains),
    function(0, &["string.startsWith(string): bool"], strings::starts_with),
    function(0, &["string.endsWith(string): bool"], strings::ends_with),
    function(0, &["string.matches(string): bool", "matches(string, string): bool"], regexes::matches),
    // The extension of CEL for texts, in its second version.
    function(0, &["string.charAt(int): string"], strings::char_at),
    function(0, &["string.indexOf(string): int", "string.indexOf(string, int): int"], strings::index_of),
    function(
        0,
        &["string.lastIndexOf(string): int", "string.lastIndexOf(string, int): int"],
        strings::last_index_of,
    ),
    function(0, &["string.lowerAscii(): string"], strings::lower_ascii),
    function(0, &["string.upperAscii(): string"], strings::upper_ascii),
    function(
        0,
        &["string.replace(string, string): string", "string.replace(string, string, int): string"],
        strings::replace,
    ),
    function(
        0,
        &["string.split(string): list<string>", "string.split(string, int): list<string>"],
        strings::split,
    ),
    function(0, &["string.substring(int): string", "string.substring(int, int): string"], strings::substring),
    function(0, &["string.trim(): string"], strings::trim),
    function(29, &["list<string>.join(): string", "list<string>.join(string): string"], strings::join),
    function(29, &["string.format(list<dyn>): string"], text_format::format),
    function(29, &["strings.quote(string): string"], strings::quote),
    // Sets.
    function(29, &["sets.contains(list<A>, list<A>): bool"], lists::set_contains),
    function(29, &["sets.equivalent(list<A>, list<A>): bool"], lists::set_equivalent),
    function(29, &["sets.intersects(list<A>, list<A>): bool"], lists::set_intersects),
    // Optional values.
    function(28, &["optional.of(A): optional<A>"], optional::of),
    function(28, &["optional.ofNonZeroValue(A): optional<A>"], optional::of_non_zero),
    function(28, &["optional.none(): optional<dyn>"], optional::none),
    function(28, &["optional<A>.hasValue(): bool"], optional::has_value),
    function(28, &["optional<A>.value(): A"], optional::value),
    function(28, &["optional<A>.or(optional<A>): optional<A>"], optional::or),
    function(28, &["optional<A>.orValue(A): A"], optional::or_value),
    // What Kubernetes adds.
    function(
        0,
        &[
            "list<int>.isSorted(): bool",
            "list<uint>.isSorted(): bool",
            "list<double>.isSorted(): bool",
            "list<bool>.isSorted(): bool",
            "list<duration>.isSorted(): bool",
            "list<timestamp>.isSorted(): bool",
            "list<string>.isSorted(): bool",
            "list<bytes>.isSorted(): bool",
        ],
        lists::is_sorted,
    ),
    function(
        0,
        &[
            "list<int>.sum(): int",
            "list<uint>.sum(): uint",
            "list<double>.sum(): double",
            "list<duration>.sum(): duration",
        ],
        lists::sum,
    ),
    function(
        0,
        &[
            "list<int>.min(): int",
            "list<uint>.min(): uint",
            "list<double>.min(): double",
            "list<bool>.min(): bool",
            "list<duration>.min(): duration",
            "list<timestamp>.min(): timestamp",
            "list<string>.min(): string",
            "list<bytes>.min(): bytes",
        ],
        lists::min,
    ),
    function(
        0,
        &[
            "list<int>.max(): int",
            "list<uint>.max(): uint",
            "list<double>.max(): double",
            "list<bool>.max(): bool",
            "list<duration>.max(): duration",
            "list<timestamp>.max(): timestamp",
            "list<string>.max(): string",
            "list<bytes>.max(): bytes",
        ],
        lists::max,
    ),
    function(0, &["list<A>.indexOf(A): int"], lists::index_of),
    function(0, &["list<A>.lastIndexOf(A): int"], lists::last_index_of),
    function(0, &["string.find(string): string"], regexes::find),
    function(
        0,
        &["string.findAll(string): list<string>", "string.findAll(string, int): list<string>"],
        regexes::find_all,
    ),
    function(0, &["url(string): url"], url::url),
    function(0, &["isURL(string): bool"], url::is_url),
    function(0, &["url.getScheme(): string"], url::scheme),
    function(0, &["url.getHost(): string"], url::host),
    function(0, &["url.getHostname(): string"], url::hostname),
    function(0, &["url.getPort(): string"], url::port),
    function(0, &["url.getEscapedPath(): string"], url::escaped_path),
    function(0, &["url.getQuery(): map<string, list<string>>"], url::query),
    function(28, &["quantity(string): quantity"], quantity::quantity),
    function(28, &["isQuantity(string): bool"], quantity::is_quantity),
    // Kubernetes declares it so, before the parenthesis and not behind a dot.
    function(28, &["sign(quantity): int"], quantity::sign),
    function(28, &["quantity.isInteger(): bool"], quantity::is_integer),
    function(28, &["quantity.asInteger(): int"], quantity::as_integer),
    function(28, &["quantity.asApproximateFloat(): double"], quantity::as_float),
    function(28, &["quantity.add(quantity): quantity", "quantity.add(int): quantity"], quantity::add),
    function(28, &["quantity.sub(quantity): quantity", "quantity.sub(int): quantity"], quantity::sub),
    function(28, &["quantity.isGreaterThan(quantity): bool"], quantity::is_greater),
    function(28, &["quantity.isLessThan(quantity): bool"], quantity::is_less),
    function(28, &["quantity.compareTo(quantity): int"], quantity::compare_to),
    function(30, &["ip(string): ip"], net::ip),
    function(30, &["isIP(string): bool"], net::is_ip),
    function(30, &["ip.isCanonical(string): bool"], net::is_canonical),
    function(30, &["ip.family(): int"], net::family),
    function(30, &["ip.isUnspecified(): bool"], net::is_unspecified),
    function(30, &["ip.isLoopback(): bool"], net::is_loopback),
    function(30, &["ip.isLinkLocalMulticast(): bool"], net::is_link_local_multicast),
    function(30, &["ip.isLinkLocalUnicast(): bool"], net::is_link_local_unicast),
    function(30, &["ip.isGlobalUnicast(): bool"], net::is_global_unicast),
    function(30, &["cidr(string): cidr"], net::cidr),
    function(30, &["isCIDR(string): bool"], net::is_cidr),
    function(30, &["cidr.containsIP(string): bool", "cidr.containsIP(ip): bool"], net::contains_ip),
    function(30, &["cidr.containsCIDR(string): bool", "cidr.containsCIDR(cidr): bool"], net::contains_cidr),
    function(30, &["cidr.ip(): ip"], net::ip_of),
    function(30, &["cidr.prefixLength(): int"], net::prefix_length),
    function(30, &["cidr.masked(): cidr"], net::masked),
    function(31, &["format.validate(string): optional<list<string>>"], format::validate),
    function(31, &["format.named(string): optional<format>"], format::named),
    function(33, &["semver(string): semver", "semver(string, bool): semver"], semver::semver),
    function(33, &["isSemver(string): bool", "isSemver(string, bool): bool"], semver::is_semver),
    function(33, &["semver.major(): int"], semver::major),
    function(33, &["semver.minor(): int"], semver::minor),
    function(33, &["semver.patch(): int"], semver::patch),
    function(33, &["semver.isGreaterThan(semver): bool"], semver::is_greater),
    function(33, &["semver.isLessThan(semver): bool"], semver::is_less),
    function(33, &["semver.compareTo(semver): int"], semver::compare_to),
];

/// Functions whose name has a dot: what stands before it is no value.
const SPACES: &[&str] = &["format.named", "ip.isCanonical"];
/// The same, by the word before the dot.
const SPACE_WORDS: &[&str] = &["optional", "sets", "strings"];

/// Signatures by name, and by whether a value stands before the dot.
static BY_NAME: LazyLock<BTreeMap<(&'static str, bool), Vec<Overload>>> = LazyLock::new(|| {
    let mut all: BTreeMap<_, Vec<Overload>> = BTreeMap::new();
    for function in FUNCTIONS {
        for signature in function.signatures {
            if let Some((name, member, overload)) = read(signature, function) {
                all.entry((name, member)).or_default().push(overload);
            }
        }
    }
    for (name, format) in format::FORMATS {
        let overload =
            Overload { args: Vec::new(), result: Type::read("format"), since: 31, call: format.made };
        all.entry((name, false)).or_default().push(overload);
    }
    all
});

fn read(signature: &'static str, function: &Function) -> Option<(&'static str, bool, Overload)> {
    let (head, result) = signature.rsplit_once("): ")?;
    let (name, args) = head.split_once('(')?;
    let mut types: Vec<Type> = split(args).into_iter().map(Type::read).collect();
    let is_space =
        SPACES.contains(&name) || name.split_once('.').is_some_and(|(space, _)| SPACE_WORDS.contains(&space));
    let (name, member) = match name.rsplit_once('.').filter(|_| !is_space) {
        Some((receiver, name)) => {
            types.insert(0, Type::read(receiver));
            (name, true)
        }
        None => (name, false),
    };
    let overload =
        Overload { args: types, result: Type::read(result), since: function.since, call: function.call };
    Some((name, member, overload))
}

/// Cuts arguments at the commas that are not within `<>`.
fn split(args: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0, 0);
    for (at, c) in args.char_indices() {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&args[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    if !args.is_empty() {
        parts.push(&args[start..]);
    }
    parts
}

/// Finds what a name may mean; nothing where there is no such function.
pub(super) fn overloads(name: &str, member: bool) -> &'static [Overload] {
    // The key borrows for as long as the table lives, so the name that is asked for is looked up by its text.
    let found =
        BY_NAME.range(("", false)..).find(|((known, is_member), _)| *known == name && *is_member == member);
    found.map_or(&[], |(_, overloads)| overloads)
}

/// Walks the names of all functions, with whether a value stands before the dot.
pub(super) fn names() -> impl Iterator<Item = (&'static str, bool)> {
    BY_NAME.keys().copied()
}

/// Walks the signatures of all functions, with the version of Kubernetes 1 that brought them.
pub fn signatures() -> impl Iterator<Item = (&'static str, u32)> {
    FUNCTIONS.iter().flat_map(|function| function.signatures.iter().map(|text| (*text, function.since)))
}
