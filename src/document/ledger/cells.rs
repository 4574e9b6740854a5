//! From the bytes of a CSV file to its cells, one row after the other.
//!
//! Owns encodings, the byte order mark, the `sep=` line, the delimiter, quotes and where a cell stands in its file. It
//! must never hold more than a row and what stands around it.

use std::io::{self, BufRead, BufReader, Chain, Cursor, Read};
use std::ops::Range;

use csv::{ByteRecord, StringRecord};
use encoding_rs::{UTF_16BE, UTF_16LE, WINDOWS_1252};
use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use crate::diagnostic::Location;
use crate::settings::Encoding;

/// A row with more bytes has swallowed others: a quote was never closed.
const LARGEST_ROW: usize = 256 * 1024;
/// So many bytes before the end of what was read are remembered, to say where a cell stands.
const REMEMBERED: usize = 2 * LARGEST_ROW;

/// The signs that may stand between two cells.
const DELIMITERS: [u8; 4] = [b';', b',', b'\t', b'|'];

/// Why a file cannot be read further.
#[derive(Debug)]
pub(super) enum CellsError {
    /// The disk said no.
    Disk(io::Error),
    /// Bytes that are no text in the encoding.
    Doubtful(Location),
    /// A quote that begins here is never closed.
    OpenQuote(Location),
}

/// The rows of a file behind its titles.
pub(super) struct Cells<R> {
    reader: csv::Reader<Memory<Input<R>>>,
    delimiter: u8,
    titles: Vec<String>,
    titles_at: Location,
    record: ByteRecord,
    encoding: Encoding,
    /// The first row that seems to be UTF-8 read as something else.
    misread: Option<Location>,
    /// The lines before what the reader sees: a `sep=` line.
    skipped_lines: u64,
}

type Decoder<R> = BufReader<DecodeReaderBytes<R, Vec<u8>>>;
/// The first row, which was read to find the delimiter, and what comes after it.
type Input<R> = Chain<Cursor<Vec<u8>>, Decoder<R>>;

/// One row.
pub(super) struct Row {
    /// What stands in its cells, without the blanks around.
    pub(super) cells: StringRecord,
    /// The line on which it begins, counted from 1.
    pub(super) line: u32,
    byte: u64,
    end: u64,
}

impl<R: Read> Cells<R> {
    /// Reads the titles. `wanted` are the titles that mean something: under the right delimiter they are found. `None`
    /// for a file without any line.
    pub(super) fn open(
        file: R,
        encoding: Encoding,
        delimiter: Option<u8>,
        wanted: &[&str],
    ) -> Result<Option<Cells<R>>, CellsError> {
        let mut decoder = BufReader::new(decoder(file, encoding));
        let mut first = first_row(&mut decoder)?;
        let said = separator(&first);
        let skipped_lines = u64::from(said.is_some());
        if said.is_some() {
            first = first_row(&mut decoder)?;
        }
        if first.is_empty() {
            return Ok(None);
        }
        let delimiter = delimiter
            .or(said)
            .unwrap_or_else(|| found_delimiter(&first, wanted));
        let reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(Memory::new(Cursor::new(first).chain(decoder)));
        let mut cells = Cells {
            reader,
            delimiter,
            titles: Vec::new(),
            titles_at: location(1 + skipped_lines, 1, ""),
            record: ByteRecord::new(),
            encoding,
            misread: None,
            skipped_lines,
        };
        let Some(row) = cells.next()? else {
            return Ok(None);
        };
        cells.titles = row.cells.iter().map(str::to_owned).collect();
        cells.titles_at = cells.place(&row, None);
        Ok(Some(cells))
    }

    /// The titles of the columns.
    pub(super) fn titles(&self) -> &[String] {
        &self.titles
    }

    /// Where the titles stand.
    pub(super) fn titles_at(&self) -> &Location {
        &self.titles_at
    }

    /// Where text stands that was probably written in UTF-8, though the settings say otherwise.
    pub(super) fn misread(&self) -> Option<&Location> {
        self.misread.as_ref()
    }

    /// The next row that holds anything.
    pub(super) fn next(&mut self) -> Result<Option<Row>, CellsError> {
        loop {
            let mut record = std::mem::take(&mut self.record);
            let more = self.reader.read_byte_record(&mut record);
            if !more.map_err(|error| CellsError::Disk(error.into()))? {
                return Ok(None);
            }
            let row = self.row(record)?;
            if row.cells.iter().any(|cell| !cell.is_empty()) {
                return Ok(Some(row));
            }
            self.record = row.cells.into_byte_record();
        }
    }

    /// Gives the room of a row back.
    pub(super) fn done_with(&mut self, row: Row) {
        self.record = row.cells.into_byte_record();
    }

