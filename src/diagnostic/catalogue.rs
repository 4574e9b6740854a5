//! All that can be said, each by its own constructor, so that one mistake has one wording and one code.

use super::{Code, Diagnostic, Diagnostics, Place};
use crate::path::{SourcePath, fold, slug};
use crate::settings::{FactDefinition, FactType, Kind};
use crate::value::Language;

impl Diagnostics {
    fn say(
        &mut self,
        code: Code,
        place: Place,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) {
        let hint = hint.into();
        self.said.push(Diagnostic {
            code,
            severity: code.severity(),
            place,
            message: message.into(),
            hint: (!hint.is_empty()).then_some(hint),
        });
    }
}

/// Reading files.
impl Diagnostics {
    /// The system will not read a file or folder out.
    pub fn unreadable(&mut self, at: Place, cause: &str) {
        self.say(
            Code::Unreadable,
            at,
            format!("this cannot be read: {cause}"),
            "check its permissions",
        );
    }

    /// A file name that some system cannot carry.
    pub fn bad_file_name(&mut self, at: Place) {
        let message = "this file name holds characters that not every system can carry";
        self.say(
            Code::BadFileName,
            at,
            message,
            "rename it with letters, digits, `-` and `_`",
        );
    }

    /// A file that was meant to be Markdown and does not end so.
    pub fn markdown_ending(&mut self, at: Place) {
        self.say(
            Code::BadFileName,
            at,
            "this looks like a page or an entry, but its name does not end in `.md`",
            "rename it",
        );
    }

    /// A portal without sources.
    pub fn no_content(&mut self, at: Place) {
        self.say(
            Code::NoContent,
            at,
            "the folder `content` beside this file is missing",
            "create it; `strang init` shows what belongs into it",
        );
    }

    /// A symbolic link below `content/` or `themes/`.
    pub fn symlink(&mut self, at: Place) {
        let message =
            "this is a symbolic link, and strang reads only what lies in the portal itself";
        self.say(
            Code::Symlink,
            at,
            message,
            "replace it by a copy of the file",
        );
    }

    /// A device, a pipe, a socket.
    pub fn not_a_file(&mut self, at: Place) {
        self.say(
            Code::NotAFile,
            at,
            "this is neither a file nor a folder",
            "remove it",
        );
    }

    /// A file that a merge tool left behind.
    pub fn leftover(&mut self, at: Place) {
        self.say(
            Code::Leftover,
            at,
            "this file was left behind by a merge",
            "remove it once the merge is done",
        );
    }

    /// Folders nested too deep.
    pub fn folders_too_deep(&mut self, at: Place, most: usize) {
        self.say(
            Code::TooDeep,
            at,
            format!("folders are nested more than {most} deep"),
            "",
        );
    }

    /// A source beyond its size limit, in bytes.
    pub fn page_too_big(&mut self, at: Place, most: u64) {
        let message = format!("this file is larger than {} MiB", most / (1024 * 1024));
        self.say(
            Code::PageTooBig,
            at,
            message,
            "divide it, or attach it as a document",
        );
    }

    /// Bytes that are no UTF-8.
    pub fn not_utf8(&mut self, at: Place, likely: &str) {
        let hint = format!("it looks like {likely}; save it again with the encoding UTF-8");
        self.say(Code::NotUtf8, at, "this is not UTF-8 text", hint);
    }

    /// A character that nobody typed.
    pub fn control_character(&mut self, at: Place, character: char) {
        let message = format!(
            "the control character U+{:04X} stands in the text",
            u32::from(character)
        );
        self.say(
            Code::ControlCharacter,
            at,
            message,
            "delete it; it came in by copying from another program",
        );
    }

    /// What a merge leaves where two people changed the same lines.
    pub fn conflict_marker(&mut self, at: Place) {
        let message = "a merge was not finished here: both versions still stand in the file";
        self.say(
            Code::ConflictMarker,
            at,
            message,
            "keep the right lines and delete those with <<<<<<<, ======= and >>>>>>>",
        );
    }
}

