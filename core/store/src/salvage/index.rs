//! Which images of each page there are and how they follow each other in time. Never holds a page.
//!
//! Time is counted in WAL frames: 0 is the database file before the WAL, then one step a frame. A checkpoint copies images
//! into the database file as they are, so a copy is known by its mark and takes its frame's place in time.

use super::Rank;
use super::build::is_copy;
use super::wal::{Frames, end_of_life, frame_index};

/// Where an image lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Database,
    Wal(u32),
}

/// One image of a page.
#[derive(Clone, Copy, Debug)]
pub(super) struct Image {
    pub(super) number: u32,
    /// Place in time.
    pub(super) at: i64,
    pub(super) place: Place,
    /// It is authentic.
    pub(super) sound: bool,
    pub(super) mark: [u64; 2],
}

/// The last moment at which an image was the present one of its page.
#[derive(Clone, Copy, Debug)]
pub(super) struct View {
    pub(super) until: i64,
    /// It is certain that it was.
    certain: bool,
}

/// All images, by page number and then by time.
pub(super) struct Index {
    images: Vec<Image>,
    commits: Vec<i64>,
    /// Damaged frames of unknown page number, rising.
    blind: Vec<i64>,
    max_number: u32,
}

impl Index {
    /// The index of what was found in the database file, in the order of its pages, and in the WAL.
    pub(super) fn of(mut database: Vec<Image>, frames: &mut Frames) -> Self {
        let sound = frames.list.iter().filter(|frame| frame.sound);
        let highest = sound.map(|frame| frame.number).max().unwrap_or(0);
        let max_number = highest.max(database.len() as u32);
        let mut blind = Vec::new();
        let mut images = Vec::new();
        for ((frame, at), index) in frames.list.iter().zip(&frames.at).zip(0..) {
            if frame.number == 0 || frame.number > max_number {
                blind.push(*at);
                continue;
            }
            let in_file = database.get_mut(frame.number as usize - 1);
            if let Some(image) = in_file.filter(|image| is_copy(image, frame)) {
                // Twice the same: one entry, of the intact copy, at the time when it was written.
                image.at = (*at).max(0);
                if !image.sound {
                    image.place = Place::Wal(index);
                    image.sound = frame.sound;
                }
                continue;
            }
            images.push(Image {
                number: frame.number,
                at: *at,
                place: Place::Wal(index),
                sound: frame.sound,
                mark: frame.mark,
            });
        }
        images.append(&mut database);
        images.sort_unstable_by_key(|image| (image.number, image.at));
        blind.sort_unstable();
        Self {
            images,
            commits: std::mem::take(&mut frames.commits),
            blind,
            max_number,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.images.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<Image> {
        self.images.get(at).copied()
    }

    /// The highest page number that an authentic image or the file's length tells of.
    pub(super) fn max_number(&self) -> u32 {
        self.max_number
    }

    pub(super) fn rank(&self, image: &Image) -> Rank {
        match image.at {
            0 => Rank::Database,
            at if at < 0 => Rank::Earlier(at),
            at if at > self.last_commit() => Rank::Uncommitted(frame_index(at)),
            at => Rank::Wal(frame_index(at)),
        }
    }

    /// Whether no later committed image of its page is known, and none can be among the frames of unknown number.
    pub(super) fn is_newest(&self, at: usize) -> bool {
        self.get(at).is_some_and(|image| {
            image.at <= self.last_commit()
                && self.next_committed(at).is_none()
                && !self.is_blind_between(image.at, self.last_commit())
        })
    }

    /// When an image was last the present one of its page.
    pub(super) fn view(&self, at: usize) -> View {
        let Some(image) = self.get(at) else {
            return View {
                until: 0,
                certain: false,
            };
        };
        if image.at < 0 {
            return View {
                until: end_of_life(image.at),
                certain: false,
            };
        }
        if image.at > self.last_commit() {
            // What a transaction that was rolled back wrote may be overwritten in part.
            return View {
                until: i64::MAX,
                certain: false,
            };
        }
        let (until, alone) = match self.next_committed(at) {
            None => (self.last_commit(), true),
            Some(next) => {
                let before = self.commits.partition_point(|commit| *commit < next.at);
                let until = before.checked_sub(1).map_or(0, |last| self.commits[last]);
                // Superseded within its own transaction: it was never the present one.
                (until.max(image.at), until >= image.at)
            }
        };
        View {
            until,
            certain: alone && self.is_placed(&image) && !self.is_blind_between(image.at, until),
        }
    }

    /// The image of another page at the moment of a view, and whether it is certain that it is that one. Where that image
    /// is lost, the newest other one.
    pub(super) fn piece(&self, number: u32, view: &View) -> Option<(Image, bool)> {
        let images = self.of_page(number);
        let until = images.partition_point(|image| image.at <= view.until);
        let present = images[..until].last().filter(|image| image.sound);
        if let Some(image) = present {
            let certain = view.certain
                && image.at >= 0
                && self.is_placed(image)
                && !self.is_blind_between(image.at, view.until.min(self.last_commit()));
            return Some((*image, certain));
        }
        let other = images.iter().rev().find(|image| image.sound)?;
        Some((*other, false))
    }

    /// Whether an image's place in time is known. An image in the database file may be a copy of a frame that is damaged
    /// beyond recognition.
    fn is_placed(&self, image: &Image) -> bool {
        let last = self.last_commit();
        image.at != 0
            || self
                .of_page(image.number)
                .iter()
                .all(|other| other.sound || other.at <= 0 || other.at > last)
    }

    fn next_committed(&self, at: usize) -> Option<&Image> {
        let image = self.images.get(at)?;
        self.images[at + 1..]
            .iter()
            .take_while(|next| next.number == image.number)
            .find(|next| next.at <= self.last_commit())
    }

    fn of_page(&self, number: u32) -> &[Image] {
        let from = self.images.partition_point(|image| image.number < number);
        let to = self.images.partition_point(|image| image.number <= number);
        &self.images[from..to]
    }

    fn is_blind_between(&self, after: i64, until: i64) -> bool {
        let from = self.blind.partition_point(|at| *at <= after);
        self.blind.get(from).is_some_and(|at| *at <= until)
    }

    fn last_commit(&self) -> i64 {
        self.commits.last().copied().unwrap_or(0)
    }
}
