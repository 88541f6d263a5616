CREATE TABLE IF NOT EXISTS geo.units (
  unit_text VARCHAR NOT NULL COMMENT 'Unit as written in an address file or the CRM',
  unit VARCHAR NOT NULL COMMENT 'Unit in comparable form, without the designators that say nothing; empty for none'
) COMMENT = 'Derived: one row per distinct unit text, in the form under which dwellings are compared.';
