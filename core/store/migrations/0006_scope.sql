-- What this device should hold is compared with what it holds whenever everything was told. For that it knows of each post
-- which revision it is, of rows that it cannot read that they are there, and when it last fetched everything anew.

ALTER TABLE post ADD COLUMN revision INTEGER NOT NULL DEFAULT 1; -- the platform's revision; 0 while it was not told again

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
