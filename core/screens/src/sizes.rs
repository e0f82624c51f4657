//! Sizes in the units a data plan is sold in, and numbers with their group marks.

/// Bytes as a person reads them: `820 B`, `12 KB`, `3.4 MB`. Units of 1,024.
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 3] = ["KB", "MB", "GB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut tenths = bytes.saturating_mul(10) / 1024;
    let mut unit = 0;
    while tenths >= 10_240 && unit + 1 < UNITS.len() {
        tenths /= 1024;
        unit += 1;
    }
    // From ten up a tenth says nothing; kilobytes are never worth a tenth.
    if tenths >= 100 || unit == 0 {
        format!("{} {}", tenths / 10, UNITS[unit])
    } else {
        format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
    }
}

/// A number with a comma every three digits.
pub fn grouped(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_like_a_data_plan() {
        let read = [0, 820, 1024, 12_345, 3_565_200, 20 << 20, 5 << 30, u64::MAX / 16].map(size);
        assert_eq!(
            read[..7],
            ["0 B", "820 B", "1 KB", "12 KB", "3.4 MB", "20 MB", "5.0 GB"]
        );
    }

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(
            [0, 999, 1_000, -37, -8_000, 240_000].map(grouped),
            ["0", "999", "1,000", "-37", "-8,000", "240,000"]
        );
    }
}
