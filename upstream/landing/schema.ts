import { visitTables } from './visit-tables.ts'

/**
 * The landing's database, from its first version on. A migration that has been released is never
 * changed; a new one is appended.
 *
 *     stream ──< packet ──< measurement, numerics ──< measurement_value
 *                  │   └──< event, image, document, device, clock_fix, loss, those of visits
 *                  └──── chunk >── object
 *
 * A packet is the truth and is kept byte for byte; the tables of records are read from it, for
 * those who ask with SQL. The van is part of every key, so that no van can take another's numbers.
 */

function viewOfNow(table: 'measurement' | 'numerics', more: string): string {
  return `
CREATE VIEW ${table}_now AS
SELECT m.packet_id, m.position, m.van, m.device, m.boot, m.visit, m.at_ms, m.source, m.simulated,
       ${more},
       CASE WHEN f.fix_uncertainty_ms < coalesce(m.uncertainty_ms, 9e99)
            THEN m.at_ms + f.offset_ms ELSE m.utc_ms END AS utc_ms,
       CASE WHEN f.fix_uncertainty_ms < coalesce(m.uncertainty_ms, 9e99)
            THEN f.fix_uncertainty_ms ELSE m.uncertainty_ms END AS uncertainty_ms
FROM ${table} m LEFT JOIN clock_fix f ON (f.packet_id, f.position) = (
  SELECT c.packet_id, c.position FROM clock_fix c WHERE c.van = m.van AND c.boot = m.boot
  ORDER BY c.fix_uncertainty_ms, c.packet_id DESC, c.position DESC LIMIT 1);`
}