/// TOML: settings and front matter alike.
impl Diagnostics {
    /// Text that is no TOML.
    pub fn bad_toml(&mut self, at: Place, message: &str) {
        let message = message.split_whitespace().collect::<Vec<_>>().join(" ");
        let hint = "a line reads `key = \"text\"`, `key = 2026-03-05` or `key = [\"a\", \"b\"]`";
        self.say(
            Code::BadToml,
            at,
            format!("this cannot be read: {message}"),
            hint,
        );
    }

    /// A line in the manner of YAML.
    pub fn colon_for_equals(&mut self, at: Place) {
        let hint = "write `key = \"text\"`";
        self.say(
            Code::BadToml,
            at,
            "a key and its value are joined by `=`",
            hint,
        );
    }

    /// Quotes as a word processor sets them.
    pub fn curly_quotes(&mut self, at: Place) {
        let hint = "replace “ ” or „ “ around the value by \"";
        self.say(
            Code::BadToml,
            at,
            "a text stands between straight quotes",
            hint,
        );
    }

    /// A text that is not quoted.
    pub fn text_without_quotes(&mut self, at: Place, written: &str) {
        let hint = match written.to_lowercase().as_str() {
            "ja" | "yes" => "write it as \"text\"; where yes or no is meant, write true",
            "nein" | "no" => "write it as \"text\"; where yes or no is meant, write false",
            _ => "write it as \"text\"",
        };
        self.say(Code::BadToml, at, "a text stands between quotes", hint);
    }

    /// A text that begins with a quote and does not end with one.
    pub fn open_quote(&mut self, at: Place) {
        self.say(
            Code::BadToml,
            at,
            "the closing quote is missing",
            "end the text with \"",
        );
    }

    /// A key that stands in a table twice.
    pub fn duplicate_key(&mut self, at: Place) {
        self.say(
            Code::BadToml,
            at,
            "this key already stands above",
            "keep one of the two lines",
        );
    }

    /// A number as Germans write it.
    pub fn decimal_comma(&mut self, at: Place) {
        let message = "a number is written with a point and without separators";
        self.say(
            Code::BadToml,
            at,
            message,
            "write 1234.50 instead of 1.234,50",
        );
    }

    /// A key that nothing has a meaning for.
    pub fn unknown_key(&mut self, at: Place, key: &str, known: &[&str]) {
        let hint = nearest(key, known.iter().copied()).map_or_else(|| one_of(known), did_you_mean);
        self.say(
            Code::UnknownKey,
            at,
            format!("the key `{key}` is not known here"),
            hint,
        );
    }

    /// A key that must be there.
    pub fn missing_key(&mut self, at: Place, key: &str, example: &str) {
        self.say(
            Code::MissingFact,
            at,
            format!("`{key}` is missing"),
            format!("add a line `{example}`"),
        );
    }

    /// A text of blanks.
    pub fn empty_text(&mut self, at: Place, key: &str) {
        self.say(
            Code::MissingFact,
            at,
            format!("`{key}` is empty"),
            "fill it in, or delete the line if it may be absent",
        );
    }

    /// A list of nothing where something is required.
    pub fn empty_list(&mut self, at: Place, key: &str) {
        self.say(
            Code::MissingFact,
            at,
            format!("`{key}` is empty"),
            "name at least one",
        );
    }

    /// A value of another type.
    pub fn wrong_type(&mut self, at: Place, key: &str, expected: &str, found: &str) {
        self.say(
            Code::WrongType,
            at,
            format!("`{key}` is {found}, but {expected} is expected"),
            "",
        );
    }

    /// A text that does not have the shape of its type.
    pub fn wrong_shape(&mut self, at: Place, value: &str, expected: &str) {
        self.say(
            Code::WrongType,
            at,
            format!("`{value}` is not {expected}"),
            "",
        );
    }

