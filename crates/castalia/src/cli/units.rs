//! Quantities as people write them: `1.5` cores, `2G`, `10m`.

/// Processors in thousandths: `1.5`, `2`, `500m`.
pub(crate) fn cpu_millis(text: &str) -> Result<u32, String> {
    let (number, factor) = match text.strip_suffix('m') {
        Some(number) => (number, 1.0),
        None => (text, 1000.0),
    };
    let millis = positive(number).ok_or("use cores (`1.5`) or thousandths of a core (`500m`)")? * factor;
    // Less than one thousandth is none; the server says what it thinks of that.
    if millis <= f64::from(u32::MAX) { Ok(millis.round() as u32) } else { Err("is too much".into()) }
}

/// MiB: `2G`, `512M`, `1.5GiB`; a bare number is MiB. Rounded up.
pub(crate) fn mebibytes(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let kibibytes = match unit.trim().to_ascii_lowercase().trim_end_matches('b').trim_end_matches('i') {
        "k" => 1.0,
        "" | "m" => 1024.0,
        "g" => 1024.0 * 1024.0,
        "t" => 1024.0 * 1024.0 * 1024.0,
        _ => return Err("use K, M, G or T (powers of 1024), for instance `2G`".into()),
    };
    let amount = positive(number).ok_or("use a number with K, M, G or T, for instance `2G`")?;
    let mebibytes = (amount * kibibytes / 1024.0).ceil();
    if mebibytes < 1e15 { Ok(mebibytes as u64) } else { Err("is too much".into()) }
}

/// Seconds: `90`, `90s`, `10m`, `1h30m`, `2d`. Rounded up.
pub(crate) fn seconds(text: &str) -> Result<u64, String> {
    const HELP: &str = "use seconds, or a number with s, m, h, d or w, for instance `10m` or `1h30m`";
    let mut rest = text.trim();
    let mut total = 0.0;
    if rest.is_empty() {
        return Err(HELP.into());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let (number, tail) = rest.split_at(digits);
        let letters = tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len());
        let (unit, next) = tail.split_at(letters);
        let factor = match unit {
            "" | "s" | "sec" => 1.0,
            "m" | "min" => 60.0,
            "h" => 3600.0,
            "d" => 86_400.0,
            "w" => 604_800.0,
            _ => return Err(HELP.into()),
        };
        total += positive(number).ok_or(HELP)? * factor;
        rest = next.trim_start();
    }
    if total < 1e12 { Ok(total.ceil() as u64) } else { Err("is too long".into()) }
}

/// Micro-credits: `12.5`, `-3`, `0.000001`. Exact: no float in between.
pub(crate) fn micro_credits(text: &str) -> Result<i64, String> {
    const HELP: &str = "use credits with at most six decimals, for instance `12.5`";
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let plain = |s: &str| s.chars().all(|c| c.is_ascii_digit());
    if digits.is_empty()
        || (whole.is_empty() && part.is_empty())
        || !plain(whole)
        || !plain(part)
        || part.len() > 6
    {
        return Err(HELP.into());
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| "is too much")? };
    let part: i64 = format!("{part:0<6}").parse().map_err(|_| HELP)?;
    let micro = whole.checked_mul(1_000_000).and_then(|m| m.checked_add(part)).ok_or("is too much")?;
    Ok(sign * micro)
}

fn positive(number: &str) -> Option<f64> {
    number.trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn processors() {
        assert_eq!(cpu_millis("1.5"), Ok(1500));
        assert_eq!(cpu_millis("500m"), Ok(500));
        assert!(["", "-1", "two", "1e20", "NaN"].iter().all(|t| cpu_millis(t).is_err()));
    }

    #[test]
    fn sizes_are_powers_of_1024_and_round_up() {
        let cases = [
            ("2G", 2048),
            ("2GiB", 2048),
            ("2gb", 2048),
            ("512M", 512),
            ("512", 512),
            ("100K", 1),
            ("1.5G", 1536),
            ("1T", 1 << 20),
        ];
        for (text, mebibytes_) in cases {
            assert_eq!(mebibytes(text), Ok(mebibytes_), "{text}");
        }
        assert!(["", "G", "2X", "-1G", "1.2.3G"].iter().all(|t| mebibytes(t).is_err()));
    }

    #[test]
    fn durations() {
        let cases = [
            ("90", 90),
            ("90s", 90),
            ("10m", 600),
            ("1h30m", 5400),
            ("1h 30m", 5400),
            ("2d", 172_800),
            ("1.5h", 5400),
            ("0.2s", 1),
        ];
        for (text, s) in cases {
            assert_eq!(seconds(text), Ok(s), "{text}");
        }
        assert!(["", "m", "10 y", "-5m", "1h-3m"].iter().all(|t| seconds(t).is_err()));
    }

    #[test]
    fn credits_are_exact() {
        let cases =
            [("12.5", 12_500_000), ("-3", -3_000_000), ("0.000001", 1), (".5", 500_000), ("+1", 1_000_000)];
        for (text, micro) in cases {
            assert_eq!(micro_credits(text), Ok(micro), "{text}");
        }
        assert!(
            ["", "-", ".", "1.0000001", "1e3", "9999999999999999"].iter().all(|t| micro_credits(t).is_err())
        );
    }
}
