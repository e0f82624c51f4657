-- Requests for more time are looked up for each task of a list: without an index that meant to read every own record about it.
-- Reads the log once and writes a few pages: nobody has many requests.

CREATE INDEX log_extension ON log (lane_id, id) WHERE kind = 4;
