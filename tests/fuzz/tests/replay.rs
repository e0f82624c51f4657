//! The committed corpus, and mutations of it, through every target. The only test of its process, whose memory it reads.

use grid_fuzz::{Meter, TARGETS, corpus, mutations};

#[test]
fn every_target_bears_its_corpus_and_what_comes_of_it() {
    // The most ever taken only grows: the frugal ones first, or nobody sees what they take.
    let mut targets: Vec<_> = TARGETS.iter().collect();
    targets.sort_by_key(|target| target.memory_mib);
    for target in targets {
        let meter = Meter::start();
        let cases = corpus(target).unwrap_or_else(|error| panic!("the corpus of {}: {error}", target.name));
        let (mut runs, mut taken) = (0, 0);
        for case in &cases {
            let name = format!("{}/{}", target.name, case.name);
            let whole = (target.run)(&case.bytes);
            runs += 1;
            taken += usize::from(whole);
            // What unfolds to the largest size takes its time each time.
            let rounds = if case.name.contains("bomb") {
                40
            } else {
                target.rounds
            };
            for (number, mutated) in mutations(&name, &case.bytes, rounds).enumerate() {
                let held = std::panic::catch_unwind(|| (target.run)(&mutated));
                let Ok(read) = held else {
                    let path = std::env::temp_dir().join(format!("grid-fuzz-{}-{number}", target.name));
                    let kept = std::fs::write(&path, &mutated);
                    panic!(
                        "mutation {number} of {name} breaks a promise; {kept:?} in {}",
                        path.display()
                    );
                };
                runs += 1;
                taken += usize::from(read);
            }
        }
        let grown = target.taken_mib(meter);
        println!(
            "{:<18} {runs:>6} runs, {taken:>6} taken, {grown:>3} MiB",
            target.name
        );
        assert!(taken > 0, "{} takes nothing of its corpus", target.name);
        assert!(
            grown <= target.memory_mib,
            "{} took {grown} MiB, allowed are {}",
            target.name,
            target.memory_mib
        );
    }
}
