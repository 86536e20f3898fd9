//! A timestamp is what the `time` crate's own reader makes of it, or epoch seconds, or refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sts_core::timestamp::parse;
use sts_fuzz::epoch;
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

fuzz_target!(|text: &str| {
    let ours = parse(text);
    if text.as_bytes().get(4) != Some(&b'-') {
        assert_eq!(ours, epoch::parse(text), "{text}");
        return;
    }
    // Its reader takes any character between date and time, and puts a leap second at the end of the minute before.
    let is_ours = matches!(text.as_bytes().get(10), Some(b'T' | b't' | b' '));
    let leap = text.get(17..19) == Some("60");
    let theirs =
        OffsetDateTime::parse(text, &Rfc3339).ok().filter(|_| is_ours).and_then(OffsetDateTime::checked_to_utc);
    match (ours.map(OffsetDateTime::from), theirs) {
        (Some(ours), Some(theirs)) if leap => assert!(ours > theirs && ours - theirs <= Duration::SECOND, "{text}"),
        // Theirs knows only leap seconds at the end of a month.
        (Some(_), None) => assert!(leap, "{text}"),
        (None, Some(theirs)) => assert!(leap || !(0..=9999).contains(&theirs.year()), "{text}"),
        (ours, theirs) => assert_eq!(ours, theirs.map(Into::into), "{text}"),
    }
});
