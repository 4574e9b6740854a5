//! Answers to the questions of table blocks: rows that link to what they are about, or bars.
//!
//! A question of a body goes in, HTML for the hole of that body comes out, with links relative to the page that shows
//! it. Nothing here counts what a person did.

mod rows;
mod values;

use std::collections::HashMap;

use super::Viewpoint;
use super::html::{push_attribute, push_link, push_text};
use super::parts::Link;
use crate::portal::{PageId, Question};
use crate::query::{Computed, Condition, Field, FieldSource, Shape, Subject};
use crate::settings::FactType;
use crate::value::FactValue;

use rows::Rows;
use values::{Item, Value};

/// How long the longest bar is, in pixels; a column of them fits on a phone.
const LONGEST_BAR: usize = 120;
/// Keeps the script from sorting by a column.
const UNSORTED: &str = " data-unsorted";
/// More bars are no chart.
const MOST_BARS: usize = 100;

impl Viewpoint<'_> {
    /// Writes what a block shows.
    pub(super) fn push_answer(&self, question: &Question, out: &mut String) {
        if let Some(title) = &question.title {
            out.push_str("<figcaption>");
            push_text(out, title);
            out.push_str("</figcaption>\n");
        }
        match &question.shape {
            Shape::Table {
                columns,
                sort,
                limit,
            } => self.push_rows(question, columns, &self.rows(question, sort, *limit), out),
            Shape::Bars(field) => self.push_bars(question, field, out),
        }
    }

    fn push_rows(&self, question: &Question, columns: &[Field], rows: &Rows, out: &mut String) {
        if rows.shown.is_empty() {
            return self.push_nothing(out);
        }
        self.open_table(question, "sortable", out);
        for field in columns {
            let ranks = question.subject.is_ranked_by(field);
            let attributes = class_of(field).to_owned() + if ranks { UNSORTED } else { "" };
            self.push_head(question.subject, field, &attributes, out);
        }
        out.push_str("</tr></thead>\n<tbody>\n");
        let named = columns.iter().position(is_title).unwrap_or(0);
        for item in &rows.shown {
            out.push_str("<tr>");
            for (position, field) in columns.iter().enumerate() {
                let (open, close) = if position == named {
                    ("<th scope=\"row\"", "</th>")
                } else {
                    ("<td", "</td>")
                };
                out.push_str(open);
                self.push_cell(field, *item, out);
                out.push_str(close);
            }
            out.push_str("</tr>\n");
        }
        out.push_str("</tbody></table></div>\n");
        self.push_more(question, rows.all - rows.shown.len(), out);
    }

    fn push_nothing(&self, out: &mut String) {
        out.push_str("<p class=\"empty\">");
        push_text(out, self.words.get("nothing_found"));
        out.push_str("</p>\n");
    }

    /// How many rows are not shown; of the work of certain people, only that there are some.
    fn push_more(&self, question: &Question, more: usize, out: &mut String) {
        if more == 0 {
            return;
        }
        let key = if question.conditions().any(Condition::names_somebody) {
            "further_rows"
        } else {
            "more_rows"
        };
        out.push_str("<p class=\"more\">");
        push_text(out, &self.counted(key, more));
        out.push_str("</p>\n");
    }

    /// A table in a region that scrolls, up to its first row of heads.
    fn open_table(&self, question: &Question, class: &str, out: &mut String) {
        let subject = self.words.get(match question.subject {
            Subject::Customers => "customers",
            Subject::Departments => "departments",
            Subject::People => "people",
            Subject::Entries => "entries_title",
            Subject::Goals => "goals",
            Subject::Loops => "loops",
        });
        out.push_str("<div class=\"region\" role=\"region\" tabindex=\"0\" aria-label=\"");
        push_attribute(out, question.title.as_deref().unwrap_or(subject));
        out.push_str("\"><table class=\"");
        out.push_str(class);
        out.push_str("\">\n<thead><tr>");
    }

    fn push_head(&self, subject: Subject, field: &Field, attributes: &str, out: &mut String) {
        out.push_str("<th scope=\"col\"");
        out.push_str(attributes);
        out.push('>');
        push_text(out, self.label(subject, field));
        out.push_str("</th>");
    }

    /// A cell from its attributes to its last value.
    fn push_cell(&self, field: &Field, item: Item, out: &mut String) {
        let values = self.values_of(field, item);
        out.push_str(class_of(field));
        if let Some(key) = values.first().and_then(|value| sort_key(*value)) {
            out.push_str(" data-v=\"");
            push_attribute(out, &key);
            out.push('"');
        }
        out.push('>');
        for (position, value) in values.into_iter().enumerate() {
            if position > 0 {
                out.push_str(", ");
            }
            let mut link = self.shown_value(field, value);
            if is_title(field) {
                link.href = self.item_href(item);
            }
            push_shown(&link, out);
        }
    }

    fn item_href(&self, item: Item) -> Option<String> {
        let page = |id| self.page_link(id).href;
        match item {
            Item::Customer(id) => page(PageId::Customer(id)),
            Item::Department(id) => page(PageId::Department(id)),
            Item::Person(id) => page(PageId::Person(id)),
            Item::Entry(id) => Some(self.entry_href(id)),
            Item::Goal(id) => self.goal_link(id).href,
        }
    }
}