    /// Where a row begins in what is remembered; the reader counts the line ends before it to the row.
    fn row(&mut self, record: ByteRecord) -> Result<Row, CellsError> {
        let position = record
            .position()
            .map_or((0, 1), |at| (at.byte(), at.line()));
        let (mut byte, mut line) = position;
        let end = self.reader.position().byte();
        let memory = self.reader.get_ref();
        let line_ends = memory.between(byte, end).iter();
        for sign in line_ends.take_while(|sign| is_line_end(**sign)) {
            byte += 1;
            line += u64::from(*sign == b'\n');
        }
        let line = u32::try_from(line + self.skipped_lines).unwrap_or(u32::MAX);
        let raw = memory.between(byte, end);
        let at = |start: usize, length: usize| location_in(raw, line, start, length);
        if end - byte > LARGEST_ROW as u64 {
            return Err(CellsError::OpenQuote(location(line.into(), 1, "")));
        }
        if let Some(start) = open_quote(raw, self.delimiter) {
            return Err(CellsError::OpenQuote(at(start, 1)));
        }
        let mut cells = match StringRecord::from_byte_record(record) {
            Ok(cells) => cells,
            Err(error) => {
                let bad = std::str::from_utf8(raw).map_or_else(|error| error.valid_up_to(), |_| 0);
                drop(error);
                return Err(CellsError::Doubtful(at(bad, 1)));
            }
        };
        if is_doubtful(&cells) {
            let start = raw
                .iter()
                .position(|byte| !byte.is_ascii() || *byte == 0)
                .unwrap_or(0);
            return Err(CellsError::Doubtful(at(start, 1)));
        }
        if self.misread.is_none() && self.encoding == Encoding::Windows1252 && is_misread(&cells) {
            let start = raw.iter().position(|byte| !byte.is_ascii()).unwrap_or(0);
            self.misread = Some(at(start, 1));
        }
        cells.trim();
        Ok(Row {
            cells,
            line,
            byte,
            end,
        })
    }

    /// Where a cell of a row stands, or the row as a whole.
    pub(super) fn place(&self, row: &Row, column: Option<usize>) -> Location {
        let raw = self.reader.get_ref().between(row.byte, row.end);
        let raw = &raw[..raw.len()
            - raw
                .iter()
                .rev()
                .take_while(|sign| is_line_end(**sign))
                .count()];
        let cell = column.map(|column| {
            let found = cell_ranges(raw, self.delimiter).nth(column);
            found.unwrap_or(raw.len()..raw.len())
        });
        let cell = cell.unwrap_or_default();
        location_in(raw, row.line, cell.start, cell.len())
    }
}

fn decoder<R: Read>(file: R, encoding: Encoding) -> DecodeReaderBytes<R, Vec<u8>> {
    let encoding = match encoding {
        Encoding::Utf8 => None,
        Encoding::Utf16Le => Some(UTF_16LE),
        Encoding::Utf16Be => Some(UTF_16BE),
        Encoding::Windows1252 => Some(WINDOWS_1252),
    };
    DecodeReaderBytesBuilder::new()
        .encoding(encoding)
        .bom_override(true)
        .utf8_passthru(true)
        .strip_bom(true)
        .build(file)
}

/// All lines up to the first one that ends outside of quotes.
fn first_row(reader: &mut impl BufRead) -> Result<Vec<u8>, CellsError> {
    let mut row = Vec::new();
    loop {
        let read = reader
            .by_ref()
            .take(LARGEST_ROW as u64)
            .read_until(b'\n', &mut row)
            .map_err(CellsError::Disk)?;
        let quotes = row.iter().filter(|sign| **sign == b'"').count();
        let is_blank = row.trim_ascii().is_empty();
        if read == 0 || row.len() >= LARGEST_ROW || (quotes % 2 == 0 && !is_blank) {
            return Ok(row);
        }
    }
}

/// What a first line `sep=;` says, with which spreadsheets tell each other the delimiter.
fn separator(line: &[u8]) -> Option<u8> {
    let line = line.trim_ascii_end().trim_ascii_start();
    let line = line
        .strip_prefix(b"\"")
        .and_then(|line| line.strip_suffix(b"\""))
        .unwrap_or(line);
    match line {
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'=', sign] => Some(*sign),
        [b's' | b'S', b'e' | b'E', b'p' | b'P', b'='] => Some(b'\t'),
        _ => None,
    }
}

