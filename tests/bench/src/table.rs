//! The measures as JSON and as a table.

use serde::Serialize;

/// One measure of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Measure {
    /// Its name.
    pub measure: String,
    /// The unit of `ours` and `limit`.
    pub unit: String,
    /// The field core, median of the rounds.
    pub ours: Option<f64>,
    /// What it is held against, median of the rounds of the same run.
    pub limit: Option<f64>,
    /// `ours / limit`.
    pub ratio: Option<f64>,
    /// What is asked, in words of `ours` or `ratio`; empty for a measure that is only told.
    pub goal: String,
    /// How many rounds.
    pub rounds: usize,
}

impl Measure {
    /// A measure with both sides.
    pub fn beside(name: &str, unit: &str, ours: Vec<f64>, limit: Vec<f64>, goal: &str) -> Self {
        let rounds = ours.len();
        let (ours, limit) = (median(ours), median(limit));
        Self {
            measure: name.to_owned(),
            unit: unit.to_owned(),
            ours,
            limit,
            ratio: ours.zip(limit).map(|(ours, limit)| ours / limit),
            goal: goal.to_owned(),
            rounds,
        }
    }

    /// Whether the goal is met; `None` when there is none, or nothing was measured.
    pub fn is_met(&self) -> Option<bool> {
        let mut words = self.goal.split_whitespace();
        let value = match words.next()? {
            "ratio" => self.ratio?,
            _ => self.ours?,
        };
        let sign = words.next()?;
        let bound: f64 = words.next()?.parse().ok()?;
        Some(if sign == ">=" {
            value >= bound
        } else {
            value <= bound
        })
    }
}

/// The middle value, or the mean of the two in the middle.
pub fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let upper = *values.get(values.len() / 2)?;
    if values.len() % 2 == 1 {
        return Some(upper);
    }
    Some((values[values.len() / 2 - 1] + upper) / 2.0)
}

/// The table as it is printed.
pub fn sheet(measures: &[Measure]) -> String {
    let number = |value: Option<f64>| {
        value.map_or("–".to_owned(), |value| match value.abs() {
            1_000.0.. => format!("{value:.0}"),
            10.0.. => format!("{value:.1}"),
            _ => format!("{value:.3}"),
        })
    };
    let mut sheet = format!(
        "{:<34} {:<20} {:>10} {:>10} {:>8}  {:<16} {}\n",
        "measure", "unit", "ours", "limit", "ratio", "goal", "rounds"
    );
    for measure in measures {
        let met = match measure.is_met() {
            Some(true) => " met",
            Some(false) => " NOT MET",
            None => "",
        };
        sheet.push_str(&format!(
            "{:<34} {:<20} {:>10} {:>10} {:>8}  {:<16} {}{met}\n",
            measure.measure,
            measure.unit,
            number(measure.ours),
            number(measure.limit),
            number(measure.ratio),
            measure.goal,
            measure.rounds
        ));
    }
    sheet
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_held_against_ours_or_the_ratio() {
        let of = |goal| Measure::beside("m", "u", vec![3.0, 1.0, 2.0], vec![4.0], goal).is_met();
        assert_eq!(of("ratio >= 0.5"), Some(true));
        assert_eq!(of("ratio <= 0.4"), Some(false));
        assert_eq!(of("ours <= 2"), Some(true));
        assert_eq!(of(""), None);
        assert_eq!(median(vec![1.0, 4.0]), Some(2.5));
        assert_eq!(median(Vec::new()), None);
    }
}
