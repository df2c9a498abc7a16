//! The changes of a fleet, told once for all that share them.
//!
//! Of each API only the shapes of its changes are kept, each shape once: what a template does to 10,000 APIs is one shape
//! and 10,000 small numbers.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::compare::{Compared, Side, UnitChange};
use super::risk::Risk;
use super::shape::{Difference, Shape, Shaper};
use super::unit::Unit;

/// A place whose values differ is told once where at least this many values would be told apart.
const FEWEST_VALUES: usize = 4;

/// How many values of such a place are shown.
const MOST_EXAMPLES: usize = 3;

/// Collects the shapes of changes, from as many threads as there are.
#[derive(Debug, Default)]
pub struct Collector {
    shaper: Shaper,
    known: Mutex<Known>,
}

/// Every shape once.
#[derive(Debug, Default)]
struct Known {
    shapes: Vec<Arc<Shape>>,
    numbers: HashMap<Arc<Shape>, u32>,
}

/// What is kept of a unit.
#[derive(Debug)]
pub struct Kept {
    environments: Vec<KeptEnvironment>,
}

#[derive(Debug)]
struct KeptEnvironment {
    name: Arc<str>,
    risk: Option<Risk>,
    /// Which sides cannot be built: base, head.
    broken: (bool, bool),
    shapes: Vec<u32>,
}

/// The changes of a fleet; none by default.
#[derive(Debug, Default)]
pub struct Groups {
    /// Each change once, with all who share it: those of few APIs first, the riskiest first among them.
    pub groups: Vec<Group>,
    /// How many APIs and environments fall into each class of risk, the most severe first.
    pub counts: Vec<Count>,
    /// How many of them change.
    pub changed: Changed,
    /// What cannot be compared.
    pub unknown: Vec<Unknown>,
    /// How many APIs there are.
    pub total: usize,
}

/// Changes that always come together.
#[derive(Debug)]
pub struct Group {
    /// The most severe of their risks.
    pub risk: Risk,
    /// Who has them, by name.
    pub members: Vec<Member>,
    /// The changes, by object and place.
    pub changes: Vec<GroupedChange>,
}

/// Who shares a group's changes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Member {
    /// The API or namespace.
    pub unit: Unit,
    /// In which environments.
    pub environments: Vec<Arc<str>>,
}

/// One change of a group.
#[derive(Debug)]
pub struct GroupedChange {
    /// The change.
    pub shape: Arc<Shape>,
    /// Some of the values, where each API has its own: who, and what.
    pub examples: Vec<(Member, Arc<Shape>)>,
}

/// How many fall into a class of risk. An API counts in the class of its riskiest environment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Count {
    /// The class.
    pub risk: Risk,
    /// Who.
    pub changed: Changed,
}

/// How many change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    /// APIs.
    pub apis: usize,
    /// Namespaces whose own objects do.
    pub namespaces: usize,
    /// Environments of APIs and namespaces.
    pub environments: usize,
}

impl Changed {
    fn add(&mut self, unit: &Unit) {
        match unit {
            Unit::Api(_) => self.apis += 1,
            Unit::Namespace(_) => self.namespaces += 1,
        }
    }
}

/// An environment that cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Whose.
    pub unit: Unit,
    /// Which.
    pub environment: Arc<str>,
    /// Whether the base cannot be built.
    pub base: bool,
    /// Whether the head cannot be built.
    pub head: bool,
}

impl Collector {
    /// Keeps the shapes of a unit's changes.
    pub fn keep(&self, change: &UnitChange<'_>) -> Kept {
        let whole = |absent: fn(&Side<'_>) -> bool, before: bool| {
            change.environments.iter().all(|one| absent(if before { &one.before } else { &one.after }))
        };
        let absent = |side: &Side<'_>| matches!(side, Side::Absent);
        let whole = whole(absent, true) || whole(absent, false);
        let environments = change.environments.iter().map(|environment| {
            let shapes = self.shaper.shapes(change.unit, environment, whole);
            KeptEnvironment {
                name: environment.environment.into(),
                risk: environment.risk(),
                broken: (
                    matches!(environment.before, Side::Broken),
                    matches!(environment.after, Side::Broken),
                ),
                shapes: self.numbers(shapes),
            }
        });
        Kept { environments: environments.collect() }
    }

