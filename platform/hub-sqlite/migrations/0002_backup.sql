-- Backups that were proved restorable, and what they hold of each log. Times are UTC milliseconds.

CREATE TABLE proved_backup (
    backup_id BLOB PRIMARY KEY CHECK (length(backup_id) = 16), -- which backup
    made_at_ms INTEGER NOT NULL, -- when it was made
    proved_at_ms INTEGER NOT NULL, -- when it was first proved
    incarnation BLOB NOT NULL CHECK (length(incarnation) = 16), -- the life of the store for which it was proved
    manifest_sha256 BLOB NOT NULL CHECK (length(manifest_sha256) = 32) -- digest of its manifest
) STRICT, WITHOUT ROWID;

CREATE TABLE backed_up ( -- of this life of the store only: begins empty with each new one
    device_id BLOB NOT NULL REFERENCES device (device_id), -- whose log
    epoch INTEGER NOT NULL, -- which life of that log, as a signed 64-bit number
    to_seq INTEGER NOT NULL CHECK (to_seq > 0), -- everything up to here is in a proved backup; only grows
    at_ms INTEGER NOT NULL, -- since when
    PRIMARY KEY (device_id, epoch)
) STRICT, WITHOUT ROWID;
