CREATE SCHEMA IF NOT EXISTS crm;

CREATE TABLE IF NOT EXISTS crm.extracts (
  extract_id VARCHAR NOT NULL COMMENT 'Id of the extraction: table and its number',
  source_table VARCHAR NOT NULL COMMENT 'customers or portfolios',
  since TIMESTAMP_NTZ COMMENT 'Rows updated from this time on were asked for, UTC; empty for all',
  watermark TIMESTAMP_NTZ COMMENT 'Greatest updated_at seen so far, UTC',
  read_rows BIGINT NOT NULL COMMENT 'Rows read that were not known in this form; always loaded_rows + rejected_rows',
  known_rows BIGINT NOT NULL COMMENT 'Rows read again unchanged, because extractions overlap',
  loaded_rows BIGINT NOT NULL COMMENT 'Rows appended to the raw table',
  rejected_rows BIGINT NOT NULL COMMENT 'Rows appended to its rejects',
  deleted_rows BIGINT NOT NULL COMMENT 'Deletions found by comparing keys, appended to the raw table besides',
  extracted_at TIMESTAMP_NTZ NOT NULL COMMENT 'When the extraction began, UTC'
) COMMENT = 'Ledger: one row per extraction of one CRM table.';

CREATE TABLE IF NOT EXISTS crm.raw_customers (
  extract_id VARCHAR NOT NULL COMMENT 'Extraction that brought the row',
  extracted_at TIMESTAMP_NTZ NOT NULL COMMENT 'When that extraction began, UTC',
  operation VARCHAR NOT NULL COMMENT 'upsert, or delete when the key was gone from the CRM',
  row_hash VARCHAR NOT NULL COMMENT 'Hash of the row as received, so that an overlap adds nothing twice',
  customer_id VARCHAR NOT NULL COMMENT 'Key in the CRM',
  first_name VARCHAR COMMENT 'Given name',
  last_name VARCHAR COMMENT 'Family name',
  email VARCHAR COMMENT 'E-mail address',
  phone VARCHAR COMMENT 'Telephone number as written',
  birth_date DATE COMMENT 'Date of birth',
  street VARCHAR COMMENT 'Street line as written',
  unit VARCHAR COMMENT 'Unit as written',
  city VARCHAR COMMENT 'City as written',
  state VARCHAR COMMENT 'State as written',
  postcode VARCHAR COMMENT 'Postcode as written',
  managed_household VARCHAR COMMENT 'Whom the bank manages as one family, may be empty',
  marketing_consent BOOLEAN COMMENT 'Whether the customer agreed to offers',
  created_at TIMESTAMP_NTZ COMMENT 'When the CRM created the record, UTC',
  updated_at TIMESTAMP_NTZ COMMENT 'When the CRM last changed the record, UTC'
) COMMENT = 'Raw: one row per version of a CRM customer that an extraction saw, or its deletion.';

CREATE TABLE IF NOT EXISTS crm.rejected_customers (
  extract_id VARCHAR NOT NULL COMMENT 'Extraction that read the row',
  extracted_at TIMESTAMP_NTZ NOT NULL COMMENT 'When that extraction began, UTC',
  row_hash VARCHAR NOT NULL COMMENT 'Hash of the row as received',
  place VARCHAR NOT NULL COMMENT 'Where it was: table and key or position',
  reason VARCHAR NOT NULL COMMENT 'Why it was rejected, one of a fixed list',
  detail VARCHAR COMMENT 'What exactly was wrong',
  raw VARCHAR NOT NULL COMMENT 'The row as received, as JSON'
) COMMENT = 'Quarantine: one row per version of a CRM customer that could not be loaded.';

CREATE TABLE IF NOT EXISTS crm.raw_portfolios (
  extract_id VARCHAR NOT NULL COMMENT 'Extraction that brought the row',
  extracted_at TIMESTAMP_NTZ NOT NULL COMMENT 'When that extraction began, UTC',
  operation VARCHAR NOT NULL COMMENT 'upsert, or delete when the key was gone from the CRM',
  row_hash VARCHAR NOT NULL COMMENT 'Hash of the row as received, so that an overlap adds nothing twice',
  portfolio_id VARCHAR NOT NULL COMMENT 'Key in the CRM',
  customer_id VARCHAR COMMENT 'Owner in the CRM',
  product VARCHAR COMMENT 'Product, such as checking, mortgage or brokerage',
  advisor VARCHAR COMMENT 'Adviser in charge',
  value_usd FLOAT COMMENT 'Value, US dollars',
  opened_at TIMESTAMP_NTZ COMMENT 'When it was opened, UTC',
  closed_at TIMESTAMP_NTZ COMMENT 'When it was closed, UTC; empty while open',
  updated_at TIMESTAMP_NTZ COMMENT 'When the CRM last changed the record, UTC'
) COMMENT = 'Raw: one row per version of a CRM portfolio that an extraction saw, or its deletion.';

CREATE TABLE IF NOT EXISTS crm.rejected_portfolios (
  extract_id VARCHAR NOT NULL COMMENT 'Extraction that read the row',
  extracted_at TIMESTAMP_NTZ NOT NULL COMMENT 'When that extraction began, UTC',
  row_hash VARCHAR NOT NULL COMMENT 'Hash of the row as received',
  place VARCHAR NOT NULL COMMENT 'Where it was: table and key or position',
  reason VARCHAR NOT NULL COMMENT 'Why it was rejected, one of a fixed list',
  detail VARCHAR COMMENT 'What exactly was wrong',
  raw VARCHAR NOT NULL COMMENT 'The row as received, as JSON'
) COMMENT = 'Quarantine: one row per version of a CRM portfolio that could not be loaded.';

