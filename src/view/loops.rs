//! What waits for somebody, for whom and since when.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Viewpoint;
use super::parts::{Frame, Line, Link};
use crate::portal::{EntryId, PageId, Portal, Shown};

/// `loops.html`.
#[derive(Clone, Debug, Serialize)]
pub struct LoopsView {
    frame: Frame,
    title: String,
    groups: Vec<LoopGroup>,
}

#[derive(Clone, Debug, Serialize)]
struct LoopGroup {
    id: String,
    owner: Option<Link>,
    reach: Vec<Link>,
    /// Only for what nobody is in charge of: people are not counted.
    count: Option<String>,
    rows: Vec<LoopRow>,
}

#[derive(Clone, Debug, Serialize)]
struct LoopRow {
    line: Line,
    /// The date of the line as tables are sorted by it.
    day: String,
}

impl Viewpoint<'_> {
    /// All open loops, grouped by who is in charge.
    pub fn loops(&self) -> LoopsView {
        let mut groups: BTreeMap<Option<Shown>, Vec<EntryId>> = BTreeMap::new();
        for &id in self.portal.loops() {
            let shown = self.portal[id]
                .owner
                .map(|owner| self.portal.shown(owner, self.portal.day));
            groups
                .entry(shown.filter(|shown| *shown != Shown::Nobody))
                .or_default()
                .push(id);
        }
        LoopsView {
            frame: self.frame(self.crumbs_home(), None),
            title: self.word("loops"),
            groups: groups
                .into_iter()
                .map(|(owner, entries)| self.loop_group(owner, &entries))
                .collect(),
        }
    }

    fn loop_group(&self, owner: Option<Shown>, entries: &[EntryId]) -> LoopGroup {
        let page = owner.and_then(Shown::page);
        let reach = match owner {
            Some(Shown::Person(person)) => self.phones(&self.portal[person].page.facts),
            _ => Vec::new(),
        };
        LoopGroup {
            id: group_id(self.portal, owner),
            owner: page.map(|page: PageId| self.page_link(page)),
            reach,
            count: owner.is_none().then(|| self.count(entries.len())),
            rows: entries.iter().map(|id| self.loop_row(*id)).collect(),
        }
    }

    fn loop_row(&self, id: EntryId) -> LoopRow {
        LoopRow {
            line: Line {
                owner: None,
                unowned: false,
                ..self.waiting_line(id)
            },
            day: self.portal[id].date.to_string(),
        }
    }
}

fn group_id(portal: &Portal, owner: Option<Shown>) -> String {
    match owner {
        Some(Shown::Person(person)) => format!("person-{}", portal[person].page.id),
        Some(Shown::Department(department)) => format!("department-{}", portal[department].page.id),
        Some(Shown::Nobody) | None => "nobody".to_owned(),
    }
}
