//! Cyclic redundancy checks, and how those of two halves become that of the whole.
//!
//! All three are reflected: the lowest bit comes first. The shift register is 64 bits wide for each of them.
//! <https://reveng.sourceforge.io/crc-catalogue/all.htm>

/// A check: its polynomial, reflected, and its width in bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Crc {
    /// CRC-32/ISO-HDLC.
    Crc32,
    /// CRC-32/ISCSI.
    Crc32c,
    /// CRC-64/NVME.
    Crc64Nvme,
}

/// Tables for eight bytes at a time.
type Tables = [[u64; 256]; 8];

static CRC32: Tables = tables(0xedb8_8320);
static CRC32C: Tables = tables(0x82f6_3b78);
static CRC64_NVME: Tables = tables(0x9a6c_9329_ac4b_c9b5);

const fn tables(polynomial: u64) -> Tables {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut value = byte as u64;
        let mut bit = 0;
        while bit < 8 {
            value = if value & 1 == 1 { value >> 1 ^ polynomial } else { value >> 1 };
            bit += 1;
        }
        tables[0][byte] = value;
        byte += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = before >> 8 ^ tables[0][(before & 0xff) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
}

impl Crc {
    fn tables(self) -> &'static Tables {
        match self {
            Crc::Crc32 => &CRC32,
            Crc::Crc32c => &CRC32C,
            Crc::Crc64Nvme => &CRC64_NVME,
        }
    }

    fn polynomial(self) -> u64 {
        // The entry of the highest bit alone is the polynomial.
        self.tables()[0][0x80]
    }

    /// In bytes.
    pub fn width(self) -> usize {
        match self {
            Crc::Crc32 | Crc::Crc32c => 4,
            Crc::Crc64Nvme => 8,
        }
    }

    fn ones(self) -> u64 {
        u64::MAX >> (64 - 8 * self.width())
    }

    /// The check of what `before` is the check of and `bytes` behind it; of nothing it is 0.
    pub fn update(self, before: u64, bytes: &[u8]) -> u64 {
        let tables = self.tables();
        let mut register = before ^ self.ones();
        let mut eights = bytes.chunks_exact(8);
        for eight in &mut eights {
            let word = u64::from_le_bytes([
                eight[0], eight[1], eight[2], eight[3], eight[4], eight[5], eight[6], eight[7],
            ]) ^ register;
            register = 0;
            for (byte, table) in word.to_le_bytes().into_iter().zip(tables.iter().rev()) {
                register ^= table[usize::from(byte)];
            }
        }
        for byte in eights.remainder() {
            register = register >> 8 ^ tables[0][usize::from(register as u8 ^ byte)];
        }
        register ^ self.ones()
    }

    /// The check of two pieces behind each other, the second of `bytes` bytes.
    pub fn combine(self, first: u64, second: u64, bytes: u64) -> u64 {
        // Behind the first piece stand `8 * bytes` more bits: its check is multiplied by that power of x.
        let mut power = self.x();
        let mut factor = self.one();
        let mut exponent = u128::from(bytes) * 8;
        while exponent > 0 {
            if exponent & 1 == 1 {
                factor = self.multiply(factor, power);
            }
            power = self.multiply(power, power);
            exponent >>= 1;
        }
        self.multiply(first, factor) ^ second
    }

    /// The polynomial 1: the highest bit, since the order is reflected.
    fn one(self) -> u64 {
        1 << (8 * self.width() - 1)
    }

    fn x(self) -> u64 {
        self.one() >> 1
    }

    /// The product of two polynomials modulo the check's own.
    fn multiply(self, left: u64, mut right: u64) -> u64 {
        let (polynomial, mut bit, mut product) = (self.polynomial(), self.one(), 0);
        while bit > 0 {
            if left & bit != 0 {
                product ^= right;
            }
            right = if right & 1 == 1 { right >> 1 ^ polynomial } else { right >> 1 };
            bit >>= 1;
        }
        product
    }
}

#[cfg(test)]
mod tests {
    use super::Crc;

    const ALL: [(Crc, u64); 3] = [
        (Crc::Crc32, 0xcbf4_3926),
        (Crc::Crc32c, 0xe306_9283),
        (Crc::Crc64Nvme, 0xae8b_1486_0a79_9888),
    ];

    /// The check values of the catalogue.
    #[test]
    fn checks_of_123456789() {
        for (crc, check) in ALL {
            assert_eq!(crc.update(0, b"123456789"), check, "{crc:?}");
        }
    }

    #[test]
    fn pieces_give_the_check_of_the_whole() {
        let bytes: Vec<u8> = (0..1000_u32).map(|i| (i * 7 % 251) as u8).collect();
        for (crc, _) in ALL {
            let whole = crc.update(0, &bytes);
            for at in [0, 1, 7, 8, 500, 999, 1000] {
                let (first, second) = bytes.split_at(at);
                assert_eq!(crc.update(crc.update(0, first), second), whole, "{crc:?} {at}");
                let (a, b) = (crc.update(0, first), crc.update(0, second));
                assert_eq!(crc.combine(a, b, second.len() as u64), whole, "{crc:?} {at}");
            }
        }
    }
}