    /// A word that is not one of those allowed.
    pub fn wrong_choice(&mut self, at: Place, key: &str, value: &str, choices: &[&str]) {
        let hint =
            nearest(value, choices.iter().copied()).map_or_else(|| one_of(choices), did_you_mean);
        self.say(
            Code::WrongChoice,
            at,
            format!("`{value}` is no possible value of `{key}`"),
            hint,
        );
    }

    /// A day that does not exist or is written in another way.
    pub fn bad_date(&mut self, at: Place, written: &str) {
        let message = format!("`{written}` is not a date that can be read");
        self.say(
            Code::BadDate,
            at,
            message,
            "write year-month-day, such as 2026-03-05, and check that the day exists",
        );
    }

    /// A number with more digits than can be kept exactly.
    pub fn number_range(&mut self, at: Place, written: &str) {
        self.say(
            Code::NumberRange,
            at,
            format!("`{written}` has more digits than can be kept exactly"),
            "",
        );
    }

    /// A number outside what its key allows.
    pub fn outside_bounds(&mut self, at: Place, key: &str, least: i64, most: i64) {
        self.say(
            Code::NumberRange,
            at,
            format!("`{key}` lies between {least} and {most}"),
            "",
        );
    }

    /// A text that should be a sum.
    pub fn bad_money(&mut self, at: Place, written: &str) {
        let message = format!("`{written}` is not a sum that can be read");
        self.say(
            Code::WrongType,
            at,
            message,
            "write 1234.50, or \"1234.50 CHF\" for another currency",
        );
    }

    /// A sum more exact than its currency.
    pub fn too_many_decimals(&mut self, at: Place, currency: &str, decimals: u8) {
        self.say(
            Code::NumberRange,
            at,
            format!("{currency} has at most {decimals} places behind the point"),
            "the point is no separator of thousands: write 12500",
        );
    }

    /// A setting with a value that cannot be meant.
    pub fn bad_setting(&mut self, at: Place, message: &str, hint: &str) {
        self.say(Code::BadSetting, at, message, hint);
    }
}

/// Where sources lie and how they begin.
impl Diagnostics {
    /// An id that is not made of `[a-z0-9-]`.
    pub fn bad_id(&mut self, at: Place, id: &str, proposal: &str) {
        let hint = match proposal {
            "" => String::new(),
            proposal => format!("call it `{proposal}`"),
        };
        let message = format!(
            "`{id}` cannot be an id: ids, and so names of files and folders, hold only a-z, 0-9 and `-`"
        );
        self.say(Code::BadId, at, message, hint);
    }

    /// An address that strang itself fills.
    pub fn reserved_address(&mut self, at: Place, address: &str) {
        self.say(
            Code::AddressClash,
            at,
            format!("`{address}` is a page that strang writes itself"),
            "choose another name",
        );
    }

    /// Two sources for one address.
    pub fn address_clash(&mut self, at: Place, address: &str, other: &SourcePath) {
        let message = format!("`{address}` is also the address of `{other}`");
        self.say(Code::AddressClash, at, message, "rename one of the two");
    }

    /// An entry where pages lie.
    pub fn misplaced_entry(&mut self, at: Place) {
        self.say(
            Code::MisplacedFile,
            at,
            "this looks like an entry, but no entries are expected in this folder",
            "move it to `content/customers/<id>/` or `content/departments/<id>/`",
        );
    }

    /// A source where none is expected.
    pub fn misplaced_file(&mut self, at: Place, why: &str) {
        self.say(
            Code::MisplacedFile,
            at,
            "no page or entry is expected here",
            why,
        );
    }

    /// A folder of entries of nobody.
    pub fn folder_without_page(&mut self, at: Place) {
        let hint = format!("add `{}/index.md`, or rename the folder", at.source);
        self.say(
            Code::MisplacedFile,
            at,
            "entries lie here, but there is no page that they belong to",
            hint,
        );
    }

