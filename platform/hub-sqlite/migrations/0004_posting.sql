-- When a person's posting ended: what was done before counts, whenever it arrives. Times are UTC milliseconds.

ALTER TABLE worker ADD COLUMN posted_until_ms INTEGER; -- the posting ended then; null while it lasts
