-- What the commit protocol and incremental rebuilds remember.
CREATE SCHEMA IF NOT EXISTS ledger;

CREATE TABLE IF NOT EXISTS ledger.positions (
  source VARCHAR NOT NULL COMMENT 'What is read: an object key, a topic partition, a CRM table',
  next_position VARCHAR NOT NULL COMMENT 'Where the next commit begins: version, offset or watermark',
  committed_at TIMESTAMP_NTZ NOT NULL COMMENT 'When it last moved, UTC'
) COMMENT = 'Ledger: one row per source; moved by compare-and-set in the transaction that appends its rows.';

-- The row that a first reader locks before it adds its own.
INSERT INTO ledger.positions (source, next_position, committed_at)
SELECT '', '', '1970-01-01 00:00:00'::TIMESTAMP_NTZ
WHERE NOT EXISTS (SELECT 1 FROM ledger.positions WHERE source = '');

CREATE TABLE IF NOT EXISTS ledger.table_versions (
  table_name VARCHAR NOT NULL COMMENT 'Table, schema.name in lower case',
  part VARCHAR NOT NULL COMMENT 'Partition of the table, empty when it has none',
  version VARCHAR NOT NULL COMMENT 'Changes whenever the rows may have changed',
  inputs VARCHAR NOT NULL COMMENT 'What a derived table was made of: SQL or code, parameters, versions of its inputs',
  row_count BIGINT NOT NULL COMMENT 'Rows in this part',
  written_at TIMESTAMP_NTZ NOT NULL COMMENT 'When the part was last written, UTC'
) COMMENT = 'Ledger: one row per table and part; a rebuild whose inputs have not moved is skipped.';
