//! A timestamp is refused, or equals the `time` crate's result after conversion to RFC 3339, or is epoch seconds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use sts_core::timestamp::parse;
use sts_fuzz::{epoch, spelling};
use time::{Duration, OffsetDateTime, format_description::well_known::Rfc3339};

fuzz_target!(|text: &str| {
    let ours = parse(text);
    let Some(text) = spelling::rfc_3339(text) else {
        return assert_eq!(ours, epoch::parse(text), "{text}");
    };
    // The `time` crate puts a leap second at the end of the minute before.
    let leap = text.get(17..19) == Some("60");
    let theirs = OffsetDateTime::parse(&text, &Rfc3339).ok().and_then(OffsetDateTime::checked_to_utc);
    match (ours.map(OffsetDateTime::from), theirs) {
        (Some(ours), Some(theirs)) if leap => assert!(ours > theirs && ours - theirs <= Duration::SECOND, "{text}"),
        // The `time` crate accepts leap seconds only at the end of a month.
        (Some(_), None) => assert!(leap, "{text}"),
        (None, Some(theirs)) => assert!(leap || !(0..=9999).contains(&theirs.year()), "{text}"),
        (ours, theirs) => assert_eq!(ours, theirs.map(Into::into), "{text}"),
    }
});
