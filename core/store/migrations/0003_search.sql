-- Search. Tasks get numbers that the index can file them under; the index itself lags behind and may be made anew at any
-- time: what it holds is found again in the tasks and the log.

CREATE TABLE task_numbered (
    doc            INTEGER PRIMARY KEY AUTOINCREMENT, -- number under which the index files it, for life, never reused
    id             BLOB NOT NULL UNIQUE CHECK (length(id) = 16), -- task id
    revision       INTEGER NOT NULL, -- the platform's revision
    body           BLOB NOT NULL, -- the platform's row as it came
    local_status   INTEGER NOT NULL, -- the platform's state plus own pending changes
    due_at_ms      INTEGER NOT NULL, -- for sorting
    open           INTEGER NOT NULL CHECK (open IN (0, 1)) -- the holder still has something to do
) STRICT;
INSERT INTO task_numbered (id, revision, body, local_status, due_at_ms, open)
    SELECT id, revision, body, local_status, due_at_ms, open FROM task ORDER BY id;
DROP TABLE task;
ALTER TABLE task_numbered RENAME TO task;
CREATE INDEX task_open ON task (due_at_ms) WHERE open = 1;
CREATE INDEX task_shut ON task (due_at_ms) WHERE open = 0;

CREATE TABLE search_state (
    one            INTEGER PRIMARY KEY CHECK (one = 1), -- one index a vault
    words_version  INTEGER NOT NULL, -- how its words were made; 0 for nothing indexed yet
    tasks_to       INTEGER NOT NULL, -- tasks up to this number are indexed, but for those in search_stale
    epoch          INTEGER, -- the life of the log whose records are indexed
    records_to     INTEGER NOT NULL -- its records up to this place are indexed
) STRICT;
INSERT INTO search_state (one, words_version, tasks_to, epoch, records_to) VALUES (1, 0, 0, NULL, 0);

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
-- A block and its row fill one page of 4,096 bytes, of which SQLCipher keeps 80.
INSERT INTO search_task (search_task, rank) VALUES ('pgsz', 3900);
INSERT INTO search_record (search_record, rank) VALUES ('pgsz', 3900);
-- Segments are joined by the indexer, in portions of its own; what a write may cost is bounded.
INSERT INTO search_task (search_task, rank) VALUES ('automerge', 0);
INSERT INTO search_record (search_record, rank) VALUES ('automerge', 0);
