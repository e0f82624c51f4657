//! What is on the medium after the power was cut. Never changes the disk that was cut.

use std::collections::BTreeMap;

use crate::NodeId;
use crate::content::Content;
use crate::subset::{Chooser, Fate, Kind, Subset};
use crate::tree::{Effect, File, Folder, ROOT, SECTOR, Tree, with_earlier};

/// One unsynced effect, of a file or of the names.
enum Unsynced<'a> {
    File {
        node: NodeId,
        nth: usize,
        of: usize,
        effect: &'a Effect,
    },
    Name {
        nth: usize,
    },
}

/// The disk that the next start finds: what was durable, and of the rest what the subset keeps.
pub(crate) fn after_cut(tree: &Tree, subset: Subset) -> Tree {
    let mut contents: BTreeMap<NodeId, Content> = BTreeMap::new();
    for (node, file) in &tree.files {
        contents.insert(*node, file.durable.clone());
    }
    let effects = in_order(tree);
    let mut chooser = Chooser::of(subset, effects.len());
    let mut kept_names = vec![false; tree.names.len()];
    for unsynced in &effects {
        match unsynced {
            Unsynced::File {
                node,
                nth,
                of,
                effect,
            } => {
                let fate = chooser.next(kind(effect), Some(*node), *nth, *of);
                if let Some(content) = contents.get_mut(node) {
                    write_out(effect, &fate, content);
                }
            }
            Unsynced::Name { nth } => {
                kept_names[*nth] = chooser.next(Kind::Name, None, *nth, tree.names.len()) == Fate::Kept;
            }
        }
    }
    let mut folders = tree.folders.clone();
    let picked = with_earlier(&tree.names, |index, _| kept_names[index]);
    for (pending, _) in tree.names.iter().zip(picked).filter(|(_, picked)| *picked) {
        pending.naming.apply_durably(&mut folders);
    }
    reachable(tree, &folders, contents)
}

/// All unsynced effects in the order in which they happened.
fn in_order(tree: &Tree) -> Vec<Unsynced<'_>> {
    let mut effects: Vec<(u64, Unsynced<'_>)> = Vec::with_capacity(tree.unsynced());
    for (node, file) in &tree.files {
        let of = file.unsynced.len();
        for (nth, (at, effect)) in file.unsynced.iter().enumerate() {
            let node = *node;
            effects.push((
                *at,
                Unsynced::File {
                    node,
                    nth,
                    of,
                    effect,
                },
            ));
        }
    }
    for (nth, pending) in tree.names.iter().enumerate() {
        effects.push((pending.at, Unsynced::Name { nth }));
    }
    effects.sort_by_key(|(at, _)| *at);
    effects.into_iter().map(|(_, effect)| effect).collect()
}

fn kind(effect: &Effect) -> Kind {
    match effect {
        Effect::Write { offset, bytes } => Kind::Write {
            sectors: sectors(*offset, bytes.len()).count() as u64,
        },
        Effect::SetLen(_) => Kind::SetLen,
    }
}

fn write_out(effect: &Effect, fate: &Fate, content: &mut Content) {
    match (fate, effect) {
        (Fate::Dropped, _) => {}
        (Fate::Kept, effect) => effect.apply(content),
        (Fate::Torn { kept, length }, Effect::Write { offset, bytes }) => {
            for ((start, end), kept) in sectors(*offset, bytes.len()).zip(kept) {
                if *kept {
                    content.write_at(start, &bytes[start - offset..end - offset]);
                }
            }
            if *length {
                content.grow(offset + bytes.len());
            }
        }
        (Fate::Torn { .. }, Effect::SetLen(_)) => effect.apply(content),
    }
}

/// The parts of a write that lie in one sector each: first byte and the one after the last, from the start of the file.
fn sectors(offset: usize, len: usize) -> impl Iterator<Item = (usize, usize)> {
    let end = offset + len;
    let first = offset / SECTOR;
    (first..end.div_ceil(SECTOR).max(first))
        .map(move |sector| (offset.max(sector * SECTOR), end.min((sector + 1) * SECTOR)))
}

/// The tree of what still has a name; all of it is durable and nothing is unsynced.
fn reachable(
    tree: &Tree,
    folders: &BTreeMap<NodeId, Folder>,
    mut contents: BTreeMap<NodeId, Content>,
) -> Tree {
    let mut next = tree.bare();
    let mut waiting = vec![ROOT];
    while let Some(node) = waiting.pop() {
        if let Some(folder) = folders.get(&node) {
            let names = folder.durable.clone();
            waiting.extend(names.values());
            let live = names.clone();
            next.folders.insert(node, Folder { live, durable: names });
        } else if let Some(content) = contents.remove(&node) {
            next.files.insert(node, File::holding(content));
        }
    }
    next
}
