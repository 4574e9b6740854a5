//! What strang says to authors: a code, a severity, a place, a message and how to mend it.
//!
//! Owns the list of all codes, the collection of one run and its order. The constructors, one for each thing that can
//! be said, stand in [`catalogue`]; the ways to print a collection in [`render`]. Nothing else in strang words a
//! message about content. It must never print.

mod catalogue;
mod location;
mod render;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use thin_vec::ThinVec;

use crate::path::SourcePath;

pub use location::{Location, Texts};
pub use render::{Colour, Format, render, render_one};

/// A range of bytes in a source file, counted from its first byte.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last one.
    pub end: u32,
}

impl Span {
    /// The span of a range that starts `offset` bytes into the file. Sources are far smaller than 4 GiB.
    pub fn at(offset: usize, range: Range<usize>) -> Span {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Span {
            start: clamp(offset + range.start),
            end: clamp(offset + range.end),
        }
    }
}

/// A value and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T> Spanned<T> {
    /// Joins a value with its place.
    pub fn new(value: T, span: Span) -> Self {
        Self { value, span }
    }
}

/// A span in a named file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file, relative to the portal.
    pub source: SourcePath,
    /// The bytes in it.
    pub span: Span,
    /// In a file that is not kept, such as a ledger: where it was when it was read.
    pub read_at: Option<Box<Location>>,
}

impl Place {
    /// A span in a file.
    pub fn new(source: &SourcePath, span: Span) -> Self {
        Self {
            source: source.clone(),
            span,
            read_at: None,
        }
    }

    /// A place in a file whose text is not kept.
    pub fn read_at(source: &SourcePath, location: Location) -> Self {
        Self {
            source: source.clone(),
            span: Span::default(),
            read_at: Some(Box::new(location)),
        }
    }

    /// The same in the terms of an editor.
    pub fn location(&self, texts: &dyn Texts) -> Location {
        self.location_in(&texts.bytes(&self.source).unwrap_or_default())
    }

    /// The same, in the bytes of its file.
    fn location_in(&self, bytes: &[u8]) -> Location {
        match &self.read_at {
            Some(location) => Location::clone(location),
            None => Location::of(self.span, bytes),
        }
    }

    /// The very start of a file, for what concerns it as a whole.
    pub fn start_of(source: &SourcePath) -> Self {
        Self::new(source, Span::default())
    }
}

/// How much a diagnostic weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The content cannot be published.
    Error,
    /// It can, but somebody should look.
    Warning,
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Error => "error",
            Severity::Warning => "warning",
        })
    }
}

