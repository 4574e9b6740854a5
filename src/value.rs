//! Typed values of facts: exact numbers and money, dates, and how each language writes them.
//!
//! Text comes in, exact values come out, and the way back for readers. It must never round and never look at the
//! machine's locale.

use std::cmp::Ordering;
use std::fmt;

use icu_collator::options::{AlternateHandling, CollatorOptions};
use icu_collator::{Collator, CollatorBorrowed};
use icu_locale_core::locale;
use jiff::civil::Date;

/// The language of the interface, of dates, numbers and sorting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// German; sorted by DIN 5007-1.
    De,
    /// English.
    En,
}

impl Language {
    /// All languages that are built in.
    pub const ALL: [Language; 2] = [Language::De, Language::En];

    /// The code used in `strang.toml`, in `lang` and in the names of the word lists.
    pub fn code(self) -> &'static str {
        match self {
            Language::De => "de",
            Language::En => "en",
        }
    }

    /// How titles are ordered for readers of this language.
    pub fn collator(self) -> CollatorBorrowed<'static> {
        let locale = match self {
            Language::De => locale!("de"),
            Language::En => locale!("en"),
        };
        let mut options = CollatorOptions::default();
        options.alternate_handling = Some(AlternateHandling::NonIgnorable);
        Collator::try_new(locale.into(), options)
            .expect("BUG: collation data of de and en is compiled in")
    }
}

/// An exact decimal number: `units / 10^scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    units: i64,
    scale: u8,
}

/// More places behind the point do not fit beside any digit before it.
const LARGEST_SCALE: u8 = 18;

/// What stands before the cents; the other one of the two may group thousands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalSign {
    /// `1,234.50`.
    Point,
    /// `1.234,50`.
    Comma,
}

/// Why a text is no decimal number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecimalError {
    /// Something else than digits with at most one `.` and a sign.
    Malformed,
    /// More digits than an exact value can hold.
    Range,
}

impl Decimal {
    /// Reads `-1234.50`; `_` between digits is allowed, as TOML writes numbers.
    pub fn parse(text: &str) -> Result<Decimal, DecimalError> {
        let (negative, digits) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        if whole.is_empty() || fraction.is_empty() {
            return Err(DecimalError::Malformed);
        }
        let fraction = if digits.contains('.') { fraction } else { "" };
        let mut units: i64 = 0;
        for byte in whole.bytes().chain(fraction.bytes()).filter(|&b| b != b'_') {
            if !byte.is_ascii_digit() {
                return Err(DecimalError::Malformed);
            }
            units = units
                .checked_mul(10)
                .and_then(|n| n.checked_add(i64::from(byte - b'0')))
                .ok_or(DecimalError::Range)?;
        }
        let scale = fraction.bytes().filter(|&b| b != b'_').count();
        let scale = u8::try_from(scale)
            .ok()
            .filter(|scale| *scale <= LARGEST_SCALE);
        let scale = scale.ok_or(DecimalError::Range)?;
        Ok(Decimal {
            units: if negative { -units } else { units },
            scale,
        })
    }

    /// Reads a number as another program writes it: thousands may be grouped by the sign that is not the decimal one,
    /// by blanks or `'`, and a minus may stand behind. Without a decimal sign, digits and at most one point. Never a
    /// guess.
    pub fn parse_written(
        text: &str,
        decimal: Option<DecimalSign>,
    ) -> Result<Decimal, DecimalError> {
        let text = text.trim().replace('\u{2212}', "-");
        let (negative, digits) = match (text.strip_prefix('-'), text.strip_suffix('-')) {
            (Some(digits), _) | (None, Some(digits)) => (true, digits.trim()),
            (None, None) => (false, text.strip_prefix('+').unwrap_or(&text)),
        };
        let (point, group) = match decimal {
            Some(DecimalSign::Comma) => (',', Some('.')),
            Some(DecimalSign::Point) => ('.', Some(',')),
            None => ('.', None),
        };
        let (whole, fraction) = match digits.split_once(point) {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (digits, None),
        };
        let is_group =
            |c: char| Some(c) == group || matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\'' | '’');
        let parts: Vec<&str> = whole.split(is_group).collect();
        let are_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let whole_fits = parts.iter().all(|part| are_digits(part))
            && parts[1..].iter().all(|part| part.len() == 3)
            && (parts.len() == 1 || parts[0].len() <= 3);
        if !whole_fits || !fraction.is_none_or(are_digits) {
            return Err(DecimalError::Malformed);
        }
        let mut plain = String::from(if negative { "-" } else { "" });
        plain.extend(parts);
        if let Some(fraction) = fraction {
            plain.push('.');
            plain.push_str(fraction);
        }
        Decimal::parse(&plain)
    }

    /// A whole number, such as a count.
    pub fn whole(units: i64) -> Decimal {
        Decimal { units, scale: 0 }
    }

    /// The same number without zeros at its end that say nothing.
    #[must_use]
    pub fn normal(self) -> Decimal {
        let mut number = self;
        while number.scale > 0 && number.units % 10 == 0 {
            number.units /= 10;
            number.scale -= 1;
        }
        number
    }

    /// The order of two numbers; `1.50` and `1.5` are one number.
    pub fn compare(self, other: Decimal) -> Ordering {
        let places = self.scale.max(other.scale);
        let units = |number: Decimal| {
            i128::from(number.units) * 10i128.pow(u32::from(places - number.scale))
        };
        units(self).cmp(&units(other))
    }

    /// The number in `10^-places`; `None` where that would lose digits.
    pub fn to_scale(self, places: u8) -> Option<i64> {
        let mut units = self.units;
        let mut scale = self.scale;
        while scale > places {
            if units % 10 != 0 {
                return None;
            }
            units /= 10;
            scale -= 1;
        }
        while scale < places {
            units = units.checked_mul(10)?;
            scale += 1;
        }
        Some(units)
    }

    /// The number as a reader of the language writes it.
    pub fn format(self, language: Language) -> String {
        format_scaled(i128::from(self.units), self.scale, language)
    }
}

