//! Parsing and formatting of times.

use alloc::{format, string::String};
use core::{cmp::Ordering, fmt, ops::Deref};
use time::{Date, Month, SignedDuration, Time, UtcDateTime};

/// A time in a response, such as the expiration of credentials. It dereferences to [`UtcDateTime`], can be compared with one, and prints
/// as RFC 3339:
///
/// ```
/// use sts_core::Timestamp;
/// use time::macros::utc_datetime;
///
/// let end: Timestamp = utc_datetime!(2026-11-23 04:00).into();
/// assert_eq!(end.to_string(), "2026-11-23T04:00:00Z");
/// assert!(end > utc_datetime!(2026-11-23 03:00) && end.hour() == 4);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(UtcDateTime);

impl From<UtcDateTime> for Timestamp {
    fn from(time: UtcDateTime) -> Self {
        Self(time)
    }
}

impl From<Timestamp> for UtcDateTime {
    fn from(time: Timestamp) -> Self {
        time.0
    }
}

impl Deref for Timestamp {
    type Target = UtcDateTime;

    fn deref(&self) -> &UtcDateTime {
        &self.0
    }
}

impl PartialEq<UtcDateTime> for Timestamp {
    fn eq(&self, other: &UtcDateTime) -> bool {
        self.0 == *other
    }
}

impl PartialOrd<UtcDateTime> for Timestamp {
    fn partial_cmp(&self, other: &UtcDateTime) -> Option<Ordering> {
        self.0.partial_cmp(other)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format(self.0))
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&format(self.0))
    }
}

/// Parses a time in any format that occurs with credentials: from STS and its emulators, agents, credential processes, caches or the
/// environment.
///
/// - [RFC 3339](https://www.rfc-editor.org/rfc/rfc3339#section-5.6): `2030-01-01T00:00:00Z`, with a fraction of any length (cut after
///   nanoseconds), any offset, `t` and `z` in either case, or a space for the `T`
/// - the same without seconds (`2030-01-01T00:00Z`), with a comma before the fraction, or with another spelling of the offset: `UTC`, `GMT`,
///   `+0000`, `+00`
/// - the same without hyphens and colons (ISO 8601's basic form): `20300101T000000Z`
/// - seconds since 1970, with or without a fraction: `1893456000`
///
/// A leap second becomes the following second, since [`UtcDateTime`] has none. Returns `None` for any other format, for years outside 0 to
/// 9999, and for a time without an offset, whose time zone would be unknown.
pub fn parse(text: &str) -> Option<UtcDateTime> {
    let bytes = text.as_bytes();
    let ([y1, y2, y3, y4, b'-', o1, o2, b'-', d1, d2, b'T' | b't' | b' ', h1, h2, b':', m1, m2, rest @ ..]
    | [y1, y2, y3, y4, o1, o2, d1, d2, b'T' | b't' | b' ', h1, h2, m1, m2, rest @ ..]) = bytes
    else {
        return parse_epoch(text);
    };
    let is_basic = bytes[4] != b'-';
    let (second, rest) = match rest {
        [b':', s1, s2, rest @ ..] if !is_basic => ([*s1, *s2], rest),
        [s1 @ b'0'..=b'9', s2, rest @ ..] if is_basic => ([*s1, *s2], rest),
        rest => (*b"00", rest),
    };
    let is_leap = second == *b"60";
    let second = if is_leap { *b"59" } else { second };
    let (nanosecond, rest) = fraction(rest)?;
    let minutes = offset(rest)?;
    let date = [digits(&[*y1, *y2, *y3, *y4])?, digits(&[*o1, *o2])?];
    let time = date_time(date, [[*d1, *d2], [*h1, *h2], [*m1, *m2], second])?.replace_nanosecond(nanosecond).ok()?;
    let time = shifted(time, SignedDuration::seconds(i64::from(is_leap) - 60 * minutes))?;
    (0..=9999).contains(&time.year()).then_some(time)
}

/// An offset from UTC, in minutes.
fn offset(text: &[u8]) -> Option<i64> {
    let (sign, [h1, h2], [m1, m2]) = match text {
        b"Z" | b"z" | b"UTC" | b" UTC" | b"GMT" | b" GMT" => return Some(0),
        [sign, h1, h2, b':', m1, m2] | [sign, h1, h2, m1, m2] => (sign, [*h1, *h2], [*m1, *m2]),
        [sign, h1, h2] => (sign, [*h1, *h2], *b"00"),
        _ => return None,
    };
    let (hours, minutes) = (digits(&[h1, h2])?, digits(&[m1, m2])?);
    let minutes = (hours <= 23 && minutes <= 59).then_some(hours * 60 + minutes)?;
    match sign {
        b'+' => Some(minutes),
        b'-' => Some(-minutes),
        _ => None,
    }
}

