//! `--output table`: for people, in the AWS CLI's format for an unknown terminal.

use std::{collections::BTreeSet, iter};

use crate::value::Value;

/// The maximum width of a table. A wider record becomes two columns, names and values.
const TERMINAL: usize = 80;

/// The number of characters that a cell adds to its text.
const PADDING: usize = 4;

/// Formats a value as tables, one below the other.
pub(super) fn write(value: &Value, title: &str) -> String {
    let mut sections = Vec::new();
    add(value, Some(title), 0, &mut sections);
    let mut width = widest(&sections);
    if width > TERMINAL {
        sections.iter_mut().for_each(Section::turn);
        width = widest(&sections);
    }
    let mut lines = Vec::new();
    if !sections.is_empty() {
        lines.push("-".repeat(width));
    }
    for section in &sections {
        let edge = "|".repeat(section.indent);
        lines.extend(section.lines(width - 2 * section.indent).iter().map(|line| format!("{edge}{line}{edge}")));
    }
    lines.iter().flat_map(|line| [line, "\n"]).collect()
}

/// A title, and a table below it.
#[derive(Default)]
struct Section {
    title: String,
    indent: usize,
    headers: Vec<String>,
    rows: Vec<Vec<String>>,
}

/// Adds a value to the last section, or to a new one if that has a title. Skips empty values.
fn add(value: &Value, title: Option<&str>, indent: usize, sections: &mut Vec<Section>) {
    match value {
        Value::Null => return,
        Value::Text(text) if text.is_empty() => return,
        Value::List(elements) if elements.is_empty() => return,
        Value::Structure(members) if members.is_empty() => return,
        _ => {}
    }
    let new = |title: &str| Section { title: title.into(), indent, ..Section::default() };
    sections.extend(title.map(new));
    match value {
        Value::Structure(_) => {
            let (scalars, parts) = value.sorted();
            if let [(key, value)] = scalars[..] {
                row(sections, [&key.into(), value]);
            } else if !scalars.is_empty() {
                header(sections, scalars.iter().map(|(key, _)| *key));
                row(sections, scalars.iter().map(|(_, value)| *value));
            }
            for (key, part) in parts {
                add(part, Some(key), indent + 1, sections);
            }
        }
        Value::List(records) if matches!(records[0], Value::Structure(_)) => {
            let columns: BTreeSet<_> =
                records.iter().flat_map(|record| record.sorted().0).map(|(key, _)| key).collect();
            let divided = records.iter().any(|record| !record.sorted().1.is_empty());
            header(sections, columns.iter().copied());
            for (index, record) in records.iter().enumerate() {
                let (scalars, parts) = record.sorted();
                if index > 0 && divided {
                    sections.push(new(title.unwrap_or_default()));
                    header(sections, columns.iter().copied());
                }
                let absent = Value::Text(String::new());
                row(
                    sections,
                    columns.iter().map(|column| {
                        scalars.iter().find(|(key, _)| key == column).map_or(&absent, |(_, value)| *value)
                    }),
                );
                for (key, part) in parts {
                    add(part, Some(key), indent + 1, sections);
                }
            }
        }
        Value::List(elements) => {
            for element in elements {
                match element {
                    Value::List(cells) if cells.iter().all(|cell| cell.scalar().is_some()) => row(sections, cells),
                    part if part.scalar().is_none() => add(part, None, 0, sections),
                    scalar => row(sections, [scalar]),
                }
            }
        }
        // The AWS CLI draws only the title, without the value.
        scalar => row(sections, [scalar]),
    }
}

fn header<'a>(sections: &mut [Section], keys: impl Iterator<Item = &'a str>) {
    if let Some(section) = sections.last_mut() {
        section.headers = keys.map(Into::into).collect();
    }
}

fn row<'a>(sections: &mut [Section], cells: impl IntoIterator<Item = &'a Value>) {
    if let Some(section) = sections.last_mut() {
        section.rows.push(cells.into_iter().map(|cell| cell.scalar().unwrap_or_default().into_owned()).collect());
    }
}

