//! The hash chain: how far a log is complete, and whether it is the log its device signed for.

use grid_model::{DeviceId, Epoch, Seq};
use grid_vault::{chain_link, chain_start};
use grid_wire::Head;

use crate::store::{ChainState, HubTxn, Stored};

/// Entries read at a time while the chain moves on: at most 16 MiB of bodies.
const STRETCH: u32 = 32;

/// Moves the chain of this log over what is here, remembers the signed head and compares. A head that differs from our
/// chain is a fork: noted for a person, and nothing is refused. Answers the verified-to mark.
pub(crate) fn advance<T: HubTxn>(tx: &mut T, log: (DeviceId, Epoch), head: Head, now_ms: i64) -> Stored<Seq> {
    let (device, epoch) = log;
    let start = ChainState {
        contiguous_to: Seq(0),
        contiguous_h: chain_start(device, epoch),
        verified_to: Seq(0),
    };
    let mut chain = tx.chain(device, epoch)?.unwrap_or(start);
    loop {
        let entries = tx.entries_from(device, epoch, chain.contiguous_to.next(), STRETCH)?;
        for entry in &entries {
            chain.contiguous_h = chain_link(chain.contiguous_h, entry);
            chain.contiguous_to = entry.seq;
            tx.put_chain_hash(device, epoch, entry.seq, chain.contiguous_h)?;
        }
        if entries.len() < STRETCH as usize {
            break;
        }
    }
    if head.seq().0 > 0 {
        tx.add_head(device, epoch, head)?;
    }
    let mut heads = tx.heads_between(device, epoch, chain.verified_to, chain.contiguous_to)?;
    if head.seq() <= chain.verified_to {
        heads.push(head);
    }
    for head in heads {
        let Some(ours) = tx.chain_hash(device, epoch, head.seq())? else {
            continue;
        };
        if ours == head.h {
            chain.verified_to = chain.verified_to.max(head.seq());
        } else {
            tx.add_fork(log, head, ours, now_ms)?;
        }
    }
    tx.put_chain(device, epoch, &chain)?;
    Ok(chain.verified_to)
}

/// Compares what a log itself says of its chain with ours, where ours has come, and notes the first place that differs.
pub(crate) fn compare<T: HubTxn>(
    tx: &mut T,
    log: (DeviceId, Epoch),
    heads: impl Iterator<Item = Head>,
    now_ms: i64,
) -> Stored<()> {
    for head in heads {
        match tx.chain_hash(log.0, log.1, head.seq())? {
            Some(ours) if ours != head.h => return tx.add_fork(log, head, ours, now_ms),
            _ => {}
        }
    }
    Ok(())
}
