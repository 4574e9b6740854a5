//! New sources: the menu of entries that can be added, and the forge's form for what is missing.
//!
//! Whatever leads to a form is made here, so that every form holds a text that passes `check`.

use serde::Serialize;

use super::Viewpoint;
use crate::diagnostic::Diagnostics;
use crate::document::{Folder, PageKind, Role, Wanted};
use crate::path::{CONTENT, SourcePath, is_id, percent_encode, slug};
use crate::portal::CustomerId;
use crate::settings::{Forge, KindId};
use crate::skeleton::{Audience, BLANK, NewEntry, NewPage, Writer, page_path, title_of};

/// The entries that can be added to a folder, one of each kind.
#[derive(Clone, Debug, Serialize)]
pub(super) struct AddView {
    /// How: `form`, `paste` or `command`.
    way: &'static str,
    entries: Vec<NewEntryView>,
}

#[derive(Clone, Debug, Serialize)]
struct NewEntryView {
    kind: String,
    label: String,
    /// The forge's form.
    #[serde(skip_serializing_if = "Option::is_none")]
    href: Option<String>,
    /// What does the same where there is no forge.
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<String>,
    text: String,
}

impl Viewpoint<'_> {
    /// The menu of a customer or department.
    pub(super) fn add(&self, folder: &Folder) -> AddView {
        let settings = &self.portal.settings;
        AddView {
            way: match &settings.forge {
                Some(forge) if forge.fills_in() => "form",
                Some(_) => "paste",
                None => "command",
            },
            entries: KindId::all(&settings.kinds)
                .map(|kind| self.new_entry(folder, kind))
                .collect(),
        }
    }

    fn new_entry(&self, folder: &Folder, kind: KindId) -> NewEntryView {
        let settings = &self.portal.settings;
        let of_kind = settings.kind(kind);
        let stem = self.forms.stem(kind, folder.id());
        let new = blank(folder, kind, &stem);
        let command = || {
            let folder = folder.path();
            let folder = folder.trim_start_matches(CONTENT).trim_start_matches('/');
            format!("strang new entry {folder} {} \"{BLANK}\"", of_kind.name)
        };
        NewEntryView {
            kind: of_kind.name.clone(),
            label: of_kind.label.get(settings.language).to_owned(),
            href: settings.forge.as_ref().map(|forge| self.form(forge, &new)),
            command: settings.forge.is_none().then(command),
            text: self.forms.skeleton(&new).text,
        }
    }

    /// Where an entry of a customer is added, which may pay into a goal: in the forge's form, or, where that would open
    /// empty, in the menu on the customer's page.
    pub(super) fn add_link(
        &self,
        customer: CustomerId,
        kind: &str,
        goal: Option<&str>,
    ) -> Option<String> {
        let forge = self.portal.settings.forge.as_ref()?;
        let page = &self.portal[customer].page;
        if !forge.fills_in() {
            let on_this_page = self.here == &page.address;
            let href = (!on_this_page).then(|| self.here.href(&page.address));
            return Some(format!("{}#add--{kind}", href.unwrap_or_default()));
        }
        let kind = self.portal.settings.kind_named(kind)?;
        let folder = Folder::Customer(page.id.clone());
        let suffix = match goal {
            Some(goal) => format!("{}-{goal}", page.id),
            None => page.id.clone(),
        };
        let stem = self.forms.stem(kind, &suffix);
        let new = NewEntry {
            goal,
            ..blank(&folder, kind, &stem)
        };
        Some(self.form(forge, &new))
    }

    fn form(&self, forge: &Forge, new: &NewEntry<'_>) -> String {
        forge.new_file(&new.path(), &self.forms.encoded_text(new))
    }
}

fn blank<'a>(folder: &'a Folder, kind: KindId, stem: &'a str) -> NewEntry<'a> {
    NewEntry {
        folder,
        kind,
        stem,
        title: BLANK,
        goal: None,
    }
}

/// What a link is missing: the source that would mend it, and what that would be called.
struct Missing {
    path: SourcePath,
    title: String,
}

