//! Checksums as lock files write them: `sha512-…` in base 64 (Subresource Integrity), several with spaces between.

/// A checksum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sum {
    /// `sha512`, `sha1`.
    pub algorithm: &'static str,
    /// Its bytes as lower-case hexadecimal digits.
    pub hex: String,
}

/// Algorithms, the strongest first, with the bytes of their sums.
const ALGORITHMS: [(&str, usize); 4] = [("sha512", 64), ("sha384", 48), ("sha256", 32), ("sha1", 20)];

/// A SHA-1 as registries and yarn 1 write it, in 40 hexadecimal digits.
pub fn sha1(digits: &str) -> Option<Sum> {
    let is_one = digits.len() == 40 && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_one.then(|| Sum { algorithm: "sha1", hex: digits.to_ascii_lowercase() })
}

/// The checksums of a text, the strongest first; what is none is left out, so that no path can be made of it.
pub fn read(integrity: &str) -> Vec<Sum> {
    let words = || integrity.split_ascii_whitespace().filter_map(|word| word.split_once('-'));
    let mut sums = Vec::new();
    for (algorithm, length) in ALGORITHMS {
        for (_, digest) in words().filter(|(name, _)| *name == algorithm) {
            let bytes = bytes_of(digest.split('?').next().unwrap_or(digest));
            let Some(bytes) = bytes.filter(|bytes| bytes.len() == length) else { continue };
            sums.push(Sum { algorithm, hex: bytes.iter().map(|byte| format!("{byte:02x}")).collect() });
        }
    }
    sums
}

fn bytes_of(base64: &str) -> Option<Vec<u8>> {
    const LONGEST: usize = 96;
    let digits = base64.trim_end_matches('=');
    if digits.len() > LONGEST {
        return None;
    }
    let mut bytes = Vec::with_capacity(digits.len() * 3 / 4);
    let (mut bits, mut held) = (0u32, 0);
    for digit in digits.bytes() {
        let value = match digit {
            b'A'..=b'Z' => digit - b'A',
            b'a'..=b'z' => digit - b'a' + 26,
            b'0'..=b'9' => digit - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held) as u8);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_comes_first_and_what_is_none_not_at_all() {
        let sums = read(
            "sha1-2jmj7l5rSw0yVb/vlWAYkK/YBwk= md5-AAAA sha512-../../x sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
        );
        let algorithms: Vec<&str> = sums.iter().map(|sum| sum.algorithm).collect();
        assert_eq!(algorithms, ["sha256", "sha1"]);
        assert_eq!(sums[0].hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        assert_eq!(sums[1].hex, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
    }
}