    /// Two sources with one id.
    pub fn duplicate_id(&mut self, at: Place, what: &str, id: &str, other: &SourcePath) {
        self.say(
            Code::DuplicateId,
            at,
            format!("the {what} `{id}` is also `{other}`"),
            "merge the two, or rename one",
        );
    }

    /// A page that needs front matter and has none.
    pub fn front_matter_missing(&mut self, at: Place) {
        let hint =
            "begin the file with a line `+++`, a line `title = \"…\"` and another line `+++`";
        self.say(
            Code::FrontMatterMissing,
            at,
            "this file does not begin with front matter",
            hint,
        );
    }

    /// Front matter that does not begin on the first line.
    pub fn front_matter_late(&mut self, at: Place) {
        self.say(
            Code::FrontMatterMissing,
            at,
            "front matter begins on the very first line",
            "delete the blank lines before `+++`",
        );
    }

    /// Something behind the opening fence.
    pub fn fence_not_alone(&mut self, at: Place) {
        let hint = "move it to a line of its own";
        self.say(
            Code::FrontMatterMissing,
            at,
            "nothing may stand behind `+++` on the first line",
            hint,
        );
    }

    /// Front matter in YAML.
    pub fn front_matter_yaml(&mut self, at: Place) {
        let hint = "begin and end it with `+++`, and write `title = \"…\"` instead of `title: …`";
        self.say(
            Code::FrontMatterYaml,
            at,
            "front matter is TOML between `+++` lines, not YAML between `---` lines",
            hint,
        );
    }

    /// Front matter that never ends.
    pub fn front_matter_open(&mut self, at: Place) {
        self.say(
            Code::FrontMatterOpen,
            at,
            "the front matter that begins here never ends",
            "close it with a line `+++`",
        );
    }

    /// Front matter beyond its size limit, in bytes.
    pub fn front_matter_too_big(&mut self, at: Place, most: usize) {
        self.say(
            Code::FrontMatterTooBig,
            at,
            format!("the front matter is larger than {} KiB", most / 1024),
            "",
        );
    }
}

/// What front matter says.
impl Diagnostics {
    /// A required fact that is absent.
    pub fn missing_fact(&mut self, at: Place, fact: &FactDefinition) {
        let hint = format!("add a line `{} = …`", fact.name);
        self.say(
            Code::MissingFact,
            at,
            format!("the fact `{}` is required", fact.name),
            hint,
        );
    }

    /// A fact that must be unique and is not.
    pub fn duplicate_fact(&mut self, at: Place, name: &str, value: &str, other: &SourcePath) {
        let message = format!("`{name}` is unique, but `{other}` has `{value}`, too");
        self.say(Code::DuplicateFact, at, message, "correct one of the two");
    }

    /// Two goals of one customer with one id.
    pub fn duplicate_goal(&mut self, at: Place, id: &str) {
        self.say(
            Code::DuplicateId,
            at,
            format!("this customer already has a goal `{id}`"),
            "give it another id",
        );
    }

    /// A goal called reached that nothing shows to be.
    pub fn reached_without_evidence(&mut self, at: Place) {
        let hint = "add a line `evidence = \"…\"` with the entry that shows it";
        self.say(
            Code::MissingFact,
            at,
            "a reached goal needs its evidence",
            hint,
        );
    }

    /// An end before its beginning.
    pub fn until_before_from(&mut self, at: Place) {
        self.say(Code::DateOrder, at, "`until` lies before `from`", "");
    }

    /// An entry without a date.
    pub fn missing_date(&mut self, at: Place, file_name: &str) {
        let hint =
            format!("name the file `2026-03-05-{file_name}`, or add a line `date = 2026-03-05`");
        self.say(
            Code::MissingFact,
            at,
            "this entry does not say when it happened",
            hint,
        );
    }

    /// A file name that begins with a day that does not exist.
    pub fn bad_date_in_name(&mut self, at: Place, written: &str) {
        self.say(
            Code::BadDate,
            at,
            format!("the file name begins with `{written}`, a day that does not exist"),
            "rename the file to begin with the right day",
        );
    }

