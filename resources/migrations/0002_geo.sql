CREATE SCHEMA IF NOT EXISTS geo;

CREATE TABLE IF NOT EXISTS geo.address_files (
  file VARCHAR NOT NULL COMMENT 'Object key below the bucket, such as geo/incoming/2026-11-01_hartford.csv',
  file_version VARCHAR NOT NULL COMMENT 'ETag of the version, empty for a deletion',
  state VARCHAR NOT NULL COMMENT 'loaded, rejected (unreadable as a whole) or deleted',
  read_rows BIGINT NOT NULL COMMENT 'Records read; always loaded_rows + rejected_rows',
  loaded_rows BIGINT NOT NULL COMMENT 'Records that became rows of geo.raw_addresses',
  rejected_rows BIGINT NOT NULL COMMENT 'Records that became rows of geo.rejected_addresses',
  size_bytes BIGINT NOT NULL COMMENT 'Size of the object as stored, bytes',
  modified_at TIMESTAMP_NTZ COMMENT 'When the object was written, UTC',
  committed_at TIMESTAMP_NTZ NOT NULL COMMENT 'When this entry was committed, UTC'
) COMMENT = 'Ledger: one row per version of an address file that was taken in, or per deletion.';

CREATE TABLE IF NOT EXISTS geo.raw_addresses (
  file VARCHAR NOT NULL COMMENT 'Object key the row came from',
  file_version VARCHAR NOT NULL COMMENT 'ETag of that version',
  member VARCHAR COMMENT 'File inside a zip archive, empty otherwise',
  line BIGINT NOT NULL COMMENT 'First line of the record in the file, from 1',
  lon FLOAT NOT NULL COMMENT 'Longitude, degrees, WGS 84',
  lat FLOAT NOT NULL COMMENT 'Latitude, degrees, WGS 84',
  house_number VARCHAR NOT NULL COMMENT 'House number as written',
  street VARCHAR NOT NULL COMMENT 'Street as written',
  unit VARCHAR COMMENT 'Unit as written, such as # 233 or APT 4B',
  city VARCHAR COMMENT 'City as written, often left out',
  district VARCHAR COMMENT 'District as written, often left out',
  region VARCHAR COMMENT 'Region as written, often left out',
  postcode VARCHAR COMMENT 'Postcode as written, often left out',
  source_id VARCHAR COMMENT 'Identifier given by the source',
  source_hash VARCHAR COMMENT 'Hash given by OpenAddresses, absent in old exports'
) COMMENT = 'Raw: one row per readable record of the current version of each address file.';

CREATE TABLE IF NOT EXISTS geo.rejected_addresses (
  file VARCHAR NOT NULL COMMENT 'Object key the record came from',
  file_version VARCHAR NOT NULL COMMENT 'ETag of that version',
  member VARCHAR COMMENT 'File inside a zip archive, empty otherwise',
  line BIGINT NOT NULL COMMENT 'First line of the record, from 1; 0 when the file as a whole is unreadable',
  reason VARCHAR NOT NULL COMMENT 'Why it was rejected, one of a fixed list',
  detail VARCHAR COMMENT 'What exactly was wrong',
  raw VARCHAR NOT NULL COMMENT 'The record as received; bytes that are not UTF-8 as \xNN'
) COMMENT = 'Quarantine: one row per record of the current version of each address file that could not be loaded.';

CREATE TABLE IF NOT EXISTS geo.streets (
  street_text VARCHAR NOT NULL COMMENT 'Street or whole street line as written in an address file or the CRM',
  house_number VARCHAR COMMENT 'House number found in the text, if any',
  street VARCHAR NOT NULL COMMENT 'Street in USPS form (Publication 28), upper case',
  unit VARCHAR COMMENT 'Unit found in the text, without its designator, upper case',
  method VARCHAR NOT NULL COMMENT 'usps when the grammar read it, folded when only case and blanks were folded'
) COMMENT = 'Derived: one row per distinct street text, in the form under which addresses are compared.';

CREATE TABLE IF NOT EXISTS geo.addresses (
  address_id VARCHAR NOT NULL COMMENT 'Stable id: MD5 of number, street, unit and locality',
  house_number VARCHAR NOT NULL COMMENT 'House number, upper case',
  street VARCHAR NOT NULL COMMENT 'Street in USPS form',
  unit VARCHAR NOT NULL COMMENT 'Unit without its designator, empty when none',
  city VARCHAR NOT NULL COMMENT 'Locality, upper case; filled from nearby rows where the file leaves it out',
  postcode VARCHAR COMMENT 'Five-digit postcode; filled from nearby rows where the file leaves it out',
  lon FLOAT NOT NULL COMMENT 'Longitude, degrees, WGS 84',
  lat FLOAT NOT NULL COMMENT 'Latitude, degrees, WGS 84',
  quadrant VARCHAR COMMENT 'northeast, northwest, southeast, southwest; empty outside Connecticut',
  building_id VARCHAR NOT NULL COMMENT 'Same for all addresses that share number, street and locality',
  building_dwellings BIGINT NOT NULL COMMENT 'Addresses in the building',
  sources BIGINT NOT NULL COMMENT 'Records that were merged into this address',
  files VARCHAR NOT NULL COMMENT 'Files it came from, comma separated'
) COMMENT = 'Derived: one row per dwelling address, duplicates across files merged.';
