//! What becomes of the bytes of a link: how many went, where it is cut, how slow and how lossy it is. Knows no sockets.

use std::fmt;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use grid_crash::Dice;
use tokio::sync::watch;

/// Of a connection that will be lost, the most bytes that still pass.
const DOOMED_AFTER: u64 = 4 * 1024;
/// After how many bytes of each direction a storm cuts again, at most: an exchange and a piece of a photo up, a few answers
/// down.
const STORM_GAPS: [u64; 2] = [48 * 1024, 4 * 1024];

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Direction {
    /// From the phone to the platform.
    Up,
    /// From the platform to the phone.
    Down,
}

impl Direction {
    /// Both.
    pub const BOTH: [Self; 2] = [Self::Up, Self::Down];

    const fn at(self) -> usize {
        self as usize
    }
}

/// How a connection ends at the cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Style {
    /// Both sides are closed at once; the next connection goes through.
    Close,
    /// What comes after is taken and thrown away for a little while, then both sides are closed; the next goes through.
    Swallow,
    /// Both sides are closed, and so is every connection after it until the link is mended.
    Dead,
}

impl Style {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Close, Self::Swallow, Self::Dead];
}

/// A cut: where, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cut {
    /// Of which direction the bytes are counted.
    pub direction: Direction,
    /// After exactly so many bytes from now on, over all connections together.
    pub after: u64,
    /// How.
    pub style: Style,
}

impl fmt::Display for Cut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:?}:{}:{:?}", self.direction, self.after, self.style);
        f.write_str(&text.to_lowercase())
    }
}

impl FromStr for Cut {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no cut such as up:120:close");
        let mut parts = text.split(':');
        let mut part = || parts.next().ok_or_else(wrong);
        let direction = match part()? {
            "up" => Direction::Up,
            "down" => Direction::Down,
            _ => return Err(wrong()),
        };
        let after = part()?.parse().map_err(|_| wrong())?;
        let style = match part()? {
            "close" => Style::Close,
            "swallow" => Style::Swallow,
            "dead" => Style::Dead,
            _ => return Err(wrong()),
        };
        Ok(Self {
            direction,
            after,
            style,
        })
    }
}

/// How slow, late and lossy a link is. Times are those of the link; they pass `faster` times as fast on this machine.
///
/// The deadlines of the phone's transport and of the platform's server stay in this machine's time: on a link that is played
/// faster they are so many times longer than in the field. Only a link of the kernel's, in real time, shows them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nature {
    /// From the phone, bits a second.
    pub up_bits_per_s: u64,
    /// To the phone, bits a second.
    pub down_bits_per_s: u64,
    /// From one end to the other, ms.
    pub one_way_ms: u64,
    /// Of 1,000 connections, how many are lost: at once, or after some kilobytes.
    pub lost_per_mille: u64,
    /// How many times faster than real it is played.
    pub faster: u32,
    /// Decides which connections are lost.
    pub seed: u64,
}

impl Nature {
    /// How long a stretch of the link's time takes here.
    pub fn played(&self, of_link: Duration) -> Duration {
        of_link / self.faster.max(1)
    }

    pub(crate) const fn bits_per_s(&self, direction: Direction) -> u64 {
        match direction {
            Direction::Up => self.up_bits_per_s,
            Direction::Down => self.down_bits_per_s,
        }
    }
}

/// What one connection carried.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Bytes that went through, by direction.
    pub passed: [u64; 2],
    /// Bytes that were sent and thrown away, by direction.
    pub swallowed: [u64; 2],
    /// The link ended it, not one of its ends.
    pub is_broken: bool,
}

#[derive(Debug)]
struct Storm {
    dice: Dice,
    left: u64,
}

#[derive(Debug, Default)]
struct State {
    connections: Vec<Tally>,
    passed: [u64; 2],
    swallowed: [u64; 2],
    /// The cut that comes next, and at how many bytes of its direction.
    armed: Option<(Cut, u64)>,
    storm: Option<Storm>,
    is_dead: bool,
    cuts: u64,
    lost: u64,
    dice: Option<Dice>,
}

/// How far a connection may still go in one direction.
pub(crate) enum Room {
    Free,
    /// So many bytes, then this.
    Until(u64, Option<Style>),
}

/// One connection on the link.
#[derive(Debug)]
pub(crate) struct Connection {
    index: usize,
    /// It is lost after so many bytes.
    life: Option<u64>,
}

/// A link.
#[derive(Debug)]
pub struct Link {
    /// How it is, when it is not as quick as this machine.
    pub nature: Option<Nature>,
    state: Mutex<State>,
    open: watch::Sender<bool>,
}