    fn numbers(&self, shapes: Vec<Shape>) -> Vec<u32> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let mut numbers: Vec<u32> = shapes.into_iter().map(|shape| known.number(shape)).collect();
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    /// Groups what was kept.
    pub fn group<T>(self, compared: &Compared<T>, kept: impl Fn(&T) -> &Kept) -> Groups {
        let shapes = self.known.into_inner().unwrap_or_else(PoisonError::into_inner).shapes;
        let mut environments: Vec<Arc<str>> = Vec::new();
        let mut members: Vec<Members> = vec![Members::new(); shapes.len()];
        let mut groups = Groups {
            groups: Vec::new(),
            counts: super::risk::RISKS.map(|risk| Count { risk, changed: Changed::default() }).to_vec(),
            changed: Changed::default(),
            unknown: Vec::new(),
            total: compared.total,
        };
        for (index, (unit, value)) in (0_u32..).zip(&compared.units) {
            let kept = kept(value);
            groups.count(unit, kept);
            for environment in &kept.environments {
                let (base, head) = environment.broken;
                if base || head {
                    let (unit, environment) = (unit.clone(), environment.name.clone());
                    groups.unknown.push(Unknown { unit, environment, base, head });
                }
                let known = environments.iter().position(|name| *name == environment.name);
                let number = known.unwrap_or_else(|| {
                    environments.push(environment.name.clone());
                    environments.len() - 1
                });
                let number = u32::try_from(number).unwrap_or(u32::MAX);
                environment.shapes.iter().for_each(|shape| members[*shape as usize].push((index, number)));
            }
        }
        let names = Names { units: &compared.units, environments: &environments };
        groups.groups = merge(shapes.into_iter().zip(members).collect(), &names);
        groups
    }
}

/// Units and environments, by their numbers, sorted by unit.
type Members = Vec<(u32, u32)>;

/// What the numbers of [`Members`] mean.
struct Names<'a, T> {
    units: &'a [(Unit, T)],
    environments: &'a [Arc<str>],
}

impl Known {
    fn number(&mut self, shape: Shape) -> u32 {
        if let Some(number) = self.numbers.get(&shape) {
            return *number;
        }
        let number = u32::try_from(self.shapes.len()).unwrap_or(u32::MAX);
        let shape = Arc::new(shape);
        self.shapes.push(shape.clone());
        self.numbers.insert(shape, number);
        number
    }
}

impl Groups {
    fn count(&mut self, unit: &Unit, kept: &Kept) {
        let mut class = |risk: Risk, add: &dyn Fn(&mut Changed)| {
            self.counts
                .iter_mut()
                .filter(|count| count.risk == risk)
                .for_each(|count| add(&mut count.changed));
            add(&mut self.changed);
        };
        let risks = kept.environments.iter().filter_map(|environment| environment.risk);
        for risk in risks.clone() {
            class(risk, &|changed| changed.environments += 1);
        }
        if let Some(worst) = risks.max() {
            class(worst, &|changed| changed.add(unit));
        }
    }

    /// Tells whether nothing changes and everything could be compared.
    pub fn is_empty(&self) -> bool {
        self.groups.is_empty() && self.unknown.is_empty()
    }
}

/// Makes groups of shapes that the same members have.
fn merge<T>(shapes: Vec<Held>, names: &Names<'_, T>) -> Vec<Group> {
    let mut by_members: BTreeMap<Members, Vec<GroupedChange>> = BTreeMap::new();
    for (change, members) in collapse(shapes, names) {
        by_members.entry(members).or_default().push(change);
    }
    let groups = by_members.into_iter().map(|(members, mut changes)| {
        changes.sort_by(|one, other| one.shape.by_place().cmp(&other.shape.by_place()));
        let risk = changes.iter().map(|change| change.shape.risk).max().unwrap_or_default();
        Group { risk, members: names.members(&members), changes }
    });
    let mut groups: Vec<Group> = groups.collect();
    groups.sort_by(|one, other| {
        let order = |group: &Group| (group.members.len(), std::cmp::Reverse(group.risk));
        order(one).cmp(&order(other)).then_with(|| one.members.cmp(&other.members))
    });
    groups
}

