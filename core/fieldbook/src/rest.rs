//! When the next sync is due: at once while something waits, unless syncs failed or the platform asked for time. A new record
//! never makes that later.

use std::sync::PoisonError;

use grid_sync::{Outcome, Summary};

use crate::{FieldBook, FieldError};

/// What the phone is connected by, as its system says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Network {
    /// Not at all.
    None,
    /// By a link that costs by the byte: of the photos only those of a rescue go over it.
    Metered,
    /// By one that does not.
    Unmetered,
}

/// How syncs went lately.
#[derive(Debug, Default)]
pub(crate) struct Rest {
    /// Syncs that failed since the last good one.
    failures: u32,
    /// How often the network changed.
    networks: u32,
    /// The link failed: no sync before this, by the monotonic clock.
    link_until_ms: Option<i64>,
    /// The platform asked for time: no sync before this, whatever the network.
    asked_until_ms: Option<i64>,
}

impl Rest {
    /// Takes in how a sync ended that began when the network had changed so often.
    fn after(&mut self, summary: &Summary, networks: u32) {
        let until = summary.next_at_ms;
        match summary.outcome {
            // It says nothing about link or platform.
            Outcome::Cancelled => return,
            Outcome::Complete => self.asked_until_ms = None,
            Outcome::TryLater => self.asked_until_ms = self.asked_until_ms.max(until),
            _ => {}
        }
        // A captive portal says nothing about the platform: it makes the next rest no longer.
        let went = matches!(
            summary.outcome,
            Outcome::Complete | Outcome::BudgetSpent | Outcome::NotOurPlatform
        );
        self.failures = if went && !summary.in_vain {
            0
        } else {
            self.failures.saturating_add(1)
        };
        self.link_until_ms = until.filter(|_| summary.outcome != Outcome::TryLater);
        if networks != self.networks {
            // It failed on a network that is left by now.
            (self.failures, self.link_until_ms) = (0, None);
        }
    }
}

impl FieldBook {
    /// The phone's network changed. What a failed link made us wait for is over, what the platform asked for is not. Answers
    /// when a sync over it is due, by the monotonic clock, ms; `None` when there is no network or nothing that may go over it.
    pub fn network_changed(&self, network: Network) -> Result<Option<i64>, FieldError> {
        {
            let mut rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
            rest.networks = rest.networks.wrapping_add(1);
            (rest.failures, rest.link_until_ms) = (0, None);
        }
        self.sync_due_ms(network)
    }

    /// When a sync over this network is due, by the monotonic clock, ms: now, or when the rest after a failure is over.
    /// `None` when nothing waits that may go over it.
    pub fn sync_due_ms(&self, network: Network) -> Result<Option<i64>, FieldError> {
        let metered = match network {
            Network::None => return Ok(None),
            Network::Metered => true,
            Network::Unmetered => false,
        };
        let waits = self.store.read(|tx| {
            let text = tx.batch()?.is_some() || tx.feed_state()?.more || tx.outbox_count()?.saved > 0;
            // Those of a rescue come first.
            let photo = tx.attachments_unsent(1)?.first().map(|photo| photo.urgent);
            Ok::<_, FieldError>(text || photo.is_some_and(|urgent| urgent || !metered))
        })?;
        let now_ms = self.host.clock.now().mono_ms;
        let rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        let until = rest.link_until_ms.max(rest.asked_until_ms);
        Ok(waits.then(|| until.map_or(now_ms, |until| until.max(now_ms))))
    }

    /// Syncs that failed since the last good one, and how often the network changed.
    pub(crate) fn failures_before(&self) -> (u32, u32) {
        let rest = self.rest.lock().unwrap_or_else(PoisonError::into_inner);
        (rest.failures, rest.networks)
    }

    pub(crate) fn rest_after(&self, summary: &Summary, networks: u32) {
        self.rest
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .after(summary, networks);
    }
}
