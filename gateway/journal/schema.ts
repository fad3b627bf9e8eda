/**
 * The tables of the journal, as the migrations that lead to them. A migration is never changed once
 * it was released: the next one is added below it.
 *
 * Packets are written once. What becomes of them is kept beside them, in tables whose rows are so
 * small that a receipt of hundreds of packets touches one page: a packet is named either in
 * `unreceipted`, or in `receipted`, or by the object that `receipted` names. Salvage reads
 * `epochs`,
 * `streams`, `packets`, `tail`, `objects` and `object_records` from raw pages, so those have
 * rowids.
 */

/** `Smpl`: tells `file` and us whose database this is. */
export const applicationId = 0x53_6d_70_6c

const first = `
  CREATE TABLE journal (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    -- Each opening writes here, to see the disk take a write before anything depends on it.
    opens INTEGER NOT NULL,
    -- 1: the hospital has numbers that this database never gave, so it must not give them again.
    regressed INTEGER NOT NULL
  ) STRICT;
  INSERT INTO journal (id, opens, regressed) VALUES (1, 0, 0);

  -- The newest is the one that new packets get. All packets of an epoch are of one van.
  CREATE TABLE epochs (
    id INTEGER PRIMARY KEY,
    uuid TEXT NOT NULL UNIQUE,
    van TEXT NOT NULL
  ) STRICT;

  CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    epoch INTEGER NOT NULL REFERENCES epochs,
    name TEXT NOT NULL,
    -- Of the newest packet.
    class INTEGER NOT NULL,
    next_seq INTEGER NOT NULL,
    -- Header of the newest packet, which its successor hashes. NULL before the first.
    last_header BLOB,
    records_sealed INTEGER NOT NULL,
    packets_receipted INTEGER NOT NULL,
    records_receipted INTEGER NOT NULL,
    -- Everything up to this number is receipted. -1 while nothing is.
    receipted_through INTEGER NOT NULL,
    UNIQUE (epoch, name)
  ) STRICT;

  -- present = 0: the file was removed after its receipt. The row still knows that it was here.
  CREATE TABLE objects (
    id INTEGER PRIMARY KEY,
    sha256 BLOB NOT NULL UNIQUE,
    size_bytes INTEGER NOT NULL,
    present INTEGER NOT NULL
  ) STRICT;

  -- By what a record is recognised that comes a second time with the same object.
  CREATE TABLE object_records (
    id INTEGER PRIMARY KEY,
    object INTEGER NOT NULL REFERENCES objects,
    device TEXT NOT NULL,
    identity BLOB NOT NULL,
    UNIQUE (object, device, identity)
  ) STRICT;
  CREATE INDEX object_records_by_identity ON object_records (identity);

  CREATE TABLE packets (
    id INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES streams,
    seq INTEGER NOT NULL,
    class INTEGER NOT NULL,
    -- As they were stored, before waveform blocks were joined. 0 for a chunk.
    records INTEGER NOT NULL,
    -- 1: the page lists its records.
    listed INTEGER NOT NULL,
    -- The object of which this is a chunk, or that its record names.
    object INTEGER REFERENCES objects,
    header BLOB NOT NULL,
    signature BLOB,
    -- NULL for a chunk, whose bytes lie in the object's file.
    body BLOB,
    UNIQUE (stream, seq)
  ) STRICT;
  CREATE INDEX packets_listed ON packets (id) WHERE listed = 1;
  CREATE INDEX packets_of_object ON packets (object) WHERE object IS NOT NULL;

  CREATE TABLE unreceipted (
    stream INTEGER NOT NULL REFERENCES streams,
    seq INTEGER NOT NULL,
    class INTEGER NOT NULL,
    id INTEGER NOT NULL,
    records INTEGER NOT NULL,
    -- On the wire.
    bytes INTEGER NOT NULL,
    object INTEGER,
    utc_ms REAL,
    PRIMARY KEY (stream, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE UNIQUE INDEX unreceipted_by_class ON unreceipted (class, id);
  CREATE INDEX unreceipted_by_object ON unreceipted (object) WHERE object IS NOT NULL;

  -- What may be removed, oldest first: one packet, or with all its packets an object of which
  -- nothing is unreceipted.
  CREATE TABLE receipted (
    id INTEGER PRIMARY KEY,
    object INTEGER REFERENCES objects
  ) STRICT;
  CREATE UNIQUE INDEX receipted_object ON receipted (object) WHERE object IS NOT NULL;

  -- Records that will be sealed into the packet seq of their stream, each compressed.
  CREATE TABLE tail (
    id INTEGER PRIMARY KEY,
    stream INTEGER NOT NULL REFERENCES streams,
    seq INTEGER NOT NULL,
    boot BLOB NOT NULL,
    record BLOB NOT NULL
  ) STRICT;
`

/** Without rowids: salvage does not read them, and sends the files themselves once more. */
const second = `
  -- Files of images of which it is not decided in which form they travel: no chunk has a packet.
  CREATE TABLE undecided (
    object INTEGER PRIMARY KEY REFERENCES objects,
    device TEXT NOT NULL,
    boot BLOB NOT NULL,
    record BLOB NOT NULL,
    -- One for each chunk, one after the other.
    digests BLOB NOT NULL
  ) STRICT, WITHOUT ROWID;

  -- Files that travel packed in another one.
  CREATE TABLE carried (
    object INTEGER PRIMARY KEY REFERENCES objects,
    carrier INTEGER NOT NULL REFERENCES objects
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX carried_by_carrier ON carried (carrier);
`

/** Without rowids either: salvage writes it anew, from the records that it finds. */
const third = `
  -- Images by the names under which their devices ask whether they may forget them.
  CREATE TABLE instances (
    -- As in object_records.
    identity BLOB NOT NULL,
    object INTEGER NOT NULL REFERENCES objects,
    sop_class TEXT NOT NULL,
    -- 1: the hospital has the record and every byte of the file, and said so.
    receipted INTEGER NOT NULL,
    -- 1: some of it was damaged here before the hospital had it, and it was not brought again.
    lost INTEGER NOT NULL,
    PRIMARY KEY (identity, object, sop_class)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX instances_by_object ON instances (object);
`

/** With rowids: of a damaged journal, salvage reads the rows to which the table still leads. */
const fourth = `
  -- The newest record of each token of the stream van/visits. A newer one gets a new id.
  CREATE TABLE known (
    id INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    token TEXT NOT NULL,
    -- Token of the patient of a visit, or of the visit of an order.
    about TEXT,
    -- 1: never forgotten, because it is open or waits for a person.
    is_held INTEGER NOT NULL,
    -- The packet that says it, which may be gone after its receipt.
    stream INTEGER NOT NULL REFERENCES streams,
    seq INTEGER NOT NULL,
    utc_ms REAL,
    record BLOB NOT NULL,
    UNIQUE (kind, token)
  ) STRICT;
  CREATE INDEX known_about ON known (kind, about) WHERE about IS NOT NULL;
`

/** What an image consists of is looked at when its form is known: most travel in another form. */
const fifth = `
  ALTER TABLE undecided ADD COLUMN chunks INTEGER NOT NULL DEFAULT 0;
  UPDATE undecided SET chunks = length(digests) / 16;
  ALTER TABLE undecided DROP COLUMN digests;
`

/** `migrations[n]` leads from version n to version n + 1. */
export const migrations: readonly string[] = [first, second, third, fourth, fifth]

export const schemaVersion = migrations.length
