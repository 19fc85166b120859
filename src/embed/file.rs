//! A file in the program's read-only data, as floats at a cache line: what an expansion of `embed!` makes of a packed file.
//!
//! `include_bytes!` has no alignment, and rustc holds what it includes several times over. An assembler's `.incbin` has
//! neither fault: the file goes from the disk into the object file, and rustc sees a symbol. The bare `include_bytes!` beside it
//! is for cargo, which learns from it that a change of the file is a reason to compile again. Where rustc has no assembler
//! (WebAssembly), Miri would have to run it, or the order of bytes is not the file's, the bytes are copied into an aligned
//! array by rustc.

/// A file that begins at a cache line.
#[repr(C, align(64))]
pub struct AlignedBytes<const LEN: usize>(pub [u8; LEN]);

/// `count` floats of a file from byte `begin` on.
///
/// # Panics
///
/// If they are not inside it, do not begin at a multiple of 4, or if this machine has the bytes of a float in another
/// order; in a constant that is a compile error.
pub const fn floats<const LEN: usize>(file: &'static AlignedBytes<LEN>, begin: usize, count: usize) -> &'static [f32] {
    if cfg!(target_endian = "big") {
        panic!("packed files are little-endian, and this target is not");
    }
    assert!(begin.is_multiple_of(4) && begin <= LEN && count <= (LEN - begin) / 4, "floats beyond the file");
    // SAFETY: `begin + 4 * count` is at most `LEN`, so that the bytes are inside the array, which is never written; `begin` is
    // a multiple of 4 and the array begins at one of 64; every four bytes are a float.
    #[allow(unsafe_code)]
    unsafe {
        core::slice::from_raw_parts(file.0.as_ptr().add(begin).cast(), count)
    }
}

/// `$count` floats of the file from byte `$begin` on, as `&'static [f32]`, by rustc alone.
#[doc(hidden)]
#[macro_export]
macro_rules! __embed_by_rustc {
    ($path:literal, $absolute:literal, $symbol:literal, $len:literal, $begin:literal, $count:literal) => {{
        static __CNN_FILE: $crate::__private::AlignedBytes<$len> =
            $crate::__private::AlignedBytes(*::core::include_bytes!($path));
        $crate::__private::floats(&__CNN_FILE, $begin, $count)
    }};
}

/// The same by the assembler: `$absolute` is the path as a string of an assembler, `$symbol` a name that nobody else has.
///
/// The `unsafe` cannot stand in the library, because the symbol is the caller's crate's. A crate that forbids unsafe code may
/// embed all the same: lints leave alone what comes out of another crate's macro, and `allow` here would be refused.
#[doc(hidden)]
#[macro_export]
macro_rules! __embed_by_assembler {
    ($path:literal, $absolute:literal, $symbol:literal, $len:literal, $begin:literal, $count:literal) => {{
        const _: &[u8] = ::core::include_bytes!($path);
        mod __cnn_file {
            $crate::__incbin!($absolute, $symbol, $begin, $count);
        }
        // SAFETY: the assembler has put the bytes of `$count` floats under this symbol, at a cache line, in data that nobody
        // can write; the macro has read the same file, which has so many, and `.incbin` fails on one that has fewer.
        #[allow(improper_ctypes)]
        unsafe extern "C" {
            #[link_name = $symbol]
            safe static __CNN_DATA: $crate::__private::Aligned<$count>;
        }
        &__CNN_DATA.0
    }};
}

/// The directives of ELF.
#[doc(hidden)]
#[macro_export]
#[cfg(not(any(windows, target_os = "uefi", target_vendor = "apple")))]
macro_rules! __incbin {
    ($absolute:literal, $symbol:literal, $begin:literal, $count:literal) => {
        ::core::arch::global_asm!(
            ::core::concat!(".pushsection .rodata.", $symbol, ",\"a\",%progbits"),
            ".balign 64",
            ::core::concat!(".globl ", $symbol),
            ::core::concat!(".hidden ", $symbol),
            ::core::concat!(".type ", $symbol, ",%object"),
            ::core::concat!(".size ", $symbol, ", 4*", $count),
            ::core::concat!($symbol, ":"),
            ::core::concat!(".incbin \"", $absolute, "\", ", $begin, ", 4*", $count),
            ".popsection",
            options(raw),
        );
    };
}

/// The directives of Mach-O, whose symbols begin with `_`.
#[doc(hidden)]
#[macro_export]
#[cfg(target_vendor = "apple")]
macro_rules! __incbin {
    ($absolute:literal, $symbol:literal, $begin:literal, $count:literal) => {
        ::core::arch::global_asm!(
            ".pushsection __TEXT,__const",
            ".balign 64",
            ::core::concat!(".globl _", $symbol),
            ::core::concat!(".private_extern _", $symbol),
            ::core::concat!("_", $symbol, ":"),
            ::core::concat!(".incbin \"", $absolute, "\", ", $begin, ", 4*", $count),
            ".popsection",
            options(raw),
        );
    };
}

/// The directives of COFF, which cannot push sections; not for x86, whose symbols begin with `_` there.
#[doc(hidden)]
#[macro_export]
#[cfg(any(windows, target_os = "uefi"))]
macro_rules! __incbin {
    ($absolute:literal, $symbol:literal, $begin:literal, $count:literal) => {
        ::core::arch::global_asm!(
            ".section .rdata,\"dr\"",
            ".balign 64",
            ::core::concat!(".globl ", $symbol),
            ::core::concat!($symbol, ":"),
            ::core::concat!(".incbin \"", $absolute, "\", ", $begin, ", 4*", $count),
            ".text",
            options(raw),
        );
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_of_an_aligned_file() {
        static FILE: AlignedBytes<12> = AlignedBytes([0, 0, 0, 0, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0]);
        const FLOATS: &[f32] = floats(&FILE, 4, 2);
        assert_eq!(FLOATS, [1.0, -2.0]);
        assert_eq!(FLOATS.as_ptr() as usize % 64, 4);
        assert!(std::panic::catch_unwind(|| floats(&FILE, 4, 3)).is_err());
        assert!(std::panic::catch_unwind(|| floats(&FILE, 2, 1)).is_err());
        assert!(std::panic::catch_unwind(|| floats(&FILE, 16, 0)).is_err());
    }

    /// What `tests/packed.rs` does by the assembler, where this machine has one.
    #[test]
    fn rustc_alone_gives_the_same_floats() {
        let by_rustc: &[f32] = __embed_by_rustc!("../../tests/fixtures/weights/tiny.safetensors", "", "", 680, 64, 16);
        let file = include_bytes!("../../tests/fixtures/weights/tiny.safetensors");
        let expected: Vec<u32> = file[64..128].as_chunks().0.iter().map(|bytes| u32::from_le_bytes(*bytes)).collect();
        assert_eq!(by_rustc.iter().map(|x| x.to_bits()).collect::<Vec<_>>(), expected);
    }
}
