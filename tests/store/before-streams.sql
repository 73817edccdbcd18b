-- A store as the version before streams wrote it: a few days of invented counts, no text.
BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0003');
CREATE TABLE alerts (
	id INTEGER NOT NULL, 
	rule INTEGER NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	metric VARCHAR(80) NOT NULL, 
	severity VARCHAR(16) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	opened_at BIGINT NOT NULL, 
	last_at BIGINT NOT NULL, 
	value FLOAT NOT NULL, 
	threshold FLOAT NOT NULL, 
	what VARCHAR(600) NOT NULL, 
	history JSON NOT NULL, 
	sample BOOLEAN NOT NULL, 
	CONSTRAINT pk_alerts PRIMARY KEY (id)
);
INSERT INTO "alerts" VALUES(1,1,'The feed is faulty','verdict_faulty','critical','open',1772625600,1772625600,1.0,0.5,'It is so.','[[1772625600, "open", "", ""]]',0);
CREATE TABLE checks (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	source VARCHAR(16) NOT NULL, 
	model VARCHAR(64) NOT NULL, 
	level VARCHAR(16) NOT NULL, 
	rows INTEGER NOT NULL, 
	accepted INTEGER NOT NULL, 
	window_start BIGINT, 
	window_end BIGINT, 
	content JSON NOT NULL, 
	columns JSON NOT NULL, 
	sample BOOLEAN NOT NULL, trial BOOLEAN DEFAULT 0 NOT NULL, 
	CONSTRAINT pk_checks PRIMARY KEY (id)
);
INSERT INTO "checks" VALUES(1,1772625600,'page','m','stable',60,60,NULL,NULL,'{"alarm": false, "headline": "All is well."}','{}',0,0);
INSERT INTO "checks" VALUES(2,1773057600,'page','m','stable',60,60,NULL,NULL,'{"alarm": false, "headline": "All is well."}','{}',0,1);
CREATE TABLE deliveries (
	id INTEGER NOT NULL, 
	alert INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	channel VARCHAR(60) NOT NULL, 
	state VARCHAR(16) NOT NULL, 
	attempts INTEGER NOT NULL, 
	problem VARCHAR(300) NOT NULL, 
	sample BOOLEAN NOT NULL, 
	CONSTRAINT pk_deliveries PRIMARY KEY (id)
);
CREATE TABLE events (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	source VARCHAR(16) NOT NULL, 
	model VARCHAR(64) NOT NULL, 
	outcome VARCHAR(16) NOT NULL, 
	latency_ms FLOAT NOT NULL, 
	descriptions INTEGER NOT NULL, 
	rejected INTEGER NOT NULL, 
	answers JSON NOT NULL, 
	sample BOOLEAN NOT NULL, 
	CONSTRAINT pk_events PRIMARY KEY (id)
);
INSERT INTO "events" VALUES(1,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(2,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(3,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(4,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(5,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(6,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(7,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(8,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(9,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(10,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(11,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(12,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(13,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(14,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(15,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(16,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(17,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(18,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(19,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(20,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(21,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(22,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(23,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(24,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(25,1772625600,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(26,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(27,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(28,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(29,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(30,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(31,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(32,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(33,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(34,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(35,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(36,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(37,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(38,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(39,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(40,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(41,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(42,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(43,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(44,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(45,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(46,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(47,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(48,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(49,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(50,1772539200,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(51,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(52,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(53,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(54,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(55,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(56,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(57,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(58,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(59,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(60,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(61,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(62,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(63,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(64,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(65,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(66,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(67,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(68,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(69,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(70,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(71,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(72,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(73,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(74,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(75,1772452800,'http','m','answered',10.0,1,0,'[]',0);
INSERT INTO "events" VALUES(76,1772625600,'http','m','answered',10.0,20,0,'[]',1);
CREATE TABLE profiles (
	id INTEGER NOT NULL, 
	day BIGINT NOT NULL, 
	model VARCHAR(64) NOT NULL, 
	sample BOOLEAN NOT NULL, 
	content JSON NOT NULL, 
	texts BLOB NOT NULL, 
	CONSTRAINT pk_profiles PRIMARY KEY (id), 
	CONSTRAINT uq_profiles_day UNIQUE (day, model, sample)
);
INSERT INTO "profiles" VALUES(1,1772582400,'m',0,'{"inputs": [1, [0], [40]], "words": [2, [1], [40]], "before": [400, [0, 1], [25, 15]], "rows": [1, [0], [40]], "margins": [60, [1, 8, 22, 28, 47, 49], [40, 400, 40, 800, 40, 3600]], "none": [1, [0], [28800]], "products": [55, [0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14, 18, 19, 20, 21, 22, 26, 27, 28, 29, 33, 34, 35, 39, 40, 44, 54], [4000, 8000, 36000, 300000, 4000, 8000, 400, 16000, 72000, 600000, 8000, 16000, 800, 324000, 2600000, 36000, 72000, 3600, 20000000, 300000, 600000, 29000, 4000, 8000, 400, 16000, 800, 40]], "number": [4, [1], [40]], "confident": [101, [87], [40]], "counted": [1, [0], [40]], "distinct": [1, [0], [40]], "told": [1, [0], [40]], "common": [1, [], []], "pairs": [1, [], []], "again": [1, [], []], "lengths": [2001, [30], [40]], "commonest": [256, [205], [40]], "repeats": [256, [0], [1]]}',X'78016360C00E34D08485D1F8086E0313840DA101162C0140');
INSERT INTO "profiles" VALUES(2,1772496000,'m',0,'{"inputs": [1, [0], [20]], "words": [2, [1], [20]], "before": [400, [0, 1], [10, 10]], "rows": [1, [0], [20]], "margins": [60, [1, 8, 22, 28, 47, 49], [20, 200, 20, 400, 20, 1800]], "none": [1, [0], [14400]], "products": [55, [0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14, 18, 19, 20, 21, 22, 26, 27, 28, 29, 33, 34, 35, 39, 40, 44, 54], [2000, 4000, 18000, 150000, 2000, 4000, 200, 8000, 36000, 300000, 4000, 8000, 400, 162000, 1300000, 18000, 36000, 1800, 10000000, 150000, 300000, 14500, 2000, 4000, 200, 8000, 400, 20]], "number": [4, [1], [20]], "confident": [101, [87], [20]], "counted": [1, [0], [20]], "distinct": [1, [0], [20]], "told": [1, [0], [20]], "common": [1, [], []], "pairs": [1, [], []], "again": [1, [], []], "commonest": [256, [205], [20]], "repeats": [256, [0], [1]], "lengths": [2001, [30], [20]]}',X'78016360C00E44D084B9D0F808AE0323840DA1010B5200A1');
INSERT INTO "profiles" VALUES(3,1772582400,'m',1,'{"inputs": [1, [0], [20]], "words": [2, [1], [20]], "before": [400, [0], [20]], "rows": [1, [0], [20]], "margins": [60, [1, 8, 22, 28, 47, 49], [20, 200, 20, 400, 20, 1800]], "none": [1, [0], [14400]], "products": [55, [0, 1, 2, 3, 4, 5, 9, 10, 11, 12, 13, 14, 18, 19, 20, 21, 22, 26, 27, 28, 29, 33, 34, 35, 39, 40, 44, 54], [2000, 4000, 18000, 150000, 2000, 4000, 200, 8000, 36000, 300000, 4000, 8000, 400, 162000, 1300000, 18000, 36000, 1800, 10000000, 150000, 300000, 14500, 2000, 4000, 200, 8000, 400, 20]], "number": [4, [1], [20]], "confident": [101, [87], [20]], "counted": [1, [0], [20]], "distinct": [1, [0], [20]], "told": [1, [0], [20]], "common": [1, [], []], "pairs": [1, [], []], "again": [1, [], []], "commonest": [256, [205], [20]], "repeats": [256, [0], [1]], "lengths": [2001, [30], [20]]}',X'78016360A0143830424C80D00005620083');
CREATE TABLE readings (
	id INTEGER NOT NULL, 
	at BIGINT NOT NULL, 
	sessions INTEGER NOT NULL, 
	cpu FLOAT NOT NULL, 
	memory_mb FLOAT NOT NULL, 
	sample BOOLEAN NOT NULL, 
	CONSTRAINT pk_readings PRIMARY KEY (id)
);
CREATE TABLE rule_states (
	id INTEGER NOT NULL, 
	rule INTEGER NOT NULL, 
	sample BOOLEAN NOT NULL, 
	armed BOOLEAN NOT NULL, 
	held INTEGER NOT NULL, 
	seen BIGINT, 
	CONSTRAINT pk_rule_states PRIMARY KEY (id), 
	CONSTRAINT uq_rule_states_rule UNIQUE (rule, sample)
);
CREATE TABLE rules (
	id INTEGER NOT NULL, 
	name VARCHAR(120) NOT NULL, 
	metric VARCHAR(80) NOT NULL, 
	direction VARCHAR(8) NOT NULL, 
	threshold FLOAT NOT NULL, 
	window VARCHAR(8) NOT NULL, 
	for_periods INTEGER NOT NULL, 
	severity VARCHAR(16) NOT NULL, 
	enabled BOOLEAN NOT NULL, 
	shipped VARCHAR(40), 
	CONSTRAINT pk_rules PRIMARY KEY (id), 
	CONSTRAINT uq_rules_shipped UNIQUE (shipped)
);
INSERT INTO "rules" VALUES(1,'The feed is faulty','verdict_faulty','is',1.0,'1d',1,'critical',1,'feed-faulty');
INSERT INTO "rules" VALUES(2,'Descriptions changed','verdict_changed','is',1.0,'1d',1,'warning',1,'changed');
INSERT INTO "rules" VALUES(3,'A number left its red lines','chart_crossed','above',0.0,'1d',1,'warning',1,'chart');
INSERT INTO "rules" VALUES(4,'Calls fail','error_share','above',0.05,'1h',1,'critical',1,'errors');
INSERT INTO "rules" VALUES(5,'Answers are slow','latency_p95','above',1.0,'1h',5,'warning',1,'slow');
INSERT INTO "rules" VALUES(6,'Nothing was checked','days_since_check','above',8.0,'7d',1,'info',1,'no-check');
CREATE TABLE tallies (
	id INTEGER NOT NULL, 
	span VARCHAR(8) NOT NULL, 
	start BIGINT NOT NULL, 
	model VARCHAR(64) NOT NULL, 
	sample BOOLEAN NOT NULL, 
	content JSON NOT NULL, 
	CONSTRAINT pk_tallies PRIMARY KEY (id), 
	CONSTRAINT uq_tallies_start UNIQUE (start, span, model, sample)
);
INSERT INTO "tallies" VALUES(1,'hour',1772625600,'m',0,'{"calls": [4, [0], [25]], "latency": [141, [40], [25]], "descriptions": [1, [0], [25]]}');
INSERT INTO "tallies" VALUES(2,'day',1772582400,'m',0,'{"calls": [4, [0], [25]], "latency": [141, [40], [25]], "descriptions": [1, [0], [25]]}');
INSERT INTO "tallies" VALUES(3,'hour',1772539200,'m',0,'{"calls": [4, [0], [25]], "latency": [141, [40], [25]], "descriptions": [1, [0], [25]]}');
INSERT INTO "tallies" VALUES(4,'day',1772496000,'m',0,'{"calls": [4, [0], [25]], "latency": [141, [40], [25]], "descriptions": [1, [0], [25]]}');
INSERT INTO "tallies" VALUES(5,'hour',1772452800,'m',0,'{"calls": [4, [0], [25]], "latency": [141, [40], [25]], "descriptions": [1, [0], [25]]}');
INSERT INTO "tallies" VALUES(6,'day',1772409600,'m',0,'{"calls": [4, [0], [25]], "latency": [141, [40], [25]], "descriptions": [1, [0], [25]]}');
INSERT INTO "tallies" VALUES(7,'hour',1772625600,'m',1,'{"calls": [4, [0], [1]], "latency": [141, [40], [1]], "descriptions": [1, [0], [20]]}');
INSERT INTO "tallies" VALUES(8,'day',1772582400,'m',1,'{"calls": [4, [0], [1]], "latency": [141, [40], [1]], "descriptions": [1, [0], [20]]}');
CREATE TABLE unseen_words (
	id INTEGER NOT NULL, 
	day BIGINT NOT NULL, 
	hash VARCHAR(64) NOT NULL, 
	descriptions INTEGER NOT NULL, 
	private INTEGER NOT NULL, 
	tags JSON NOT NULL, 
	word VARCHAR(64), 
	sample BOOLEAN NOT NULL, 
	CONSTRAINT pk_unseen_words PRIMARY KEY (id), 
	CONSTRAINT uq_unseen_words_hash UNIQUE (hash, day, sample)
);
INSERT INTO "unseen_words" VALUES(791001353239148005,1772582400,'69b7f9dce8b333278c4401bd9e99f61bc1088a58bec695ef76ca10233690e8ce',25,0,'[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]','zipgram',0);
INSERT INTO "unseen_words" VALUES(2147800681125263526,1772409600,'69b7f9dce8b333278c4401bd9e99f61bc1088a58bec695ef76ca10233690e8ce',25,0,'[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]','zipgram',0);
INSERT INTO "unseen_words" VALUES(2454522708706529164,1772496000,'69b7f9dce8b333278c4401bd9e99f61bc1088a58bec695ef76ca10233690e8ce',25,0,'[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]','zipgram',0);
CREATE INDEX ix_alerts_state ON alerts (state);
CREATE INDEX ix_checks_at ON checks (at);
CREATE INDEX ix_deliveries_alert ON deliveries (alert);
CREATE INDEX ix_events_at ON events (at);
CREATE INDEX ix_readings_at ON readings (at);
CREATE INDEX ix_unseen_words_day ON unseen_words (day, sample, hash, descriptions);
COMMIT;
