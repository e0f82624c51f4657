//! The island's link: none for nine days, then windows of a stated bandwidth in which some answers are cut after the
//! platform has stored the request. A real HTTP transport behind it, simulated time in front of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use grid_fieldbook::{CancelToken, HttpTransport, LinkError, Method, Request, Response, Transport};

use crate::clock::SimClock;

/// What the carrier adds to a body, bytes: request line, headers, and as much for the answer.
const HEADERS_BYTES: u64 = 350;

/// How good a link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Quality {
    /// From the phone, bits a second.
    pub(crate) up_bits_per_s: u64,
    /// To the phone, bits a second.
    pub(crate) down_bits_per_s: u64,
    /// Round trip, ms.
    pub(crate) rtt_ms: i64,
}

/// What went over all links together.
#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// Requests that left a phone.
    pub(crate) turns: AtomicU64,
    /// Requests whose answer was cut after the platform had stored them.
    pub(crate) cuts: AtomicU64,
    /// Requests that the end of a window broke.
    pub(crate) broken: AtomicU64,
    /// Bytes from the phones, headers included.
    pub(crate) bytes_up: AtomicU64,
    /// Bytes to the phones, headers included.
    pub(crate) bytes_down: AtomicU64,
}

/// Decides whether the answer to the n-th request after the cut is lost.
pub(crate) type Cuts = dyn Fn(u64) -> bool + Send + Sync;

/// One phone's link.
pub(crate) struct SimLink {
    inner: HttpTransport,
    phone: SimClock,
    platform: SimClock,
    quality: Quality,
    up_until_ms: AtomicI64,
    meter: Arc<Meter>,
    cuts: Arc<Cuts>,
}

impl SimLink {
    /// A link that is down until `open_until` is called.
    pub(crate) fn new(
        inner: HttpTransport,
        (phone, platform): (SimClock, SimClock),
        quality: Quality,
        meter: Arc<Meter>,
        cuts: Arc<Cuts>,
    ) -> Self {
        Self {
            inner,
            phone,
            platform,
            quality,
            up_until_ms: AtomicI64::new(i64::MIN),
            meter,
            cuts,
        }
    }

    /// The link is up until this moment, UTC ms.
    pub(crate) fn open_until(&self, until_ms: i64) {
        self.up_until_ms.store(until_ms, Ordering::SeqCst);
    }

    /// How much longer the link is up, ms.
    pub(crate) fn left_ms(&self) -> i64 {
        self.up_until_ms
            .load(Ordering::SeqCst)
            .saturating_sub(self.phone.now_ms())
            .max(0)
    }

    fn takes_ms(&self, bytes: u64, bits_per_s: u64) -> i64 {
        let wire_ms = (bytes + HEADERS_BYTES).saturating_mul(8_000) / bits_per_s.max(1);
        i64::try_from(wire_ms)
            .unwrap_or(i64::MAX)
            .saturating_add(self.quality.rtt_ms / 2)
    }

    fn pass(&self, ms: i64) {
        self.phone.forward_to(self.phone.now_ms().saturating_add(ms));
        self.platform.forward_to(self.phone.now_ms());
    }

    /// The window ends while the request is on its way: what got through of a photo's piece is the platform's to keep.
    fn break_off(&self, request: &Request, cancel: &CancelToken, left_ms: i64, needs_ms: i64) -> LinkError {
        self.pass(left_ms);
        self.meter.broken.fetch_add(1, Ordering::SeqCst);
        if request.method == Method::Patch {
            let share = request.body.len() as i64 * left_ms / needs_ms.max(1);
            let arrived = usize::try_from(share).unwrap_or(0).min(request.body.len());
            self.meter.bytes_up.fetch_add(arrived as u64, Ordering::SeqCst);
            if arrived > 0 {
                let part = Request {
                    body: request.body[..arrived].to_vec(),
                    ..request.clone()
                };
                // Nobody hears the answer.
                let _ = self.inner.send(&part, cancel);
            }
        }
        LinkError::Lost
    }
}

impl Transport for SimLink {
    fn send(&self, request: &Request, cancel: &CancelToken) -> Result<Response, LinkError> {
        let left_ms = self.left_ms();
        if left_ms == 0 {
            return Err(LinkError::Unreachable);
        }
        let number = self.meter.turns.fetch_add(1, Ordering::SeqCst);
        let up_bytes = request.body.len() as u64;
        let up_ms = self.takes_ms(up_bytes, self.quality.up_bits_per_s);
        if up_ms >= left_ms {
            return Err(self.break_off(request, cancel, left_ms, up_ms));
        }
        self.pass(up_ms);
        self.meter
            .bytes_up
            .fetch_add(up_bytes + HEADERS_BYTES, Ordering::SeqCst);
        let answer = self.inner.send(request, cancel)?;
        if (self.cuts)(number) {
            self.meter.cuts.fetch_add(1, Ordering::SeqCst);
            self.pass(self.quality.rtt_ms / 2);
            return Err(LinkError::Lost);
        }
        let down_bytes = answer.body.len() as u64;
        let down_ms = self.takes_ms(down_bytes, self.quality.down_bits_per_s);
        if down_ms >= self.left_ms() {
            self.pass(self.left_ms());
            self.meter.broken.fetch_add(1, Ordering::SeqCst);
            return Err(LinkError::Lost);
        }
        self.pass(down_ms);
        self.meter
            .bytes_down
            .fetch_add(down_bytes + HEADERS_BYTES, Ordering::SeqCst);
        Ok(answer)
    }
}