/// Adds a duration, saturating at the limits of [`UtcDateTime`]. Like `saturating_add`, in a sixth of the code size.
pub fn later(time: UtcDateTime, by: SignedDuration) -> UtcDateTime {
    shifted(time, by).unwrap_or(if by.is_negative() { UtcDateTime::MIN } else { UtcDateTime::MAX })
}

fn shifted(time: UtcDateTime, by: SignedDuration) -> Option<UtcDateTime> {
    // The common case, without a division.
    if by.is_zero() {
        return Some(time);
    }
    UtcDateTime::from_unix_timestamp_nanos(time.unix_timestamp_nanos() + by.whole_nanoseconds()).ok()
}

/// Formats a time as RFC 3339, in whole seconds: `2026-11-23T03:00:00Z`.
pub fn format(time: UtcDateTime) -> String {
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    let (hour, minute, second) = time.as_hms();
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Parses a `Date` header, an [IMF-fixdate of RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.7):
/// `Mon, 23 Nov 2026 03:00:00 GMT`.
pub(crate) fn parse_http_date(text: &str) -> Option<UtcDateTime> {
    const MONTHS: [&[u8]; 12] =
        [b"Jan", b"Feb", b"Mar", b"Apr", b"May", b"Jun", b"Jul", b"Aug", b"Sep", b"Oct", b"Nov", b"Dec"];
    let [
        _,
        _,
        _,
        b',',
        b' ',
        d1,
        d2,
        b' ',
        month @ ..,
        b' ',
        h1,
        h2,
        b':',
        m1,
        m2,
        b':',
        s1,
        s2,
        b' ',
        b'G',
        b'M',
        b'T',
    ] = text.as_bytes()
    else {
        return None;
    };
    let (month, year) = month.split_at_checked(3)?;
    let [b' ', year @ ..] = year else { return None };
    let month = MONTHS.iter().position(|name| *name == month)?;
    let month = u8::try_from(month).ok()? + 1;
    date_time(
        [(year.len() == 4).then(|| digits(year))??, month.into()],
        [[*d1, *d2], [*h1, *h2], [*m1, *m2], [*s1, *s2]],
    )
}

/// Parses the ISO 8601 basic format of `X-Amz-Date`: `20261123T030000Z`.
pub fn parse_basic(text: &str) -> Option<UtcDateTime> {
    let [year @ .., a1, a2, d1, d2, b'T', h1, h2, m1, m2, s1, s2, b'Z'] = text.as_bytes() else { return None };
    let year = (year.len() == 4).then(|| digits(year))??;
    date_time([year, digits(&[*a1, *a2])?], [[*d1, *d2], [*h1, *h2], [*m1, *m2], [*s1, *s2]])
}

/// A time from year and month, and the digits of day, hour, minute and second.
fn date_time([year, month]: [i64; 2], rest: [[u8; 2]; 4]) -> Option<UtcDateTime> {
    let mut fields = [0; 4];
    for (field, text) in fields.iter_mut().zip(rest) {
        *field = u8::try_from(digits(&text)?).ok()?;
    }
    let [day, hour, minute, second] = fields;
    let month = Month::try_from(u8::try_from(month).ok()?).ok()?;
    let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, day).ok()?;
    Some(UtcDateTime::new(date, Time::from_hms(hour, minute, second).ok()?))
}

fn parse_epoch(text: &str) -> Option<UtcDateTime> {
    let whole = text.bytes().take_while(u8::is_ascii_digit).count();
    let (seconds, rest) = text.split_at(whole);
    let (nanosecond, rest) = fraction(rest.as_bytes())?;
    if !rest.is_empty() {
        return None;
    }
    UtcDateTime::from_unix_timestamp(seconds.parse().ok()?).ok()?.replace_nanosecond(nanosecond).ok()
}

fn digits(bytes: &[u8]) -> Option<i64> {
    bytes.iter().try_fold(0, |number, byte| byte.is_ascii_digit().then(|| number * 10 + i64::from(byte - b'0')))
}

