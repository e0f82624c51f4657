-- The platform's rows. Times are UTC milliseconds; ids are 16 bytes; hashes are SHA-256, 32 bytes; codes of the domain are
-- the numbers of `grid_model::terms`. `change` is the truth; everything marked "view" can be made again from it.

CREATE TABLE schema_version (
    version INTEGER PRIMARY KEY -- number of a migration that was run
) STRICT;

CREATE TABLE platform (
    one INTEGER PRIMARY KEY CHECK (one = 1), -- there is one row
    incarnation BLOB NOT NULL CHECK (length(incarnation) = 16), -- life of this store, new after every restore
    signing_public BLOB NOT NULL, -- key that receipts are checked with, SEC1
    sealing_public BLOB NOT NULL, -- key that lifeboat segments are sealed to, SEC1
    since_ms INTEGER NOT NULL -- since when this life lasts
) STRICT;

CREATE TABLE series (
    name TEXT PRIMARY KEY, -- such as case:DL:2026
    last INTEGER NOT NULL -- number handed out last
) STRICT, WITHOUT ROWID;

-- People and places ---------------------------------------------------------------------------------------------------

CREATE TABLE org (
    org_id BLOB PRIMARY KEY CHECK (length(org_id) = 16), -- which organisation
    parent_id BLOB REFERENCES org (org_id), -- the one above it; null for a root
    name TEXT NOT NULL, -- name a person reads
    prefix TEXT NOT NULL UNIQUE, -- what its numbers begin with
    created_at_ms INTEGER NOT NULL -- when it was created
) STRICT, WITHOUT ROWID;
CREATE INDEX org_by_parent ON org (parent_id);

CREATE TABLE worker (
    worker_id BLOB PRIMARY KEY CHECK (length(worker_id) = 16), -- which person
    org_id BLOB NOT NULL REFERENCES org (org_id), -- where the person belongs
    name TEXT NOT NULL UNIQUE, -- name typed at login
    display_name TEXT NOT NULL, -- how the person is called
    job_no TEXT NOT NULL UNIQUE, -- job number
    role INTEGER NOT NULL, -- role
    post_code TEXT, -- code of the post, for those who have one
    password_hash TEXT, -- for those who sign in at a desk; the server's format
    created_at_ms INTEGER NOT NULL -- when the person was created
) STRICT, WITHOUT ROWID;
CREATE INDEX worker_by_org ON worker (org_id, job_no);

CREATE TABLE post (
    post_code TEXT PRIMARY KEY, -- code, such as DL-01
    org_id BLOB NOT NULL REFERENCES org (org_id), -- whose post
    revision INTEGER NOT NULL, -- grows with every replacement
    name TEXT NOT NULL, -- name a person reads
    lat_e7 INTEGER NOT NULL, -- latitude, 1e-7 degrees
    lon_e7 INTEGER NOT NULL -- longitude, 1e-7 degrees
) STRICT, WITHOUT ROWID;
CREATE INDEX post_by_org ON post (org_id, post_code);

