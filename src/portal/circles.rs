//! Circles: entries that made each other possible, which no entries can.
//!
//! Found in time that grows with what is enabled and without recursion, since a chain may be as long as the portal.

use std::collections::{HashMap, VecDeque};
use std::mem::replace;

use super::{EntryId, Portal};

/// All circles of a portal; where several share an entry they count as one.
pub(super) struct Circles {
    /// The shortest way round each from its earliest entry, which stands first and is not repeated.
    pub(super) chains: Vec<Vec<EntryId>>,
    /// On which circle an entry lies.
    place: HashMap<EntryId, usize>,
}

impl Circles {
    pub(super) fn of(portal: &Portal) -> Circles {
        let mut circles = Circles {
            chains: Vec::new(),
            place: HashMap::new(),
        };
        if has_steps_back(portal) {
            for group in groups(portal) {
                let place = circles.chains.len();
                circles.place.extend(group.iter().map(|id| (*id, place)));
                let chain = circles.shortest_way_round(portal, &group);
                circles.chains.push(chain);
            }
        }
        circles
    }

    /// Whether one circle holds both entries.
    pub(super) fn join(&self, one: EntryId, other: EntryId) -> bool {
        let place = self.place.get(&one);
        place.is_some() && place == self.place.get(&other)
    }

    fn shortest_way_round(&self, portal: &Portal, group: &[EntryId]) -> Vec<EntryId> {
        let start = *group.iter().min().expect("BUG: a circle holds an entry");
        let mut came_from: HashMap<EntryId, EntryId> = HashMap::new();
        let mut reached = VecDeque::from([start]);
        while let Some(id) = reached.pop_front() {
            for next in portal[id].enables.iter().copied() {
                if self.join(start, next) && !came_from.contains_key(&next) {
                    came_from.insert(next, id);
                    reached.push_back(next);
                }
            }
        }
        let before = |id: &EntryId| Some(came_from[id]).filter(|before| *before != start);
        let mut chain: Vec<EntryId> = std::iter::successors(before(&start), before).collect();
        chain.push(start);
        chain.reverse();
        chain
    }
}

/// Entries are in the order of time, so a circle has a step that leads back in it, or leads nowhere.
fn has_steps_back(portal: &Portal) -> bool {
    portal
        .entries()
        .any(|id| portal[id].enables.iter().any(|enabled| *enabled <= id))
}

/// The groups of entries of which each made possible all others, by itself or by way of others (Kosaraju's algorithm).
fn groups(portal: &Portal) -> Vec<Vec<EntryId>> {
    let mut grouped = vec![false; portal.entries.len()];
    let mut groups = Vec::new();
    for id in last_effects_first(portal).into_iter().rev() {
        if replace(&mut grouped[id.index()], true) {
            continue;
        }
        let mut group = vec![id];
        let mut followed = 0;
        while let Some(id) = group.get(followed) {
            let causes = portal[*id].enabled_by.iter().copied();
            let new: Vec<EntryId> = causes
                .filter(|cause| !replace(&mut grouped[cause.index()], true))
                .collect();
            group.extend(new);
            followed += 1;
        }
        if group.len() > 1 || portal[id].enables.contains(&id) {
            groups.push(group);
        }
    }
    groups
}

/// All entries that made something possible and what they made possible, each after all that follow from it.
fn last_effects_first(portal: &Portal) -> Vec<EntryId> {
    let mut seen = vec![false; portal.entries.len()];
    let mut order = Vec::new();
    for start in portal.entries() {
        if portal[start].enables.is_empty() || replace(&mut seen[start.index()], true) {
            continue;
        }
        let mut way = vec![(start, portal[start].enables.iter())];
        while let Some((id, effects)) = way.last_mut() {
            match effects.next() {
                Some(effect) if replace(&mut seen[effect.index()], true) => {}
                Some(effect) => way.push((*effect, portal[*effect].enables.iter())),
                None => {
                    order.push(*id);
                    way.pop();
                }
            }
        }
    }
    order
}
