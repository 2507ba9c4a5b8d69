BEGIN TRANSACTION;
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO "alembic_version" VALUES('0004');
CREATE TABLE cursors (
	tracker VARCHAR(50) NOT NULL, 
	project VARCHAR(300) NOT NULL, 
	cursor TEXT NOT NULL, 
	listed_at FLOAT DEFAULT '0' NOT NULL, 
	PRIMARY KEY (tracker, project)
);
INSERT INTO "cursors" VALUES('jira','OPS','2026-03-01T12:00:00+00:00',0.0);
CREATE TABLE documents (
	source VARCHAR(200) NOT NULL, 
	path VARCHAR(1000) NOT NULL, 
	postmortem VARCHAR(1300) NOT NULL, 
	version VARCHAR(200) NOT NULL, 
	fingerprint VARCHAR(64) NOT NULL, 
	settled BOOLEAN NOT NULL, 
	synced_at FLOAT NOT NULL, 
	record TEXT NOT NULL, 
	place VARCHAR(1300) DEFAULT '' NOT NULL, 
	print VARCHAR(64) DEFAULT '' NOT NULL, 
	day VARCHAR(10) DEFAULT '' NOT NULL, 
	PRIMARY KEY (source, path)
);
INSERT INTO "documents" VALUES('docs','a.md','path:docs/2026-02-11-checkout.md','v1','f1',1,12.5,'{"items":2}','github.com/acme/docs#docs/2026-02-11-checkout.md','print','2026-02-11');
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
CREATE TABLE inbox (
	delivery VARCHAR(200) NOT NULL, 
	at FLOAT NOT NULL, 
	names TEXT NOT NULL, 
	done BOOLEAN NOT NULL, 
	PRIMARY KEY (delivery)
);
INSERT INTO "inbox" VALUES('delivery-one',1.79558072378251409526e+09,'[["docs", "a.md"]]',0);
CREATE TABLE intents (
	tracker VARCHAR(50) NOT NULL, 
	project VARCHAR(300) NOT NULL, 
	item VARCHAR(64) NOT NULL, 
	postmortem VARCHAR(1300) NOT NULL, 
	begun_at FLOAT NOT NULL, 
	title TEXT NOT NULL, 
	nonce VARCHAR(64) DEFAULT '' NOT NULL, 
	PRIMARY KEY (tracker, project, item)
);
INSERT INTO "intents" VALUES('jira','OPS','item-three','path:docs/2026-02-11-checkout.md',13.0,'Move the disk','');
CREATE TABLE links (
	source VARCHAR(200) NOT NULL, 
	path VARCHAR(1000) NOT NULL, 
	tracker VARCHAR(50) NOT NULL, 
	"key" VARCHAR(400) NOT NULL, 
	PRIMARY KEY (source, path, tracker, "key")
);
INSERT INTO "links" VALUES('docs','a.md','jira','OPS-1');
CREATE TABLE notes (
	name VARCHAR(1500) NOT NULL, 
	at FLOAT NOT NULL, 
	text TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "notes" VALUES('scan',1.79558072376806187632e+09,'{"documents": 3}');
CREATE TABLE proposals (
	source VARCHAR(200) NOT NULL, 
	path VARCHAR(1000) NOT NULL, 
	"where" TEXT NOT NULL, 
	links TEXT NOT NULL, 
	PRIMARY KEY (source, path)
);
INSERT INTO "proposals" VALUES('docs','a.md','https://example.org/pull/1','[["jira", "OPS-1"]]');
CREATE TABLE questions (
	number INTEGER NOT NULL, 
	postmortem VARCHAR(1300) NOT NULL, 
	item VARCHAR(64) NOT NULL, 
	what VARCHAR(20) NOT NULL, 
	source VARCHAR(200) NOT NULL, 
	path VARCHAR(1000) NOT NULL, 
	line INTEGER NOT NULL, 
	text TEXT NOT NULL, 
	about VARCHAR(64) DEFAULT '' NOT NULL, 
	details TEXT DEFAULT '{}' NOT NULL, 
	named BOOLEAN DEFAULT 0 NOT NULL, 
	known BOOLEAN DEFAULT 0 NOT NULL, 
	answer VARCHAR(20) DEFAULT '' NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "questions" VALUES(18220,'path:docs/2026-02-11-checkout.md','item-one','ticket','docs','a.md',3,'may be OPS-1','OPS-1','{"ticket": "OPS-1"}',0,0,'same');
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
	stated VARCHAR(64) DEFAULT '' NOT NULL, 
	PRIMARY KEY (tracker, "key")
);
INSERT INTO "tickets" VALUES('jira','OPS-1','OPS','path:docs/2026-02-11-checkout.md','print','62ce32046f17602f0a0884e33afacc89','{"ref":["jira","OPS","OPS-1"],"url":"https://example.org/OPS-1","title":"Alert on lag","created":"2026-03-01T12:00:00+00:00","state":"open","closed_on":null,"assignees":["ana"],"due":null,"labels":[],"duplicate_of":"","pull_request":false,"former":"","version":"1","mark":["path:docs/2026-02-11-checkout.md","print","id","item-one","nonce-one",["Alert on lag",["ana"],"2026-04-03","digest"]],"id":"7","sealed":false,"ours":false,"copied":null}','id');
INSERT INTO "tickets" VALUES('jira','OPS-2','OPS','path:docs/2026-02-11-checkout.md','print','9f892e906355d0a18ef6913d0fd07001','{"ref":["jira","OPS","OPS-2"],"url":"https://example.org/OPS-2","title":"Größe prüfen","created":"2026-03-01T12:00:00+00:00","state":"done","closed_on":null,"assignees":[],"due":null,"labels":[],"duplicate_of":"","pull_request":false,"former":"","version":"2","mark":["path:docs/2026-02-11-checkout.md","print","","item-two","",["",[],null,""]],"id":"","sealed":false,"ours":false,"copied":null}','');
CREATE TABLE turns (
	number INTEGER NOT NULL, 
	account VARCHAR(64) NOT NULL, 
	kind VARCHAR(10) NOT NULL, 
	at FLOAT NOT NULL, 
	PRIMARY KEY (number)
);
INSERT INTO "turns" VALUES(1,'account','write',1.79558072374254059787e+09);
CREATE INDEX ix_documents_postmortem ON documents (postmortem);
CREATE INDEX links_ticket ON links (tracker, "key");
CREATE INDEX ix_tickets_text ON tickets (text);
CREATE INDEX ix_tickets_stated ON tickets (stated);
CREATE INDEX ix_tickets_postmortem ON tickets (postmortem);
CREATE INDEX ix_intents_postmortem ON intents (postmortem);
CREATE INDEX history_ticket ON history (tracker, "key");
CREATE INDEX history_postmortem ON history (postmortem);
CREATE INDEX turns_account ON turns (account, kind, at);
CREATE UNIQUE INDEX questions_item ON questions (postmortem, item, what, about);
CREATE INDEX inbox_done ON inbox (done, at);
COMMIT;
