//! Draws digits as text, two pixels to a character.
//!
//! A character cell is about twice as high as wide, so a half block (`▀`, `▄`)
//! is about square: a digit of 28x28 pixels becomes 14 lines of 28 characters.

use super::idx::SIDE;

/// The least brightness that counts as ink. Below one half, so that the grey
/// rim of a thin stroke keeps it connected.
const INK: f32 = 0.3;

/// Draws one digit; `pixels` `[28, 28]`, 0 for paper to 1 for ink.
pub fn draw(pixels: &[f32]) -> Vec<String> {
    assert_eq!(pixels.len(), SIDE * SIDE, "a digit has 28x28 pixels");
    pixels
        .chunks_exact(2 * SIDE)
        .map(|rows| {
            let (upper, lower) = rows.split_at(SIDE);
            upper.iter().zip(lower).map(half_blocks).collect()
        })
        .collect()
}

fn half_blocks((&upper, &lower): (&f32, &f32)) -> char {
    match (upper >= INK, lower >= INK) {
        (true, true) => '█',
        (true, false) => '▀',
        (false, true) => '▄',
        (false, false) => ' ',
    }
}

/// Puts pictures side by side, two spaces between them, one line below the other
/// without a line break at the end.
///
/// Each picture is as wide as its first line; a shorter picture is filled up with
/// blank lines.
pub fn beside(blocks: &[Vec<String>]) -> String {
    let height = blocks.iter().map(Vec::len).max().unwrap_or(0);
    let lines: Vec<String> = (0..height)
        .map(|i| {
            let parts: Vec<String> = blocks.iter().map(|block| line(block, i)).collect();
            parts.join("  ")
        })
        .collect();
    lines.join("\n")
}

fn line(block: &[String], index: usize) -> String {
    let width = block.first().map_or(0, |first| first.chars().count());
    let text = block.get(index).map_or("", String::as_str);
    format!("{text:width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digit_is_14_lines_of_28_characters() {
        let lines = draw(&[0.0; SIDE * SIDE]);
        assert_eq!(lines, vec![" ".repeat(28); 14]);
    }

    #[test]
    fn each_character_shows_two_pixels() {
        let mut pixels = [0.0; SIDE * SIDE];
        pixels[0] = 1.0; // row 0, column 0
        pixels[SIDE + 1] = 1.0; // row 1, column 1
        pixels[2] = 0.5; // rows 0 and 1, column 2
        pixels[SIDE + 2] = 0.5;
        pixels[3] = 0.1; // too faint
        pixels[SIDE * SIDE - 1] = 1.0; // the last pixel
        let lines = draw(&pixels);
        assert_eq!(lines[0].trim_end(), "▀▄█");
        assert_eq!(lines[13].trim_start(), "▄");
        assert!(lines.iter().all(|line| line.chars().count() == SIDE));
    }

    #[test]
    fn pictures_stand_side_by_side() {
        let block = |lines: &[&str]| -> Vec<String> { lines.iter().map(|&l| l.into()).collect() };
        let (high, low) = (block(&["█▀", "▄ "]), block(&["abc"]));
        assert_eq!(beside(&[high.clone(), low.clone()]), "█▀  abc\n▄      ");
        assert_eq!(beside(&[low, high]), "abc  █▀\n     ▄ ");
        assert_eq!(beside(&[]), "");
    }
}
