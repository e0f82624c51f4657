-- The first schema of a vault. Facts live in `change` and are never rewritten; every other table can be rebuilt from it
-- and from the feed.

CREATE TABLE identity (
    one            INTEGER PRIMARY KEY CHECK (one = 1), -- a vault is one person on one phone
    device         BLOB NOT NULL CHECK (length(device) = 16), -- random id of this vault
    secret         BLOB NOT NULL CHECK (length(secret) = 32), -- signing key, P-256 scalar
    epoch          INTEGER NOT NULL, -- current life of the log, a random 64-bit number
    created_at_ms  INTEGER NOT NULL -- wall clock at creation, UTC ms
) STRICT;

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

CREATE TABLE epoch (
    epoch          INTEGER PRIMARY KEY, -- life of the log
    head_seq       INTEGER NOT NULL, -- last position written, 0 for none
    head_h         BLOB NOT NULL CHECK (length(head_h) = 32) -- chain hash there
) STRICT;

CREATE TABLE change (
    epoch          INTEGER NOT NULL REFERENCES epoch (epoch), -- life of the log
    seq            INTEGER NOT NULL, -- position, from 1, never reused
    lane_kind      INTEGER NOT NULL, -- family of the aggregate
    lane_id        BLOB NOT NULL CHECK (length(lane_id) = 16), -- aggregate that keeps its order
    prev_in_lane   INTEGER NOT NULL, -- position of the change before it in the lane, 0 for the first
    kind           INTEGER NOT NULL, -- what the body says
    schema_version INTEGER NOT NULL, -- schema the body was written in
    body           BLOB NOT NULL, -- immutable bytes
    body_hash      BLOB NOT NULL CHECK (length(body_hash) = 32), -- SHA-256 of the body
    recorded_at_ms INTEGER NOT NULL, -- wall claim, for showing only
    PRIMARY KEY (epoch, seq)
) STRICT, WITHOUT ROWID;
CREATE INDEX change_lane ON change (lane_kind, lane_id, epoch, seq);

CREATE TABLE outbox (
    epoch          INTEGER NOT NULL, -- the change
    seq            INTEGER NOT NULL, -- the change
    priority       INTEGER NOT NULL, -- smaller goes first
    body_bytes     INTEGER NOT NULL, -- size, for budgets
    state          TEXT NOT NULL CHECK (state IN ('saved', 'received', 'parked')), -- what the worker is told
    parked_reason  INTEGER, -- why the platform sent it back
    PRIMARY KEY (epoch, seq),
    FOREIGN KEY (epoch, seq) REFERENCES change (epoch, seq),
    CHECK ((state = 'parked') = (parked_reason IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_unsent ON outbox (priority, seq) WHERE state = 'saved';
CREATE INDEX outbox_parked ON outbox (seq) WHERE state = 'parked';

CREATE TABLE batch (
    one            INTEGER PRIMARY KEY CHECK (one = 1), -- one batch is in flight at a time
    request        BLOB NOT NULL, -- the encoded request, immutable until settled
    nonce          INTEGER NOT NULL -- echoed by its receipt
) STRICT;

CREATE TABLE receipt (
    id             INTEGER PRIMARY KEY AUTOINCREMENT, -- order of arrival
    bytes          BLOB NOT NULL, -- the signed receipt
    signature      BLOB NOT NULL -- the platform's signature over it
) STRICT;

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

CREATE TABLE task (
    id             BLOB PRIMARY KEY CHECK (length(id) = 16), -- task id
    revision       INTEGER NOT NULL, -- the platform's revision
    body           BLOB NOT NULL, -- the platform's row as it came
    local_status   INTEGER NOT NULL, -- the platform's state plus own pending changes
    due_at_ms      INTEGER NOT NULL, -- for sorting
    open           INTEGER NOT NULL CHECK (open IN (0, 1)) -- the holder still has something to do
) STRICT, WITHOUT ROWID;
CREATE INDEX task_open ON task (open, due_at_ms);

CREATE TABLE post (
    code           TEXT PRIMARY KEY, -- post code
    body           BLOB NOT NULL -- the platform's row as it came
) STRICT, WITHOUT ROWID;

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
CREATE INDEX patrol_born ON patrol (born_seq);

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

CREATE TABLE own_case (
    id             BLOB PRIMARY KEY CHECK (length(id) = 16), -- case id
    born_seq       INTEGER NOT NULL, -- position of its birth in the log: the order of cases
    urgent         INTEGER NOT NULL CHECK (urgent IN (0, 1)), -- a rescue
    case_kind      INTEGER NOT NULL, -- kind of matter
    title          TEXT NOT NULL, -- title as typed
    place_text     TEXT NOT NULL, -- place as typed
    reported_at_ms INTEGER NOT NULL, -- wall claim, UTC ms
    reports        INTEGER NOT NULL -- how many reports were submitted
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
CREATE INDEX attachment_unsent ON attachment (urgent DESC, id) WHERE state = 'kept';

INSERT INTO feed (one, cursor, more, incarnation, verified_to, backed_up_to) VALUES (1, 0, 1, NULL, 0, 0);