/// Tells a place once at which most APIs have values of their own.
///
/// Values that many share stay what they are, and so do the few that differ where most are the same.
fn collapse<T>(shapes: Vec<Held>, names: &Names<'_, T>) -> Vec<(GroupedChange, Members)> {
    let mut by_place: BTreeMap<Place, Vec<Held>> = BTreeMap::new();
    let mut told = Vec::new();
    for (shape, members) in shapes {
        if shape.has_values() {
            let place = (shape.risk, shape.object.clone(), shape.path.clone(), shape.restarts.clone());
            by_place.entry(place).or_default().push((shape, members));
        } else {
            told.push((GroupedChange { shape, examples: Vec::new() }, members));
        }
    }
    for ((risk, object, path, restarts), shapes) in by_place {
        let all = units(shapes.iter().map(|(_, members)| members));
        let (common, own): (Vec<_>, Vec<_>) =
            shapes.into_iter().partition(|(_, members)| units([members]) >= FEWEST_VALUES.max(all / 10));
        let alone = units(own.iter().map(|(_, members)| members));
        let worth = own.len() >= FEWEST_VALUES && own.len() * 2 > alone && alone * 2 >= all;
        let (mut own, each) = if worth { (own, Vec::new()) } else { (Vec::new(), own) };
        let single = |(shape, members)| (GroupedChange { shape, examples: Vec::new() }, members);
        told.extend(common.into_iter().chain(each).map(single));
        if own.is_empty() {
            continue;
        }
        own.sort_by(|(_, one), (_, other)| one.cmp(other));
        let examples = own
            .iter()
            .take(MOST_EXAMPLES)
            .filter_map(|(shape, members)| Some((names.members(members).into_iter().next()?, shape.clone())));
        let shape = Arc::new(Shape { risk, object, path, difference: Difference::Various, restarts });
        let change = GroupedChange { shape, examples: examples.collect() };
        let members: BTreeSet<(u32, u32)> =
            own.iter().flat_map(|(_, members)| members.iter().copied()).collect();
        told.push((change, members.into_iter().collect()));
    }
    told
}

/// Where values may differ: class, object, place, and who restarts.
type Place = (Risk, Box<str>, Box<str>, Vec<Box<str>>);

/// A shape and who has it.
type Held = (Arc<Shape>, Members);

/// Counts the units among members.
fn units<'a>(members: impl IntoIterator<Item = &'a Members>) -> usize {
    members.into_iter().flatten().map(|(unit, _)| unit).collect::<BTreeSet<_>>().len()
}

impl<T> Names<'_, T> {
    fn members(&self, members: &Members) -> Vec<Member> {
        let mut named: Vec<Member> = Vec::new();
        for (unit, environment) in members {
            let Some((unit, _)) = self.units.get(*unit as usize) else { continue };
            let Some(environment) = self.environments.get(*environment as usize) else { continue };
            match named.last_mut().filter(|last| last.unit == *unit) {
                Some(last) => last.environments.push(environment.clone()),
                None => named.push(Member { unit: unit.clone(), environments: vec![environment.clone()] }),
            }
        }
        for member in &mut named {
            member.environments.sort();
        }
        named
    }
}

impl Shape {
    /// Tells whether it is about a value that another API may have otherwise.
    fn has_values(&self) -> bool {
        matches!(self.difference, Difference::Value(..) | Difference::Lines(_))
    }

    fn by_place(&self) -> (std::cmp::Reverse<Risk>, &str, &str, &Difference) {
        (std::cmp::Reverse(self.risk), &self.object, &self.path, &self.difference)
    }
}
