//! What an older build had not sent goes out: its batch in flight as it was, then the rest, the most urgent first.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use grid_fieldbook::{
    Address, Budget, CancelToken, Change, HttpTransport, LinkError, Outcome, Request, Response, TaskNews,
    Transport,
};
use grid_model::id::Seq;
use grid_net::Trust;
use grid_server::{PasswordCost, Platform, Settings};
use grid_store::Store;
use grid_wire::{BatchHeader, Entry, ExchangeRequest, decode, form};
use tokio::sync::oneshot;

use crate::copy::Copy;
use crate::old::Old;

/// What the old build's rule makes of the order of priorities: a change takes along what its lane still owes.
fn taken(old: &Old, many: usize) -> BTreeSet<Seq> {
    let unsent = old.unsent();
    let mut taken = BTreeSet::new();
    for seq in &unsent {
        let mut owed = vec![*seq];
        let mut at = old.changes[seq.0 as usize - 1].entry.prev_in_lane;
        while unsent.contains(&at) && !taken.contains(&at) {
            owed.push(at);
            at = old.changes[at.0 as usize - 1].entry.prev_in_lane;
        }
        for seq in owed.into_iter().rev() {
            if taken.len() == many {
                return taken;
            }
            taken.insert(seq);
        }
    }
    taken
}

#[test]
fn what_waits_keeps_its_order_of_urgency() {
    let old = Old::read();
    let copy = Copy::of(1);
    copy.open().close().expect("closed");
    let store = Store::open(&copy.vault(), &copy.data_key()).expect("it opens");
    let many = old.unsent().len();
    for wanted in 1..=many + 1 {
        let unsent = store
            .read(|tx| tx.unsent(wanted, usize::MAX))
            .expect("what waits");
        assert_eq!(unsent.epoch, old.epoch);
        let found: BTreeSet<Seq> = unsent.entries.iter().map(|entry| entry.seq).collect();
        assert_eq!(found, taken(&old, wanted), "the first {wanted}");
    }
    drop(store);
    let order: Vec<Seq> = {
        let sql = copy.sql();
        let mut statement = sql
            .prepare("SELECT id FROM unsent ORDER BY priority, id")
            .expect("SQL of today");
        let rows = statement.query_map([], |row| Ok(Seq(row.get::<_, i64>(0)?.unsigned_abs())));
        rows.expect("rows").map(|row| row.expect("a row")).collect()
    };
    assert_eq!(order, old.unsent());
}

/// Writes down every request.
struct Watched {
    inner: HttpTransport,
    requests: Mutex<Vec<Vec<u8>>>,
}

impl Transport for Watched {
    fn send(&self, request: &Request, cancel: &CancelToken) -> Result<Response, LinkError> {
        if request.path == "/v1/sync" {
            self.requests.lock().expect("the list").push(request.body.clone());
        }
        self.inner.send(request, cancel)
    }
}

struct Standing(i64);

impl grid_server::Clock for Standing {
    fn now_ms(&self) -> i64 {
        self.0
    }
}

/// Runs `f` while today's platform serves the data folder that the old one left.
fn with_platform<R>(copy: &Copy, f: impl FnOnce(&Platform, SocketAddr) -> R) -> R {
    let settings = Settings {
        password_cost: PasswordCost::QUICK,
        ..Settings::default()
    };
    let clock = Arc::new(Standing(copy.now_ms()));
    let platform = Platform::open(&copy.path("platform"), clock, settings).expect("the platform opens");
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .expect("a runtime");
    let listener = runtime
        .block_on(grid_server::listen(SocketAddr::from(([127, 0, 0, 1], 0))))
        .expect("a port");
    let address = listener.local_addr().expect("an address");
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = {
        let platform = platform.clone();
        runtime.spawn(async move {
            let until = async { stopped.await.unwrap_or_default() };
            platform.serve(listener, None, until).await
        })
    };
    let result = f(&platform, address);
    stop.send(()).expect("it serves");
    runtime.block_on(serving).expect("it ends").expect("in order");
    result
}

fn entries(request: &[u8]) -> (BatchHeader, Vec<Entry>) {
    let request = ExchangeRequest::from_bytes(request).expect("a request");
    let header = decode(&request.header.bytes, "header").expect("a header");
    (header, form::entries_of(&request).expect("a body"))
}

