//! The kinds of entries: nine built in, each changeable, and the portal's own.

use super::Label;
use crate::diagnostic::{Diagnostics, Place, Spanned};
use crate::path::is_id;
use crate::table::{Item, Table};
use crate::value::Currency;

/// An index into [`super::Settings::kinds`]; the default is the first built-in kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KindId(u8);

impl KindId {
    /// The position in the list of kinds.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }

    /// The ids of all kinds of a list, in its order.
    pub fn all(kinds: &[Kind]) -> impl Iterator<Item = KindId> + use<> {
        (0..kinds.len()).map(|i| {
            KindId(u8::try_from(i).expect("BUG: the number of kinds is checked when read"))
        })
    }
}

/// A colour for light and one for dark ground, as `#rrggbb`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Colours {
    /// On a light ground.
    pub light: String,
    /// On a dark ground.
    pub dark: String,
}

/// What sort of event an entry is.
#[derive(Clone, Debug)]
pub struct Kind {
    /// The word used in front matter.
    pub name: String,
    /// The word readers see.
    pub label: Label,
    /// The character that tells the kind apart without colour.
    pub mark: String,
    /// The colour, the third signal after word and mark.
    pub colours: Colours,
    /// Contact with the customer.
    pub touch: bool,
    /// Open until closed or marked done.
    pub open: bool,
    /// Done for the customer.
    pub for_customer: bool,
    /// Whether entries of this kind carry a score.
    pub scored: bool,
}

