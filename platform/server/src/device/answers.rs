//! The last answer of each device, for a little while: one that was cut on its way goes on where it broke off. In memory
//! only, because nothing is lost with it: the same exchange again gives the same decisions.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Mutex, PoisonError};

use axum::body::Bytes;
use grid_model::{DeviceId, Sha256};

/// An answer is kept this long, ms.
const KEPT_MS: i64 = 15 * 60 * 1_000;
/// All of them together have at most so many bytes; beyond that the oldest goes first.
const BYTES_MAX: usize = 64 * 1024 * 1024;
/// What one costs beside its bytes.
const EACH_BYTES: usize = 256;

/// Answers that may be asked for again.
#[derive(Debug, Default)]
pub(crate) struct Answers(Mutex<Shelf>);

#[derive(Debug, Default)]
struct Shelf {
    /// In the order in which they were given.
    answers: BTreeMap<u64, Answer>,
    by_device: HashMap<DeviceId, u64>,
    bytes: usize,
    given: u64,
}

#[derive(Debug)]
struct Answer {
    device: DeviceId,
    /// SHA-256 of the header it answers.
    header: Sha256,
    bytes: Bytes,
    at_ms: i64,
}

impl Answer {
    /// A clock that was set back counts as a long time.
    fn is_over(&self, now_ms: i64) -> bool {
        !(0..KEPT_MS).contains(&now_ms.saturating_sub(self.at_ms))
    }

    fn size(&self) -> usize {
        self.bytes.len() + EACH_BYTES
    }
}

impl Answers {
    /// Keeps the answer to this header in place of the device's last one.
    pub(super) fn keep(&self, now_ms: i64, device: DeviceId, header: Sha256, bytes: Bytes) {
        let answer = Answer {
            device,
            header,
            bytes,
            at_ms: now_ms,
        };
        let mut shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.put(answer);
        shelf.clear(now_ms, BYTES_MAX);
    }

    /// The answer that was given to this device for this header, if it is still here.
    pub(super) fn given(&self, now_ms: i64, device: DeviceId, header: Sha256) -> Option<Bytes> {
        let shelf = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = shelf.answers.get(shelf.by_device.get(&device)?)?;
        (answer.header == header && !answer.is_over(now_ms)).then(|| answer.bytes.clone())
    }
}

impl Shelf {
    fn put(&mut self, answer: Answer) {
        self.given += 1;
        self.bytes += answer.size();
        if let Some(last) = self.by_device.insert(answer.device, self.given) {
            self.take(last);
        }
        self.answers.insert(self.given, answer);
    }

    /// Takes away what is over, then the oldest until no more than `bytes_max` are left.
    fn clear(&mut self, now_ms: i64, bytes_max: usize) {
        while let Some((&number, oldest)) = self.answers.first_key_value()
            && (oldest.is_over(now_ms) || self.bytes > bytes_max)
        {
            self.by_device.remove(&oldest.device);
            self.take(number);
        }
    }

    fn take(&mut self, number: u64) {
        if let Some(answer) = self.answers.remove(&number) {
            self.bytes -= answer.size();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: Sha256 = Sha256([7; 32]);

    fn device(number: u8) -> DeviceId {
        DeviceId([number; 16])
    }

    #[test]
    fn a_device_has_its_last_answer_for_a_quarter_of_an_hour() {
        let answers = Answers::default();
        let given = |now_ms, device, header| answers.given(now_ms, device, header);
        answers.keep(1_000, device(1), HEADER, Bytes::from_static(b"first"));
        let until = 1_000 + KEPT_MS;
        assert_eq!(given(until - 1, device(1), HEADER).unwrap(), "first");
        assert_eq!(given(until, device(1), HEADER), None);
        assert_eq!(given(999, device(1), HEADER), None, "the clock was set back");
        assert_eq!(given(1_000, device(2), HEADER), None);
        assert_eq!(given(1_000, device(1), Sha256([8; 32])), None);
        answers.keep(2_000, device(1), Sha256([8; 32]), Bytes::from_static(b"second"));
        assert_eq!(given(2_000, device(1), HEADER), None);
        assert_eq!(given(2_000, device(1), Sha256([8; 32])).unwrap(), "second");
        answers.keep(2_001 + KEPT_MS, device(2), HEADER, Bytes::new());
        let shelf = answers.0.lock().unwrap();
        assert_eq!((shelf.answers.len(), shelf.by_device.len()), (1, 1));
        assert_eq!(shelf.bytes, EACH_BYTES);
    }

    #[test]
    fn the_oldest_answers_go_when_there_are_too_many_bytes() {
        let mut shelf = Shelf::default();
        let most = 5 * (100 + EACH_BYTES);
        for number in (0..20).chain([16, 3]) {
            shelf.put(Answer {
                device: device(number),
                header: HEADER,
                bytes: vec![number; 100].into(),
                at_ms: 0,
            });
            shelf.clear(0, most);
            assert!(shelf.bytes <= most);
        }
        let left: Vec<_> = shelf.answers.values().map(|answer| answer.device.0[0]).collect();
        assert_eq!(left, [17, 18, 19, 16, 3]);
        assert_eq!((shelf.by_device.len(), shelf.bytes), (5, most));
        shelf.clear(0, 99);
        assert_eq!(
            (shelf.answers.len(), shelf.by_device.len(), shelf.bytes),
            (0, 0, 0)
        );
    }
}