    /// Two dates that contradict each other.
    pub fn date_differs_from_name(&mut self, at: Place, in_name: &str, written: &str) {
        let message = format!("the file name says {in_name}, this says {written}");
        self.say(
            Code::DateOrder,
            at,
            message,
            "delete this line, or rename the file",
        );
    }

    /// A score where none belongs.
    pub fn score_on_other_kind(&mut self, at: Place) {
        self.say(
            Code::WrongType,
            at,
            "only feedback carries a `score`",
            "delete the line, or set kind = \"feedback\"",
        );
    }

    /// A kind that is neither built in nor the portal's; readers know kinds by their labels.
    pub fn unknown_kind(&mut self, at: Place, name: &str, kinds: &[Kind]) {
        let known: Vec<&str> = kinds.iter().map(|kind| kind.name.as_str()).collect();
        let labelled = kinds.iter().find(|kind| {
            Language::ALL
                .iter()
                .any(|language| fold(kind.label.get(*language)) == fold(name))
        });
        let meant = labelled
            .map(|kind| kind.name.as_str())
            .or_else(|| nearest(name, known.iter().copied()));
        let hint = meant.map_or_else(|| one_of(&known), did_you_mean);
        self.say(
            Code::UnknownKind,
            at,
            format!("there is no kind of entry `{name}`"),
            hint,
        );
    }
}

/// Bodies.
impl Diagnostics {
    /// HTML in Markdown.
    pub fn raw_html(&mut self, at: Place) {
        self.say(
            Code::RawHtml,
            at,
            "HTML is shown as text",
            "use Markdown; notes between editors go between `<!--` and `-->`",
        );
    }

    /// A comment that never ends.
    pub fn comment_open(&mut self, at: Place) {
        self.say(
            Code::CommentOpen,
            at,
            "the comment that begins here never ends, so everything after it is hidden",
            "close it with `-->`",
        );
    }

    /// A class or attribute on a heading.
    pub fn heading_attribute(&mut self, at: Place) {
        self.say(
            Code::HeadingAttribute,
            at,
            "a heading takes an id and nothing else",
            "write `{#id}`, or nothing",
        );
    }

    /// Markup nested too deep.
    pub fn markup_too_deep(&mut self, at: Place, most: usize) {
        self.say(
            Code::TooDeep,
            at,
            format!("markup is nested more than {most} deep"),
            "",
        );
    }

    /// An address with a scheme that no page may use.
    pub fn link_scheme(&mut self, at: Place, scheme: &str) {
        let message = format!("a link may not begin with `{scheme}`, so only its text is shown");
        self.say(
            Code::LinkScheme,
            at,
            message,
            "use https, http, mailto, tel or a path in this portal",
        );
    }

    /// An image from another server.
    pub fn remote_image(&mut self, at: Place, address: &str) {
        let message = format!("the picture `{address}` lies outside the portal");
        self.say(
            Code::RemoteImage,
            at,
            message,
            "put the file beside this one and link it by its name",
        );
    }
}