/// A currency by its ISO 4217 code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Reads a code of three capital letters.
    pub fn parse(code: &str) -> Option<Currency> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        bytes
            .iter()
            .all(u8::is_ascii_uppercase)
            .then_some(Currency(bytes))
    }

    /// The ISO 4217 code.
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).expect("BUG: a currency code is ASCII")
    }

    /// A sum as written without its currency, which is this one unless a sign or code before or behind says otherwise.
    pub fn split_off(self, written: &str) -> (&str, Currency) {
        let written = written.trim();
        let without = |sign: &str| {
            written
                .strip_prefix(sign)
                .or_else(|| written.strip_suffix(sign))
        };
        if let Some(amount) = self.symbol().and_then(without) {
            return (amount.trim(), self);
        }
        let code_of = |text: Option<&str>| Currency::parse(text?);
        let length = written.len();
        if let Some(code) = code_of(written.get(..3)) {
            return (written[3..].trim(), code);
        }
        if let Some(code) = code_of(written.get(length.saturating_sub(3)..)) {
            return (written[..length - 3].trim(), code);
        }
        (written, self)
    }

    /// Digits behind the decimal sign.
    pub fn decimals(self) -> u8 {
        match &self.0 {
            b"JPY" | b"KRW" | b"ISK" | b"VND" | b"CLP" | b"XAF" | b"XOF" => 0,
            b"BHD" | b"JOD" | b"KWD" | b"OMR" | b"TND" => 3,
            _ => 2,
        }
    }

    /// The sign that the language's readers know, if there is one.
    pub fn symbol(self) -> Option<&'static str> {
        match &self.0 {
            b"EUR" => Some("€"),
            b"GBP" => Some("£"),
            b"USD" => Some("$"),
            _ => None,
        }
    }
}

/// An exact sum of money in minor units (cents) of its currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    /// Minor units: cents of a euro, whole yen.
    pub minor: i64,
    /// The currency that the minor units belong to.
    pub currency: Currency,
}

impl Money {
    /// The sum that a decimal number names; `None` where it has more places than the currency, even if they are zeros:
    /// whoever writes `12.500` may mean twelve thousand five hundred.
    pub fn from_decimal(number: Decimal, currency: Currency) -> Option<Money> {
        if number.scale > currency.decimals() {
            return None;
        }
        Some(Money {
            minor: number.to_scale(currency.decimals())?,
            currency,
        })
    }

    /// The sum without its currency.
    pub fn decimal(self) -> Decimal {
        Decimal {
            units: self.minor,
            scale: self.currency.decimals(),
        }
    }

    /// The sum as a reader of the language writes it; with its sign only for the portal's own currency.
    pub fn format(self, language: Language, own: Currency) -> String {
        let sign = if self.minor < 0 { "\u{2212}" } else { "" };
        let amount = format_fixed(
            i128::from(self.minor).abs(),
            self.currency.decimals(),
            language,
        );
        let symbol = if self.currency == own {
            self.currency.symbol()
        } else {
            None
        };
        match (language, symbol) {
            (Language::De, symbol) => format!(
                "{sign}{amount}\u{a0}{}",
                symbol.unwrap_or(self.currency.code())
            ),
            (Language::En, Some(symbol)) => format!("{sign}{symbol}{amount}"),
            (Language::En, None) => format!("{sign}{}\u{a0}{amount}", self.currency.code()),
        }
    }
}