CREATE TABLE checkpoint (
    post_code TEXT NOT NULL REFERENCES post (post_code), -- whose checkpoint
    place INTEGER NOT NULL, -- its place in the post's list
    checkpoint_code TEXT NOT NULL, -- code, such as DL-01-C2
    name TEXT NOT NULL, -- name a person reads
    lat_e7 INTEGER NOT NULL, -- latitude, 1e-7 degrees
    lon_e7 INTEGER NOT NULL, -- longitude, 1e-7 degrees
    radius_m INTEGER NOT NULL, -- a visit within this many metres counts as located
    PRIMARY KEY (post_code, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE outline (
    org_id BLOB PRIMARY KEY REFERENCES org (org_id), -- whose map
    geojson TEXT NOT NULL -- as the operator gave it
) STRICT, WITHOUT ROWID;

CREATE TABLE division (
    code TEXT PRIMARY KEY, -- 12 digits
    name TEXT NOT NULL, -- name a person reads
    level INTEGER NOT NULL CHECK (level BETWEEN 1 AND 5), -- province, city, county, town, village
    parent_code TEXT -- code of the row above; null for a province
) STRICT, WITHOUT ROWID;

-- Devices -------------------------------------------------------------------------------------------------------------

CREATE TABLE enroll_code (
    code_hash BLOB PRIMARY KEY CHECK (length(code_hash) = 32), -- hash of a single-use code; the code itself is nowhere
    worker_id BLOB NOT NULL REFERENCES worker (worker_id), -- whom it enrols
    issued_at_ms INTEGER NOT NULL, -- when it was issued
    expires_at_ms INTEGER NOT NULL, -- when it ends
    used_at_ms INTEGER, -- when it was used
    used_device_id BLOB, -- the device that used it
    used_key BLOB, -- the key that device named
    CHECK ((used_at_ms IS NULL) = (used_device_id IS NULL) AND (used_at_ms IS NULL) = (used_key IS NULL))
) STRICT, WITHOUT ROWID;

CREATE TABLE wrong_try (
    try_id INTEGER PRIMARY KEY AUTOINCREMENT, -- order of tries
    kind INTEGER NOT NULL, -- 1 enrolment code, 2 password
    subject TEXT NOT NULL, -- about whom; empty for codes
    at_ms INTEGER NOT NULL -- when
) STRICT;
CREATE INDEX wrong_try_by_subject ON wrong_try (kind, subject, at_ms);

CREATE TABLE device (
    device_id BLOB PRIMARY KEY CHECK (length(device_id) = 16), -- one person's vault on one phone
    worker_id BLOB NOT NULL REFERENCES worker (worker_id), -- whose vault
    phone_id BLOB NOT NULL CHECK (length(phone_id) = 16), -- the phone it lives on
    phone_label TEXT NOT NULL, -- what people call the phone
    public_key BLOB NOT NULL, -- checks its batches, SEC1
    platform TEXT NOT NULL, -- android, ios, linux
    app_version TEXT NOT NULL, -- as last told
    enrolled_at_ms INTEGER NOT NULL, -- when it was enrolled
    revoked_at_ms INTEGER, -- when it was revoked
    contact_at_ms INTEGER, -- last exchange; the following are as told then
    contact_epoch INTEGER, -- life of its log
    contact_head_seq INTEGER, -- where its log ended
    contact_cursor INTEGER, -- feed position it had applied
    beacon_unsent INTEGER, -- changes not yet receipted
    beacon_parked INTEGER, -- changes that came back with a reason
    beacon_photos_unsent INTEGER -- photos whose bytes have not all arrived
) STRICT, WITHOUT ROWID;
CREATE INDEX device_by_worker ON device (worker_id);

-- The change log ------------------------------------------------------------------------------------------------------

CREATE TABLE change (
    position INTEGER PRIMARY KEY AUTOINCREMENT, -- the platform's order; never reused
    device_id BLOB NOT NULL REFERENCES device (device_id), -- whose log
    epoch INTEGER NOT NULL, -- which life of that log, as a signed 64-bit number
    seq INTEGER NOT NULL CHECK (seq > 0), -- position in that life
    lane_kind INTEGER NOT NULL, -- family of the aggregate that keeps its order
    lane_id BLOB NOT NULL CHECK (length(lane_id) = 16), -- which aggregate
    prev_in_lane INTEGER NOT NULL, -- position of the change before it in the lane; 0 for the first
    kind INTEGER NOT NULL, -- what the body says
    schema_version INTEGER NOT NULL, -- schema the body was written in
    body BLOB NOT NULL, -- the immutable bytes
    body_sha256 BLOB NOT NULL CHECK (length(body_sha256) = 32), -- their hash
    received_at_ms INTEGER NOT NULL, -- when it was received
    state INTEGER NOT NULL CHECK (state BETWEEN 0 AND 3), -- 0 received, 1 held, 2 folded, 3 parked
    park_reason INTEGER, -- why it was parked
    chain_h BLOB CHECK (length(chain_h) = 32), -- our chain hash here, once everything before it is here
    UNIQUE (device_id, epoch, seq),
    CHECK ((state = 3) = (park_reason IS NOT NULL))
) STRICT;
CREATE INDEX change_by_lane ON change (device_id, epoch, lane_kind, lane_id, seq);
CREATE INDEX change_by_device ON change (device_id, position);
CREATE INDEX change_held ON change (device_id, epoch, lane_kind, lane_id, prev_in_lane) WHERE state = 1;
CREATE INDEX change_parked ON change (device_id) WHERE state = 3;

CREATE TABLE conflict (
    conflict_id INTEGER PRIMARY KEY AUTOINCREMENT, -- order of arrival; never reused
    device_id BLOB NOT NULL REFERENCES device (device_id), -- whose log
    epoch INTEGER NOT NULL, -- which life of that log
    seq INTEGER NOT NULL, -- position that another change holds already
    lane_kind INTEGER NOT NULL, -- as in change
    lane_id BLOB NOT NULL, -- as in change
    prev_in_lane INTEGER NOT NULL, -- as in change
    kind INTEGER NOT NULL, -- as in change
    schema_version INTEGER NOT NULL, -- as in change
    body BLOB NOT NULL, -- the immutable bytes
    body_sha256 BLOB NOT NULL CHECK (length(body_sha256) = 32), -- their hash
    received_at_ms INTEGER NOT NULL, -- when it was first received
    UNIQUE (device_id, epoch, seq, body_sha256, lane_kind, lane_id, prev_in_lane, kind, schema_version)
) STRICT;

CREATE TABLE chain (
    device_id BLOB NOT NULL REFERENCES device (device_id), -- whose log
    epoch INTEGER NOT NULL, -- which life of that log
    contiguous_to INTEGER NOT NULL, -- everything up to here is stored
    contiguous_h BLOB NOT NULL CHECK (length(contiguous_h) = 32), -- the chain hash there
    verified_to INTEGER NOT NULL, -- highest signed head that equals our chain
    PRIMARY KEY (device_id, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE signed_head (
    device_id BLOB NOT NULL REFERENCES device (device_id), -- whose log
    epoch INTEGER NOT NULL, -- which life of that log
    seq INTEGER NOT NULL, -- where the log ended when the head was signed
    h BLOB NOT NULL CHECK (length(h) = 32), -- the device's chain hash there
    PRIMARY KEY (device_id, epoch, seq, h)
) STRICT, WITHOUT ROWID;

CREATE TABLE fork (
    device_id BLOB NOT NULL REFERENCES device (device_id), -- whose log
    epoch INTEGER NOT NULL, -- which life of that log
    seq INTEGER NOT NULL, -- where the two differ
    claimed_h BLOB NOT NULL CHECK (length(claimed_h) = 32), -- what the device signed
    our_h BLOB NOT NULL CHECK (length(our_h) = 32), -- what our chain says
    noticed_at_ms INTEGER NOT NULL, -- when it was first noticed
    PRIMARY KEY (device_id, epoch, seq, claimed_h)
) STRICT, WITHOUT ROWID;

-- Tasks ---------------------------------------------------------------------------------------------------------------

CREATE TABLE task (
    task_id BLOB PRIMARY KEY CHECK (length(task_id) = 16), -- which task
    org_id BLOB NOT NULL REFERENCES org (org_id), -- the holder's organisation at dispatch
    no TEXT NOT NULL UNIQUE, -- human number
    title TEXT NOT NULL, -- title
    description TEXT NOT NULL, -- what it is about
    case_kind INTEGER NOT NULL, -- kind of matter
    level INTEGER NOT NULL, -- how much time it is given
    status INTEGER NOT NULL, -- where it stands
    holder_id BLOB NOT NULL REFERENCES worker (worker_id), -- who has it
    dispatcher_id BLOB NOT NULL REFERENCES worker (worker_id), -- who dispatched it
    grid_code TEXT NOT NULL, -- 15 digits, or empty
    place_text TEXT NOT NULL, -- where, in words
    created_at_ms INTEGER NOT NULL, -- when it was dispatched
    dispatched_position INTEGER NOT NULL, -- feed position of the dispatch
    delivered_at_ms INTEGER, -- when a device of the holder had it
    due_at_ms INTEGER NOT NULL, -- when it is due
    done_at_ms INTEGER, -- when the work was done; null while undone or undecided
    done_clock INTEGER, -- how that time is known; null while undone
    late_report INTEGER NOT NULL CHECK (late_report IN (0, 1)), -- a report came after the recall
    reason TEXT, -- why it came back or was recalled
    revision INTEGER NOT NULL -- grows with everything that a decision must have seen
) STRICT, WITHOUT ROWID;
CREATE INDEX task_by_due ON task (org_id, due_at_ms);
CREATE INDEX task_undelivered ON task (holder_id, dispatched_position) WHERE delivered_at_ms IS NULL;

CREATE TABLE task_event (
    position INTEGER PRIMARY KEY AUTOINCREMENT, -- order; never reused
    task_id BLOB NOT NULL REFERENCES task (task_id), -- which task
    event INTEGER NOT NULL, -- what happened
    actor_id BLOB NOT NULL REFERENCES worker (worker_id), -- who did it
    from_status INTEGER, -- status before; null for the dispatch
    to_status INTEGER NOT NULL, -- status after
    reason_code INTEGER, -- reason as a code
    reason_text TEXT, -- reason in words
    occurred_at_ms INTEGER NOT NULL, -- best answer
    earliest_ms INTEGER NOT NULL, -- not before
    latest_ms INTEGER NOT NULL, -- not after
    clock INTEGER NOT NULL, -- how that is known
    received_at_ms INTEGER NOT NULL, -- when the platform learned of it
    change_position INTEGER REFERENCES change (position) -- the change that says so; null for the platform's own
) STRICT;
CREATE INDEX task_event_by_task ON task_event (task_id, position);

-- Views of what came from the field -----------------------------------------------------------------------------------

CREATE TABLE field_case ( -- view
    case_id BLOB PRIMARY KEY CHECK (length(case_id) = 16), -- which case
    change_position INTEGER NOT NULL REFERENCES change (position), -- the change that bore it
    org_id BLOB NOT NULL REFERENCES org (org_id), -- the reporter's organisation
    no TEXT NOT NULL UNIQUE, -- human number
    case_kind INTEGER NOT NULL, -- kind of matter
    title TEXT NOT NULL, -- title
    place_text TEXT NOT NULL, -- where, in words
    urgent INTEGER NOT NULL CHECK (urgent IN (0, 1)), -- a call for help
    reporter_id BLOB NOT NULL REFERENCES worker (worker_id), -- who reported it
    occurred_at_ms INTEGER NOT NULL, -- best answer
    earliest_ms INTEGER NOT NULL, -- not before
    latest_ms INTEGER NOT NULL, -- not after
    clock INTEGER NOT NULL, -- how that is known
    received_at_ms INTEGER NOT NULL -- when the platform received it
) STRICT, WITHOUT ROWID;
CREATE INDEX field_case_by_time ON field_case (org_id, occurred_at_ms);

CREATE TABLE milestone ( -- view
    change_position INTEGER PRIMARY KEY REFERENCES change (position), -- the change that says so
    case_id BLOB NOT NULL, -- which case; its birth may still be on its way
    milestone INTEGER NOT NULL, -- which step
    occurred_at_ms INTEGER NOT NULL, -- best answer
    earliest_ms INTEGER NOT NULL, -- not before
    latest_ms INTEGER NOT NULL, -- not after
    clock INTEGER NOT NULL -- how that is known
) STRICT;
CREATE INDEX milestone_by_case ON milestone (case_id, occurred_at_ms);

CREATE TABLE report ( -- view
    change_position INTEGER PRIMARY KEY REFERENCES change (position), -- the change that holds its words
    lane_kind INTEGER NOT NULL, -- task, case or urgent
    lane_id BLOB NOT NULL, -- which one
    version INTEGER NOT NULL, -- as the phone counted
    author_id BLOB NOT NULL REFERENCES worker (worker_id), -- who wrote it
    occurred_at_ms INTEGER NOT NULL, -- best answer
    earliest_ms INTEGER NOT NULL, -- not before
    latest_ms INTEGER NOT NULL, -- not after
    clock INTEGER NOT NULL, -- how that is known
    received_at_ms INTEGER NOT NULL, -- when the platform received it
    supplement INTEGER NOT NULL CHECK (supplement IN (0, 1)), -- kept beside what was already decided
    late INTEGER NOT NULL CHECK (late IN (0, 1)) -- came after the recall
) STRICT;
CREATE INDEX report_by_lane ON report (lane_kind, lane_id);

CREATE TABLE count_step ( -- view
    change_position INTEGER PRIMARY KEY REFERENCES change (position), -- the change that holds it
    org_id BLOB NOT NULL REFERENCES org (org_id), -- the counting person's organisation
    worker_id BLOB NOT NULL REFERENCES worker (worker_id), -- who counted
    device_id BLOB NOT NULL REFERENCES device (device_id), -- the device that wrote it
    seq INTEGER NOT NULL, -- its position in that device's log
    count_kind INTEGER NOT NULL, -- what is counted
    value INTEGER NOT NULL, -- how much was added
    summed INTEGER NOT NULL CHECK (summed IN (0, 1)), -- 0: beyond what a counter can do, kept out of totals
    post_code TEXT NOT NULL, -- code of the post, as the phone says
    patrol_id BLOB, -- during which patrol
    reason TEXT, -- why a correction was made
    recorded_at_ms INTEGER NOT NULL, -- effective time
    clock INTEGER NOT NULL, -- how that is known
    received_at_ms INTEGER NOT NULL -- when the platform received it
) STRICT;
CREATE INDEX count_step_by_kind ON count_step (org_id, count_kind, recorded_at_ms);
CREATE INDEX count_step_by_patrol ON count_step (patrol_id) WHERE patrol_id IS NOT NULL;

CREATE TABLE attachment ( -- view
    change_position INTEGER NOT NULL REFERENCES change (position), -- the change that names it
    item INTEGER NOT NULL, -- its place in that change's list
    lane_kind INTEGER NOT NULL, -- lane of that change
    lane_id BLOB NOT NULL, -- lane of that change
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32), -- its name
    role INTEGER NOT NULL, -- what it shows
    mime TEXT NOT NULL, -- media type as the phone says
    bytes INTEGER NOT NULL, -- size
    taken_at_ms INTEGER NOT NULL, -- by the phone's wall clock
    device_id BLOB NOT NULL REFERENCES device (device_id), -- the device that has it
    PRIMARY KEY (change_position, item)
) STRICT, WITHOUT ROWID;
CREATE INDEX attachment_by_lane ON attachment (lane_kind, lane_id);
CREATE INDEX attachment_by_hash ON attachment (sha256);
CREATE INDEX attachment_by_device ON attachment (device_id);

CREATE TABLE patrol ( -- view
    patrol_id BLOB PRIMARY KEY CHECK (length(patrol_id) = 16), -- which patrol
    change_position INTEGER NOT NULL REFERENCES change (position), -- the change that began it
    org_id BLOB NOT NULL REFERENCES org (org_id), -- the worker's organisation
    worker_id BLOB NOT NULL REFERENCES worker (worker_id), -- who went
    patrol_type INTEGER NOT NULL, -- kind of patrol
    transport INTEGER NOT NULL, -- how it moved
    post_code TEXT NOT NULL, -- code of its post, as the phone says
    status INTEGER NOT NULL CHECK (status BETWEEN 1 AND 3), -- 1 started, 2 paused, 3 ended
    started_at_ms INTEGER NOT NULL, -- best answer
    earliest_ms INTEGER NOT NULL, -- not before
    latest_ms INTEGER NOT NULL, -- not after
    clock INTEGER NOT NULL, -- how that is known
    ended_at_ms INTEGER, -- best answer; null while it lasts
    fixes INTEGER, -- fixes the phone says it recorded
    points INTEGER NOT NULL, -- fixes received
    distance_m REAL NOT NULL, -- gaps add none
    gaps INTEGER NOT NULL -- silences in the track
) STRICT, WITHOUT ROWID;
CREATE INDEX patrol_by_time ON patrol (org_id, started_at_ms);

CREATE TABLE track_segment ( -- view
    change_position INTEGER PRIMARY KEY REFERENCES change (position), -- the change that holds its points
    patrol_id BLOB NOT NULL, -- which patrol; its start may still be on its way
    first_index INTEGER NOT NULL, -- index of its first fix
    count INTEGER NOT NULL -- how many fixes
) STRICT;
CREATE INDEX track_segment_by_patrol ON track_segment (patrol_id, first_index);

CREATE TABLE visit ( -- view
    change_position INTEGER PRIMARY KEY REFERENCES change (position), -- the change that says so
    patrol_id BLOB NOT NULL, -- which patrol
    checkpoint_code TEXT NOT NULL, -- code, as the phone says
    proof INTEGER NOT NULL, -- how it was shown
    lat_e7 INTEGER, -- latitude, 1e-7 degrees; null without a fix
    lon_e7 INTEGER, -- longitude, 1e-7 degrees
    accuracy_dm INTEGER, -- claimed accuracy, decimetres
    unlocated_reason INTEGER, -- why there is no position
    occurred_at_ms INTEGER NOT NULL, -- best answer
    earliest_ms INTEGER NOT NULL, -- not before
    latest_ms INTEGER NOT NULL, -- not after
    clock INTEGER NOT NULL, -- how that is known
    CHECK ((lat_e7 IS NULL) = (lon_e7 IS NULL))
) STRICT;
CREATE INDEX visit_by_patrol ON visit (patrol_id, occurred_at_ms);

CREATE TABLE observation ( -- view
    change_position INTEGER PRIMARY KEY REFERENCES change (position), -- the change that holds its words
    patrol_id BLOB NOT NULL, -- which patrol
    kind INTEGER NOT NULL, -- what it is
    occurred_at_ms INTEGER NOT NULL, -- best answer
    earliest_ms INTEGER NOT NULL, -- not before
    latest_ms INTEGER NOT NULL, -- not after
    clock INTEGER NOT NULL -- how that is known
) STRICT;
CREATE INDEX observation_by_patrol ON observation (patrol_id, occurred_at_ms);

-- Feed, uploads, desks ------------------------------------------------------------------------------------------------

CREATE TABLE feed (
    position INTEGER PRIMARY KEY AUTOINCREMENT, -- the platform's order; never reused
    audience_kind INTEGER NOT NULL CHECK (audience_kind IN (1, 2)), -- 1 a person, 2 an organisation
    audience_id BLOB NOT NULL, -- which one
    row_kind INTEGER NOT NULL, -- kind of thing
    row_id BLOB NOT NULL, -- which thing
    UNIQUE (audience_kind, audience_id, row_kind, row_id) -- only the newest state travels
) STRICT;
CREATE INDEX feed_by_audience ON feed (audience_kind, audience_id, position);

CREATE TABLE upload (
    upload_id BLOB PRIMARY KEY CHECK (length(upload_id) = 16), -- names the spool
    device_id BLOB NOT NULL REFERENCES device (device_id), -- who uploads
    sha256 BLOB NOT NULL CHECK (length(sha256) = 32), -- name of the attachment
    mime TEXT NOT NULL, -- media type
    bytes INTEGER NOT NULL, -- size
    spooled INTEGER NOT NULL, -- bytes that are durable in the spool
    complete INTEGER NOT NULL CHECK (complete IN (0, 1)), -- everything is here and has the right hash
    touched_at_ms INTEGER NOT NULL, -- last change
    UNIQUE (device_id, sha256),
    CHECK (spooled BETWEEN 0 AND bytes)
) STRICT, WITHOUT ROWID;

CREATE TABLE blob (
    sha256 BLOB PRIMARY KEY CHECK (length(sha256) = 32), -- name of an attachment whose bytes are here
    mime TEXT NOT NULL, -- media type
    bytes INTEGER NOT NULL, -- size
    stored_at_ms INTEGER NOT NULL -- since when
) STRICT, WITHOUT ROWID;

CREATE TABLE session (
    token_hash BLOB PRIMARY KEY CHECK (length(token_hash) = 32), -- hash of the cookie; the cookie itself is nowhere
    worker_id BLOB NOT NULL REFERENCES worker (worker_id), -- who
    began_at_ms INTEGER NOT NULL, -- since when
    expires_at_ms INTEGER NOT NULL -- until when
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_worker ON session (worker_id);

CREATE TABLE access_log (
    position INTEGER PRIMARY KEY AUTOINCREMENT, -- order; never reused
    worker_id BLOB NOT NULL REFERENCES worker (worker_id), -- who read
    subject TEXT NOT NULL, -- what kind of thing
    subject_ids BLOB NOT NULL, -- which ones, one after the other
    items INTEGER NOT NULL, -- how many
    purpose TEXT NOT NULL, -- what for
    at_ms INTEGER NOT NULL -- when
) STRICT;
