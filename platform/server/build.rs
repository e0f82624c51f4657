//! The pages of the console are compiled in: a console that is built later, or anew, makes the server anew.

fn main() {
    println!("cargo::rerun-if-changed=../console/dist");
}
