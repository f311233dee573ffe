//! The picture from which an authenticator reads a seed: a QR code as PNG.

use flate2::Compression;
use flate2::write::ZlibEncoder;
use qrcode::{Color, QrCode};
use std::io::Write;

/// Pixels of a module's side.
const SCALE: usize = 6;
/// Modules of the margin that readers need.
const MARGIN: usize = 4;

/// A PNG that shows `text`; none if it is too long for a QR code.
pub fn png(text: &str) -> Option<Vec<u8>> {
    let code = QrCode::new(text).ok()?;
    let (modules, colors) = (code.width(), code.to_colors());
    let side = (modules + 2 * MARGIN) * SCALE;
    let is_dark = |x: usize, y: usize| {
        let module = |at: usize| (at / SCALE).checked_sub(MARGIN).filter(|at| *at < modules);
        let (Some(x), Some(y)) = (module(x), module(y)) else { return false };
        colors[y * modules + x] == Color::Dark
    };
    // Grey scale of one bit per pixel; each line begins with the number of its filter, which is none.
    let mut pixels = Vec::with_capacity(side * (side / 8 + 2));
    for y in 0..side {
        pixels.push(0);
        for byte in 0..side.div_ceil(8) {
            let bit = |bit: usize| u8::from(!is_dark(byte * 8 + bit, y)) << (7 - bit);
            pixels.push((0..8).map(bit).sum());
        }
    }
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(&pixels).ok()?;
    let side = u32::try_from(side).ok()?.to_be_bytes();
    let header = [&side[..], &side[..], &[1, 0, 0, 0, 0]].concat();
    let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
    chunk(&mut png, b"IHDR", &header);
    chunk(&mut png, b"IDAT", &encoder.finish().ok()?);
    chunk(&mut png, b"IEND", &[]);
    Some(png)
}

/// Its length, its name, its content and the checksum of the latter two.
fn chunk(png: &mut Vec<u8>, name: &[u8; 4], content: &[u8]) {
    png.extend((content.len() as u32).to_be_bytes());
    let start = png.len();
    png.extend(name);
    png.extend(content);
    let checksum = crc32fast::hash(&png[start..]);
    png.extend(checksum.to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture() {
        let png = png("otpauth://totp/x?secret=ABC").unwrap();
        assert_eq!(&png[..8], b"\x89PNG\r\n\x1a\n");
        assert_eq!(&png[png.len() - 8..png.len() - 4], b"IEND");
        assert!(super::png(&"x".repeat(5_000)).is_none());
    }
}
