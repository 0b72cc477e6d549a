-- OpenID Connect issuers whose ID tokens a client accepts: none until it says so.

ALTER TABLE clients ADD COLUMN issuers TEXT NOT NULL DEFAULT '[]';