const firstVersion = `
CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;

-- Keys learned on first use. Registered keys live in a file, not here.
CREATE TABLE van_key (
  van TEXT PRIMARY KEY, public_key BLOB NOT NULL, learned_wall_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- received, lost: sets of sequence numbers, see ranges-blob.ts. packets, records: how many.
CREATE TABLE stream (
  id INTEGER PRIMARY KEY,
  van TEXT NOT NULL, epoch TEXT NOT NULL, stream TEXT NOT NULL,
  received BLOB NOT NULL, lost BLOB NOT NULL,
  packets INTEGER NOT NULL, records INTEGER NOT NULL,
  UNIQUE (van, epoch, stream)
) STRICT;

-- body: compressed as it came; null for an object chunk, whose bytes lie in the object's file.
-- link: what the successor's header must name as its predecessor. prev: what this header names.
-- unread: why the records in the body could not be read; null when they could.
CREATE TABLE packet (
  id INTEGER PRIMARY KEY,
  stream_id INTEGER NOT NULL REFERENCES stream (id),
  seq INTEGER NOT NULL,
  header BLOB NOT NULL, body BLOB, signature BLOB,
  link BLOB NOT NULL, prev BLOB NOT NULL,
  proof TEXT NOT NULL CHECK (proof IN ('signed', 'chained', 'pending')),
  received_wall_ms INTEGER NOT NULL,
  boot TEXT NOT NULL, first_ms REAL NOT NULL, last_ms REAL NOT NULL, utc_ms REAL, visit TEXT,
  unread TEXT,
  UNIQUE (stream_id, seq)
) STRICT;
CREATE INDEX packet_unread ON packet (id) WHERE unread IS NOT NULL;

-- Proven packets whose predecessor still has to be looked at.
CREATE TABLE chain_walk (
  stream_id INTEGER NOT NULL, seq INTEGER NOT NULL, PRIMARY KEY (stream_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE measurement (
  packet_id INTEGER NOT NULL, position INTEGER NOT NULL,
  van TEXT NOT NULL, device TEXT NOT NULL, boot TEXT NOT NULL, visit TEXT,
  at_ms REAL NOT NULL, utc_ms REAL, uncertainty_ms REAL,
  source TEXT NOT NULL, simulated INTEGER NOT NULL,
  device_time TEXT, qualifiers TEXT NOT NULL, identifiers TEXT,
  PRIMARY KEY (packet_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX measurement_device ON measurement (van, device, utc_ms);
CREATE INDEX measurement_visit ON measurement (visit) WHERE visit IS NOT NULL;

-- What a monitor repeats every second: many rows, so they stand apart from results.
CREATE TABLE numerics (
  packet_id INTEGER NOT NULL, position INTEGER NOT NULL,
  van TEXT NOT NULL, device TEXT NOT NULL, boot TEXT NOT NULL, visit TEXT,
  at_ms REAL NOT NULL, utc_ms REAL, uncertainty_ms REAL,
  source TEXT NOT NULL, simulated INTEGER NOT NULL,
  qualifiers TEXT NOT NULL,
  PRIMARY KEY (packet_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX numerics_device ON numerics (van, device, utc_ms);
CREATE INDEX numerics_visit ON numerics (visit) WHERE visit IS NOT NULL;

-- Of a measurement or of numerics, whichever has the same packet and position. text: a result in
-- words; value is null then.
CREATE TABLE measurement_value (
  packet_id INTEGER NOT NULL, position INTEGER NOT NULL, place INTEGER NOT NULL,
  code TEXT NOT NULL, value REAL, unit TEXT NOT NULL, text TEXT,
  PRIMARY KEY (packet_id, position, place)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
  packet_id INTEGER NOT NULL, position INTEGER NOT NULL,
  van TEXT NOT NULL, device TEXT NOT NULL, boot TEXT NOT NULL, visit TEXT,
  at_ms REAL NOT NULL, utc_ms REAL, uncertainty_ms REAL,
  source TEXT NOT NULL, simulated INTEGER NOT NULL,
  code TEXT NOT NULL, level TEXT NOT NULL, active INTEGER, detail TEXT NOT NULL,
  PRIMARY KEY (packet_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_van ON event (van, utc_ms);

CREATE TABLE image (
  packet_id INTEGER NOT NULL, position INTEGER NOT NULL,
  van TEXT NOT NULL, device TEXT NOT NULL, boot TEXT NOT NULL, visit TEXT,
  at_ms REAL NOT NULL, utc_ms REAL, uncertainty_ms REAL,
  source TEXT NOT NULL, simulated INTEGER NOT NULL,
  sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL, media_type TEXT NOT NULL,
  sop_class_uid TEXT NOT NULL, sop_instance_uid TEXT NOT NULL, transfer_syntax_uid TEXT NOT NULL,
  study_instance_uid TEXT, series_instance_uid TEXT, modality TEXT,
  calling_ae_title TEXT NOT NULL, data_set_offset INTEGER NOT NULL, flags TEXT NOT NULL,
  PRIMARY KEY (packet_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX image_object ON image (sha256);
CREATE INDEX image_study ON image (study_instance_uid) WHERE study_instance_uid IS NOT NULL;

CREATE TABLE document (
  packet_id INTEGER NOT NULL, position INTEGER NOT NULL,
  van TEXT NOT NULL, device TEXT NOT NULL, boot TEXT NOT NULL, visit TEXT,
  at_ms REAL NOT NULL, utc_ms REAL, uncertainty_ms REAL,
  source TEXT NOT NULL, simulated INTEGER NOT NULL,
  sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL, media_type TEXT NOT NULL, title TEXT NOT NULL,
  PRIMARY KEY (packet_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX document_object ON document (sha256);

-- The columns of the van's own streams; device is the device they speak of.
CREATE TABLE device (
  packet_id INTEGER NOT NULL, position INTEGER NOT NULL,
  van TEXT NOT NULL, device TEXT NOT NULL, boot TEXT NOT NULL, visit TEXT,
  at_ms REAL NOT NULL, utc_ms REAL, uncertainty_ms REAL,
  source TEXT NOT NULL, simulated INTEGER NOT NULL,
  driver TEXT NOT NULL, label TEXT NOT NULL, serial_number TEXT, firmware TEXT,
  calibration_due TEXT, plugged_at TEXT NOT NULL,
  PRIMARY KEY (packet_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX device_name ON device (van, device);

CREATE TABLE clock_fix (
  packet_id INTEGER NOT NULL, position INTEGER NOT NULL,
  van TEXT NOT NULL, boot TEXT NOT NULL, at_ms REAL NOT NULL,
  offset_ms REAL NOT NULL, fix_uncertainty_ms REAL NOT NULL, authority TEXT NOT NULL,
  PRIMARY KEY (packet_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX clock_fix_boot ON clock_fix (van, boot, fix_uncertainty_ms);

CREATE TABLE loss (
  packet_id INTEGER NOT NULL, position INTEGER NOT NULL,
  van TEXT NOT NULL, epoch TEXT NOT NULL, stream TEXT NOT NULL,
  from_seq INTEGER NOT NULL, to_seq INTEGER NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (packet_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX loss_stream ON loss (van, epoch, stream);

-- UTC as known now: a fix of the same boot replaces a stamp that is absent or less certain.
${viewOfNow('measurement', 'm.device_time, m.qualifiers, m.identifiers')}
${viewOfNow('numerics', 'm.qualifiers')}

-- An object as one van sends it: no van can spoil what another sends. have: the byte ranges that
-- are on the disk. Which records name it, the tables image and document say.
CREATE TABLE object (
  id INTEGER PRIMARY KEY,
  van TEXT NOT NULL, sha256 TEXT NOT NULL, total_bytes INTEGER NOT NULL,
  have BLOB NOT NULL,
  phase TEXT NOT NULL CHECK (phase IN ('partial', 'whole', 'broken')), wrong_times INTEGER NOT NULL,
  UNIQUE (sha256, van)
) STRICT;
CREATE INDEX object_partial ON object (phase) WHERE phase = 'partial';

CREATE TABLE chunk (
  packet_id INTEGER PRIMARY KEY, object_id INTEGER NOT NULL REFERENCES object (id),
  stream_id INTEGER NOT NULL, seq INTEGER NOT NULL,
  offset INTEGER NOT NULL, size_bytes INTEGER NOT NULL
) STRICT;
CREATE INDEX chunk_object ON chunk (object_id, offset);

-- Chunks that completed an object which is not verified yet: stored, but no receipt covers them.
CREATE TABLE withheld (
  stream_id INTEGER NOT NULL, seq INTEGER NOT NULL, object_id INTEGER NOT NULL,
  PRIMARY KEY (stream_id, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE alarm (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL, van TEXT NOT NULL, epoch TEXT NOT NULL, stream TEXT NOT NULL,
  seq INTEGER NOT NULL, detail TEXT NOT NULL,
  first_wall_ms INTEGER NOT NULL, last_wall_ms INTEGER NOT NULL, times INTEGER NOT NULL,
  UNIQUE (code, van, epoch, stream, seq)
) STRICT;

CREATE TABLE quarantine (
  id INTEGER PRIMARY KEY,
  digest BLOB NOT NULL UNIQUE, topic TEXT NOT NULL, van TEXT, reason TEXT NOT NULL,
  detail TEXT NOT NULL, bytes BLOB NOT NULL, size_bytes INTEGER NOT NULL,
  first_wall_ms INTEGER NOT NULL, last_wall_ms INTEGER NOT NULL, times INTEGER NOT NULL
) STRICT;
CREATE INDEX quarantine_reason ON quarantine (reason, van);

-- How far each consumer of records has come in each stream.
CREATE TABLE cursor (
  consumer TEXT NOT NULL, stream_id INTEGER NOT NULL REFERENCES stream (id),
  next_seq INTEGER NOT NULL, PRIMARY KEY (consumer, stream_id)
) STRICT, WITHOUT ROWID;
`

