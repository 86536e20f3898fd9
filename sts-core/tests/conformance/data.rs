//! Times, as the suites write them.

use time::UtcDateTime;

pub(crate) fn rfc3339(text: &str) -> UtcDateTime {
    let seconds = chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp();
    UtcDateTime::from_unix_timestamp(seconds).unwrap()
}