fn widest(sections: &[Section]) -> usize {
    sections.iter().map(Section::width).max().unwrap_or(0)
}

impl Section {
    /// Turns a single record into two columns.
    fn turn(&mut self) {
        if let ([record], false) = (&self.rows[..], self.headers.is_empty()) {
            self.rows = iter::zip(&self.headers, record).map(|(key, cell)| vec![key.clone(), cell.clone()]).collect();
            self.headers.clear();
        }
    }

    /// The total width.
    fn width(&self) -> usize {
        let table: usize = self.columns().iter().map(|column| column + PADDING).sum();
        table.max(length(&self.title)) + 2 + 2 * self.indent
    }

    /// The longest text of each column.
    fn columns(&self) -> Vec<usize> {
        let rows = || iter::once(&self.headers).chain(&self.rows);
        let count = rows().map(Vec::len).max().unwrap_or(0);
        let longest =
            |column: usize| rows().filter_map(|row| row.get(column)).map(|cell| length(cell)).max().unwrap_or(0);
        (0..count).map(longest).collect()
    }

    /// The columns' shares of this width, including edges.
    fn scaled(&self, width: usize) -> Vec<usize> {
        let natural: Vec<_> = self.columns().iter().map(|column| column + PADDING).collect();
        let total: usize = natural.iter().sum();
        // Rounds half to even.
        let share = |column: &usize| {
            let (quotient, rest) = (column * width / total, column * width % total);
            quotient + usize::from(2 * rest > total || (2 * rest == total && quotient % 2 == 1))
        };
        let mut widths: Vec<_> = natural.iter().map(share).collect();
        // Rounding is off by less than one per column. Columns on the left shrink, columns on the right grow.
        let sum: usize = widths.iter().sum();
        widths.iter_mut().take(sum.saturating_sub(width)).for_each(|column| *column -= 1);
        widths.iter_mut().rev().take(width.saturating_sub(sum)).for_each(|column| *column += 1);
        widths
    }

    fn lines(&self, width: usize) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.title.is_empty() {
            lines.push(centred(&self.title, width, "|"));
        }
        let widths = self.scaled(width);
        let edges = || iter::once("|").chain(iter::repeat(""));
        let rule = |width: &usize, edge: &str| edge.replace('|', "+") + &"-".repeat(width - 1 - edge.len()) + "+";
        let rule: String = iter::zip(&widths, edges()).map(|(width, edge)| rule(width, edge)).collect();
        if !self.headers.is_empty() {
            lines.push(rule.clone());
            let cells = iter::zip(iter::zip(&self.headers, &widths), edges());
            lines.push(cells.map(|((key, width), edge)| centred(key, *width, edge)).collect());
        }
        lines.push(rule.clone());
        for row in &self.rows {
            let cells = row.iter().map(String::as_str).chain(iter::repeat(""));
            let cells = iter::zip(iter::zip(cells, &widths), edges());
            lines.push(cells.map(|((cell, width), edge)| on_the_left(cell, *width, edge)).collect());
        }
        if self.rows.is_empty() {
            // The section has only a title; its parts follow.
            lines.pop();
            lines.push(format!("+{}+", "-".repeat(width - 2)));
        } else {
            lines.push(rule);
        }
        lines
    }
}

fn centred(text: &str, width: usize, edge: &str) -> String {
    let before = (width / 2).saturating_sub(length(text) / 2 + 1);
    let after = width.saturating_sub(edge.len() + before + length(text) + 1);
    format!("{edge}{}{text}{}|", " ".repeat(before), " ".repeat(after))
}

fn on_the_left(text: &str, width: usize, edge: &str) -> String {
    let room = width.saturating_sub(edge.len() + length(text) + 1);
    let before = if room >= 2 { 2 } else { 0 };
    format!("{edge}{}{text}{}|", " ".repeat(before), " ".repeat(room - before))
}

fn length(text: &str) -> usize {
    text.chars().count()
}
