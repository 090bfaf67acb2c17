//! NumPy's `.npy` (NEP 1): a header of a Python dictionary, then the values.

use castalia_base::Error;

/// What the values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Number {
    F32,
    F64,
    /// Signed or unsigned integers of so many bytes.
    Int(u8),
    Uint(u8),
}

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Npy {
    /// As NumPy writes it, for instance `<f8`.
    pub(crate) dtype: String,
    pub(crate) number: Number,
    pub(crate) fortran: bool,
    pub(crate) shape: Vec<u64>,
    /// Where the values begin, in bytes.
    pub(crate) offset: u64,
}

fn cannot(what: impl std::fmt::Display) -> Error {
    let text = format!("this NumPy array can't be shown: {what}");
    Error::unprocessable("unsupported_array", text, Vec::new())
}

impl Npy {
    /// Reads the header.
    ///
    /// # Errors
    /// `unsupported_array` for what is no array of little-endian numbers.
    pub(crate) fn parse(head: &[u8]) -> Result<Self, Error> {
        let broken = || cannot("its header is broken");
        let rest = head.strip_prefix(b"\x93NUMPY").ok_or_else(broken)?;
        let (length, at) = match (rest.first(), rest.get(2..4), rest.get(2..6)) {
            (Some(1), Some(&[a, b]), _) => (u64::from(u16::from_le_bytes([a, b])), 10),
            (Some(2 | 3), _, Some(&[a, b, c, d])) => (u64::from(u32::from_le_bytes([a, b, c, d])), 12),
            _ => return Err(broken()),
        };
        // Versions 2 and 3 allow 4 GiB; a header of that length says nothing that can be shown.
        let end = usize::try_from(at + length).map_err(|_| broken())?;
        let text = head.get(at as usize..end).ok_or_else(broken)?;
        let text = std::str::from_utf8(text).map_err(|_| broken())?;
        let dtype = quoted(text, "descr").ok_or_else(|| cannot("it has fields; only plain numbers work"))?;
        let fortran = value(text, "fortran_order").ok_or_else(broken)?.starts_with("True");
        let shape = shape(value(text, "shape").ok_or_else(broken)?).ok_or_else(broken)?;
        let number = number(&dtype).ok_or_else(|| {
            cannot(format!(
                "its values are `{dtype}`; little-endian integers and floats of 4 or 8 bytes work"
            ))
        })?;
        Ok(Self { dtype, number, fortran, shape, offset: at + length })
    }

    /// Bytes of a value.
    pub(crate) fn width(&self) -> usize {
        match self.number {
            Number::F32 => 4,
            Number::F64 => 8,
            Number::Int(width) | Number::Uint(width) => width.into(),
        }
    }

    /// How many values there are; `None` beyond all measure.
    pub(crate) fn count(&self) -> Option<u64> {
        self.shape.iter().try_fold(1_u64, |all, length| all.checked_mul(*length))
    }

    /// The value at the beginning of these bytes.
    pub(crate) fn value_of(&self, bytes: &[u8]) -> f64 {
        self.value(bytes.get(..self.width()).unwrap_or_default())
    }

    /// One value out of its bytes; NaN and infinities stay.
    pub(crate) fn value(&self, bytes: &[u8]) -> f64 {
        let mut wide = [0; 8];
        let used = bytes.len().min(8);
        wide[..used].copy_from_slice(&bytes[..used]);
        match self.number {
            Number::F32 => f32::from_le_bytes([wide[0], wide[1], wide[2], wide[3]]).into(),
            Number::F64 => f64::from_le_bytes(wide),
            Number::Uint(_) => u64::from_le_bytes(wide) as f64,
            Number::Int(width) => {
                let shift = 64 - 8 * u32::from(width.clamp(1, 8));
                ((i64::from_le_bytes(wide) << shift) >> shift) as f64
            }
        }
    }
}

fn number(dtype: &str) -> Option<Number> {
    let (order, rest) = dtype.split_at_checked(1)?;
    let width: u8 = rest.get(1..)?.parse().ok()?;
    if order != "<" && !(order == "|" && width == 1) {
        return None;
    }
    match (rest.get(..1)?, width) {
        ("f", 4) => Some(Number::F32),
        ("f", 8) => Some(Number::F64),
        ("i", 1 | 2 | 4 | 8) => Some(Number::Int(width)),
        ("u", 1 | 2 | 4 | 8) | ("b", 1) => Some(Number::Uint(width)),
        _ => None,
    }
}

/// The text behind `'key':`.
fn value<'a>(text: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(&format!("'{key}':"))?;
    Some(rest.trim_start())
}

fn quoted(text: &str, key: &str) -> Option<String> {
    let rest = value(text, key)?.strip_prefix('\'')?;
    rest.split_once('\'').map(|(inside, _)| inside.to_owned())
}

fn shape(text: &str) -> Option<Vec<u64>> {
    let inside = text.strip_prefix('(')?.split_once(')')?.0;
    inside.split(',').map(str::trim).filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A file of this header and these bytes, as NumPy 1.0 of the format writes it.
    pub(crate) fn file(header: &str, values: &[u8]) -> Vec<u8> {
        let padded = format!("{header:<118}");
        let mut file = b"\x93NUMPY\x01\x00".to_vec();
        file.extend(u16::try_from(padded.len()).expect("short").to_le_bytes());
        file.extend(padded.as_bytes());
        file.extend(values);
        file
    }

    #[test]
    fn headers_are_read() {
        let made = file("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }", &[]);
        let found = Npy::parse(&made).expect("reads");
        let expected =
            Npy { dtype: "<f8".into(), number: Number::F64, fortran: false, shape: vec![2, 3], offset: 128 };
        assert_eq!(found, expected);
        let one = file("{'descr': '<i2', 'fortran_order': True, 'shape': (5,), }", &[]);
        let found = Npy::parse(&one).expect("reads");
        assert_eq!((found.fortran, found.shape.as_slice(), found.width()), (true, &[5][..], 2));
        assert_eq!(found.value(&(-2_i16).to_le_bytes()), -2.0);
        for wrong in [
            "{'descr': '>f8', 'fortran_order': False, 'shape': (2,), }",
            "{'descr': '|O', 'fortran_order': False, 'shape': (2,), }",
            "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,), }",
            "{'descr': '<f8', 'fortran_order': False, 'shape': (-2,), }",
            "{}",
        ] {
            let error = Npy::parse(&file(wrong, &[])).expect_err("is refused");
            assert_eq!(error.code(), "unsupported_array", "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_break_it(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            let mut file = b"\x93NUMPY".to_vec();
            file.extend(bytes);
            let _ = Npy::parse(&file);
        }
    }
}