/// A whole number as a reader of the language writes it.
pub fn format_count(number: usize, language: Language) -> String {
    format_scaled(number as i128, 0, language)
}

fn format_scaled(units: i128, scale: u8, language: Language) -> String {
    let power = 10i128.pow(u32::from(scale));
    let magnitude = units.abs();
    let mut text = String::new();
    if units < 0 {
        text.push('\u{2212}');
    }
    text.push_str(&group(
        magnitude / power,
        language,
        Grouping::FromFiveDigits,
    ));
    push_fraction(&mut text, magnitude % power, scale, language);
    text
}

/// Money: grouped from four digits on, by `.` or `,`.
fn format_fixed(magnitude: i128, scale: u8, language: Language) -> String {
    let power = 10i128.pow(u32::from(scale));
    let mut text = group(magnitude / power, language, Grouping::Money);
    push_fraction(&mut text, magnitude % power, scale, language);
    text
}

fn push_fraction(text: &mut String, fraction: i128, scale: u8, language: Language) {
    if scale > 0 {
        text.push(match language {
            Language::De => ',',
            Language::En => '.',
        });
        text.push_str(&format!("{fraction:0width$}", width = usize::from(scale)));
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Grouping {
    FromFiveDigits,
    Money,
}

fn group(number: i128, language: Language, grouping: Grouping) -> String {
    let digits = number.to_string();
    let separator = match (language, grouping) {
        (Language::De, Grouping::Money) => '.',
        (Language::De, Grouping::FromFiveDigits) if digits.len() < 5 => return digits,
        (Language::De, Grouping::FromFiveDigits) => '\u{202f}',
        (Language::En, _) => ',',
    };
    let mut text = String::with_capacity(digits.len() * 2);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(separator);
        }
        text.push(digit);
    }
    text
}

const MONTHS_DE: [&str; 12] = [
    "Januar",
    "Februar",
    "März",
    "April",
    "Mai",
    "Juni",
    "Juli",
    "August",
    "September",
    "Oktober",
    "November",
    "Dezember",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS_DE: [&str; 7] = ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"];
const DAYS_EN: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// The name of a month, 1 to 12.
pub fn month_name(month: i8, language: Language) -> &'static str {
    let names = match language {
        Language::De => &MONTHS_DE,
        Language::En => &MONTHS_EN,
    };
    names[usize::try_from(month - 1).unwrap_or(0).min(11)]
}

/// How long a written date is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DateStyle {
    /// In running text: `5. März 2025`, `5 March 2025`.
    Text,
    /// In tables and lists: `05.03.2025`, `5 Mar 2025`.
    Table,
    /// Under a heading that names the year: `Mi 5. März`, `Wed 5 March`.
    UnderYear,
}

/// A date as a reader of the language writes it.
pub fn format_date(date: Date, style: DateStyle, language: Language) -> String {
    let (year, day) = (date.year(), date.day());
    let month = month_name(date.month(), language);
    let weekday = usize::try_from(date.weekday().to_monday_zero_offset()).unwrap_or(0);
    match (style, language) {
        (DateStyle::Text, Language::De) => format!("{day}. {month} {year}"),
        (DateStyle::Text, Language::En) => format!("{day} {month} {year}"),
        (DateStyle::Table, Language::De) => numeric_date(date),
        (DateStyle::Table, Language::En) => format!("{day} {} {year}", &month[..3]),
        (DateStyle::UnderYear, Language::De) => format!("{} {day}. {month}", DAYS_DE[weekday]),
        (DateStyle::UnderYear, Language::En) => format!("{} {day} {month}", DAYS_EN[weekday]),
    }
}

/// `05.03.2025`. Hundreds of thousands of these stand in a large portal, so digits are set one by one.
fn numeric_date(date: Date) -> String {
    let digit = |number: i16| char::from(b'0' + u8::try_from(number % 10).unwrap_or(0));
    let (day, month, year) = (i16::from(date.day()), i16::from(date.month()), date.year());
    [
        digit(day / 10),
        digit(day),
        '.',
        digit(month / 10),
        digit(month),
        '.',
        digit(year / 1000),
        digit(year / 100),
        digit(year / 10),
        digit(year),
    ]
    .iter()
    .collect()
}