struct BuiltIn(
    &'static str,
    [&'static str; 2],
    &'static str,
    [&'static str; 2],
    &'static [&'static str],
);

const BUILT_IN: [BuiltIn; 9] = [
    BuiltIn(
        "inquiry",
        ["Anfrage", "Inquiry"],
        "?",
        ["#1a2c94", "#5497d9"],
        &["touch", "open"],
    ),
    BuiltIn(
        "order",
        ["Auftrag", "Order"],
        "■",
        ["#6b3900", "#e5a24a"],
        &["touch"],
    ),
    BuiltIn(
        "payment",
        ["Zahlung", "Payment"],
        "€",
        ["#5d6400", "#cce57b"],
        &[],
    ),
    BuiltIn(
        "complaint",
        ["Reklamation", "Complaint"],
        "!",
        ["#c32e35", "#ea6c5a"],
        &["touch", "open"],
    ),
    BuiltIn(
        "action",
        ["Einsatz", "Action"],
        "►",
        ["#007746", "#4fcc92"],
        &["for_customer"],
    ),
    BuiltIn(
        "visit",
        ["Besuch", "Visit"],
        "⌂",
        ["#864bc2", "#bda8fc"],
        &["touch"],
    ),
    BuiltIn(
        "feedback",
        ["Rückmeldung", "Feedback"],
        "“",
        ["#1a5b6e", "#68e5fd"],
        &["touch", "scored"],
    ),
    BuiltIn("note", ["Notiz", "Note"], "≡", ["#393f3a", "#939a94"], &[]),
    BuiltIn(
        "thanks",
        ["Dank", "Thanks"],
        "♥\u{fe0e}",
        ["#a6247b", "#febccf"],
        &["touch"],
    ),
];

/// The nine kinds that every portal has; the mark of payments is the sign of the portal's currency.
pub fn built_in_kinds(currency: Currency) -> Vec<Kind> {
    let mut kinds = all_built_in();
    for kind in kinds.iter_mut().filter(|kind| kind.name == "payment") {
        kind.mark = currency.symbol().unwrap_or("¤").to_owned();
    }
    kinds
}

fn all_built_in() -> Vec<Kind> {
    BUILT_IN
        .iter()
        .map(|BuiltIn(name, [de, en], mark, [light, dark], flags)| Kind {
            name: (*name).to_owned(),
            label: Label::new(de, en),
            mark: (*mark).to_owned(),
            colours: Colours {
                light: (*light).to_owned(),
                dark: (*dark).to_owned(),
            },
            touch: flags.contains(&"touch"),
            open: flags.contains(&"open"),
            for_customer: flags.contains(&"for_customer"),
            scored: flags.contains(&"scored"),
        })
        .collect()
}

/// More kinds would make the table of contents of nobody's work.
const MOST_KINDS: usize = 64;

/// The words that `[facts.…]` uses for something else than a kind.
const RESERVED: [&str; 5] = ["customer", "department", "person", "page", "entry"];

/// The built-in kinds, changed and extended by the table `[kinds]`.
pub(super) fn read(
    table: Option<Table<'_>>,
    currency: Currency,
    diagnostics: &mut Diagnostics,
) -> Vec<Kind> {
    let mut kinds = built_in_kinds(currency);
    for (name, item) in table.map(|mut table| table.take_all()).unwrap_or_default() {
        read_kind(&mut kinds, &name, &item, diagnostics);
    }
    kinds
}

fn read_kind(
    kinds: &mut Vec<Kind>,
    name: &Spanned<&str>,
    item: &Item<'_>,
    diagnostics: &mut Diagnostics,
) {
    let place = Place {
        span: name.span,
        ..item.place()
    };
    if !is_id(name.value) || RESERVED.contains(&name.value) {
        let message = "a kind is named with a-z, 0-9 and `-`, and not customer, department, person, page or entry";
        diagnostics.bad_setting(place, message, "readers see the `label`, not the name");
        return;
    }
    let Some(mut table) = item.table(diagnostics) else {
        return;
    };
    let known = kinds.iter().position(|kind| kind.name == name.value);
    if known.is_none() && kinds.len() == MOST_KINDS {
        diagnostics.bad_setting(
            place,
            "a portal has at most 64 kinds",
            "use a fact to tell finer shades apart",
        );
        return;
    }
    let mut kind = known.map_or_else(|| new_kind(name.value), |i| kinds[i].clone());
    kind.label = Label::read(&mut table, &kind.label, diagnostics);
    if let Some(mark) = table.take("mark") {
        kind.mark = read_mark(&mark, diagnostics).unwrap_or(kind.mark);
    }
    if let Some(mut colours) = table.table("colour", diagnostics) {
        read_colour(&mut colours, "light", &mut kind.colours.light, diagnostics);
        read_colour(&mut colours, "dark", &mut kind.colours.dark, diagnostics);
        colours.finish(diagnostics);
    }
    for (key, flag) in [
        ("touch", &mut kind.touch),
        ("open", &mut kind.open),
        ("for_customer", &mut kind.for_customer),
    ] {
        *flag = table.bool(key, diagnostics).unwrap_or(*flag);
    }
    table.finish(diagnostics);
    match known {
        Some(i) => kinds[i] = kind,
        None => kinds.push(kind),
    }
}

/// A kind of the portal's own looks like a note until it says otherwise.
fn new_kind(name: &str) -> Kind {
    let note = all_built_in()
        .into_iter()
        .find(|kind| kind.name == "note")
        .expect("BUG: note is built in");
    Kind {
        name: name.to_owned(),
        label: Label::same(name),
        ..note
    }
}

fn read_mark(item: &Item<'_>, diagnostics: &mut Diagnostics) -> Option<String> {
    let mark = item.text(diagnostics)?.value;
    let visible = mark.chars().filter(|c| *c != '\u{fe0e}').count();
    if visible == 1
        && !mark
            .chars()
            .any(|c| c.is_control() || matches!(c, '"' | '\\'))
    {
        return Some(mark);
    }
    diagnostics.bad_setting(item.place(), "a mark is one character", "such as ▣");
    None
}

fn read_colour(
    table: &mut Table<'_>,
    key: &'static str,
    colour: &mut String,
    diagnostics: &mut Diagnostics,
) {
    let Some(item) = table.take(key) else { return };
    let Some(text) = item.text(diagnostics) else {
        return;
    };
    let digits = text.value.strip_prefix('#').unwrap_or_default();
    if digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        *colour = text.value.to_ascii_lowercase();
    } else {
        diagnostics.bad_setting(
            item.place(),
            "a colour is written as `#rrggbb`",
            "such as #1a5b6e",
        );
    }
}
