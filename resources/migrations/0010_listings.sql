CREATE SCHEMA IF NOT EXISTS listings;

CREATE TABLE IF NOT EXISTS listings.listing_files (
  file VARCHAR NOT NULL COMMENT 'Object key below the bucket, such as listings/incoming/node-1.txt',
  file_version VARCHAR NOT NULL COMMENT 'ETag of the version',
  batch_id VARCHAR NOT NULL COMMENT 'Batch whose tick took it in',
  state VARCHAR NOT NULL COMMENT 'loaded, or rejected (unreadable as a whole, or larger than a batch may be)',
  read_rows BIGINT NOT NULL COMMENT 'Lines read; those that say nothing of a file are told apart by the next stage',
  detail VARCHAR COMMENT 'Why it was rejected',
  committed_at TIMESTAMP_NTZ NOT NULL COMMENT 'When this entry was committed, UTC'
) COMMENT = 'Ledger: one row per version of a listing file that landed in the object store.';

CREATE TABLE IF NOT EXISTS listings.listing_txt (
  batch_id VARCHAR NOT NULL COMMENT 'Batch: the minute of the tick, such as 2026-11-21T10:05:00Z',
  source VARCHAR NOT NULL COMMENT 'Where the line is from: the listed root as a file address, or an object key',
  line BIGINT NOT NULL COMMENT 'Line within the source, from 1',
  text VARCHAR NOT NULL COMMENT 'The line as ls -l prints it; what is not UTF-8 is shown by U+FFFD',
  text_base64 VARCHAR COMMENT 'Its bytes, where they are not UTF-8',
  listed_at TIMESTAMP_NTZ NOT NULL COMMENT 'When the source was listed, or the file modified, UTC'
) COMMENT = 'Raw: one row per line of text of each batch.';

CREATE TABLE IF NOT EXISTS listings.listing_csv (
  batch_id VARCHAR NOT NULL COMMENT 'Batch',
  source VARCHAR NOT NULL COMMENT 'Where the line is from',
  line BIGINT NOT NULL COMMENT 'Line within the source, from 1',
  mode VARCHAR NOT NULL COMMENT 'Type and permissions, with the mark of an ACL, such as -rw-r--r--+',
  links BIGINT NOT NULL COMMENT 'Hard links',
  owner VARCHAR NOT NULL COMMENT 'Owner',
  owner_group VARCHAR NOT NULL COMMENT 'Group',
  size VARCHAR NOT NULL COMMENT 'Bytes as printed; of a device its major and minor number, such as 8, 0',
  dated VARCHAR NOT NULL COMMENT 'Date as printed, such as Mar 19 2021 or Nov 21 10:05',
  file VARCHAR NOT NULL COMMENT 'Name; what is not UTF-8 is shown by U+FFFD',
  file_base64 VARCHAR COMMENT 'The bytes of the name, where they are not UTF-8',
  link_target VARCHAR COMMENT 'Where a symbolic link points; what is not UTF-8 is shown by U+FFFD',
  target_base64 VARCHAR COMMENT 'The bytes of that target, where they are not UTF-8',
  size_bytes BIGINT COMMENT 'Size of what is no device',
  dated_at TIMESTAMP_NTZ NOT NULL COMMENT 'The date with its year, which ls leaves out of the last half year, UTC'
) COMMENT = 'Derived: one row per line of a batch that describes a file, in the columns of the CSV.';

CREATE TABLE IF NOT EXISTS listings.rejected_listings (
  batch_id VARCHAR NOT NULL COMMENT 'Batch',
  source VARCHAR NOT NULL COMMENT 'Where the line is from',
  line BIGINT NOT NULL COMMENT 'Line within the source, from 1',
  reason VARCHAR NOT NULL COMMENT 'Why it was rejected, one of a fixed list',
  detail VARCHAR COMMENT 'What exactly was wrong',
  raw VARCHAR NOT NULL COMMENT 'The line as received; each byte that is not UTF-8 as a backslash, x and two digits'
) COMMENT = 'Quarantine: one row per line of a batch that describes no file.';

CREATE TABLE IF NOT EXISTS listings.listing_json (
  batch_id VARCHAR NOT NULL COMMENT 'Batch',
  source VARCHAR NOT NULL COMMENT 'Where the line is from',
  line BIGINT NOT NULL COMMENT 'Line within the source, from 1',
  content_hash VARCHAR NOT NULL COMMENT 'SHA-256 of the document, hexadecimal',
  document VARCHAR NOT NULL COMMENT 'JSON with the keys mod, no, user, group, usrno (the size), date, file, all texts'
) COMMENT = 'Derived: one row per document of a batch.';

CREATE TABLE IF NOT EXISTS listings.posted_listings (
  content_hash VARCHAR NOT NULL COMMENT 'Which document, by its content',
  batch_id VARCHAR NOT NULL COMMENT 'First batch that had it',
  state VARCHAR NOT NULL COMMENT 'pending, posted, known (the API had it before) or dead (refused, or failed too often)',
  document VARCHAR COMMENT 'The document while it is pending or dead; the API keeps the others',
  attempts BIGINT NOT NULL COMMENT 'How often it was sent while the API took others, as far as is known',
  container VARCHAR COMMENT 'Who answered',
  detail VARCHAR COMMENT 'Why the last attempt failed, empty when it did not',
  queued_at TIMESTAMP_NTZ NOT NULL COMMENT 'When it was first seen, UTC',
  settled_at TIMESTAMP_NTZ COMMENT 'When it was answered, or given up, UTC'
) COMMENT = 'Ledger: one row per document that leaves, with its receipt; what was posted cannot be unposted by a rebuild.';