/// Reads `2025-03-05` and nothing else.
pub fn parse_date(text: &str) -> Option<Date> {
    let bytes = text.as_bytes();
    let shape = bytes.len() == 10
        && bytes.iter().enumerate().all(|(i, b)| {
            if i == 4 || i == 7 {
                *b == b'-'
            } else {
                b.is_ascii_digit()
            }
        });
    let date: Date = if shape {
        text.parse().ok()?
    } else {
        return None;
    };
    (date.year() > 0).then_some(date)
}

/// The value of one fact. `R` is how another page is named: as written in a document, as meant in a portal.
#[derive(Clone, Debug, PartialEq)]
pub enum FactValue<R> {
    /// Free text, or one of a fact's choices.
    Text(String),
    /// An exact number.
    Number(Decimal),
    /// An exact sum.
    Money(Money),
    /// A day.
    Date(Date),
    /// Yes or no.
    Bool(bool),
    /// A web address.
    Url(String),
    /// A mail address.
    Email(String),
    /// A telephone number, as written.
    Phone(String),
    /// A customer, department or person.
    Page(R),
    /// Several values of one type, in the order written.
    List(Vec<FactValue<R>>),
}

impl<R> FactValue<R> {
    /// The value as it stands in sources, by which two are compared; `name` says how a page is named.
    pub fn as_written(&self, name: &impl Fn(&R) -> String) -> String {
        match self {
            FactValue::Text(text)
            | FactValue::Url(text)
            | FactValue::Email(text)
            | FactValue::Phone(text) => text.clone(),
            FactValue::Number(number) => number.to_string(),
            FactValue::Money(money) => money.to_string(),
            FactValue::Date(date) => date.to_string(),
            FactValue::Bool(bool) => bool.to_string(),
            FactValue::Page(page) => name(page),
            FactValue::List(values) => {
                let values = values.iter().map(|value| value.as_written(name));
                values.collect::<Vec<_>>().join(", ")
            }
        }
    }

    /// The same value with pages named in another way; a page that `f` does not know drops out.
    pub fn resolve<S>(&self, f: &mut impl FnMut(&R) -> Option<S>) -> Option<FactValue<S>> {
        Some(match self {
            FactValue::Text(text) => FactValue::Text(text.clone()),
            FactValue::Number(number) => FactValue::Number(*number),
            FactValue::Money(money) => FactValue::Money(*money),
            FactValue::Date(date) => FactValue::Date(*date),
            FactValue::Bool(bool) => FactValue::Bool(*bool),
            FactValue::Url(url) => FactValue::Url(url.clone()),
            FactValue::Email(email) => FactValue::Email(email.clone()),
            FactValue::Phone(phone) => FactValue::Phone(phone.clone()),
            FactValue::Page(page) => FactValue::Page(f(page)?),
            FactValue::List(values) => {
                FactValue::List(values.iter().filter_map(|value| value.resolve(f)).collect())
            }
        })
    }
}

/// As it is written in sources.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let power = 10i64.pow(u32::from(self.scale)).unsigned_abs();
        let sign = if self.units < 0 { "-" } else { "" };
        let magnitude = self.units.unsigned_abs();
        write!(f, "{sign}{}", magnitude / power)?;
        match self.scale {
            0 => Ok(()),
            scale => write!(
                f,
                ".{:0width$}",
                magnitude % power,
                width = usize::from(scale)
            ),
        }
    }
}

