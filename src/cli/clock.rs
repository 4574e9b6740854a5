//! The only clock: `--as-of`, else `SOURCE_DATE_EPOCH`, else today.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};

use super::Failure;
use crate::portal::AsOf;
use crate::value::parse_date;

/// The day from which ages are counted.
pub(super) fn as_of(asked: Option<&str>) -> Result<AsOf, Failure> {
    let Some(written) = asked else {
        return today().map(AsOf::Today);
    };
    parse_date(written).map(AsOf::Day).ok_or_else(|| {
        Failure(format!(
            "--as-of `{written}` is not a date; write year-month-day, such as 2026-03-05"
        ))
    })
}

fn today() -> Result<Date, Failure> {
    match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(seconds) => day_of_epoch(&seconds).ok_or_else(|| {
            Failure(format!(
                "SOURCE_DATE_EPOCH `{seconds}` is not a number of seconds since 1970"
            ))
        }),
        Err(_) => Ok(ZonedDateTime::now().date()),
    }
}

fn day_of_epoch(seconds: &str) -> Option<Date> {
    let timestamp = Timestamp::from_second(seconds.trim().parse().ok()?).ok()?;
    Some(timestamp.to_zoned_datetime(TimeZone::UTC).date())
}