/// What leads from one source to another.
impl Diagnostics {
    /// A link to nothing.
    pub fn broken_link<'a>(
        &mut self,
        at: Place,
        wanted: &str,
        known: impl Iterator<Item = &'a str>,
    ) {
        let hint = nearest(wanted, known).map_or_else(
            || "create the page, or correct the link".to_owned(),
            did_you_mean,
        );
        self.say(
            Code::BrokenLink,
            at,
            format!("there is no page `{wanted}`"),
            hint,
        );
    }

    /// An address on the web that does not say so.
    pub fn web_address(&mut self, at: Place, address: &str) {
        let hint = format!("write `https://{address}`");
        self.say(
            Code::BrokenLink,
            at,
            format!("`{address}` is taken for a file of this portal"),
            hint,
        );
    }

    /// A link that names nothing.
    pub fn empty_link(&mut self, at: Place) {
        self.say(
            Code::BrokenLink,
            at,
            "this link names no page",
            "write the id or the title of a page between `[[` and `]]`",
        );
    }

    /// A link that fits several pages.
    pub fn ambiguous_link(&mut self, at: Place, wanted: &str, candidates: &[String]) {
        let hint = format!(
            "write one of {}",
            listed(candidates.iter().map(String::as_str))
        );
        self.say(
            Code::AmbiguousLink,
            at,
            format!("`{wanted}` may mean several pages"),
            hint,
        );
    }

    /// A heading that the linked page does not have.
    pub fn broken_anchor<'a>(
        &mut self,
        at: Place,
        heading: &str,
        page: &str,
        known: impl Iterator<Item = &'a str>,
    ) {
        let hint = nearest(heading, known).map_or_else(String::new, did_you_mean);
        self.say(
            Code::BrokenAnchor,
            at,
            format!("`{page}` has no heading `{heading}`"),
            hint,
        );
    }

    /// A link to a file that does not exist.
    pub fn missing_attachment<'a>(
        &mut self,
        at: Place,
        path: &str,
        known: impl Iterator<Item = &'a str>,
    ) {
        let hint = nearest(path, known).map_or_else(
            || "add the file, or correct the link".to_owned(),
            did_you_mean,
        );
        self.say(
            Code::MissingAttachment,
            at,
            format!("there is no file `{path}`"),
            hint,
        );
    }

    /// An attachment that a browser would run or take for a page.
    pub fn attachment_type(&mut self, at: Place, extension: &str) {
        let message = format!("a file ending in `.{extension}` cannot be attached");
        self.say(
            Code::AttachmentType,
            at,
            message,
            "attach a PDF, a picture or an office document",
        );
    }

    /// An id of a person who does not exist.
    pub fn unknown_person<'a>(
        &mut self,
        at: Place,
        id: &str,
        known: impl Iterator<Item = &'a str>,
    ) {
        self.unknown(
            Code::UnknownPerson,
            at,
            "person",
            id,
            "add `content/people/<id>.md`",
            known,
        );
    }

    /// An id of a department that does not exist.
    pub fn unknown_department<'a>(
        &mut self,
        at: Place,
        id: &str,
        known: impl Iterator<Item = &'a str>,
    ) {
        self.unknown(
            Code::UnknownDepartment,
            at,
            "department",
            id,
            "add `content/departments/<id>.md`",
            known,
        );
    }

    /// An id of a customer that does not exist.
    pub fn unknown_customer<'a>(
        &mut self,
        at: Place,
        id: &str,
        known: impl Iterator<Item = &'a str>,
    ) {
        self.unknown(
            Code::UnknownCustomer,
            at,
            "customer",
            id,
            "add `content/customers/<id>.md`",
            known,
        );
    }

    /// A goal that the entry's customers do not have.
    pub fn unknown_goal(&mut self, at: Place, id: &str, known: &[&str]) {
        let otherwise = if known.is_empty() {
            "goals stand as `[[goals]]` on the customer's page".to_owned()
        } else {
            one_of(known)
        };
        let hint = nearest(id, known.iter().copied()).map_or(otherwise, did_you_mean);
        let message = format!("the customer of this entry has no goal `{id}`");
        self.say(Code::UnknownGoal, at, message, hint);
    }

    /// An entry that does not exist.
    pub fn unknown_entry<'a>(&mut self, at: Place, id: &str, known: impl Iterator<Item = &'a str>) {
        let otherwise = "name it by folder and file without `.md`: `bergmann/2026-03-05-anfrage`";
        self.unknown(Code::UnknownEntry, at, "entry", id, otherwise, known);
    }

    fn unknown<'a>(
        &mut self,
        code: Code,
        at: Place,
        what: &str,
        id: &str,
        otherwise: &str,
        known: impl Iterator<Item = &'a str>,
    ) {
        let hint = nearest(id, known).map_or_else(|| otherwise.to_owned(), did_you_mean);
        self.say(code, at, format!("there is no {what} `{id}`"), hint);
    }
}