/** Previews of images, and what carried their files. */
const secondVersion = `
CREATE TABLE rendition (
  packet_id INTEGER NOT NULL, position INTEGER NOT NULL,
  van TEXT NOT NULL, device TEXT NOT NULL, boot TEXT NOT NULL, visit TEXT,
  at_ms REAL NOT NULL, utc_ms REAL, uncertainty_ms REAL,
  source TEXT NOT NULL, simulated INTEGER NOT NULL,
  sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL, media_type TEXT NOT NULL,
  role TEXT NOT NULL, image_sha256 TEXT NOT NULL, frame INTEGER,
  PRIMARY KEY (packet_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX rendition_image ON rendition (image_sha256);
CREATE INDEX rendition_object ON rendition (sha256);

-- Whole objects that never travelled as themselves, and the packed objects that carried them.
CREATE TABLE carried (
  sha256 TEXT NOT NULL, carrier INTEGER NOT NULL REFERENCES object (id),
  PRIMARY KEY (sha256, carrier)
) STRICT, WITHOUT ROWID;
`

/**
 * Images on their way to archives: one row an image and destination, see pacs/queue.ts.
 * study: its UID, or the instance's where the image names none. reason: why it is parked. said: the
 * last words of the peer. refusals, absences: in a row. question: transaction UID of a commitment.
 */