/// Parses an optional `.123` or `,123`. Returns nanoseconds and the rest.
fn fraction(bytes: &[u8]) -> Option<(u32, &[u8])> {
    let [b'.' | b',', rest @ ..] = bytes else { return Some((0, bytes)) };
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (fraction, rest) = rest.split_at(count);
    let mut nanoseconds = 0;
    for index in 0..9 {
        nanoseconds = nanoseconds * 10 + u32::from(fraction.get(index).map_or(0, |byte| byte - b'0'));
    }
    (count > 0).then_some((nanoseconds, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::utc_datetime;

    #[test]
    fn all_forms_of_a_time() {
        let expected = utc_datetime!(2026-11-23 03:00:00);
        for text in [
            "2026-11-23T03:00:00UTC",
            "2026-11-23T03:00:00 UTC",
            "2026-11-23 03:00:00GMT",
            "2026-11-23T03:00:00+0000",
            "2026-11-23T03:00:00-00",
            "2026-11-23T08:30:00+0530",
            "2026-11-22T22:00:00-05",
            "2026-11-23T03:00:00,000Z",
            "2026-11-23T03:00Z",
            "2026-11-23T03:00+00:00",
            "20261123T030000Z",
            "20261123T0300Z",
            "20261123t030000.000z",
            "20261123T040000+0100",
            "20261123T030000UTC",
            "20261123T025960Z",
            "2026-11-23T03:00:00Z",
            "2026-11-23t03:00:00z",
            "2026-11-23T04:00:00+01:00",
            "2026-11-22T21:30:00-05:30",
            "2026-11-23T03:00:00.000000000000Z",
            "2026-11-23T02:59:60Z",
            "1795402800",
            "1795402800.0",
        ] {
            assert_eq!(parse(text), Some(expected), "{text}");
        }
        for text in [
            "2026-11-23T03:00:00.1234567891Z",
            "2026-11-23T03:00:00,123456789+00",
            "20261123T030000.123456789Z",
            "1795402800.123456789",
        ] {
            assert_eq!(parse(text), expected.replace_nanosecond(123_456_789).ok(), "{text}");
        }
        assert_eq!(parse("9999-12-31T23:59:59Z"), Some(utc_datetime!(9999-12-31 23:59:59)));
        assert_eq!(parse("0000-01-01T00:00:00Z"), Some(utc_datetime!(0000-01-01 00:00:00)));
        for text in [
            "",
            "Z",
            "2026-11-23",
            "2026-11-23T03:00:00",
            "2026-11-23T03:00",
            "20261123T030000",
            "2026-11-23T03:00:0Z",
            "2026-11-23T03:0000Z",
            "2026-11-23T0300Z",
            "20261123T03:00:00Z",
            "20261123T03000Z",
            "2026-1123T03:00:00Z",
            "202611-23T03:00:00Z",
            "2026-11-23T03Z",
            "2026-11-23T03:00:00.Z",
            "2026-11-23T03:00:00UT",
            "2026-11-23T03:00:00utc",
            "2026-11-23T03:00:00+0",
            "2026-11-23T03:00:00+000",
            "2026-11-23T03:00:00+00:0",
            "2026-11-23T03:00:00+00000",
            "2026-11-23T03:00:00 0000",
            "2026-11-23T03:00:00 00:00",
            "2026-11-23T03:00:00+2400",
            "2026-11-23T03:00:00+0060",
            "2026-02-30T03:00:00Z",
            "2026-11-23T24:00:00Z",
            "2026-11-23T03:00:61Z",
            "2026-11-23T03:00:00+24:00",
            "9999-12-31T23:59:60Z",
            "9999-12-31T23:59:59-00:01",
            "0000-01-01T00:00:00+00:01",
            "99999999999999999999",
            "-1",
            "1.",
            "2026-11-23T03:00:00Zx",
            "20\u{e9}6-11-23T03:00:00Z",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn http_dates() {
        let expected = Some(utc_datetime!(2026-11-23 03:00:07));
        assert_eq!(parse_http_date("Mon, 23 Nov 2026 03:00:07 GMT"), expected);
        for text in [
            "",
            "Mon, 23 Nov 2026 03:00:07",
            "Mon, 23 Nov 26 03:00:07 GMT",
            "Monday, 23-Nov-26 03:00:07 GMT",
            "Mon Nov 23 03:00:07 2026",
            "Mon, 31 Nov 2026 03:00:07 GMT",
            "Mon, 23 nov 2026 03:00:07 GMT",
            "Mon, 23 Nov 2026 03:00:61 GMT",
            "Mon, 23 Nov 02026 03:00:07 GMT",
        ] {
            assert_eq!(parse_http_date(text), None, "{text}");
        }
    }

    #[test]
    fn basic_dates() {
        assert_eq!(parse_basic("20261123T030007Z"), Some(utc_datetime!(2026-11-23 03:00:07)));
        for text in
            ["", "20261123T030007", "20261123t030007Z", "020261123T030007Z", "20261323T030007Z", "2026112 T030007Z"]
        {
            assert_eq!(parse_basic(text), None, "{text}");
        }
    }
}
