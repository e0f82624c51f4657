//! First contact with a real platform over TLS: what a wrong ticket, code, address or certificate is told, and that the
//! work recorded meanwhile stays.

use std::path::Path;
use std::sync::Arc;

use grid_fieldbook::{
    Budget, CancelToken, CountDraft, EnrollError, FieldBook, FileKeyVault, Host, LinkError, Outcome,
    PhoneDraft, RecordState, Ticket,
};
use grid_hub::{OrgDraft, WorkerDraft};
use grid_model::id::{PhoneId, Seq};
use grid_model::terms::{CountKind, RefusalCode, Role};

use crate::clock::{SeededEntropy, SimClock};
use crate::host::Hosted;

const NOW_MS: i64 = 1_768_000_000_000;

pub(crate) struct World {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) clock: SimClock,
    pub(crate) hosted: Hosted,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let clock = SimClock::at(NOW_MS, 1);
        let listen = "127.0.0.1:0".parse().expect("an address");
        let hosted =
            Hosted::start_tls(&folder.path().join("platform"), listen, clock.clone()).expect("a platform");
        let admin = hosted.platform.admin();
        let draft = OrgDraft {
            name: "大鹿岛边境派出所".to_owned(),
            parent: None,
            prefix: "DL".to_owned(),
        };
        let org = admin.create_org(&draft).expect("an organisation");
        let worker = WorkerDraft {
            org,
            name: "p01".to_owned(),
            display_name: "民警 P01".to_owned(),
            job_no: "P01".to_owned(),
            role: Role::BorderOfficer,
            post: None,
            password_hash: None,
        };
        admin.create_worker(worker, None).expect("a worker");
        Self {
            folder,
            clock,
            hosted,
        }
    }

    pub(crate) fn ticket(&self) -> String {
        self.hosted
            .platform
            .admin()
            .issue_code("P01", &self.hosted.base, None)
            .expect("a code")
            .ticket
    }

    /// A vault with one record in it.
    pub(crate) fn vault(&self, name: &str) -> FieldBook {
        let book = open(&self.folder.path().join(name), &self.clock, name.len() as u64);
        count(&book);
        book
    }
}

fn open(folder: &Path, clock: &SimClock, stream: u64) -> FieldBook {
    let host = Host::new(Arc::new(clock.clone()), Arc::new(SeededEntropy::new(7, stream)));
    FieldBook::open(folder, host, &FileKeyVault::at(folder.with_extension("key"))).expect("a vault")
}

pub(crate) fn count(book: &FieldBook) {
    let post = "DL01".to_owned();
    book.count(CountDraft {
        kind: CountKind::Rescued,
        value: 1,
        post,
        patrol: None,
        reason: None,
    })
    .expect("saved");
}

fn phone() -> PhoneDraft {
    PhoneDraft {
        phone: PhoneId([1; 16]),
        label: "一号机".to_owned(),
        platform: "linux".to_owned(),
        app_version: "0.1.0".to_owned(),
    }
}

pub(crate) fn enroll(book: &FieldBook, ticket: &str) -> Result<(), EnrollError> {
    book.enroll(
        &Ticket::parse(ticket).expect("a ticket"),
        &phone(),
        &Default::default(),
    )
}

fn states(book: &FieldBook) -> Vec<RecordState> {
    book.records(Seq(0), 100)
        .expect("records")
        .into_iter()
        .map(|record| record.state)
        .collect()
}

#[test]
fn a_ticket_pins_the_authority_and_the_record_arrives_over_tls() {
    let world = World::new();
    let book = world.vault("a");
    enroll(&book, &world.ticket()).expect("enrolled");
    let transport = book.connect().expect("a transport");
    let report = book
        .sync(
            &transport,
            Budget::default(),
            &CancelToken::default(),
            &mut |_| {},
        )
        .expect("synced");
    assert_eq!((report.summary.outcome, report.received), (Outcome::Complete, 1));
    assert_eq!(states(&book), [RecordState::Received]);
    assert_eq!(enroll(&book, &world.ticket()), Err(EnrollError::AlreadyEnrolled));
}

