-- Counts and pages of a user with many devices read this index alone, not a row for each device,
-- each of which would be on a page of its own.

DROP INDEX ownerships_by_user;
CREATE INDEX ownerships_by_user ON ownerships (user_id, id, ended_at, client_id, device_id);

-- Deleting past ownerships finds them, and finds that no session is left of one, without reading
-- every row: the foreign key of sessions asks for it too.

CREATE INDEX ownerships_past ON ownerships (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX sessions_by_ownership ON sessions (ownership_id);