#[test]
fn the_batch_in_flight_goes_as_it_was_then_the_rest_and_all_of_it_arrives_once() {
    let old = Old::read();
    let copy = Copy::of(1);
    let book = copy.open();
    with_platform(&copy, |platform, address| {
        let address = Address::parse(&format!("http://{address}")).expect("an address");
        let link = Watched {
            inner: HttpTransport::new(address, Trust::Loopback).expect("a transport"),
            requests: Mutex::default(),
        };
        let never = CancelToken::default();
        let report = book
            .sync(&link, Budget::default(), &never, &mut |_| {})
            .expect("a sync");
        assert_eq!(report.summary.outcome, Outcome::Complete);
        let requests = link.requests.lock().expect("the list").clone();
        assert_eq!(requests[0], old.batch, "byte for byte");
        let in_flight: BTreeSet<Seq> = entries(&old.batch).1.iter().map(|entry| entry.seq).collect();
        let (header, rest) = entries(&requests[1]);
        assert_eq!(
            (header.device, header.epoch(), header.head),
            (old.device, old.epoch, old.head)
        );
        let waited = old.unsent().into_iter().filter(|seq| !in_flight.contains(seq));
        let mut waited: Vec<Seq> = waited.collect();
        waited.sort();
        assert!(!in_flight.is_empty() && !waited.is_empty());
        let sent: Vec<Seq> = rest.iter().map(|entry| entry.seq).collect();
        assert_eq!(sent, waited);
        for entry in rest.iter().chain(&entries(&old.batch).1) {
            assert_eq!(*entry, old.changes[entry.seq.0 as usize - 1].entry);
        }
        let status = book.status().expect("a status");
        assert_eq!((status.saved, status.parked), (0, 1));
        assert_eq!(status.received as usize, old.changes.len() - 1);
        assert_eq!((status.photos_waiting, status.photos_stored), (0, 2));
        let again = book
            .sync(&link, Budget::default(), &never, &mut |_| {})
            .expect("a sync");
        assert_eq!((again.received, again.parked, again.photos_done), (0, 0, 0));
        for photo in ["here.jpg", "there.jpg"] {
            let bytes = std::fs::read(copy.path("photos").join(photo)).expect("the original");
            let hash = grid_vault::sha256(&bytes);
            assert!(
                platform.hub().blob_known(hash).expect("an answer"),
                "{photo} is on the platform"
            );
        }
    });
    assert!(
        book.self_check()
            .expect("a check")
            .iter()
            .all(|check| check.ok || check.name == "outbox")
    );
}

#[test]
fn a_batch_in_columns_goes_as_it_was_and_a_task_that_is_anothers_goes() {
    // A copy of its own, so that nobody's WAL is folded in.
    let in_flight: Vec<u8> = Copy::of(5)
        .sql()
        .query_row("SELECT request FROM batch", [], |row| row.get(0))
        .expect("a batch");
    let request = ExchangeRequest::from_bytes(&in_flight).expect("a request");
    let (header, sent) = entries(&in_flight);
    assert!(!sent.is_empty());
    assert_ne!(
        header.body(&request.body).first(),
        Some(&0x28),
        "not the first form"
    );
    let copy = Copy::of(5);
    let book = copy.open();
    with_platform(&copy, |_, address| {
        let address = Address::parse(&format!("http://{address}")).expect("an address");
        let link = Watched {
            inner: HttpTransport::new(address, Trust::Loopback).expect("a transport"),
            requests: Mutex::default(),
        };
        let report = book
            .sync(&link, Budget::default(), &CancelToken::default(), &mut |_| {})
            .expect("a sync");
        assert_eq!(report.summary.outcome, Outcome::Complete);
        // SD-7 was made another's behind the feed's back (`make-fixture` says how): the sums tell, and it goes. Nothing else
        // of an upgraded vault differs from the platform's, the posts neither.
        assert!(report.repaired);
        let gone = |change: &Change| match change {
            Change::Task { no, news, .. } if news.contains(&TaskNews::Gone) => Some(no.clone()),
            _ => None,
        };
        let gone: Vec<String> = report.changes.items.iter().filter_map(gone).collect();
        assert_eq!(gone, ["SD-7"]);
        let again = book
            .sync(&link, Budget::default(), &CancelToken::default(), &mut |_| {})
            .expect("a sync");
        assert!(!again.repaired && again.changes.items.is_empty());
        let requests = link.requests.lock().expect("the list");
        assert_eq!(requests[0], in_flight, "byte for byte");
        let anew = requests
            .iter()
            .filter(|request| entries(request).0.cursor == 0)
            .count();
        assert_eq!(anew, 1, "fetched anew once");
        let status = book.status().expect("a status");
        assert_eq!((status.saved, status.parked), (0, 1));
    });
}
