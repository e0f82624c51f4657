//! Pretends that a newer application wrote a vault: `newer_schema FOLDER KEY_IN_HEX VERSION`. For the contract tests, which
//! cannot open an encrypted database themselves.

use std::path::Path;
use std::process::ExitCode;

use grid_fieldbook::DataKey;
use grid_model::Sha256;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, key, version] = arguments.as_slice() else {
        eprintln!("newer_schema FOLDER KEY_IN_HEX VERSION");
        return ExitCode::from(2);
    };
    // A key has the shape of a digest: 64 hexadecimal digits.
    let (Ok(Sha256(key)), Ok(version)) = (key.parse(), version.parse()) else {
        eprintln!("the key has 64 hexadecimal digits, the version is a number");
        return ExitCode::from(2);
    };
    match grid_store::set_schema_for_tests(Path::new(folder), &DataKey::from_bytes(key), version) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
