//! Every call of the field book, each on a vault that makes sense for it. Never decides what is right: the oracle does.

mod drafts;
mod life;
mod records;
mod scenes;
mod upkeep;

use grid_fieldbook::{AttachmentRef, EnrollError, FieldBook, FieldError, FixOutcome, Saved};
use grid_model::Sha256;
use grid_model::id::Seq;

pub(crate) use drafts::fix as drafts_fix;
pub use scenes::{Facts, Prepared, Scene, platform_knowing, prepare, prepare_all};

use crate::platform::Platform;
use crate::world::Phone;

/// What a run was told is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ack {
    /// A change is durable: its place, and whether the lifeboat has it, too.
    Saved(Saved),
    /// A change is durable in a capture of its own, at this position.
    Captured(u64),
    /// An attachment is kept; whether its key has its second copy.
    Attached(Sha256, bool),
    /// This many fixes of the running patrol are durable; whether they have their second copy.
    Fixes(u64, bool),
}

/// One run of operations on one phone.
pub struct Run<'r> {
    /// The phone.
    pub phone: &'r Phone,
    /// The platform it syncs with.
    pub platform: &'r Platform,
    /// What is in its vault.
    pub facts: &'r Facts,
    /// From here on things go wrong.
    pub start: &'r dyn Fn(),
    /// What was acknowledged so far.
    pub acks: Vec<Ack>,
    buffered: u64,
    newest: Option<Seq>,
}

impl<'r> Run<'r> {
    /// A run that has not begun.
    pub fn new(phone: &'r Phone, platform: &'r Platform, facts: &'r Facts, start: &'r dyn Fn()) -> Self {
        Self {
            phone,
            platform,
            facts,
            start,
            acks: Vec::new(),
            buffered: facts.fixes,
            newest: None,
        }
    }

    fn saved(&mut self, saved: Saved) {
        self.newest = Some(saved.seq);
        self.acks.push(Ack::Saved(saved));
        // Its commit flushed the buffered fixes with it.
        self.acks.push(Ack::Fixes(self.buffered, saved.second_copy));
    }

    fn attached(&mut self, book: &FieldBook, attachment: &AttachmentRef) {
        self.acks
            .push(Ack::Attached(attachment.sha256(), second_copy(book)));
    }

    fn fixed(&mut self, book: &FieldBook, outcome: FixOutcome) {
        self.buffered += 1;
        // A fix may have sealed a segment of the track: a change of its own, which no answer names.
        if let Ok(saved) = newest_change(book)
            && self.newest.is_some_and(|known| known < saved.seq)
        {
            self.acks.push(Ack::Saved(saved));
            self.newest = Some(saved.seq);
        }
        if outcome == FixOutcome::Saved {
            self.fixes_flushed(book);
        }
    }

    fn fixes_flushed(&mut self, book: &FieldBook) {
        self.acks.push(Ack::Fixes(self.buffered, second_copy(book)));
    }
}

/// The last change of the log, as if it had been answered.
fn newest_change(book: &FieldBook) -> Result<Saved, FieldError> {
    let place = book.store_for_tests().read(|tx| {
        let (lives, epoch) = (tx.lives()?, tx.current_epoch()?);
        let nth = lives
            .iter()
            .position(|life| life.epoch == epoch)
            .unwrap_or_default();
        Ok::<_, FieldError>((nth as u64) << 40 | tx.head(epoch)?.seq().0)
    })?;
    Ok(Saved {
        seq: Seq(place),
        recorded_at_ms: 0,
        second_copy: second_copy(book),
    })
}

/// Calls that answer without saying so are asked.
fn second_copy(book: &FieldBook) -> bool {
    book.store_for_tests().has_second_copy()
}

type InBook = fn(&FieldBook, &mut Run<'_>) -> Result<(), FieldError>;
type Whole = fn(&mut Run<'_>) -> Result<Option<FieldBook>, FieldError>;

/// How an operation is run.
#[derive(Clone, Copy)]
pub enum Kind {
    /// On an open book; several may follow each other.
    InBook(InBook),
    /// It opens what it needs itself.
    Whole(Whole),
}

/// One operation under test.
#[derive(Clone, Copy)]
pub struct Operation {
    /// What it is called in reports, and on the command line.
    pub name: &'static str,
    /// The vault it starts from.
    pub scene: Scene,
    /// How it is run.
    pub kind: Kind,
}

/// Operations that are run one after the other; how random tests combine them.
pub type Program = Vec<Operation>;

/// Every operation.
pub fn all() -> Vec<Operation> {
    [life::ALL, records::ALL, upkeep::ALL].concat()
}

/// Runs a program. The book is handed out when it is still open.
pub fn perform(program: &[Operation], run: &mut Run<'_>) -> (Result<(), FieldError>, Option<FieldBook>) {
    if let [
        Operation {
            kind: Kind::Whole(whole),
            ..
        },
    ] = program
    {
        return match whole(run) {
            Ok(book) => (Ok(()), book),
            Err(error) => (Err(error), None),
        };
    }
    let book = match run.phone.open() {
        Ok(book) => book,
        Err(error) => return (Err(error), None),
    };
    run.newest = newest_change(&book).ok().map(|saved| saved.seq);
    (run.start)();
    for (index, operation) in program.iter().enumerate() {
        let Kind::InBook(step) = operation.kind else {
            continue;
        };
        let done = step(&book, run);
        // What an earlier operation of a program made impossible is not an error of this one.
        let impossible = matches!(
            done,
            Err(FieldError::InvalidInput { .. } | FieldError::NotFound { .. })
        );
        if done.is_err() && !(impossible && index > 0) {
            return (done, Some(book));
        }
    }
    (Ok(()), Some(book))
}

fn enrolled(result: Result<(), EnrollError>) -> Result<(), FieldError> {
    result.map_err(|error| match error {
        EnrollError::Field(error) => error,
        other => FieldError::Internal {
            detail: other.to_string(),
        },
    })
}
