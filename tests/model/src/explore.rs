//! Goes through every state there is.

use std::num::NonZeroUsize;

use stateright::{Checker, Model};

use crate::{Act, Island};

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Explored {
    /// Different states.
    pub states: usize,
    /// What is broken: the rule, and the shortest way there that was met.
    pub broken: Vec<(&'static str, Vec<Act>)>,
    /// What must be possible and never happened.
    pub never: Vec<&'static str>,
}

/// Every state that the island can be in; up to the first violations, if there are any.
pub fn explore(island: &Island) -> Explored {
    let threads = std::thread::available_parallelism().map_or(1, NonZeroUsize::get);
    let checker = island.clone().checker().threads(threads).spawn_bfs().join();
    let discoveries = checker.discoveries();
    let mut found = Explored {
        states: checker.unique_state_count(),
        ..Explored::default()
    };
    for property in island.properties() {
        let path = discoveries.get(property.name);
        match (property.expectation, path) {
            (stateright::Expectation::Sometimes, None) => found.never.push(property.name),
            (stateright::Expectation::Sometimes, Some(_)) | (_, None) => {}
            (_, Some(path)) => found.broken.push((property.name, path.clone().into_actions())),
        }
    }
    found
}
