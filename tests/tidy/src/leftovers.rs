//! Nothing half-done, and nothing that ends the process because a value was not what we hoped.

use crate::{Finding, RustFile, Sources};

const HALF_DONE: [&str; 3] = ["todo!", "unimplemented!", "dbg!"];
const HOPES: [&str; 2] = [".unwrap()", ".expect("];

/// Finds half-done code everywhere, and hopes outside tests.
pub fn check(sources: &Sources) -> Vec<Finding> {
    let mut found = Vec::new();
    for file in &sources.files {
        for word in HALF_DONE {
            found.extend(file.source.positions(word).into_iter().map(|at| {
                on(
                    file,
                    at,
                    format!("`{word}` is left in the code"),
                    "finish it, or take the path out until it is needed",
                )
            }));
        }
    }
    for file in sources.shipped() {
        for word in HOPES {
            let outside = file
                .source
                .positions(word)
                .into_iter()
                .filter(|at| !file.source.is_test(*at));
            found.extend(outside.map(|at| {
                let fix = "return the error, or write the case out: `let Some(x) = … else { … }`";
                on(file, at, format!("`{word}` outside tests"), fix)
            }));
        }
    }
    found
}

fn on(file: &RustFile, at: usize, fault: String, fix: &str) -> Finding {
    Finding::on_line(&file.path, file.source.line_of(at), fault, fix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::fixture::one_crate;

    #[test]
    fn leftovers_are_found_and_those_in_tests_and_comments_are_not() {
        let (_, _, sources) = one_crate(&[
            (
                "core/a/src/lib.rs",
                "fn a() {\n    b().unwrap();\n    c().expect(\"c\");\n    todo!()\n}\n",
            ),
            (
                "core/a/src/b.rs",
                "// .unwrap()\n#[cfg(test)]\nmod tests { fn d() { e().unwrap(); } }\nx.unwrap_or(1);",
            ),
            ("core/a/tests/c.rs", "fn f() { g().unwrap(); dbg!(1); }"),
        ]);
        let mut places: Vec<_> = check(&sources).into_iter().map(|finding| finding.place).collect();
        places.sort();
        assert_eq!(
            places,
            [
                "core/a/src/lib.rs:2",
                "core/a/src/lib.rs:3",
                "core/a/src/lib.rs:4",
                "core/a/tests/c.rs:1"
            ]
        );
    }
}
