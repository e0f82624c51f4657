-- Requests for more time (延期) and what became of them. Times are UTC milliseconds.

CREATE TABLE extension (
    change_position INTEGER PRIMARY KEY REFERENCES change (position), -- the change that holds its words
    task_id BLOB NOT NULL REFERENCES task (task_id), -- for which task
    author_id BLOB NOT NULL REFERENCES worker (worker_id), -- who asked
    wanted_due_ms INTEGER NOT NULL, -- the due time he wants
    due_then_ms INTEGER NOT NULL, -- the due time that was in force when he asked
    state INTEGER NOT NULL, -- where it stands
    occurred_at_ms INTEGER NOT NULL, -- when he asked: best answer
    earliest_ms INTEGER NOT NULL, -- not before
    latest_ms INTEGER NOT NULL, -- not after
    clock INTEGER NOT NULL, -- how that is known
    received_at_ms INTEGER NOT NULL, -- when the platform received it
    decided_by BLOB REFERENCES worker (worker_id), -- who answered; null while nobody did
    decided_at_ms INTEGER, -- when
    given_due_ms INTEGER, -- the due time that was given; null when refused
    answer TEXT -- why it was refused
) STRICT;
CREATE INDEX extension_by_task ON extension (task_id, change_position);
CREATE INDEX extension_by_state ON extension (state);

-- How a line of the log moved the due time: the old one is kept. Null for lines that left it.
ALTER TABLE task_event ADD COLUMN due_from_ms INTEGER; -- due before
ALTER TABLE task_event ADD COLUMN due_to_ms INTEGER; -- due after
