//! Timestamps: every point in time of the years 0 to 9999 reads back to the nanosecond, in every way to write it; what the `time`
//! crate refuses is refused.

use proptest::{prelude::*, sample::select};
use sts_core::timestamp::parse;
use time::{Duration, OffsetDateTime, UtcDateTime, format_description::well_known::Rfc3339};

use crate::cases;

const FIRST: i64 = -62_167_219_200;
const LAST: i64 = 253_402_300_799;

/// Whole seconds since 1970 and the digits behind the point, which may be none.
fn instants() -> impl Strategy<Value = (i64, String)> {
    let seconds = prop_oneof![4 => FIRST..=LAST, 1 => select(vec![FIRST, -1, 0, 951_782_399, LAST])];
    (seconds, "[0-9]{0,12}")
}

fn nanoseconds(digits: &str) -> i64 {
    format!("{digits:0<9}")[..9].parse().unwrap()
}

fn instant(seconds: i64, digits: &str) -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(seconds).unwrap() + Duration::nanoseconds(nanoseconds(digits))
}

fn point(digits: &str) -> String {
    if digits.is_empty() { String::new() } else { format!(".{digits}") }
}

proptest! {
    #![proptest_config(cases(2000))]

    #[test]
    fn what_is_written_reads_back(
        (seconds, digits) in instants(),
        offset in prop_oneof![Just(0), -1439_i64..=1439],
        separator in select(vec!['T', 't', ' ']),
        zulu in select(vec!["Z", "z", "UTC", " UTC", "GMT", "+00:00", "-00:00", "+0000", "+00"]),
        (dash, colon) in select(vec![("-", ":"), ("", "")]),
        zone_colon in select(vec![":", ""]),
        point in select(vec![".", ","]),
    ) {
        let Ok(local) = UtcDateTime::from_unix_timestamp(seconds + offset * 60) else { return Ok(()) };
        prop_assume!((0..=9999).contains(&local.year()));
        let ((year, month, day), (hour, minute, second)) = (local.to_calendar_date(), local.as_hms());
        let sign = if offset < 0 { '-' } else { '+' };
        let zone = match offset.abs() {
            0 => zulu.to_owned(),
            minutes if minutes % 60 == 0 && zone_colon.is_empty() => format!("{sign}{:02}", minutes / 60),
            minutes => format!("{sign}{:02}{zone_colon}{:02}", minutes / 60, minutes % 60),
        };
        let month = u8::from(month);
        let minutes = format!("{year:04}{dash}{month:02}{dash}{day:02}{separator}{hour:02}{colon}{minute:02}");
        let fraction = if digits.is_empty() { String::new() } else { format!("{point}{digits}") };
        let text = format!("{minutes}{colon}{second:02}{fraction}{zone}");
        prop_assert_eq!(parse(&text), Some(instant(seconds, &digits)), "{}", text);
        let text = format!("{minutes}{zone}");
        prop_assert_eq!(parse(&text), Some(instant(seconds - i64::from(second), "")), "{}", text);
    }

    #[test]
    fn seconds_since_1970_read_back((seconds, digits) in instants()) {
        let text = format!("{seconds}{}", point(&digits));
        prop_assert_eq!(parse(&text), (seconds >= 0).then(|| instant(seconds, &digits)), "{}", text);
    }

    #[test]
    fn another_reader_reads_the_same(
        text in "[0-9]{4}-[01][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{0,12})?([Zz]|[+-][0-2][0-9]:[0-6][0-9])",
    ) {
        let theirs = OffsetDateTime::parse(&text, &Rfc3339).ok();
        let ours = parse(&text).map(OffsetDateTime::from);
        if &text[17..19] == "60" {
            // Theirs knows leap seconds at the end of a month alone, and puts them at the end of the second before.
            prop_assert!(theirs.is_none_or(|theirs| ours.is_none_or(|ours| ours - theirs <= Duration::SECOND)), "{}", text);
        } else {
            let theirs = theirs.filter(|theirs| (0..=9999).contains(&theirs.to_utc().year()));
            prop_assert_eq!(ours, theirs, "{}", text);
        }
    }

    #[test]
    fn arbitrary_texts_do_no_harm(text in any::<String>(), tail in "[0-9TZ:.+-]{0,30}") {
        let _ = parse(&text);
        let _ = parse(&tail);
        let _ = parse(&format!("2026-11-23T{tail}{text}"));
    }
}
