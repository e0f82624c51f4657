//! Writes the foreign sides from the built library: `uniffi-bindgen generate --library libgrid_ffi.so --language python`.

fn main() {
    uniffi::uniffi_bindgen_main();
}