/// The delimiter under which most of the wanted titles are found, and of several the one that stands there most often.
fn found_delimiter(first: &[u8], wanted: &[&str]) -> u8 {
    let found = |delimiter: u8| {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .has_headers(false)
            .from_reader(first);
        let mut titles = StringRecord::new();
        if reader.read_record(&mut titles).is_err() {
            return (0, 0);
        }
        let titles: Vec<&str> = titles.iter().map(str::trim).collect();
        let known = wanted.iter().filter(|title| titles.contains(title)).count();
        (known, titles.len())
    };
    let best = DELIMITERS
        .into_iter()
        .rev()
        .max_by_key(|delimiter| found(*delimiter));
    best.unwrap_or(b';')
}

/// Whether a text holds signs that stand for bytes without a meaning in their encoding.
fn is_doubtful(cells: &StringRecord) -> bool {
    let has_no_meaning = |c: char| matches!(c, '\u{fffd}' | '\0' | '\u{80}'..='\u{9f}');
    cells.iter().any(|cell| cell.contains(has_no_meaning))
}

/// Whether the signs beyond ASCII are such as UTF-8 becomes when it is read as Windows-1252: `Ã¼` for `ü`.
fn is_misread(cells: &StringRecord) -> bool {
    let seems_so = |cell: &str| {
        let (bytes, _, unmappable) = WINDOWS_1252.encode(cell);
        !unmappable && std::str::from_utf8(&bytes).is_ok()
    };
    cells.iter().any(|cell| !cell.is_ascii() && seems_so(cell))
}

/// The bytes of each cell of a row, quotes included. A quote counts only where a cell begins with one.
fn cell_ranges(raw: &[u8], delimiter: u8) -> impl Iterator<Item = Range<usize>> {
    let mut next = Some(0);
    std::iter::from_fn(move || {
        let start = next?;
        let is_quoted = raw.get(start) == Some(&b'"');
        let mut in_quotes = is_quoted;
        let signs = raw.iter().enumerate().skip(start + usize::from(is_quoted));
        for (i, sign) in signs {
            if *sign == b'"' && is_quoted {
                in_quotes = !in_quotes;
            } else if *sign == delimiter && !in_quotes {
                next = Some(i + 1);
                return Some(start..i);
            }
        }
        next = None;
        Some(start..raw.len())
    })
}

/// Where a cell begins with a quote that is not closed where the cell ends.
fn open_quote(raw: &[u8], delimiter: u8) -> Option<usize> {
    memchr::memchr(b'"', raw)?;
    let raw = raw.trim_ascii_end();
    let mut cells = cell_ranges(raw, delimiter);
    let open = cells.find(|cell| !closes_its_quote(&raw[cell.clone()]))?;
    Some(open.start)
}

/// Within quotes, a quote that is meant as a sign is doubled.
fn closes_its_quote(cell: &[u8]) -> bool {
    let Some(quoted) = cell.strip_prefix(b"\"") else {
        return true;
    };
    let mut signs = quoted.trim_ascii_end().iter().peekable();
    while let Some(sign) = signs.next() {
        if *sign == b'"' && signs.next_if(|next| **next == b'"').is_none() {
            return signs.next().is_none();
        }
    }
    false
}

fn is_line_end(sign: u8) -> bool {
    matches!(sign, b'\r' | b'\n')
}

/// The place of some bytes of a row that begins on a line.
fn location_in(raw: &[u8], line: u32, start: usize, length: usize) -> Location {
    let before = &raw[..start.min(raw.len())];
    let lines_before = memchr::memchr_iter(b'\n', before).count();
    let line_start = memchr::memrchr(b'\n', before).map_or(0, |end| end + 1);
    let rest = &raw[line_start..];
    let line_length = rest.iter().position(|sign| is_line_end(*sign));
    let text = String::from_utf8_lossy(&rest[..line_length.unwrap_or(rest.len())]);
    let column = String::from_utf8_lossy(&raw[line_start..before.len()])
        .chars()
        .count()
        + 1;
    let cell = &raw[before.len()..(start + length).min(raw.len())];
    let cell = cell.split(|sign| *sign == b'\n').next().unwrap_or_default();
    let width = String::from_utf8_lossy(cell).chars().count();
    let mut location = location(u64::from(line) + lines_before as u64, column, &text);
    location.end_column = column + width;
    location
}

fn location(line: u64, column: usize, text: &str) -> Location {
    let line = usize::try_from(line).unwrap_or(usize::MAX);
    Location {
        line,
        column,
        end_line: line,
        end_column: column,
        text: text.to_owned(),
    }
}

/// A reader that remembers the last bytes that went through it.
struct Memory<R> {
    inner: R,
    recent: Vec<u8>,
    /// How many bytes went through before the first one that is remembered.
    start: u64,
}

impl<R> Memory<R> {
    fn new(inner: R) -> Self {
        Memory {
            inner,
            recent: Vec::new(),
            start: 0,
        }
    }

