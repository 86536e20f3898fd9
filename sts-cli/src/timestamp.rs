//! Times as the AWS CLI prints them.

use time::UtcDateTime;

/// `2026-11-23T03:00:00+00:00`, as in version 2 of the AWS CLI; microseconds follow the seconds unless they are zero.
pub(crate) fn iso8601(time: UtcDateTime) -> String {
    let micro = time.microsecond();
    let fraction = if micro == 0 { String::new() } else { format!(".{micro:06}") };
    seconds(time) + &fraction + "+00:00"
}

/// `2026-11-23T03:00:00`, without a zone.
pub(crate) fn seconds(time: UtcDateTime) -> String {
    let (date, (hour, minute, second)) = (time.date(), time.as_hms());
    let (year, month, day) = (date.year(), u8::from(date.month()), date.day());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}
