-- What a phone tells of itself with each exchange, as last told; empty for what an older build does not tell.

ALTER TABLE device ADD COLUMN beacon_oldest_at_ms INTEGER; -- when its oldest unsent change was recorded, its wall clock, UTC ms
ALTER TABLE device ADD COLUMN beacon_free_bytes INTEGER; -- space that is free for the application
ALTER TABLE device ADD COLUMN beacon_schema INTEGER; -- schema of its vault
ALTER TABLE device ADD COLUMN beacon_clock_ahead_ms INTEGER; -- by how much its wall clock is ahead of the platform's time
