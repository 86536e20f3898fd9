//! Conversion of all spellings of a time to one.

/// Converts a date and a time of day with a separator to RFC 3339. An invalid time stays invalid.
pub fn rfc_3339(text: &str) -> Option<String> {
    let (date, rest) = text.split_once(['T', 't', ' '])?;
    let (clock, zone) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit() && !".,:".contains(c))?);
    let (clock, fraction) = clock.find(['.', ',']).map_or((clock, ""), |point| clock.split_at(point));
    let (date, mut clock) = if date.len() == 8 {
        let pairs = |text: &str, separator| {
            text.as_bytes().chunks(2).map(String::from_utf8_lossy).collect::<Vec<_>>().join(separator)
        };
        let clock = if clock.contains(':') { return None } else { pairs(clock, ":") };
        (format!("{}-{}", date.get(..4)?, pairs(date.get(4..)?, "-")), clock)
    } else {
        (date.to_owned(), clock.to_owned())
    };
    if clock.len() == 5 {
        clock += ":00";
    }
    let zone = match zone {
        "UTC" | " UTC" | "GMT" | " GMT" => "Z".to_owned(),
        hours if hours.len() == 3 => format!("{hours}:00"),
        digits if digits.len() == 5 => format!("{}:{}", digits.get(..3)?, digits.get(3..)?),
        zone => zone.to_owned(),
    };
    Some(format!("{date}T{clock}{}{zone}", fraction.replacen(',', ".", 1)))
}