/// As it is written in sources.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.decimal(), self.currency)
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(text: &str, code: &str) -> Money {
        let currency = Currency::parse(code).unwrap();
        Money::from_decimal(Decimal::parse(text).unwrap(), currency).unwrap()
    }

    #[test]
    fn numbers_of_other_programs_are_read_exactly_or_not_at_all() {
        let read = |text, sign| {
            Decimal::parse_written(text, sign)
                .ok()
                .map(|n| n.to_string())
        };
        let comma = Some(DecimalSign::Comma);
        let point = Some(DecimalSign::Point);
        for (text, sign, expected) in [
            ("1.234,56", comma, Some("1234.56")),
            ("1234,5", comma, Some("1234.5")),
            ("12.345", comma, Some("12345")),
            ("12.34", comma, None),
            ("1.2345,00", comma, None),
            ("1,234.56", point, Some("1234.56")),
            ("1'234.50", point, Some("1234.50")),
            ("1 234,50-", comma, Some("-1234.50")),
            ("\u{2212}12", point, Some("-12")),
            ("-0,00", comma, Some("0.00")),
            ("1234.50", None, Some("1234.50")),
            ("1,234", None, None),
            ("1E5", point, None),
            ("", point, None),
            ("--1", point, None),
            (",5", comma, None),
            ("99999999999999999999", point, None),
        ] {
            assert_eq!(read(text, sign).as_deref(), expected, "{text}");
        }
        let euro = Currency::parse("EUR").unwrap();
        let franc = Currency::parse("CHF").unwrap();
        assert_eq!(euro.split_off("€ 12"), ("12", euro));
        assert_eq!(euro.split_off("80.00 CHF"), ("80.00", franc));
        assert_eq!(euro.split_off("CHF80"), ("80", franc));
        assert_eq!(euro.split_off("80"), ("80", euro));
    }

    #[test]
    fn money_is_exact_and_reads_as_each_language_writes() {
        let euro = Currency::parse("EUR").unwrap();
        assert_eq!(money("12345.6", "EUR").minor, 1_234_560);
        assert_eq!(
            money("12345.6", "EUR").format(Language::De, euro),
            "12.345,60\u{a0}€"
        );
        assert_eq!(
            money("-120", "EUR").format(Language::De, euro),
            "\u{2212}120,00\u{a0}€"
        );
        assert_eq!(
            money("80", "CHF").format(Language::De, euro),
            "80,00\u{a0}CHF"
        );
        assert_eq!(
            money("12345.6", "EUR").format(Language::En, euro),
            "€12,345.60"
        );
        assert_eq!(
            money("-120", "EUR").format(Language::En, euro),
            "\u{2212}€120.00"
        );
        assert_eq!(
            money("80", "CHF").format(Language::En, euro),
            "CHF\u{a0}80.00"
        );
        assert!(Money::from_decimal(Decimal::parse("1.005").unwrap(), euro).is_none());
        assert!(Money::from_decimal(Decimal::parse("12.500").unwrap(), euro).is_none());
    }

    #[test]
    fn decimals_refuse_what_they_cannot_hold() {
        assert_eq!(
            Decimal::parse("99999999999999999999"),
            Err(DecimalError::Range)
        );
        assert_eq!(Decimal::parse("1e5"), Err(DecimalError::Malformed));
        assert_eq!(Decimal::parse("nan"), Err(DecimalError::Malformed));
        assert_eq!(
            Decimal::parse("12345.5").unwrap().format(Language::De),
            "12\u{202f}345,5"
        );
        assert_eq!(Decimal::parse("1234").unwrap().format(Language::De), "1234");
        assert_eq!(
            Decimal::parse("1234").unwrap().format(Language::En),
            "1,234"
        );
        assert_eq!(
            Decimal::parse("-0.5").unwrap().format(Language::De),
            "\u{2212}0,5"
        );
    }

    #[test]
    fn decimals_are_compared_by_what_they_are_worth() {
        let compare = |a, b| {
            Decimal::parse(a)
                .unwrap()
                .compare(Decimal::parse(b).unwrap())
        };
        assert_eq!(compare("1.50", "1.5"), Ordering::Equal);
        assert_eq!(compare("-2", "0.000000000000000001"), Ordering::Less);
        assert_eq!(
            compare("9223372036854775807", "9.223372036854775807"),
            Ordering::Greater
        );
        assert_eq!(
            compare("7", "7.0"),
            Decimal::whole(7).compare(Decimal::whole(7))
        );
    }

    #[test]
    fn dates_read_as_each_language_writes() {
        let day = parse_date("2025-03-05").unwrap();
        assert_eq!(
            format_date(day, DateStyle::Text, Language::De),
            "5. März 2025"
        );
        assert_eq!(
            format_date(day, DateStyle::Table, Language::De),
            "05.03.2025"
        );
        assert_eq!(
            format_date(day, DateStyle::UnderYear, Language::De),
            "Mi 5. März"
        );
        assert_eq!(
            format_date(day, DateStyle::Text, Language::En),
            "5 March 2025"
        );
        assert_eq!(
            format_date(day, DateStyle::Table, Language::En),
            "5 Mar 2025"
        );
        assert_eq!(
            format_date(day, DateStyle::UnderYear, Language::En),
            "Wed 5 March"
        );
        assert_eq!(parse_date("2026-02-29"), None);
        assert_eq!(parse_date("05.03.2025"), None);
        assert_eq!(parse_date("0000-01-01"), None);
    }

    #[test]
    fn german_sorts_by_din_5007() {
        let mut names = [
            "Zorn",
            "Äcker",
            "Acker",
            "Ackermann",
            "Öl",
            "Oz",
            "Straße",
            "Strasse",
        ];
        let collator = Language::De.collator();
        names.sort_by(|a, b| collator.compare(a, b));
        assert_eq!(
            names,
            [
                "Acker",
                "Äcker",
                "Ackermann",
                "Öl",
                "Oz",
                "Strasse",
                "Straße",
                "Zorn"
            ]
        );
    }
}