/// Table blocks.
impl Diagnostics {
    /// A block that asks nothing, since it is only text.
    pub fn table_block_of_text(&mut self, at: Place) {
        self.say(
            Code::BadToml,
            at,
            "a table block is made of lines such as `of = \"customers\"`",
            "begin it with ```text, if it is to be shown as it stands",
        );
    }

    /// A field that is no field of the subject.
    pub fn unknown_field(
        &mut self,
        at: Place,
        field: &str,
        subject: &str,
        elsewhere: Option<&str>,
        known: &[&str],
    ) {
        let message = match elsewhere {
            Some(other) => format!("`{field}` is a field of {other}, not of {subject}"),
            None => format!("{subject} have no field `{field}`"),
        };
        let hint = nearest(field, known.iter().copied()).map_or_else(
            || format!("they have {}", listed(known.iter().copied())),
            did_you_mean,
        );
        self.say(Code::UnknownField, at, message, hint);
    }

    /// A fact of entries whose type depends on their kind.
    pub fn field_of_two_types(&mut self, at: Place, field: &str) {
        let message = format!("`{field}` has another type for each kind of entry");
        let hint = "give one of these facts another name in `strang.toml`";
        self.say(Code::UnknownField, at, message, hint);
    }

    /// A field and nothing behind it.
    pub fn condition_without_operator(&mut self, at: Place, field: &str) {
        let hint = format!("write `{field} = …`, `{field} is empty` or `{field} is not empty`");
        let message = "a condition says what of the field must hold";
        self.say(Code::BadCondition, at, message, hint);
    }

    /// A field, an operator and nothing behind it.
    pub fn condition_without_value(&mut self, at: Place, operator: &str) {
        let hint = "write the value there; for what has none, `is empty`";
        let message = format!("nothing stands behind `{operator}`");
        self.say(Code::BadCondition, at, message, hint);
    }

    /// A sign or word that compares nothing.
    pub fn unknown_operator(
        &mut self,
        at: Place,
        written: &str,
        meant: Option<&str>,
        known: &[&str],
    ) {
        let possible = || format!("{}, `is empty` or `is not empty`", one_of(known));
        let hint = meant.map_or_else(possible, did_you_mean);
        let message = format!("`{written}` compares nothing");
        self.say(Code::BadCondition, at, message, hint);
    }

    /// An operator that the type of a field does not know.
    pub fn operator_misfit(
        &mut self,
        at: Place,
        operator: &str,
        field: &str,
        value_type: &FactType,
        fitting: &[&str],
    ) {
        let what = what_it_is(value_type);
        let message = format!("`{operator}` does not fit `{field}`, which is {what}");
        let hint = format!("{}, `is empty` or `is not empty`", one_of(fitting));
        self.say(Code::BadCondition, at, message, hint);
    }

    /// A value that a field can never have.
    pub fn value_misfit(&mut self, at: Place, field: &str, value: &str, value_type: &FactType) {
        let what = what_it_is(value_type);
        let hint = match value_type {
            FactType::Number => "write digits, such as 3 or 12.5",
            FactType::Bool => "write true or false",
            FactType::Date => {
                "write a day such as 2026-03-05, or `today`, `90 days ago`, `in 14 days`"
            }
            _ => "",
        };
        let message = format!("`{value}` does not fit `{field}`, which is {what}");
        self.say(Code::WrongType, at, message, hint);
    }

    /// A chart that would count what somebody did.
    pub fn counts_people(&mut self, at: Place, field: &str) {
        self.say(
            Code::CountsPeople,
            at,
            format!("`{field}` names people, and nobody is counted in a chart"),
            "show a table instead: take out `chart` and `by`",
        );
    }

