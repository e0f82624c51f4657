-- Fewer pages for a change. What a change moves lies in narrow rows or at the end of a table: where a task stands apart from
-- the platform's row, own matters and the outbox in the order they came, and lanes are brought up to date many at a time.
-- Bound: copies the tasks, the own matters and the outbox once; needs as much free space as those take.

CREATE TABLE standing (
    doc            INTEGER PRIMARY KEY, -- number of the task
    local_status   INTEGER NOT NULL, -- the platform's state plus own pending changes
    due_at_ms      INTEGER NOT NULL, -- for sorting
    open           INTEGER NOT NULL CHECK (open IN (0, 1)) -- the holder still has something to do
) STRICT;
INSERT INTO standing (doc, local_status, due_at_ms, open)
    SELECT doc, local_status, due_at_ms, open FROM task ORDER BY doc;

CREATE TABLE task_lean (
    doc            INTEGER PRIMARY KEY AUTOINCREMENT, -- number under which the index files it, for life, never reused
    id             BLOB NOT NULL UNIQUE CHECK (length(id) = 16), -- task id
    revision       INTEGER NOT NULL, -- the platform's revision
    body           BLOB NOT NULL -- the platform's row as it came
) STRICT;
INSERT INTO task_lean (doc, id, revision, body) SELECT doc, id, revision, body FROM task ORDER BY doc;
-- A number that was used once is never used again, also when its task is gone.
DELETE FROM sqlite_sequence WHERE name = 'task_lean';
INSERT INTO sqlite_sequence (name, seq) SELECT 'task_lean', seq FROM sqlite_sequence WHERE name = 'task';
DROP TABLE task;
ALTER TABLE task_lean RENAME TO task;
CREATE INDEX task_doubted ON task (doc) WHERE revision = 0;
CREATE INDEX standing_open ON standing (due_at_ms) WHERE open = 1;
CREATE INDEX standing_shut ON standing (due_at_ms) WHERE open = 0;

CREATE TABLE own_case_lean (
    id             BLOB PRIMARY KEY NOT NULL CHECK (length(id) = 16), -- case id
    born_seq       INTEGER NOT NULL, -- position of its birth in the log: the order in which they are listed
    urgent         INTEGER NOT NULL CHECK (urgent IN (0, 1)), -- a rescue
    case_kind      INTEGER NOT NULL, -- kind of matter
    title          TEXT NOT NULL, -- title as typed
    place_text     TEXT NOT NULL, -- place as typed
    reported_at_ms INTEGER NOT NULL, -- wall claim, UTC ms
    reports        INTEGER NOT NULL -- how many reports were submitted
) STRICT;
INSERT INTO own_case_lean SELECT * FROM own_case ORDER BY born_seq;
DROP TABLE own_case;
ALTER TABLE own_case_lean RENAME TO own_case;

CREATE TABLE unsent_lean (
    id             INTEGER PRIMARY KEY, -- the change
    priority       INTEGER NOT NULL CHECK (priority BETWEEN 0 AND 15), -- smaller goes first
    bytes          INTEGER NOT NULL -- size of its body, for budgets
) STRICT;
INSERT INTO unsent_lean (id, priority, bytes) SELECT id, priority, bytes FROM unsent ORDER BY id;
DROP TABLE unsent;
ALTER TABLE unsent_lean RENAME TO unsent;

CREATE TABLE lane_mark (
    one            INTEGER PRIMARY KEY CHECK (one = 1), -- one life is written to
    life           INTEGER NOT NULL, -- that life
    seq            INTEGER NOT NULL -- its lanes are in `lane` up to here; what came behind it is looked up in the log
) STRICT;
INSERT INTO lane_mark (one, life, seq)
    SELECT 1, l.life, max(l.base_seq, coalesce((SELECT max(g.id) FROM log g WHERE g.id > l.life << 40 AND g.id < (l.life + 1) << 40), 0)
                         & 1099511627775)
    FROM life l JOIN identity i USING (epoch);