/// The forms for what links are missing.
impl Viewpoint<'_> {
    /// The forge's form for what a link of a source wants and does not find. What no new source would mend has none.
    pub(super) fn form_for_missing(&self, source: &SourcePath, wanted: &Wanted) -> Option<String> {
        let forge = self.portal.settings.forge.as_ref()?;
        let missing = match wanted {
            Wanted::Wiki { name, .. } => Some(self.missing_by_name(name)),
            Wanted::Relative { path, .. } => Missing::by_path(source, path),
            Wanted::Here(_) | Wanted::Image(_) | Wanted::External(_) => None,
        }?;
        let text = match Role::of(&missing.path, &mut Diagnostics::new())? {
            Role::Page(kind, id) => self.new_page(kind?, &id, &missing)?,
            Role::Entry(folder, stem) => self.new_note(&folder, &stem, &missing)?,
        };
        Some(forge.new_file(&missing.path, &text))
    }

    /// The encoded text of a page, unless one of this id is there already.
    fn new_page(&self, kind: PageKind, id: &str, missing: &Missing) -> Option<String> {
        if self.portal.has_source(&missing.path) || self.portal.has_source(&page_path(kind, id)) {
            return None;
        }
        let writer = Writer {
            portal: self.portal,
            words: self.words,
            audience: Audience::Readers,
        };
        let title = &missing.title;
        Some(percent_encode(&writer.page(&NewPage { kind, id, title })))
    }

    /// The encoded text of an entry whose day is in its name.
    fn new_note(&self, folder: &Folder, stem: &str, missing: &Missing) -> Option<String> {
        let is_new = self.is_folder(folder) && !self.portal.has_source(&missing.path);
        let kind = self.portal.settings.kind_named("note")?;
        let new = NewEntry {
            title: &missing.title,
            ..blank(folder, kind, stem)
        };
        (is_new && new.is_dated()).then(|| self.forms.encoded_text(&new))
    }

    fn is_folder(&self, folder: &Folder) -> bool {
        let portal = self.portal;
        match folder {
            Folder::Customer(own) => portal.customers().any(|id| portal[id].page.id == *own),
            Folder::Department(own) => portal.departments().any(|id| portal[id].page.id == *own),
        }
    }

    /// A name is an id with or without its folder, else the title of a plain page.
    fn missing_by_name(&self, name: &str) -> Missing {
        let (folder, last) = name.rsplit_once('/').unwrap_or(("", name));
        let page = match folder {
            "customers" => Some(PageKind::Customer),
            "departments" => Some(PageKind::Department),
            "people" => Some(PageKind::Person),
            _ => None,
        };
        if let Some(kind) = page {
            return Missing::named(page_path(kind, &slug(last)), last);
        }
        if !name.split('/').all(is_id) {
            return Missing::named(page_path(PageKind::Plain, &slug(name)), name);
        }
        let folders = [
            Folder::Customer(folder.to_owned()),
            Folder::Department(folder.to_owned()),
        ];
        let path = match folders.iter().find(|folder| self.is_folder(folder)) {
            Some(folder) => SourcePath::new(format!("{}/{last}.md", folder.path())),
            None => page_path(PageKind::Plain, name),
        };
        Missing::named(path, last)
    }
}

impl Missing {
    /// A source by the name that a link gives it; an id is written out in words.
    fn named(path: SourcePath, name: &str) -> Missing {
        let title = if is_id(name) {
            title_of(name)
        } else {
            name.to_owned()
        };
        Missing { path, title }
    }

    /// A path leads to one file, or to the index of a folder.
    fn by_path(source: &SourcePath, path: &str) -> Option<Missing> {
        let path = source.join(path)?;
        match path.extension() {
            "md" => Some(Missing::named(path.clone(), path.stem())),
            "" => {
                let index = SourcePath::new(format!("{path}/index.md"));
                Some(Missing::named(index, path.file_name()))
            }
            _ => None,
        }
    }
}