    /// A chart by a field whose values hardly occur twice.
    pub fn uncountable_field(&mut self, at: Place, field: &str, countable: &[&str]) {
        let message = format!("a chart by `{field}` would have a bar for nearly every row");
        let hint = format!("count by {}", listed(countable.iter().copied()));
        self.say(Code::WrongChoice, at, message, hint);
    }

    /// A table of people in a portal that names none.
    pub fn people_not_shown(&mut self, at: Place) {
        self.say(
            Code::PeopleNotShown,
            at,
            "this portal names no people, so this table stays empty",
            "list `departments`, or take the block out",
        );
    }
}

/// Themes and strang itself.
impl Diagnostics {
    /// A template that cannot be read or rendered.
    pub fn template_error(&mut self, at: Place, message: &str) {
        self.say(Code::TemplateError, at, message.to_owned(), "");
    }

    /// A file of words that cannot be used.
    pub fn bad_words(&mut self, at: Place, message: &str) {
        self.say(
            Code::TemplateError,
            at,
            message.to_owned(),
            "words are lines such as `entries = { one = \"…\", other = \"…\" }`",
        );
    }

    /// strang itself is at fault.
    pub fn internal_error(&mut self, at: Place, message: &str) {
        let hint = "this is a fault of strang; please report it with this file";
        self.say(
            Code::InternalError,
            at,
            format!("strang failed here: {message}"),
            hint,
        );
    }
}

/// A type as the end of a sentence.
fn what_it_is(value_type: &FactType) -> &'static str {
    match value_type {
        FactType::Text => "a text",
        FactType::Choice(_) => "one of some words",
        FactType::Number => "a number",
        FactType::Money => "a sum",
        FactType::Date => "a date",
        FactType::Bool => "true or false",
        FactType::Url => "a web address",
        FactType::Email => "a mail address",
        FactType::Phone => "a telephone number",
        FactType::Person => "a person",
        FactType::Department => "a department",
        FactType::Customer => "a customer",
    }
}

fn did_you_mean(name: &str) -> String {
    format!("did you mean `{name}`?")
}

/// The first few of a list of words.
fn one_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [word] => format!("it can only be `{word}`"),
        words if words.len() <= 20 => format!("possible are {}", listed(words.iter().copied())),
        _ => String::new(),
    }
}

fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    words
        .map(|word| format!("`{word}`"))
        .collect::<Vec<_>>()
        .join(", ")
}

/// The known name that a writer most likely meant, if one is near enough: spelled almost alike, the same but for
/// umlauts, or a longer one that holds what was written.
fn nearest<'a>(wanted: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.to_lowercase();
    let as_id = slug(&wanted);
    let length = wanted.chars().count();
    let allowed = if length < 3 { 0 } else { (length / 3).max(1) };
    let distance = |name: &str| {
        let name = name.to_lowercase();
        if name == as_id || slug(&name) == as_id && !as_id.is_empty() {
            return Some(0);
        }
        if length >= 4 && name.contains(&as_id) && !as_id.is_empty() {
            return Some(allowed);
        }
        if name.len().abs_diff(wanted.len()) > 2 * allowed {
            return None;
        }
        Some(strsim::osa_distance(&wanted, &name)).filter(|distance| *distance <= allowed)
    };
    known
        .filter_map(|name| Some((distance(name)?, name)))
        .min()
        .map(|(_, name)| name)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn near_misses_are_found_and_far_ones_are_not() {
        let known = ["title", "aliases", "owner"];
        assert_eq!(nearest("tilte", known.into_iter()), Some("title"));
        assert_eq!(nearest("Owner", known.into_iter()), Some("owner"));
        assert_eq!(nearest("segment", known.into_iter()), None);
        assert_eq!(nearest("", known.into_iter()), None);
        assert_eq!(nearest("D", ["A", "B"].into_iter()), None);
        assert_eq!(nearest("Küche", ["kueche"].into_iter()), Some("kueche"));
        assert_eq!(
            nearest("erika", ["erika-beispiel"].into_iter()),
            Some("erika-beispiel")
        );
    }
}
