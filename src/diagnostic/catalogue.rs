//! All that can be said, each by its own constructor, so that one mistake has one wording and one code.

use jiff::civil::Date;

use super::{Code, Diagnostic, Diagnostics, Place};
use crate::path::{SourcePath, fold, proposed_id, slug};
use crate::settings::{FactDefinition, FactType, Kind};
use crate::value::Language;

/// Of a longer circle so many entries are named.
const SHOWN_OF_CIRCLE: usize = 6;

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

    /// Sources of which no moment was read, since somebody changed them meanwhile, and once more.
    pub fn changed_while_building(&mut self, at: Place) {
        self.say(
            Code::ChangedWhileBuilding,
            at,
            "sources of this portal changed while it was built, and again while it was built anew",
            "build again when nothing writes into the portal",
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

/// The history of the sources.
impl Diagnostics {
    /// A clone without its older commits.
    pub fn git_shallow(&mut self, at: Place) {
        self.say(
            Code::GitShallow,
            at,
            "this is a shallow clone: who recorded its older sources is not known here",
            "run `git fetch --unshallow`, or in CI check out with `fetch-depth: 0` (GitHub) or `GIT_DEPTH: 0` (GitLab)",
        );
    }

    /// A checkout where there is no git.
    pub fn git_not_installed(&mut self, at: Place) {
        self.git_unavailable(at, "there is no git here", "install git");
    }

    /// Git has failed, and says why.
    pub fn git_failed(&mut self, at: Place, cause: &str) {
        let message = format!("git cannot read the history: {cause}");
        self.git_unavailable(at, &message, "make `git log` work in this folder");
    }

    /// Git takes too long.
    pub fn git_too_slow(&mut self, at: Place, seconds: u64) {
        let message = format!("git has not read the history within {seconds} seconds");
        self.git_unavailable(at, &message, "see how long `git log` takes in this folder");
    }

    /// Git prints what no git should.
    pub fn git_garbled(&mut self, at: Place) {
        let message = "what git prints of the history cannot be understood";
        self.git_unavailable(at, message, "see whether a newer git is to be had");
    }

    fn git_unavailable(&mut self, at: Place, cause: &str, way_out: &str) {
        let message =
            format!("{cause}, so nothing says who recorded what and who keeps which page");
        let hint = format!("{way_out}, or set `history = false` under [contributions]");
        self.say(Code::GitUnavailable, at, message, hint);
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

    /// A key that nothing has a meaning for; gives back the known one that is probably meant.
    pub fn unknown_key<'a>(&mut self, at: Place, key: &str, known: &[&'a str]) -> Option<&'a str> {
        let meant = nearest(key, known.iter().copied());
        let hint = meant.map_or_else(|| one_of(known), did_you_mean);
        self.say(
            Code::UnknownKey,
            at,
            format!("the key `{key}` is not known here"),
            hint,
        );
        meant
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
        let message = format!("`{name}` must be unique, but `{other}` has `{value}`, too");
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
        let stem = file_name.trim_end_matches(".md");
        let proposed = match proposed_id(stem) {
            turned if turned != slug(stem) => turned,
            id => format!("2026-03-05-{id}"),
        };
        let hint = format!("name the file `{proposed}.md`, or add a line `date = 2026-03-05`");
        self.say(
            Code::MissingFact,
            at,
            "this entry does not say when it happened",
            hint,
        );
    }

    /// An entry after the day of the build.
    pub fn future_date(&mut self, at: Place, date: &str) {
        self.say(
            Code::FutureDate,
            at,
            format!("{date} lies in the future, so this entry is not shown before"),
            "what is planned is an open entry of today with a line `due = …`",
        );
    }

    /// A self-assessment of a year that has not begun.
    pub fn future_assessment(&mut self, at: Place, year: i16) {
        self.say(
            Code::FutureDate,
            at,
            format!("{year} has not begun, so this assessment is not shown before"),
            "correct the year, or write it down when it has come",
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

/// Ledgers. A message about a cell names the title of its column.
impl Diagnostics {
    /// A CSV file among the ledgers that the settings do not mention.
    pub fn ledger_unread(&mut self, at: Place) {
        self.say(
            Code::LedgerUnread,
            at,
            "no ledger of `strang.toml` reads this file",
            "add a table `[ledgers.NAME]` with files = \"ledgers/*.csv\"",
        );
    }

    /// A file of rows that belong to nobody.
    pub fn ledger_without_customers(&mut self, at: Place) {
        self.say(
            Code::LedgerHeader,
            at,
            "nothing says to which customers these rows belong",
            "add to the ledger in `strang.toml`: customer = { column = \"Debitor\", fact = \"debitor\" }",
        );
    }

    /// A file without a line.
    pub fn ledger_without_titles(&mut self, at: Place) {
        self.say(
            Code::LedgerHeader,
            at,
            "this file is empty, so it has no titles of columns",
            "export it again, or delete it",
        );
    }

    /// A title of the settings that the first row does not hold.
    pub fn ledger_title_missing<'a>(
        &mut self,
        at: Place,
        wanted: &str,
        known: impl Iterator<Item = &'a str> + Clone,
    ) {
        let titles: Vec<&str> = known.clone().collect();
        if let [whole] = titles.as_slice()
            && let Some(sign) = whole.chars().find(|c| matches!(c, ';' | ',' | '\t' | '|'))
        {
            let message = "the first row is one single title";
            let sign = sign.escape_debug();
            let hint = format!("it holds `{sign}`: set delimiter = \"{sign}\", or delete the line");
            self.say(Code::LedgerHeader, at, message, hint);
            return;
        }
        let hint = nearest(wanted, known).map_or_else(
            || {
                format!(
                    "the first row holds {}",
                    listed(titles.iter().copied().take(20))
                )
            },
            did_you_mean,
        );
        self.say(
            Code::LedgerHeader,
            at,
            format!("no column has the title `{wanted}`, which `strang.toml` names"),
            hint,
        );
    }

    /// A title that two columns have.
    pub fn ledger_title_twice(&mut self, at: Place, wanted: &str) {
        self.say(
            Code::LedgerHeader,
            at,
            format!("two columns have the title `{wanted}`"),
            "rename one of them in the export",
        );
    }

    /// Bytes that are no UTF-8, where the ledger says nothing else.
    pub fn ledger_encoding_unset(&mut self, at: Place, likely: &str, setting: &str) {
        self.say(
            Code::LedgerEncoding,
            at,
            format!("this is not UTF-8 text; it looks like {likely}"),
            format!("add a line encoding = \"{setting}\" to the ledger in `strang.toml`"),
        );
    }

    /// Bytes that mean nothing in the encoding that the ledger names.
    pub fn ledger_encoding_wrong(&mut self, at: Place) {
        self.say(
            Code::LedgerEncoding,
            at,
            "this is no text in the encoding that `strang.toml` names",
            "set `encoding` of the ledger to the one in which the other program exports",
        );
    }

    /// A quote that swallows the rows behind it.
    pub fn ledger_open_quote(&mut self, at: Place) {
        self.say(
            Code::LedgerRow,
            at,
            "the quote that begins here is not closed where its cell ends, so the rows behind it cannot be read",
            "close it, or double a quote that is meant as a sign",
        );
    }

    /// A row with more or fewer cells than there are titles.
    pub fn ledger_row_width(&mut self, at: Place, found: usize, expected: usize) {
        self.say(
            Code::LedgerRow,
            at,
            format!("this row has {found} cells, but there are {expected} titles"),
            "a cell that holds the delimiter stands between quotes",
        );
    }

    /// Nothing in a cell that must hold something.
    pub fn ledger_cell_empty(&mut self, at: Place, title: &str) {
        self.say(
            Code::LedgerRow,
            at,
            format!("`{title}` is empty"),
            "fill it in, or delete the row",
        );
    }

    /// A day in another form.
    pub fn ledger_date(&mut self, at: Place, title: &str, written: &str, format: &str) {
        self.say(
            Code::BadDate,
            at,
            format!("`{title}` holds `{written}`, which is no day in the form `{format}`"),
            "the line `date_format` of the ledger says how days are written, such as \"%d.%m.%Y\"",
        );
    }

    /// What is no sum, or one that cannot be exact.
    pub fn ledger_money(&mut self, at: Place, title: &str, written: &str, hint: &str) {
        self.say(
            Code::LedgerMoney,
            at,
            format!("`{title}` holds `{written}`, which is not a sum that can be read"),
            hint,
        );
    }

    /// What is no kind of entry.
    pub fn ledger_kind<'a>(
        &mut self,
        at: Place,
        title: &str,
        written: &str,
        known: impl Iterator<Item = &'a str>,
    ) {
        let otherwise = || "use the name or the label of a kind".to_owned();
        let hint = nearest(written, known).map_or_else(otherwise, did_you_mean);
        self.say(
            Code::LedgerRow,
            at,
            format!("`{title}` holds `{written}`, which is no kind of entry"),
            hint,
        );
    }

    /// A fact that rows of a kind need and the ledger has no column for.
    pub fn ledger_fact_missing(&mut self, at: Place, fact: &str) {
        self.say(
            Code::LedgerRow,
            at,
            format!("a row of this kind needs the fact `{fact}`, and no column holds it"),
            "name its column in the ledger's `columns`",
        );
    }

    /// What is no value of a fact.
    pub fn ledger_fact(&mut self, at: Place, title: &str, written: &str, expected: &str) {
        self.say(
            Code::LedgerRow,
            at,
            format!("`{title}` holds `{written}`, which is not {expected}"),
            "",
        );
    }

    /// Rows that name what nobody knows: how many there are, and the first names with their lines.
    pub fn ledger_unknown(&mut self, at: Place, what: &str, count: usize, first: &[(u32, &str)]) {
        let rows = if count == 1 {
            "1 row names".to_owned()
        } else {
            format!("{count} rows name")
        };
        let (what, hint) = match what {
            "customer" => (
                "a customer",
                "rows of unknown customers are left out; add the customer, or its key",
            ),
            "department" => (
                "a department",
                "these rows are shown without it; use ids or titles",
            ),
            _ => (
                "a person",
                "these rows are shown without the name; use ids or names",
            ),
        };
        let places = places(count, first);
        self.say(
            Code::LedgerUnknown,
            at,
            format!("{rows} {what} that is not in the portal: {places}"),
            hint,
        );
    }

    /// Text that was probably written in another encoding than the ledger says, which still counts.
    pub fn ledger_misread(&mut self, at: Place) {
        self.say(
            Code::LedgerMisread,
            at,
            "this looks like UTF-8, but `strang.toml` says windows-1252, and that counts",
            "if umlauts look wrong on the page, delete the line `encoding` of the ledger",
        );
    }

    /// A ledger of the settings without any file.
    pub fn ledger_without_files(&mut self, at: Place) {
        self.say(
            Code::LedgerUnread,
            at,
            "there is no such file, so this ledger is empty",
            "the name begins below `content/`, such as \"ledgers/rechnungen*.csv\"",
        );
    }

    /// Rows after the day of the build: how many, and the first line.
    pub fn ledger_future(&mut self, at: Place, count: usize, first_line: u32) {
        let rows = if count == 1 {
            "1 row lies".to_owned()
        } else {
            format!("{count} rows lie")
        };
        self.say(
            Code::FutureDate,
            at,
            format!("{rows} in the future, the first in line {first_line}"),
            "such rows are shown once their day has come",
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

    /// A link in a field that is plain text.
    pub fn link_in_plain_text(&mut self, at: Place, link: &str) {
        self.say(
            Code::LinkInPlainText,
            at,
            format!("`{link}` is no link here, since this is plain text"),
            "links work in the text below the front matter only; write what readers are to see",
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

    /// Evidence of a self-assessment that leads nowhere.
    pub fn unknown_evidence<'a>(
        &mut self,
        at: Place,
        id: &str,
        known: impl Iterator<Item = &'a str>,
    ) {
        let otherwise =
            "name a page by its id, or an entry by folder and file: `bergmann/2026-03-05-anfrage`";
        self.unknown(
            Code::UnknownEvidence,
            at,
            "entry or page",
            id,
            otherwise,
            known,
        );
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

/// What does not fit together across sources.
impl Diagnostics {
    /// The number of an order that none of the entry's customers placed.
    pub fn unknown_order<'a>(
        &mut self,
        at: Place,
        number: &str,
        known: impl Iterator<Item = &'a str>,
    ) {
        let otherwise = "an order is an entry of kind = \"order\" with that `number`";
        let hint = nearest(number, known).map_or_else(|| otherwise.to_owned(), did_you_mean);
        let message = format!("the customer of this entry has no order `{number}`");
        self.say(Code::UnknownOrder, at, message, hint);
    }

    /// The number of an order on an entry that concerns no customer.
    pub fn order_without_customer(&mut self, at: Place, number: &str) {
        self.say(
            Code::UnknownOrder,
            at,
            format!("nothing says whose order `{number}` is"),
            "add a line `customers = [\"…\"]`",
        );
    }

    /// Rows of a ledger with such numbers: how many there are, and the first ones with their lines.
    pub fn unknown_orders(&mut self, at: Place, count: usize, first: &[(u32, &str)]) {
        let rows = if count == 1 {
            "1 row names an order that its customer".to_owned()
        } else {
            format!("{count} rows name orders that their customers")
        };
        self.say(
            Code::UnknownOrder,
            at,
            format!("{rows} never placed: {}", places(count, first)),
            "an order is an entry of kind = \"order\" with that `number`, or a row of such a ledger",
        );
    }

    /// An entry that stands in its folder under another name, too.
    pub fn copied_entry(&mut self, at: Place, original: &SourcePath) {
        self.say(
            Code::CopiedEntry,
            at,
            format!("this entry says the same as `{original}`, word for word"),
            "delete one of the two, or say in each what it alone is about",
        );
    }

    /// Something due before it began.
    pub fn due_before_date(&mut self, at: Place, date: Date) {
        self.say(
            Code::DueBeforeDate,
            at,
            format!("`due` lies before {date}, the day of this entry"),
            "correct one of the two; what nobody waits for needs no `due`",
        );
    }

    /// An entry dated before its customer was one.
    pub fn before_since(&mut self, at: Place, date: Date, customer: &str, since: Date) {
        self.say(
            Code::OutsideSinceUntil,
            at,
            format!("this entry is of {date}, but `{customer}` is a customer since {since}"),
            "correct the date, or `since` on the customer's page",
        );
    }

    /// An entry dated after its customer was one.
    pub fn after_until(&mut self, at: Place, date: Date, customer: &str, until: Date) {
        self.say(
            Code::OutsideSinceUntil,
            at,
            format!("this entry is of {date}, but `{customer}` was a customer until {until}"),
            "correct the date, or `until` on the customer's page",
        );
    }

    /// The name or mail address of somebody who is not named, typed as text.
    pub fn person_in_text(&mut self, at: Place, id: &str, instead: Option<&str>) {
        let instead =
            instead.map_or_else(|| "another word".to_owned(), |title| format!("`{title}`"));
        self.say(
            Code::PersonInText,
            at,
            format!("this is `{id}`, whom the site does not name: readers see {instead} here"),
            format!("write what readers are to see; within a text, a link [[{id}]] does it"),
        );
    }

    /// Somebody who had left before.
    pub fn did_it_after_leaving(&mut self, at: Place, person: &str, left: Date) {
        self.say(
            Code::PersonLeft,
            at,
            format!("`{person}` left on {left}, before this happened"),
            "name who did it, or correct the date or `left` on the person's page",
        );
    }

    /// Something open that nobody looks after any more.
    pub fn owner_has_left(&mut self, at: Place, person: &str, left: Date) {
        self.say(
            Code::PersonLeft,
            at,
            format!("this is still open, but `{person}` left on {left}"),
            "name another `owner`, or set status = \"done\"",
        );
    }

    /// What was made possible by something later.
    pub fn effect_before_cause(&mut self, at: Place, effect: Date, cause: Date) {
        let message =
            format!("this happened on {effect} already, but what enables it only on {cause}");
        self.say(
            Code::EffectBeforeCause,
            at,
            message,
            "name another entry, or correct one of the dates; `enables` stands in the earlier one",
        );
    }

    /// An entry that made itself possible.
    pub fn enables_itself(&mut self, at: Place) {
        self.say(
            Code::EnablesCircle,
            at,
            "this entry enables itself",
            "name what it made possible, or delete the line",
        );
    }

    /// Entries that made each other possible; each once, in the order of the circle.
    pub fn enables_circle(&mut self, at: Place, names: &[String]) {
        let shown = names.iter().take(SHOWN_OF_CIRCLE);
        let mut chain: Vec<String> = shown.map(|name| format!("`{name}`")).collect();
        let back = chain.first().cloned();
        let left_out = names.len() - chain.len();
        chain.extend((left_out > 0).then(|| format!("{left_out} more")));
        chain.extend(back);
        self.say(
            Code::EnablesCircle,
            at,
            format!(
                "entries enable each other in a circle: {}",
                chain.join(" → ")
            ),
            "what is later cannot have made possible what was earlier: delete one of the `enables`",
        );
    }

    /// An entry closed by an earlier one.
    pub fn closed_before_opened(&mut self, at: Place, opened: Date, closed: Date) {
        self.say(
            Code::ClosedBeforeOpened,
            at,
            format!("this began on {opened}, so it cannot have been closed on {closed}"),
            "name another entry, or correct one of the dates",
        );
    }

    /// An entry closed by one that was for other customers.
    pub fn closes_elsewhere(&mut self, at: Place, customer: &str) {
        self.say(
            Code::ClosesElsewhere,
            at,
            format!("this was for `{customer}`, whom the closing entry does not name"),
            "name another entry, or add the customer to `customers`",
        );
    }

    /// An entry that is closed already.
    pub fn closed_twice(&mut self, at: Place, first: &SourcePath) {
        self.say(
            Code::ClosedTwice,
            at,
            format!("this is closed already, by `{first}`"),
            "keep it in the entry that brought it to an end",
        );
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
            format!("`{field}` says who, and nobody is counted in a chart"),
            "show a table instead: take out `chart` and `by`",
        );
    }

    /// People sorted, chosen or charted by a number or a sum.
    pub fn ranks_people(&mut self, at: Place, field: &str) {
        self.say(
            Code::RanksPeople,
            at,
            format!("`{field}` says how much, and nobody is ranked by that"),
            "show it as a column; people stand in the order of their names",
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

/// The first of many rows, by what they name and where.
fn places(count: usize, first: &[(u32, &str)]) -> String {
    let named = first.iter().map(|(line, name)| match *name {
        "" => format!("nothing in line {line}"),
        name => format!("`{name}` in line {line}"),
    });
    let more = if count > first.len() { ", …" } else { "" };
    named.collect::<Vec<_>>().join(", ") + more
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
