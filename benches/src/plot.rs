//! Bar charts as an SVG for light and dark backgrounds.

use std::fmt::Write as _;

/// One chart. Shorter bars are better, unless the title says otherwise.
pub struct Chart {
    /// The figure and its unit.
    pub title: String,
    /// The bars, from top to bottom.
    pub bars: Vec<Bar>,
}

/// One bar of a chart.
pub struct Bar {
    /// The label.
    pub label: String,
    /// The length.
    pub value: f64,
    /// Whether the bar is highlighted.
    pub ours: bool,
}

const COLUMNS: usize = 2;
const WIDTH: usize = 460;
const LABEL: usize = 165;
const LINE: usize = 20;

/// Draws the charts, two per row.
pub fn svg(charts: &[Chart]) -> String {
    let heights: Vec<usize> = charts.iter().map(|chart| (chart.bars.len() + 2) * LINE).collect();
    let rows: Vec<usize> = heights.chunks(COLUMNS).map(|row| row.iter().copied().max().unwrap_or_default()).collect();
    // Greys and a blue with enough contrast to white and to black.
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
         <style>text {{ fill: #7d8590 }} .title {{ font-weight: bold }} rect {{ fill: #8b949e }} .ours {{ fill: #2f81f7 }}</style>\n",
        COLUMNS * WIDTH,
        rows.iter().sum::<usize>()
    );
    for (index, chart) in charts.iter().enumerate() {
        let (x, y) = (index % COLUMNS * WIDTH, rows[..index / COLUMNS].iter().sum());
        draw(&mut svg, chart, x, y);
    }
    svg + "</svg>\n"
}

fn draw(svg: &mut String, chart: &Chart, x: usize, y: usize) {
    // Writing to a String cannot fail.
    let _ = writeln!(svg, "<text class=\"title\" x=\"{x}\" y=\"{}\">{}</text>", y + 14, chart.title);
    let most = chart.bars.iter().map(|bar| bar.value).fold(0.0, f64::max);
    for (index, bar) in chart.bars.iter().enumerate() {
        let (top, left) = (y + (index + 1) * LINE, x + LABEL);
        let length = 220.0 * bar.value / most;
        let class = if bar.ours { " class=\"ours\"" } else { "" };
        let _ = writeln!(svg, "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>", left - 6, top + 14, bar.label);
        let _ =
            writeln!(svg, "<rect{class} x=\"{left}\" y=\"{}\" width=\"{length:.1}\" height=\"13\" rx=\"2\"/>", top + 3);
        let value = round(bar.value);
        let _ = writeln!(
            svg,
            "<text x=\"{:.1}\" y=\"{}\">{value}</text>",
            f64::from(u32::try_from(left).unwrap_or(0)) + length + 5.0,
            top + 14
        );
    }
}

/// Rounds to three digits, with thousands separators.
pub fn round(value: f64) -> String {
    let decimals = match value {
        value if value < 1.0 => 2,
        value if value < 100.0 => 1,
        _ => 0,
    };
    let text = format!("{value:.decimals$}");
    match text.len() {
        length @ 4.. if decimals == 0 => format!("{},{}", &text[..length - 3], &text[length - 3..]),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn values_have_few_digits() {
        assert_eq!([0.507, 4.94, 56.04, 494.3, 12_345.6].map(super::round), ["0.51", "4.9", "56.0", "494", "12,346"]);
    }
}
