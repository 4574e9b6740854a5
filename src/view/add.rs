//! New sources: the menu of entries that can be added, and the forge's form for what is missing.
//!
//! Whatever leads to a form is made here, so that every form holds a text that passes `check`.

use serde::Serialize;

use super::Viewpoint;
use super::html::Html;
use crate::diagnostic::Diagnostics;
use crate::document::{Folder, PageKind, Role, Wanted};
use crate::path::{SourcePath, is_id, percent_encode, slug};
use crate::portal::CustomerId;
use crate::settings::{Forge, KindId, Settings};
use crate::skeleton::{
    Audience, BLANK, EntryForms, NewEntry, NewPage, Writer, page_path, title_of,
};

/// What pages need to offer new entries, made once for a portal.
pub struct NewEntries {
    forms: EntryForms,
    of_customers: Menu,
    of_departments: Menu,
}

/// A menu rendered for any folder: before each part but the first belongs the folder's id, and likewise its number
/// within them.
struct Menu {
    parts: Vec<Vec<String>>,
    length: usize,
}

/// The entries that can be added to a folder, one of each kind.
#[derive(Clone, Debug, Serialize)]
pub struct MenuView {
    /// How: `form`, `paste` or `command`.
    way: &'static str,
    entries: Vec<NewEntryView>,
}

#[derive(Clone, Debug, Serialize)]
struct NewEntryView {
    kind: String,
    label: String,
    /// The forge's form.
    href: Option<String>,
    /// What does the same where there is no forge.
    command: Option<String>,
    text: String,
}

/// A menu on the page of a customer or department.
#[derive(Clone, Debug, Serialize)]
pub(super) struct AddView {
    html: Html,
}

/// Stands for the id of a folder and can be none, but is spelled alike in text, HTML and addresses.
const ANY_FOLDER: &str = "ANY_FOLDER";

impl NewEntries {
    /// Renders the menus of a portal: thousands of pages have one, which differ in an id alone.
    pub fn new(writer: &Writer<'_>, mut render: impl FnMut(MenuView) -> String) -> NewEntries {
        let settings = &writer.portal.settings;
        let forms = EntryForms::new(writer);
        let mut menu = |folder: &Folder| {
            let html = render(menu_view(settings, &forms, folder));
            let number = forms.number(&blank(folder, KindId::default(), ""));
            let parts = html.split(ANY_FOLDER);
            let parts = parts.map(|part| part.split(&number).map(str::to_owned).collect());
            Menu {
                parts: parts.collect(),
                length: html.len(),
            }
        };
        NewEntries {
            of_customers: menu(&Folder::Customer(ANY_FOLDER.to_owned())),
            of_departments: menu(&Folder::Department(ANY_FOLDER.to_owned())),
            forms,
        }
    }

    fn menu(&self, folder: &Folder) -> String {
        let menu = match folder {
            Folder::Customer(_) => &self.of_customers,
            Folder::Department(_) => &self.of_departments,
        };
        let number = self.forms.number(&blank(folder, KindId::default(), ""));
        menu.fill(folder.id(), &number)
    }
}

impl Menu {
    fn fill(&self, id: &str, number: &str) -> String {
        let room_for_ids = self.parts.len() * id.len();
        let mut html = String::with_capacity(self.length + room_for_ids);
        for (i, part) in self.parts.iter().enumerate() {
            html.push_str(if i > 0 { id } else { "" });
            for (i, part) in part.iter().enumerate() {
                html.push_str(if i > 0 { number } else { "" });
                html.push_str(part);
            }
        }
        html
    }
}

fn menu_view(settings: &Settings, forms: &EntryForms, folder: &Folder) -> MenuView {
    MenuView {
        way: match &settings.forge {
            Some(forge) if forge.fills_in() => "form",
            Some(_) => "paste",
            None => "command",
        },
        entries: KindId::all(&settings.kinds)
            .map(|kind| new_entry(settings, forms, folder, kind))
            .collect(),
    }
}

fn new_entry(
    settings: &Settings,
    forms: &EntryForms,
    folder: &Folder,
    kind: KindId,
) -> NewEntryView {
    let of_kind = settings.kind(kind);
    let stem = forms.stem(kind, folder.id());
    let new = blank(folder, kind, &stem);
    let home = match folder {
        Folder::Customer(id) => format!("customers/{id}"),
        Folder::Department(id) => format!("departments/{id}"),
    };
    let command = || format!("strang new entry {home} {} \"{BLANK}\"", of_kind.name);
    NewEntryView {
        kind: of_kind.name.clone(),
        label: of_kind.label.get(settings.language).to_owned(),
        href: settings
            .forge
            .as_ref()
            .map(|forge| form(forge, forms, &new)),
        command: settings.forge.is_none().then(command),
        text: forms.skeleton(&new).text,
    }
}

fn form(forge: &Forge, forms: &EntryForms, new: &NewEntry<'_>) -> String {
    forge.new_file(&new.path(), &forms.encoded_text(new))
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

impl Viewpoint<'_> {
    /// The menu of a customer or department.
    pub(super) fn add(&self, folder: &Folder) -> AddView {
        AddView {
            html: Html::of_escaped(self.new_entries.menu(folder)),
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
        let forms = &self.new_entries.forms;
        let kind = self.portal.settings.kind_named(kind)?;
        let folder = Folder::Customer(page.id.clone());
        let suffix = match goal {
            Some(goal) => format!("{}-{goal}", page.id),
            None => page.id.clone(),
        };
        let stem = forms.stem(kind, &suffix);
        let new = NewEntry {
            goal,
            ..blank(&folder, kind, &stem)
        };
        Some(form(forge, forms, &new))
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
        let forms = &self.new_entries.forms;
        (is_new && new.is_dated()).then(|| forms.encoded_text(&new))
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