impl Link {
    /// A link that is open; as quick as this machine without a nature.
    pub fn new(nature: Option<Nature>) -> Self {
        let state = State {
            dice: nature.map(|nature| Dice::seeded(nature.seed)),
            ..State::default()
        };
        Self {
            nature,
            state: Mutex::new(state),
            open: watch::Sender::new(true),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Will cut, once.
    pub fn arm(&self, cut: Cut) {
        self.state().arm(cut);
    }

    /// Will cut `count` times at random places, one after the other.
    pub fn storm(&self, seed: u64, count: u64) {
        let mut state = self.state();
        state.storm = Some(Storm {
            dice: Dice::seeded(seed),
            left: count,
        });
        state.arm_next();
    }

    /// No cut is to come any more, and connections go through again.
    pub fn mend(&self) {
        let mut state = self.state();
        state.is_dead = false;
        if state.storm.is_none() {
            state.armed = None;
        }
    }

    /// Opens or closes the link; what is on its way when it closes is lost.
    pub fn set_open(&self, open: bool) {
        self.open.send_replace(open);
    }

    /// Whether it is open.
    pub fn is_open(&self) -> bool {
        *self.open.borrow()
    }

    /// How many cuts were made.
    pub fn cuts(&self) -> u64 {
        self.state().cuts
    }

    /// How many connections the link lost by itself.
    pub fn lost(&self) -> u64 {
        self.state().lost
    }

    /// Bytes that were sent in a direction, thrown away or not.
    pub fn sent(&self, direction: Direction) -> u64 {
        let state = self.state();
        state.passed[direction.at()] + state.swallowed[direction.at()]
    }

    /// Every connection that was let in, in order.
    pub fn connections(&self) -> Vec<Tally> {
        self.state().connections.clone()
    }

    pub(crate) fn watch(&self) -> watch::Receiver<bool> {
        self.open.subscribe()
    }

    /// A new connection, if the link lets it in.
    pub(crate) fn let_in(&self) -> Option<Connection> {
        let is_open = self.is_open();
        let mut state = self.state();
        if state.is_dead || !is_open {
            return None;
        }
        let per_mille = self.nature.map_or(0, |nature| nature.lost_per_mille);
        let life = state.dice.as_mut().and_then(|dice| {
            let is_doomed = dice.chance(per_mille);
            is_doomed.then(|| dice.below(DOOMED_AFTER))
        });
        state.connections.push(Tally::default());
        Some(Connection {
            index: state.connections.len() - 1,
            life,
        })
    }

    pub(crate) fn room(&self, connection: &Connection, direction: Direction) -> Room {
        let state = self.state();
        let carried: u64 = state.connections[connection.index].passed.iter().sum();
        let of_life = connection.life.map(|life| life.saturating_sub(carried));
        let of_cut = state
            .armed
            .filter(|(cut, _)| cut.direction == direction)
            .map(|(cut, at)| (at.saturating_sub(state.passed[direction.at()]), cut.style));
        match (of_life, of_cut) {
            (None, None) => Room::Free,
            (Some(life), None) => Room::Until(life, None),
            (Some(life), Some((cut, _))) if life < cut => Room::Until(life, None),
            (_, Some((cut, style))) => Room::Until(cut, Some(style)),
        }
    }

    pub(crate) fn passed(&self, connection: &Connection, direction: Direction, bytes: u64) {
        let mut state = self.state();
        state.passed[direction.at()] += bytes;
        state.connections[connection.index].passed[direction.at()] += bytes;
    }

    pub(crate) fn swallowed(&self, connection: &Connection, direction: Direction, bytes: u64) {
        let mut state = self.state();
        state.swallowed[direction.at()] += bytes;
        state.connections[connection.index].swallowed[direction.at()] += bytes;
    }

    /// The connection ends here, by the cut that was armed (it had this style) or because it was doomed.
    pub(crate) fn broke(&self, connection: &Connection, style: Option<Style>) {
        let mut state = self.state();
        state.connections[connection.index].is_broken = true;
        match style {
            Some(style) => {
                state.cuts += 1;
                state.is_dead |= style == Style::Dead;
                state.armed = None;
                state.arm_next();
            }
            None => state.lost += 1,
        }
    }
}

impl State {
    fn arm(&mut self, cut: Cut) {
        self.armed = Some((cut, self.passed[cut.direction.at()] + cut.after));
    }

    fn arm_next(&mut self) {
        let Some(storm) = self.storm.as_mut().filter(|storm| storm.left > 0) else {
            return;
        };
        storm.left -= 1;
        let direction = Direction::BOTH[storm.dice.below(2) as usize];
        let after = storm.dice.below(STORM_GAPS[direction.at()]);
        let style = Style::ALL[storm.dice.below(3) as usize];
        self.arm(Cut {
            direction,
            after,
            style,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_is_written_as_it_is_read() {
        for text in ["up:0:close", "down:4096:swallow", "up:7:dead"] {
            assert_eq!(
                text.parse::<Cut>().map(|cut| cut.to_string()).as_deref(),
                Ok(text)
            );
        }
        for wrong in ["", "up", "up:x:close", "side:1:close", "up:1:burn"] {
            assert!(wrong.parse::<Cut>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn about_as_many_connections_are_lost_as_the_nature_says() {
        let nature = Nature {
            up_bits_per_s: 1,
            down_bits_per_s: 1,
            one_way_ms: 0,
            lost_per_mille: 100,
            faster: 1,
            seed: 7,
        };
        let link = Link::new(Some(nature));
        let doomed = (0..1_000).filter(|_| link.let_in().is_some_and(|one| one.life.is_some()));
        let doomed = doomed.count();
        assert!((70..130).contains(&doomed), "{doomed}");
    }
}