CREATE TABLE IF NOT EXISTS crm.customers (
  customer_id VARCHAR NOT NULL COMMENT 'Key in the CRM',
  first_name VARCHAR COMMENT 'Given name',
  last_name VARCHAR COMMENT 'Family name',
  email VARCHAR COMMENT 'E-mail address, lower case',
  phone VARCHAR COMMENT 'Telephone number, digits only',
  birth_date DATE COMMENT 'Date of birth',
  street_text VARCHAR COMMENT 'Street line as written',
  unit VARCHAR COMMENT 'Unit as written',
  city VARCHAR COMMENT 'City, upper case',
  state VARCHAR COMMENT 'State, two letters',
  postcode VARCHAR COMMENT 'Five-digit postcode',
  managed_household VARCHAR COMMENT 'Whom the bank manages as one family',
  has_marketing_consent BOOLEAN NOT NULL COMMENT 'Whether the customer agreed to offers',
  created_at TIMESTAMP_NTZ COMMENT 'When the CRM created the record, UTC',
  updated_at TIMESTAMP_NTZ COMMENT 'When the CRM last changed the record, UTC'
) COMMENT = 'Derived: one row per customer that the CRM holds now.';

CREATE TABLE IF NOT EXISTS crm.portfolios (
  portfolio_id VARCHAR NOT NULL COMMENT 'Key in the CRM',
  customer_id VARCHAR NOT NULL COMMENT 'Owner',
  product VARCHAR NOT NULL COMMENT 'Product, lower case',
  advisor VARCHAR COMMENT 'Adviser in charge',
  value_usd FLOAT NOT NULL COMMENT 'Value, US dollars',
  opened_at TIMESTAMP_NTZ COMMENT 'When it was opened, UTC',
  closed_at TIMESTAMP_NTZ COMMENT 'When it was closed, UTC; empty while open',
  is_open BOOLEAN NOT NULL COMMENT 'Whether it is open',
  updated_at TIMESTAMP_NTZ COMMENT 'When the CRM last changed the record, UTC'
) COMMENT = 'Derived: one row per portfolio that the CRM holds now.';

CREATE TABLE IF NOT EXISTS crm.customer_changes (
  customer_id VARCHAR NOT NULL COMMENT 'Customer',
  changed_at TIMESTAMP_NTZ NOT NULL COMMENT 'Extraction that saw the change, UTC',
  change VARCHAR NOT NULL COMMENT 'created, deleted, restored, or the name of the column that changed',
  old_value VARCHAR COMMENT 'Value before',
  new_value VARCHAR COMMENT 'Value after'
) COMMENT = 'Derived from the append-only raw table: one row per change of a customer that an extraction saw.';

CREATE TABLE IF NOT EXISTS crm.customer_homes (
  customer_id VARCHAR NOT NULL COMMENT 'Customer',
  address_id VARCHAR COMMENT 'Dwelling, empty when none was found',
  method VARCHAR NOT NULL COMMENT 'exact, fuzzy or none',
  score FLOAT NOT NULL COMMENT 'Likeness from 0 to 1; 1 for exact, 0 for none',
  explanation VARCHAR NOT NULL COMMENT 'What agreed, what differed'
) COMMENT = 'Derived: one row per customer, with the dwelling address that the CRM address means.';

CREATE TABLE IF NOT EXISTS crm.household_members (
  customer_id VARCHAR NOT NULL COMMENT 'Customer',
  person_id VARCHAR NOT NULL COMMENT 'Person: minted once; customer records of one person share it',
  household_id VARCHAR NOT NULL COMMENT 'Household: minted once, kept while any of its people remain together',
  address_id VARCHAR COMMENT 'Dwelling, empty for a customer without a home',
  kind VARCHAR NOT NULL COMMENT 'family, single, room_mates (share a dwelling, not a surname), ambiguous or unplaced (no dwelling known)',
  reason VARCHAR NOT NULL COMMENT 'Why the customer is in this household'
) COMMENT = 'Ledger: one row per customer with its minted person and household; ids are never reassigned by a rebuild.';

CREATE TABLE IF NOT EXISTS crm.household_changes (
  household_id VARCHAR NOT NULL COMMENT 'Household',
  changed_at TIMESTAMP_NTZ NOT NULL COMMENT 'When it was noticed, UTC',
  change VARCHAR NOT NULL COMMENT 'created, grown, shrunk, merged, split or dissolved',
  customers BIGINT NOT NULL COMMENT 'Members afterwards',
  detail VARCHAR NOT NULL COMMENT 'Who came, who left, from or to which household'
) COMMENT = 'Ledger: one row per change of a household.';

CREATE TABLE IF NOT EXISTS crm.households (
  household_id VARCHAR NOT NULL COMMENT 'Household',
  address_id VARCHAR COMMENT 'Dwelling, empty when not known',
  surname VARCHAR COMMENT 'Surname its members share',
  kind VARCHAR NOT NULL COMMENT 'family, single, room_mates, ambiguous or unplaced',
  customers BIGINT NOT NULL COMMENT 'Customer records in it',
  people BIGINT NOT NULL COMMENT 'Distinct people among them',
  head_customer_id VARCHAR NOT NULL COMMENT 'Longest-standing customer in it: whom to contact',
  managed_as VARCHAR COMMENT 'managed_household values of its members, comma separated',
  unmanaged_customers BIGINT NOT NULL COMMENT 'Members whom the bank manages under no family'
) COMMENT = 'Derived: one row per household.';
