-- One row for each process that may answer requests, and what it acknowledges to have read.

CREATE TABLE nodes (
    id BLOB PRIMARY KEY,
    renewal BLOB NOT NULL,
    acknowledged TEXT,
    host TEXT NOT NULL,
    version TEXT NOT NULL,
    joined_at INTEGER NOT NULL
) STRICT;