/// Bars.
impl<'a> Viewpoint<'a> {
    /// A bar for each value of a field, in the order of the values: no chart is a ranking.
    fn push_bars(&self, question: &Question, field: &Field, out: &mut String) {
        let (mut counts, without) = self.counts(question, field);
        let longest = counts
            .iter()
            .map(|(_, count)| *count)
            .chain([without])
            .max();
        let Some(longest) = longest.filter(|longest| *longest > 0) else {
            return self.push_nothing(out);
        };
        self.in_order(field, &mut counts);
        self.open_table(question, "bars", out);
        self.push_head(question.subject, field, "", out);
        out.push_str("<th scope=\"col\" colspan=\"2\">");
        push_text(out, self.words.get("how_many"));
        out.push_str("</th></tr></thead>\n<tbody>\n");
        for (value, count) in counts.iter().take(MOST_BARS) {
            self.push_bar(&self.shown_value(field, *value), *count, longest, out);
        }
        if without > 0 {
            let title = self.word("without_value");
            self.push_bar(&Link { title, href: None }, without, longest, out);
        }
        out.push_str("</tbody></table></div>\n");
        let more = counts.len().saturating_sub(MOST_BARS);
        self.push_more(question, more, out);
    }

    /// How often each value occurs, in the order in which they come first, and how many rows have none.
    fn counts(&self, question: &Question, field: &Field) -> (Vec<(Value<'a>, usize)>, usize) {
        let mut positions: HashMap<Value<'a>, usize> = HashMap::new();
        let mut counts: Vec<(Value<'a>, usize)> = Vec::new();
        let mut without = 0;
        for item in self.found(question) {
            let mut has = false;
            self.each_value(field, item, &mut |value| {
                let value = value.normal();
                let position = *positions.entry(value).or_insert(counts.len());
                if position == counts.len() {
                    counts.push((value, 0));
                }
                counts[position].1 += 1;
                has = true;
            });
            without += usize::from(!has);
        }
        (counts, without)
    }

    /// The number says what the bar draws.
    fn push_bar(&self, label: &Link, count: usize, longest: usize, out: &mut String) {
        let width = (count * LONGEST_BAR).div_ceil(longest);
        out.push_str("<tr><th scope=\"row\">");
        push_shown(label, out);
        out.push_str("</th><td class=\"num\">");
        push_text(out, &self.count(count));
        out.push_str(&format!(
            "</td><td><svg class=\"tally\" aria-hidden=\"true\" width=\"{LONGEST_BAR}\" height=\"16\">\
            <rect width=\"{width}\" height=\"16\"/></svg></td></tr>\n"
        ));
    }
}

/// Words.
impl Viewpoint<'_> {
    fn shown_value(&self, field: &Field, value: Value<'_>) -> Link {
        let settings = &self.portal.settings;
        let plain = |title: String| Link { title, href: None };
        match value {
            Value::Text(text) => match field.value_type {
                FactType::Url => self.value(&FactValue::Url(text.to_owned())),
                FactType::Email => self.value(&FactValue::Email(text.to_owned())),
                FactType::Phone => self.value(&FactValue::Phone(text.to_owned())),
                _ => plain(text.to_owned()),
            },
            Value::Word(word) => plain(self.word_of(field, word)),
            Value::Number(number) => match field.source {
                FieldSource::Computed(Computed::Year) => plain(number.to_string()),
                FieldSource::Computed(Computed::Score) => {
                    let score = number.to_string();
                    plain(self.sentence_of("score_of_ten", ("s", &score)))
                }
                _ => plain(number.format(settings.language)),
            },
            Value::Money(money) => plain(money.format(settings.language, settings.currency)),
            Value::Date(date) => plain(self.date_in_table(date)),
            Value::Bool(bool) => self.value(&FactValue::Bool(bool)),
            Value::Page(page) => self.page_link(page),
            Value::Goal(goal) => self.goal_link(goal),
        }
    }

    /// What readers call one of the words of a choice.
    fn word_of(&self, field: &Field, word: &str) -> String {
        let settings = &self.portal.settings;
        match field.source {
            FieldSource::Facts(_) => word.to_owned(),
            FieldSource::Computed(Computed::Kind) => {
                let kind = settings.kind_named(word);
                let label = kind.map(|kind| settings.kind(kind).label.get(settings.language));
                label.unwrap_or(word).to_owned()
            }
            FieldSource::Computed(_) => self.word(match word {
                "reached" => "goal_reached",
                "missed" => "goal_missed",
                "dropped" => "goal_dropped",
                word => word,
            }),
        }
    }

    fn label(&self, subject: Subject, field: &Field) -> &str {
        match &field.source {
            FieldSource::Computed(computed) => self.words.get(label_key(*computed, subject)),
            FieldSource::Facts(ids) => {
                let settings = &self.portal.settings;
                let facts = ids.iter().map(|id| settings.schema.fact(*id));
                let mut labels = facts.map(|fact| fact.label.get(settings.language));
                labels.next().unwrap_or_default()
            }
        }
    }
}

fn label_key(computed: Computed, subject: Subject) -> &'static str {
    match computed {
        Computed::Title => match subject {
            Subject::Customers => "customer",
            Subject::Departments => "department",
            Subject::People => "person",
            Subject::Entries | Subject::Loops => "entry",
            Subject::Goals => "goal",
        },
        Computed::Id => "id",
        Computed::Owner => "in_charge",
        Computed::LastTouch => "last_touch",
        Computed::LastAction => "last_done",
        Computed::NextDue => "next_due",
        Computed::OpenLoops => "loops",
        Computed::Entries => "entries_title",
        Computed::Score if subject == Subject::Customers => "satisfaction",
        Computed::Score => "score",
        Computed::OpenGoals => "goals_under_way",
        Computed::Contact => "contact",
        Computed::Lead => "lead",
        Computed::Promise => "promise",
        Computed::LastContribution => "last_contribution",
        Computed::Departments => "departments",
        Computed::Left => "left_on",
        Computed::Kind => "kind",
        Computed::Date if subject == Subject::Loops => "waiting_since",
        Computed::Date => "date",
        Computed::Year => "year",
        Computed::Customers => "customers",
        Computed::Customer => "customer",
        Computed::By => "done_by",
        Computed::Amount => "amount",
        Computed::Number => "number",
        Computed::Status => "status",
        Computed::Due => "due_date",
        Computed::Goals => "goals",
        Computed::Measure => "measure",
        Computed::IdleDays => "days_without_contribution",
        Computed::NeedsAHand => "needs_a_hand",
        Computed::AgeDays => "days_open",
        Computed::Overdue => "late",
    }
}

fn is_title(field: &Field) -> bool {
    field.source == FieldSource::Computed(Computed::Title)
}

/// Numbers and sums stand below each other.
fn class_of(field: &Field) -> &'static str {
    match field.value_type {
        FactType::Number | FactType::Money if !field.list => " class=\"num\"",
        _ => "",
    }
}

/// What a cell is sorted by, where its text does not sort by itself.
fn sort_key(value: Value<'_>) -> Option<String> {
    match value {
        Value::Number(number) => Some(number.to_string()),
        Value::Money(money) => Some(money.minor.to_string()),
        Value::Date(date) => Some(date.to_string()),
        _ => None,
    }
}

fn push_shown(link: &Link, out: &mut String) {
    match &link.href {
        Some(href) => {
            push_link(out, href);
            push_text(out, &link.title);
            out.push_str("</a>");
        }
        None => push_text(out, &link.title),
    }
}
