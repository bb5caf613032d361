-- The console's file as its first version began it.
CREATE TABLE users (name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT, source TEXT NOT NULL,
    created INTEGER NOT NULL) STRICT;
CREATE TABLE passkeys (id BLOB PRIMARY KEY, user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    public_key BLOB NOT NULL, sign_count INTEGER NOT NULL, label TEXT NOT NULL, created INTEGER NOT NULL) STRICT;
CREATE TABLE logins (token BLOB PRIMARY KEY, user TEXT NOT NULL REFERENCES users (name) ON DELETE CASCADE,
    begun INTEGER NOT NULL, used INTEGER NOT NULL, by TEXT NOT NULL) STRICT;
CREATE TABLE failures (who TEXT NOT NULL, at INTEGER NOT NULL) STRICT;
CREATE INDEX failures_by_who ON failures (who, at);
CREATE TABLE challenges (purpose TEXT NOT NULL, visitor BLOB NOT NULL, value TEXT NOT NULL, at INTEGER NOT NULL,
    PRIMARY KEY (purpose, visitor)) STRICT;
CREATE TABLE proposals (sha256 TEXT PRIMARY KEY, campaign TEXT NOT NULL, profile TEXT NOT NULL, proposer TEXT NOT NULL,
    at INTEGER NOT NULL, state TEXT NOT NULL, approver TEXT, decided INTEGER, known TEXT NOT NULL, data BLOB NOT NULL,
    stamp BLOB NOT NULL) STRICT;
CREATE TABLE secrets (name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;
INSERT INTO secrets VALUES ('forms', randomblob(32));
PRAGMA application_id = 1398227791;
PRAGMA user_version = 1;
