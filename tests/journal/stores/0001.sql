BEGIN TRANSACTION;
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE cursors (
	tracker VARCHAR(50) NOT NULL, 
	project VARCHAR(300) NOT NULL, 
	cursor TEXT NOT NULL, 
	PRIMARY KEY (tracker, project)
);
INSERT INTO "cursors" VALUES('jira','OPS','2026-03-01T12:00:00+00:00');
CREATE TABLE documents (
	source VARCHAR(200) NOT NULL, 
	path VARCHAR(1000) NOT NULL, 
	postmortem VARCHAR(1300) NOT NULL, 
	version VARCHAR(200) NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	settled BOOLEAN NOT NULL, 
	synced_at FLOAT NOT NULL, 
	record TEXT NOT NULL, 
	PRIMARY KEY (source, path)
);
INSERT INTO "documents" VALUES('docs','a.md','path:docs/2026-02-11-checkout.md','v1','f1',1,12.5,'{"items":2}');
CREATE TABLE history (
	number INTEGER NOT NULL, 
	at FLOAT NOT NULL, 
	event VARCHAR(30) NOT NULL, 
	postmortem VARCHAR(1300) NOT NULL, 
	tracker VARCHAR(50) NOT NULL, 
	"key" VARCHAR(400) NOT NULL, 
	details TEXT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "history" VALUES(1,11.0,'created','path:docs/2026-02-11-checkout.md','jira','OPS-1','{"due": "2026-04-03"}');
CREATE TABLE intents (
	tracker VARCHAR(50) NOT NULL, 
	project VARCHAR(300) NOT NULL, 
	item VARCHAR(64) NOT NULL, 
	postmortem VARCHAR(1300) NOT NULL, 
	begun_at FLOAT NOT NULL, 
	title TEXT NOT NULL, 
	PRIMARY KEY (tracker, project, item)
);
INSERT INTO "intents" VALUES('jira','OPS','item-three','path:docs/2026-02-11-checkout.md',13.0,'Move the disk');
CREATE TABLE shown (
	postmortem VARCHAR(1300) NOT NULL, 
	tracker VARCHAR(50) NOT NULL, 
	"key" VARCHAR(400) NOT NULL, 
	state VARCHAR(10) NOT NULL, 
	PRIMARY KEY (postmortem, tracker, "key")
);
INSERT INTO "shown" VALUES('path:docs/2026-02-11-checkout.md','jira','OPS-1','open');
INSERT INTO "shown" VALUES('path:docs/2026-02-11-checkout.md','jira','OPS-2','done');
CREATE TABLE tickets (
	tracker VARCHAR(50) NOT NULL, 
	"key" VARCHAR(400) NOT NULL, 
	project VARCHAR(300) NOT NULL, 
	postmortem VARCHAR(1300) NOT NULL, 
	text VARCHAR(64) NOT NULL, 
	digest VARCHAR(64) NOT NULL, 
	ticket TEXT NOT NULL, 
	PRIMARY KEY (tracker, "key")
);
INSERT INTO "tickets" VALUES('jira','OPS-1','OPS','path:docs/2026-02-11-checkout.md','words-one','7ad8b6c8062a2f99eafd4e33bb6eb6cc','{"ref":["jira","OPS","OPS-1"],"url":"https://example.org/OPS-1","title":"Alert on lag","created":"2026-03-01T12:00:00+00:00","state":"open","closed_on":null,"assignees":["ana"],"due":null,"labels":[],"duplicate_of":"","pull_request":false,"former":"","version":"1","mark":["path:docs/2026-02-11-checkout.md","item-one","words-one","Alert on lag",["ana"],"2026-04-03","digest"]}');
INSERT INTO "tickets" VALUES('jira','OPS-2','OPS','path:docs/2026-02-11-checkout.md','words-two','1f5c00dcfdc50f80401880a95f6a1698','{"ref":["jira","OPS","OPS-2"],"url":"https://example.org/OPS-2","title":"Größe prüfen","created":"2026-03-01T12:00:00+00:00","state":"done","closed_on":null,"assignees":[],"due":null,"labels":[],"duplicate_of":"","pull_request":false,"former":"","version":"2","mark":["path:docs/2026-02-11-checkout.md","item-two","words-two","",[],null,""]}');
CREATE INDEX ix_documents_postmortem ON documents (postmortem);
CREATE INDEX ix_tickets_text ON tickets (text);
CREATE INDEX ix_tickets_postmortem ON tickets (postmortem);
CREATE INDEX ix_intents_postmortem ON intents (postmortem);
CREATE INDEX history_postmortem ON history (postmortem);
CREATE INDEX history_ticket ON history (tracker, "key");
COMMIT;
