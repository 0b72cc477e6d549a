-- What the feed held at certain times: what was read since the oldest mark can be judged by the
-- entries that there are, because only entries that the mark includes are pruned.

CREATE TABLE feed_marks (
    id BLOB PRIMARY KEY,
    extent TEXT NOT NULL,
    noted_at INTEGER NOT NULL
) STRICT;
