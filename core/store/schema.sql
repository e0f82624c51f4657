-- What the migrations lead to, written by `GRID_WRITE_SCHEMA=1 cargo test -p grid-store migrate`.

CREATE TABLE identity (
    one            INTEGER PRIMARY KEY CHECK (one = 1), -- a vault is one person on one phone
    device         BLOB NOT NULL CHECK (length(device) = 16), -- random id of this vault
    secret         BLOB NOT NULL CHECK (length(secret) = 32), -- signing key, P-256 scalar
    epoch          INTEGER NOT NULL, -- current life of the log, a random 64-bit number
    created_at_ms  INTEGER NOT NULL -- wall clock at creation, UTC ms
, sealing_secret BLOB CHECK (sealing_secret IS NULL OR length(sealing_secret) = 32)) STRICT;
CREATE TABLE enrolment (
    one            INTEGER PRIMARY KEY CHECK (one = 1), -- at most one
    server         TEXT NOT NULL, -- base address of the platform
    authority      BLOB NOT NULL, -- pinned CA certificate in DER; empty on loopback without TLS
    phone          BLOB NOT NULL CHECK (length(phone) = 16), -- joins the vaults of a shared phone
    phone_label    TEXT NOT NULL, -- what people call the phone
    worker         BLOB NOT NULL CHECK (length(worker) = 16), -- whose vault this is
    display_name   TEXT NOT NULL, -- how the worker is called
    job_no         TEXT NOT NULL, -- job number
    org_name       TEXT NOT NULL, -- station or centre
    platform_key   BLOB NOT NULL, -- verifies receipts, SEC1
    sealing_key    BLOB NOT NULL  -- lifeboat segments are sealed to it, SEC1
) STRICT;
CREATE TABLE batch (
    one            INTEGER PRIMARY KEY CHECK (one = 1), -- one batch is in flight at a time
    request        BLOB NOT NULL, -- the encoded request, immutable until settled
    nonce          INTEGER NOT NULL -- echoed by its receipt
) STRICT;
CREATE TABLE receipt (
    id             INTEGER PRIMARY KEY AUTOINCREMENT, -- order of arrival
    bytes          BLOB NOT NULL, -- the signed receipt
    signature      BLOB NOT NULL -- the platform's signature over it
, incarnation BLOB CHECK (length(incarnation) = 16)) STRICT;
CREATE TABLE feed (
    one            INTEGER PRIMARY KEY CHECK (one = 1), -- one feed a vault
    cursor         INTEGER NOT NULL, -- position applied
    cursor_at_ms   INTEGER, -- platform time of the answer that moved it here, UTC ms
    more           INTEGER NOT NULL CHECK (more IN (0, 1)), -- the platform said there is more
    incarnation    BLOB CHECK (length(incarnation) = 16), -- the platform store last met
    verified_to    INTEGER NOT NULL, -- from the last signed checkpoint
    backed_up_to   INTEGER NOT NULL -- from the last signed checkpoint
) STRICT;
CREATE TABLE anchor (
    one            INTEGER PRIMARY KEY CHECK (one = 1), -- the newest platform time
    server_ms      INTEGER NOT NULL, -- platform time, UTC ms
    mono_ms        INTEGER NOT NULL, -- boot-time clock at that moment
    width_ms       INTEGER NOT NULL, -- half the round trip
    boot           INTEGER NOT NULL, -- the boot it was taken in
    wall_ms        INTEGER NOT NULL -- wall clock at that moment
) STRICT;
CREATE TABLE post (
    code           TEXT PRIMARY KEY, -- post code
    body           BLOB NOT NULL -- the platform's row as it came
, revision INTEGER NOT NULL DEFAULT 1) STRICT, WITHOUT ROWID;
CREATE TABLE patrol (
    id             BLOB PRIMARY KEY CHECK (length(id) = 16), -- patrol id
    born_seq       INTEGER NOT NULL, -- position of its start in the log: the order of patrols
    patrol_type    INTEGER NOT NULL, -- kind of patrol
    transport      INTEGER NOT NULL, -- how it moves
    post           TEXT NOT NULL, -- post code
    status         TEXT NOT NULL CHECK (status IN ('started', 'paused', 'ended')), -- where it stands
    started_at_ms  INTEGER NOT NULL, -- wall claim, UTC ms
    ended_at_ms    INTEGER, -- wall claim, UTC ms
    fixes          INTEGER NOT NULL, -- fixes recorded so far
    sealed         INTEGER NOT NULL CHECK (sealed <= fixes) -- of these, sealed into segments
) STRICT, WITHOUT ROWID;
CREATE TABLE fix (
    patrol         BLOB NOT NULL REFERENCES patrol (id), -- the patrol
    number         INTEGER NOT NULL, -- index in the patrol, from 0
    at_ms          INTEGER NOT NULL, -- UTC ms
    lat_e7         INTEGER NOT NULL, -- 1e-7 degrees
    lon_e7         INTEGER NOT NULL, -- 1e-7 degrees
    accuracy_dm    INTEGER NOT NULL, -- decimetres
    speed_cms      INTEGER NOT NULL, -- cm/s
    PRIMARY KEY (patrol, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE tally (
    day            TEXT NOT NULL, -- civil date, Asia/Shanghai
    count_kind     INTEGER NOT NULL, -- what is counted
    total          INTEGER NOT NULL, -- sum of the steps of this vault
    entries        INTEGER NOT NULL, -- how many steps
    PRIMARY KEY (day, count_kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE attachment (
    id             INTEGER PRIMARY KEY AUTOINCREMENT, -- order in which they were taken
    sha256         BLOB NOT NULL UNIQUE CHECK (length(sha256) = 32), -- of the original
    mime           TEXT NOT NULL, -- media type
    bytes          INTEGER NOT NULL, -- size of the original
    file_key       BLOB NOT NULL CHECK (length(file_key) = 32), -- key of its sealed file
    urgent         INTEGER NOT NULL CHECK (urgent IN (0, 1)), -- goes before the others
    state          TEXT NOT NULL CHECK (state IN ('kept', 'stored', 'failed')), -- on the phone, on the platform, refused
    failed_reason  INTEGER, -- why the platform refused it
    upload_path    TEXT, -- where the platform takes its bytes, once begun
    CHECK ((state = 'failed') = (failed_reason IS NOT NULL))
) STRICT;
CREATE TABLE life (
    life           INTEGER PRIMARY KEY, -- ordinal of this epoch on this phone, from 0
    epoch          INTEGER NOT NULL UNIQUE, -- random 64-bit number
    base_seq       INTEGER NOT NULL, -- changes up to here are summed up in base_h
    base_h         BLOB NOT NULL CHECK (length(base_h) = 32) -- chain hash at base_seq
) STRICT;
CREATE TABLE log (
    id             INTEGER PRIMARY KEY, -- life * 2^40 + seq: order on this phone, never reused
    lane_kind      INTEGER NOT NULL, -- family of the aggregate
    lane_id        BLOB NOT NULL CHECK (length(lane_id) = 16), -- aggregate that keeps its order
    prev_in_lane   INTEGER NOT NULL, -- seq of the change before it in the lane, 0 for the first
    kind           INTEGER NOT NULL, -- what the body says
    schema_version INTEGER NOT NULL, -- schema the body was written in
    recorded_at_ms INTEGER NOT NULL, -- wall claim, for showing only
    h              BLOB CHECK (length(h) = 32), -- chain hash here; NULL at or below the life's base_seq
    body           BLOB NOT NULL -- immutable bytes
) STRICT;
CREATE TABLE lane (
    lane_kind      INTEGER NOT NULL, -- family of the aggregate
    lane_id        BLOB NOT NULL CHECK (length(lane_id) = 16), -- the aggregate
    life           INTEGER NOT NULL, -- lanes are counted in each epoch
    last_seq       INTEGER NOT NULL, -- seq of its newest change
    PRIMARY KEY (lane_kind, lane_id, life)
) STRICT, WITHOUT ROWID;
CREATE TABLE gap (
    id             INTEGER PRIMARY KEY -- the change before this one was lost with a damaged copy: the chain begins anew here
) STRICT;
CREATE TABLE parked (
    id             INTEGER PRIMARY KEY, -- the change: the platform keeps it, a person has to look
    reason         INTEGER NOT NULL -- why the platform sent it back
) STRICT;
CREATE TABLE vouched (
    life           INTEGER NOT NULL, -- the life of the log a signed checkpoint speaks about
    backed_up_to   INTEGER NOT NULL, -- seq up to which a backup was proved restorable
    incarnation    BLOB NOT NULL CHECK (length(incarnation) = 16), -- the platform store that says so
    at_ms          INTEGER NOT NULL, -- platform time when it was first said, UTC ms
    PRIMARY KEY (life, backed_up_to, incarnation)
) STRICT, WITHOUT ROWID;
CREATE TABLE search_state (
    one            INTEGER PRIMARY KEY CHECK (one = 1), -- one index a vault
    words_version  INTEGER NOT NULL, -- how its words were made; 0 for nothing indexed yet
    tasks_to       INTEGER NOT NULL, -- tasks up to this number are indexed, but for those in search_stale
    epoch          INTEGER, -- the life of the log whose records are indexed
    records_to     INTEGER NOT NULL -- its records up to this place are indexed
) STRICT;
CREATE TABLE search_stale (
    doc            INTEGER PRIMARY KEY -- an indexed task whose text has changed since
) STRICT;
CREATE VIRTUAL TABLE search_task USING fts5 (
    words, -- of a task's texts; rowid is task.doc
    content = '', contentless_delete = 1, detail = none, tokenize = "ascii tokenchars '_.~'"
);
CREATE VIRTUAL TABLE search_record USING fts5 (
    words, -- of a record's own words; rowid is its place in the log
    content = '', columnsize = 0, detail = none, tokenize = "ascii tokenchars '_.~'"
);
CREATE TABLE standing (
    doc            INTEGER PRIMARY KEY, -- number of the task
    local_status   INTEGER NOT NULL, -- the platform's state plus own pending changes
    due_at_ms      INTEGER NOT NULL, -- for sorting
    open           INTEGER NOT NULL CHECK (open IN (0, 1)) -- the holder still has something to do
) STRICT;
CREATE TABLE "task" (
    doc            INTEGER PRIMARY KEY AUTOINCREMENT, -- number under which the index files it, for life, never reused
    id             BLOB NOT NULL UNIQUE CHECK (length(id) = 16), -- task id
    revision       INTEGER NOT NULL, -- the platform's revision
    body           BLOB NOT NULL -- the platform's row as it came
) STRICT;
CREATE TABLE "own_case" (
    id             BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16), -- case id
    born_seq       INTEGER NOT NULL, -- position of its birth in the log: the order in which they are listed
    urgent         INTEGER NOT NULL CHECK (urgent IN (0, 1)), -- a rescue
    case_kind      INTEGER NOT NULL, -- kind of matter
    title          TEXT NOT NULL, -- title as typed
    place_text     TEXT NOT NULL, -- place as typed
    reported_at_ms INTEGER NOT NULL, -- wall claim, UTC ms
    reports        INTEGER NOT NULL -- how many reports were submitted
) STRICT;
CREATE TABLE "unsent" (
    id             INTEGER PRIMARY KEY, -- the change
    priority       INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 15), -- smaller goes first
    bytes          INTEGER NOT NULL -- size of its body, for budgets
) STRICT;
CREATE TABLE lane_mark (
    one            INTEGER PRIMARY KEY CHECK (one = 1), -- one life is written to
    life           INTEGER NOT NULL, -- that life
    seq            INTEGER NOT NULL -- its lanes are in `lane` up to here; what came behind it is looked up in the log
) STRICT;
CREATE TABLE unread (
    row_kind       INTEGER NOT NULL, -- kind of row
    id             BLOB NOT NULL, -- which thing: the platform told of it in a form that this build cannot read
    revision       INTEGER NOT NULL, -- the platform's revision; 0 while it was not told again
    PRIMARY KEY (row_kind, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE fetched_anew (
    one            INTEGER PRIMARY KEY CHECK (one = 1), -- there while it is not known that it helped
    at_ms          INTEGER NOT NULL -- platform time when the cursor was put back to the beginning
) STRICT;
CREATE INDEX patrol_born ON patrol (born_seq);
CREATE INDEX attachment_unsent ON attachment (urgent DESC, id) WHERE state = 'kept';
CREATE INDEX task_doubted ON task (doc) WHERE revision = 0;
CREATE INDEX standing_open ON standing (due_at_ms) WHERE open = 1;
CREATE INDEX standing_shut ON standing (due_at_ms) WHERE open = 0;
CREATE INDEX log_extension ON log (lane_id, id) WHERE kind = 4;
INSERT INTO feed (one, cursor, cursor_at_ms, more, incarnation, verified_to, backed_up_to) VALUES (1, 0, NULL, 1, NULL, 0, 0);
INSERT INTO search_state (one, words_version, tasks_to, epoch, records_to) VALUES (1, 0, 0, NULL, 0);
INSERT INTO search_record (search_record, rank) VALUES ('automerge', 0);
INSERT INTO search_record (search_record, rank) VALUES ('pgsz', 3900);
INSERT INTO search_task (search_task, rank) VALUES ('automerge', 0);
INSERT INTO search_task (search_task, rank) VALUES ('pgsz', 3900);