#[test]
fn wrong_used_and_expired_codes_are_told_apart_and_lose_nothing() {
    let world = World::new();
    let ticket = world.ticket();
    let code = ticket
        .split("code=")
        .nth(1)
        .and_then(|rest| rest.split('&').next())
        .expect("a code")
        .to_owned();
    let book = world.vault("b");
    let wrong = ticket.replace(&code, "ZZZZ-ZZZZ");
    assert_eq!(
        enroll(&book, &wrong),
        Err(EnrollError::Refused(RefusalCode::CodeWrong))
    );
    enroll(&book, &ticket).expect("enrolled with the right code");
    // The same code on another phone.
    let other = world.vault("other");
    assert_eq!(
        enroll(&other, &ticket),
        Err(EnrollError::Refused(RefusalCode::CodeUsed))
    );
    // One that was issued an hour ago.
    let late = world.ticket();
    world.clock.forward_to(NOW_MS + 3_600_000);
    assert_eq!(
        enroll(&other, &late),
        Err(EnrollError::Refused(RefusalCode::CodeExpired))
    );
    assert_eq!(states(&other), [RecordState::Saved]);
    enroll(&other, &world.ticket()).expect("enrolled at last");
}

#[test]
fn another_authority_is_refused_at_first_contact_and_later() {
    let world = World::new();
    let impostor = World::new();
    let book = world.vault("c");
    let (ticket, false_ticket) = (world.ticket(), impostor.ticket());
    // The right address with the fingerprint of another authority.
    let pin = false_ticket.split("&ca=").nth(1).expect("a pin");
    let swapped = format!("{}&ca={pin}", ticket.split("&ca=").next().expect("a ticket"));
    assert_eq!(
        enroll(&book, &swapped),
        Err(EnrollError::Link(LinkError::WrongCertificate))
    );
    enroll(&book, &ticket).expect("enrolled");
    // Later somebody else answers at that address: the pinned authority does not vouch for him.
    let address = world
        .hosted
        .base
        .trim_start_matches("https://")
        .parse()
        .expect("an address");
    let (folder, clock) = (tempfile::tempdir().expect("a folder"), world.clock.clone());
    world.hosted.stop().expect("stopped");
    let _impostor = Hosted::start_tls(folder.path(), address, clock).expect("an impostor");
    let transport = book.connect().expect("a transport");
    let report = book
        .sync(
            &transport,
            Budget::default(),
            &CancelToken::default(),
            &mut |_| {},
        )
        .expect("ended");
    assert_eq!(report.summary.outcome, Outcome::Link(LinkError::WrongCertificate));
    assert_eq!(states(&book), [RecordState::Saved]);
}

#[test]
fn a_revoked_vault_is_told_so_and_keeps_its_records() {
    let world = World::new();
    let book = world.vault("d");
    enroll(&book, &world.ticket()).expect("enrolled");
    world
        .hosted
        .platform
        .admin()
        .revoke(book.device())
        .expect("revoked");
    let transport = book.connect().expect("a transport");
    let report = book
        .sync(
            &transport,
            Budget::default(),
            &CancelToken::default(),
            &mut |_| {},
        )
        .expect("ended");
    assert_eq!(report.summary.outcome, Outcome::Refused(RefusalCode::Revoked));
    assert_eq!(states(&book), [RecordState::Saved]);
}

#[test]
fn a_taken_port_is_one_sentence() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let folder = tempfile::tempdir().expect("a folder");
    let listen = taken.local_addr().expect("an address");
    let started = Hosted::start(folder.path(), listen, SimClock::at(NOW_MS, 0));
    let said = started.err().expect("it does not start").to_string();
    assert!(
        said.contains(&listen.port().to_string()) && !said.contains('\n'),
        "{said}"
    );
}