const thirdVersion = `
CREATE TABLE forward (
  id INTEGER PRIMARY KEY,
  destination TEXT NOT NULL, sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL,
  sop_class_uid TEXT NOT NULL, sop_instance_uid TEXT NOT NULL, transfer_syntax_uid TEXT NOT NULL,
  study TEXT NOT NULL, study_instance_uid TEXT, series_instance_uid TEXT,
  data_set_offset INTEGER NOT NULL,
  phase TEXT NOT NULL CHECK (phase IN ('awaited', 'waiting', 'sent', 'confirmed', 'parked')),
  reason TEXT, said TEXT,
  tries INTEGER NOT NULL, refusals INTEGER NOT NULL, absences INTEGER NOT NULL,
  due_wall_ms INTEGER NOT NULL, question TEXT,
  ready_wall_ms INTEGER NOT NULL, changed_wall_ms INTEGER NOT NULL,
  UNIQUE (destination, sha256)
) STRICT;
CREATE INDEX forward_waiting ON forward (destination, id) WHERE phase = 'waiting';
CREATE INDEX forward_sent ON forward (destination, due_wall_ms) WHERE phase = 'sent';
CREATE INDEX forward_study ON forward (destination, study);
CREATE INDEX forward_instance ON forward (destination, sop_instance_uid);
CREATE INDEX forward_awaited ON forward (sha256) WHERE phase = 'awaited';
CREATE INDEX forward_question ON forward (question) WHERE question IS NOT NULL;

-- trouble: why nothing goes to it now, in the words of the last attempt; null when all is well.
CREATE TABLE forward_destination (
  destination TEXT PRIMARY KEY, trouble TEXT, since_wall_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
`

/**
 * An image may wait until the van has said whose it is. sha256 and sop_instance_uid: of the image
 * as it came. file_sha256: of the file that goes out, and so are size, study and series.
 * identity_open: the image carries the flag. needs_order: see pacs/identity-gate.ts.
 */
const fifthVersion = `
CREATE TABLE forward_new (
  id INTEGER PRIMARY KEY,
  destination TEXT NOT NULL, van TEXT NOT NULL, sha256 TEXT NOT NULL,
  file_sha256 TEXT NOT NULL, size_bytes INTEGER NOT NULL,
  sop_class_uid TEXT NOT NULL, sop_instance_uid TEXT NOT NULL, transfer_syntax_uid TEXT NOT NULL,
  study TEXT NOT NULL, study_instance_uid TEXT, series_instance_uid TEXT,
  data_set_offset INTEGER NOT NULL,
  identity_open INTEGER NOT NULL, needs_order INTEGER NOT NULL,
  phase TEXT NOT NULL
    CHECK (phase IN ('held', 'awaited', 'waiting', 'sent', 'confirmed', 'parked')),
  reason TEXT, said TEXT,
  tries INTEGER NOT NULL, refusals INTEGER NOT NULL, absences INTEGER NOT NULL,
  due_wall_ms INTEGER NOT NULL, question TEXT,
  ready_wall_ms INTEGER NOT NULL, changed_wall_ms INTEGER NOT NULL,
  UNIQUE (destination, sha256)
) STRICT;
INSERT INTO forward_new
SELECT id, destination,
  coalesce((SELECT van FROM image WHERE image.sha256 = forward.sha256 LIMIT 1), ''),
  sha256, sha256, size_bytes, sop_class_uid, sop_instance_uid, transfer_syntax_uid, study,
  study_instance_uid, series_instance_uid, data_set_offset, 0, 0, phase, reason, said, tries,
  refusals, absences, due_wall_ms, question, ready_wall_ms, changed_wall_ms
FROM forward;
DROP TABLE forward;
ALTER TABLE forward_new RENAME TO forward;
CREATE INDEX forward_waiting ON forward (destination, id) WHERE phase = 'waiting';
CREATE INDEX forward_sent ON forward (destination, due_wall_ms) WHERE phase = 'sent';
CREATE INDEX forward_study ON forward (destination, study);
CREATE INDEX forward_instance ON forward (destination, sop_instance_uid);
CREATE INDEX forward_image ON forward (sha256);
CREATE INDEX forward_awaited ON forward (file_sha256) WHERE phase = 'awaited';
CREATE INDEX forward_question ON forward (question) WHERE question IS NOT NULL;
`

export const migrations: readonly string[] = [
  firstVersion,
  secondVersion,
  thirdVersion,
  visitTables,
  fifthVersion,
]
