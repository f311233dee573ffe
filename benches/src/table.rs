//! A table of figures, each beside its bar and the floor of the same run; printed line by line as Markdown.

/// Measurements of one thing, in milliseconds.
pub struct Times(Vec<f64>);

impl Times {
    /// None may be missing.
    pub fn new(mut milliseconds: Vec<f64>) -> Self {
        assert!(!milliseconds.is_empty(), "something was measured");
        milliseconds.sort_by(f64::total_cmp);
        Times(milliseconds)
    }

    /// The value below which this part of all is.
    pub fn at(&self, part: f64) -> f64 {
        let place = (self.0.len() as f64 * part).ceil() as usize;
        self.0[place.clamp(1, self.0.len()) - 1]
    }

    /// The middle one.
    pub fn p50(&self) -> f64 {
        self.at(0.5)
    }
}

/// What a figure should be.
#[derive(Clone, Copy)]
pub enum Bar {
    /// No more than this.
    Most(f64),
    /// No less than this.
    Least(f64),
    /// It stands there for comparison.
    None,
}

impl Bar {
    fn is_met(self, value: f64) -> bool {
        match self {
            Bar::Most(most) => value <= most,
            Bar::Least(least) => value >= least,
            Bar::None => true,
        }
    }

    fn show(self, value: f64) -> String {
        let verdict = if self.is_met(value) { "met" } else { "MISSED" };
        match self {
            Bar::Most(most) => format!("≤ {most}: {verdict}"),
            Bar::Least(least) => format!("≥ {least}: {verdict}"),
            Bar::None => String::new(),
        }
    }
}

/// Prints the head of a table.
pub fn head() {
    println!("| figure | p50 | p99 | bar | ratios |");
    println!("|---|---|---|---|---|");
}

/// Prints times; the bar is the median's. `beside` are medians of the same run by their names.
pub fn times(name: &str, times: &Times, bar: Bar, beside: &[(&str, f64)]) {
    let (p50, p99) = (times.p50(), times.at(0.99));
    let (bar, beside) = (bar.show(p50), ratios(p50, beside));
    println!("| {name} | {p50:.3} ms | {p99:.3} ms | {bar} | {beside} |");
}

/// As [`times`], with a bar of the 99th percentile too.
pub fn times_with_p99(name: &str, of: &Times, bars: [f64; 2], beside: &[(&str, f64)]) {
    times(name, of, Bar::Most(bars[0]), beside);
    let bar = Bar::Most(bars[1]).show(of.at(0.99));
    println!("| … its 99th percentile | | {:.3} ms | {bar} | |", of.at(0.99));
}

/// Prints one number.
pub fn number(name: &str, value: f64, unit: &str, bar: Bar, beside: &[(&str, f64)]) {
    let (bar, beside) = (bar.show(value), ratios(value, beside));
    println!("| {name} | {value:.1} {unit} | | {bar} | {beside} |");
}

/// Prints that something could not be measured here.
pub fn skipped(name: &str, reason: &str) {
    println!("| {name} | skipped: {reason} | | | |");
}

fn ratios(value: f64, beside: &[(&str, f64)]) -> String {
    let ratios = beside.iter().map(|(name, other)| format!("{:.2} × {name}", value / other));
    ratios.collect::<Vec<_>>().join(", ")
}