    /// Some of the bytes, as far as they are remembered.
    fn between(&self, from: u64, to: u64) -> &[u8] {
        let index =
            |byte: u64| usize::try_from(byte.saturating_sub(self.start)).unwrap_or(usize::MAX);
        let to = index(to).min(self.recent.len());
        &self.recent[index(from).min(to)..to]
    }
}

impl<R: Read> Read for Memory<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        if self.recent.len() > 2 * REMEMBERED {
            let forgotten = self.recent.len() - REMEMBERED;
            self.recent.drain(..forgotten);
            self.start += forgotten as u64;
        }
        self.recent.extend_from_slice(&buffer[..read]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8], encoding: Encoding) -> Vec<String> {
        let mut cells = Cells::open(bytes, encoding, None, &["Datum", "Text"])
            .unwrap()
            .unwrap();
        let mut lines = vec![format!("{:?}", cells.titles())];
        loop {
            match cells.next() {
                Ok(None) => return lines,
                Ok(Some(row)) => {
                    let last = cells.place(&row, Some(row.cells.len() - 1));
                    let texts: Vec<&str> = row.cells.iter().collect();
                    lines.push(format!(
                        "{} {texts:?} {}:{} {}",
                        row.line, last.line, last.column, last.text
                    ));
                    cells.done_with(row);
                }
                Err(CellsError::OpenQuote(at)) => {
                    lines.push(format!("open quote {}:{}", at.line, at.column));
                    return lines;
                }
                Err(CellsError::Doubtful(at)) => {
                    lines.push(format!("doubtful {}:{} {}", at.line, at.column, at.text));
                    return lines;
                }
                Err(CellsError::Disk(error)) => panic!("{error}"),
            }
        }
    }

    #[test]
    fn lines_and_columns_are_those_of_the_file_whatever_its_line_ends() {
        let text = "Datum;Text;Ä\r\n\r\n1;\"x;\r\ny\";ß\r\n;;\r\n2; b ;\"q\"\"\"\r\n";
        let unix = text.replace("\r\n", "\n");
        let expected = [
            "[\"Datum\", \"Text\", \"Ä\"]",
            "3 [\"1\", \"x;\\r\\ny\", \"ß\"] 4:4 y\";ß",
            "6 [\"2\", \"b\", \"q\\\"\"] 6:7 2; b ;\"q\"\"\"",
        ];
        assert_eq!(read(text.as_bytes(), Encoding::Utf8), expected);
        let expected = expected.map(|line| line.replace("\\r\\n", "\\n"));
        assert_eq!(read(unix.as_bytes(), Encoding::Utf8), expected);
    }

    #[test]
    fn encodings_are_read_as_set_or_as_the_mark_says() {
        let text = "sep=,\nDatum,Text\n1,Größe €\n";
        let expected = [
            "[\"Datum\", \"Text\"]",
            "3 [\"1\", \"Größe €\"] 3:3 1,Größe €",
        ];
        let utf16 = |bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
            let units = std::iter::once(0xfeff).chain(text.encode_utf16());
            units.flat_map(bytes).collect()
        };
        let (windows, ..) = WINDOWS_1252.encode(text);
        assert_eq!(read(text.as_bytes(), Encoding::Utf8), expected);
        assert_eq!(
            read(format!("\u{feff}{text}").as_bytes(), Encoding::Utf8),
            expected
        );
        assert_eq!(read(&utf16(u16::to_le_bytes), Encoding::Utf8), expected);
        assert_eq!(
            read(&utf16(u16::to_be_bytes), Encoding::Windows1252),
            expected
        );
        assert_eq!(
            read(&utf16(u16::to_le_bytes)[2..], Encoding::Utf16Le),
            expected
        );
        assert_eq!(read(&windows, Encoding::Windows1252), expected);
    }

    #[test]
    fn wrong_encodings_are_noticed() {
        let text = "Datum;Text\n1;Grün\n";
        let (windows, ..) = WINDOWS_1252.encode(text);
        assert_eq!(
            read(&windows, Encoding::Utf8)[1],
            "doubtful 2:5 1;Gr\u{fffd}n"
        );
        assert_eq!(
            read(b"Datum;Text\n1;\x81\n", Encoding::Windows1252)[1],
            "doubtful 2:3 1;\u{81}"
        );
    }

    #[test]
    fn an_open_quote_is_found_where_it_begins() {
        assert_eq!(
            read(b"Datum;Text\n1;a\n2;\"b\n3;c\n", Encoding::Utf8)[2],
            "open quote 3:3"
        );
        assert_eq!(
            read(b"Datum\tText\n1\t12\" Rohr\n", Encoding::Utf8)[1],
            "2 [\"1\", \"12\\\" Rohr\"] 2:3 1\t12\" Rohr"
        );
    }
}
