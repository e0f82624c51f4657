-- The log as one append-only table in the order of writing, so that a durable change dirties few pages: a leaf of the log,
-- a leaf of its lane, a leaf of the outbox and its view. A change's lane is read backwards along prev_in_lane.
-- Bound: copies the log once; needs as much free space as the log is long. Bodies are copied byte for byte.

ALTER TABLE identity ADD COLUMN sealing_secret BLOB CHECK (sealing_secret IS NULL OR length(sealing_secret) = 32); -- opens what was captured while locked; NULL until first needed

CREATE TABLE life (
    life           INTEGER PRIMARY KEY, -- ordinal of this epoch on this phone, from 0
    epoch          INTEGER NOT NULL UNIQUE, -- random 64-bit number
    base_seq       INTEGER NOT NULL, -- changes up to here are summed up in base_h
    base_h         BLOB NOT NULL CHECK (length(base_h) = 32) -- chain hash at base_seq
) STRICT;
INSERT INTO life (life, epoch, base_seq, base_h)
    SELECT row_number() OVER (ORDER BY epoch <> (SELECT epoch FROM identity), epoch) - 1, epoch, head_seq, head_h FROM epoch;

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
INSERT INTO log (id, lane_kind, lane_id, prev_in_lane, kind, schema_version, recorded_at_ms, h, body)
    SELECT (l.life << 40) + c.seq, c.lane_kind, c.lane_id, c.prev_in_lane, c.kind, c.schema_version, c.recorded_at_ms, NULL, c.body
    FROM change c JOIN life l USING (epoch) ORDER BY 1;

CREATE TABLE lane (
    lane_kind      INTEGER NOT NULL, -- family of the aggregate
    lane_id        BLOB NOT NULL CHECK (length(lane_id) = 16), -- the aggregate
    life           INTEGER NOT NULL, -- lanes are counted in each epoch
    last_seq       INTEGER NOT NULL, -- seq of its newest change
    PRIMARY KEY (lane_kind, lane_id, life)
) STRICT, WITHOUT ROWID;
INSERT INTO lane (lane_kind, lane_id, life, last_seq)
    SELECT lane_kind, lane_id, id >> 40, max(id & 1099511627775) FROM log GROUP BY 1, 2, 3;

CREATE TABLE gap (
    id             INTEGER PRIMARY KEY -- the change before this one was lost with a damaged copy: the chain begins anew here
) STRICT;

CREATE TABLE unsent (
    priority       INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 15), -- smaller goes first
    id             INTEGER NOT NULL, -- the change
    bytes          INTEGER NOT NULL, -- size of its body, for budgets
    PRIMARY KEY (priority, id)
) STRICT, WITHOUT ROWID;
INSERT INTO unsent (priority, id, bytes)
    SELECT o.priority, (l.life << 40) + o.seq, o.body_bytes FROM outbox o JOIN life l USING (epoch) WHERE o.state = 'saved';

CREATE TABLE parked (
    id             INTEGER PRIMARY KEY, -- the change: the platform keeps it, a person has to look
    reason         INTEGER NOT NULL -- why the platform sent it back
) STRICT;
INSERT INTO parked (id, reason)
    SELECT (l.life << 40) + o.seq, o.parked_reason FROM outbox o JOIN life l USING (epoch) WHERE o.state = 'parked';

DROP TABLE outbox;
DROP TABLE change;
DROP TABLE epoch;

ALTER TABLE receipt ADD COLUMN incarnation BLOB CHECK (length(incarnation) = 16); -- the platform store that gave it; NULL before schema 2

CREATE TABLE vouched (
    life           INTEGER NOT NULL, -- the life of the log a signed checkpoint speaks about
    backed_up_to   INTEGER NOT NULL, -- seq up to which a backup was proved restorable
    incarnation    BLOB NOT NULL CHECK (length(incarnation) = 16), -- the platform store that says so
    at_ms          INTEGER NOT NULL, -- platform time when it was first said, UTC ms
    PRIMARY KEY (life, backed_up_to, incarnation)
) STRICT, WITHOUT ROWID;