macro_rules! codes {
    ($($severity:ident { $($(#[$doc:meta])* $code:ident = $text:literal,)* })*) => {
        /// The stable name of each thing that can be said; scripts and suppressions may rely on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $($($(#[$doc])* $code,)*)*
        }

        impl Code {
            /// Every code, in no order that matters.
            pub const ALL: &'static [Code] = &[$($(Code::$code,)*)*];

            /// The code as printed.
            pub fn as_str(self) -> &'static str {
                match self { $($(Code::$code => $text,)*)* }
            }

            /// What the code weighs unless `--strict` says otherwise.
            pub fn severity(self) -> Severity {
                match self { $($(Code::$code => Severity::$severity,)*)* }
            }
        }
    };
}

codes! {
    Error {
        /// Two sources want the same address.
        AddressClash = "address-clash",
        /// A link fits more than one page.
        AmbiguousLink = "ambiguous-link",
        /// An attachment whose ending would make it a page or a program.
        AttachmentType = "attachment-type",
        /// A condition of a table block that compares nothing.
        BadCondition = "bad-condition",
        /// A day that does not exist or is written otherwise than `2025-03-05`.
        BadDate = "bad-date",
        /// A file name that no system can carry safely.
        BadFileName = "bad-file-name",
        /// An id that is not made of `[a-z0-9-]`.
        BadId = "bad-id",
        /// A setting with a value that cannot be meant.
        BadSetting = "bad-setting",
        /// Front matter or settings that are no TOML.
        BadToml = "bad-toml",
        /// Sources that somebody changed each time they were read.
        ChangedWhileBuilding = "changed-while-building",
        /// The left-over of an unfinished merge.
        ConflictMarker = "conflict-marker",
        /// An entry that closes what was opened after it.
        ClosedBeforeOpened = "closed-before-opened",
        /// A control character in a source.
        ControlCharacter = "control-character",
        /// A chart that would count what somebody did.
        CountsPeople = "counts-people",
        /// Two dates in the wrong order.
        DateOrder = "date-order",
        /// A fact that must be unique and is not.
        DuplicateFact = "duplicate-fact",
        /// Two sources or goals with one id.
        DuplicateId = "duplicate-id",
        /// Entries that made each other possible.
        EnablesCircle = "enables-circle",
        /// A page that needs front matter has none.
        FrontMatterMissing = "front-matter-missing",
        /// Front matter that never ends.
        FrontMatterOpen = "front-matter-open",
        /// Front matter in YAML.
        FrontMatterYaml = "front-matter-yaml",
        /// Front matter beyond its size limit.
        FrontMatterTooBig = "front-matter-too-big",
        /// strang itself is at fault.
        InternalError = "internal-error",
        /// Bytes of a ledger that are no text in its encoding.
        LedgerEncoding = "ledger-encoding",
        /// Titles of a ledger that are missing or stand there twice.
        LedgerHeader = "ledger-header",
        /// A sum in a ledger that cannot be read.
        LedgerMoney = "ledger-money",
        /// A row of a ledger that cannot be read.
        LedgerRow = "ledger-row",
        /// A source where none is expected.
        MisplacedFile = "misplaced-file",
        /// A required key or fact that is absent or empty.
        MissingFact = "missing-fact",
        /// A portal without sources.
        NoContent = "no-content",
        /// Neither a file nor a folder.
        NotAFile = "not-a-file",
        /// Bytes that are no UTF-8.
        NotUtf8 = "not-utf8",
        /// A number too large or too exact for its type.
        NumberRange = "number-range",
        /// A page beyond its size limit.
        PageTooBig = "page-too-big",
        /// An image from another server.
        RemoteImage = "remote-image",
        /// A symbolic link.
        Symlink = "symlink",
        /// People sorted, chosen or charted by how much.
        RanksPeople = "ranks-people",
        /// A template that cannot be read or rendered.
        TemplateError = "template-error",
        /// Folders or markup nested too deep.
        TooDeep = "too-deep",
        /// An id of a customer that does not exist.
        UnknownCustomer = "unknown-customer",
        /// An id of a department that does not exist.
        UnknownDepartment = "unknown-department",
        /// An entry that does not exist.
        UnknownEntry = "unknown-entry",
        /// Evidence that is neither an entry nor a page.
        UnknownEvidence = "unknown-evidence",
        /// A field that a table block's subject does not have.
        UnknownField = "unknown-field",
        /// A goal that the entry's customers do not have.
        UnknownGoal = "unknown-goal",
        /// A key that is neither built in nor in the schema.
        UnknownKey = "unknown-key",
        /// A kind of entry that is neither built in nor in the settings.
        UnknownKind = "unknown-kind",
        /// An id of a person who does not exist.
        UnknownPerson = "unknown-person",
        /// A file that the system will not read out.
        Unreadable = "unreadable",
        /// A value that is not one of those allowed.
        WrongChoice = "wrong-choice",
        /// A value of another type than expected.
        WrongType = "wrong-type",
    }
    Warning {
        /// A heading that the linked page does not have.
        BrokenAnchor = "broken-anchor",
        /// A link to nothing.
        BrokenLink = "broken-link",
        /// An entry that another one has closed already.
        ClosedTwice = "closed-twice",
        /// An entry that closes what was for other customers.
        ClosesElsewhere = "closes-elsewhere",
        /// A comment that never ends.
        CommentOpen = "comment-open",
        /// An entry that stands in a folder twice.
        CopiedEntry = "copied-entry",
        /// A day by which something should be done that lies before it began.
        DueBeforeDate = "due-before-date",
        /// An entry that made possible what happened before it.
        EffectBeforeCause = "effect-before-cause",
        /// A clone without its older commits.
        GitShallow = "git-shallow",
        /// A checkout whose history cannot be read.
        GitUnavailable = "git-unavailable",
        /// A class or attribute on a heading.
        HeadingAttribute = "heading-attribute",
        /// A date after the day of the build.
        FutureDate = "future-date",
        /// Left behind by a merge tool.
        Leftover = "leftover",
        /// Text of a ledger that was probably written in another encoding.
        LedgerMisread = "ledger-misread",
        /// Rows of a ledger that name a customer, person or department nobody knows.
        LedgerUnknown = "ledger-unknown",
        /// A CSV file that no ledger of the settings reads.
        LedgerUnread = "ledger-unread",
        /// A link where there is only plain text.
        LinkInPlainText = "link-in-plain-text",
        /// An address with a scheme that no page may use.
        LinkScheme = "link-scheme",
        /// A link to a file that does not exist.
        MissingAttachment = "missing-attachment",
        /// An entry dated before its customer was one, or after.
        OutsideSinceUntil = "outside-since-until",
        /// Somebody who is not named, by name in a text.
        PersonInText = "person-in-text",
        /// Somebody who has left and cannot have done it, or will not.
        PersonLeft = "person-left",
        /// A table of people in a portal that names none.
        PeopleNotShown = "people-not-shown",
        /// HTML in Markdown.
        RawHtml = "raw-html",
        /// The number of an order that the entry's customers never placed.
        UnknownOrder = "unknown-order",
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing told to the author.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    /// Its stable name.
    pub code: Code,
    /// What it weighs in this run.
    pub severity: Severity,
    /// Where it stands.
    pub place: Place,
    /// What is meant, in one sentence.
    pub message: String,
    /// How to mend it.
    pub hint: Option<String>,
}

/// All that one stage, and at last one run, has to say. Of most sources there is nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Diagnostics {
    said: ThinVec<Diagnostic>,
    /// Whether some TOML could not be read at all.
    unreadable: bool,
    /// Those of a flood that are counted but not printed.
    unsaid: ThinVec<Severity>,
}

/// How many diagnostics of one code in one file are printed singly.
const SHOWN_PER_FILE_AND_CODE: usize = 100;

impl Diagnostics {
    /// Nothing to say yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes over what another stage had to say.
    pub fn append(&mut self, mut other: Diagnostics) {
        self.said.append(&mut other.said);
        self.unsaid.append(&mut other.unsaid);
    }

    /// Remembers that some TOML could not be read at all.
    pub fn mark_unreadable(&mut self) {
        self.unreadable = true;
    }

    /// Takes back what is said to be missing where something could not be read: that may be what is missing.
    pub fn forgive_missing(&mut self) {
        if self.unreadable {
            self.said
                .retain(|diagnostic| diagnostic.code != Code::MissingFact);
        }
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.said.is_empty()
    }

    /// Every diagnostic, in the order of places once [`Diagnostics::sorted`] has run.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.said.iter()
    }

    /// How many there are of a severity.
    pub fn count(&self, severity: Severity) -> usize {
        let said = self.said.iter().map(|diagnostic| diagnostic.severity);
        said.chain(self.unsaid.iter().copied())
            .filter(|other| *other == severity)
            .count()
    }

    /// The same with every warning raised to an error, as `--strict` asks.
    #[must_use]
    pub fn strict(mut self) -> Self {
        for diagnostic in &mut self.said {
            diagnostic.severity = Severity::Error;
        }
        self.unsaid.fill(Severity::Error);
        self
    }

    /// In the order of file and place, each once; of a flood of one code in one file the rest is counted.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.said
            .sort_by(|a, b| (&a.place, a.code, &a.message).cmp(&(&b.place, b.code, &b.message)));
        self.said.dedup();
        let unsaid = &mut self.unsaid;
        let mut counts: BTreeMap<(SourcePath, Code), usize> = BTreeMap::new();
        self.said.retain(|diagnostic| {
            let count = counts
                .entry((diagnostic.place.source.clone(), diagnostic.code))
                .or_default();
            *count += 1;
            let shown = *count <= SHOWN_PER_FILE_AND_CODE;
            if !shown {
                unsaid.push(diagnostic.severity);
            }
            shown
        });
        for diagnostic in &mut self.said {
            let key = (diagnostic.place.source.clone(), diagnostic.code);
            if let Some(count) = counts
                .remove(&key)
                .filter(|count| *count > SHOWN_PER_FILE_AND_CODE)
            {
                diagnostic.message.push_str(&format!(
                    " (the first of {count} alike in this file, of which {SHOWN_PER_FILE_AND_CODE} are shown)"
                ));
            }
        }
        self
    }
}
