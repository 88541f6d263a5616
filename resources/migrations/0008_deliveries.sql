CREATE TABLE IF NOT EXISTS customer360.deliveries (
  delivery_id VARCHAR NOT NULL COMMENT 'Stable id: MD5 of kind and subject; the receiver knows a repetition by it',
  kind VARCHAR NOT NULL COMMENT 'case or offer',
  subject_id VARCHAR NOT NULL COMMENT 'Which case or offer; what is sent is made from it at that moment and not kept',
  customer_id VARCHAR NOT NULL COMMENT 'Customer it is about',
  subject_at TIMESTAMP_NTZ NOT NULL COMMENT 'When the case was opened or the offer was prompted, UTC',
  queued_at TIMESTAMP_NTZ NOT NULL COMMENT 'When it was first seen, UTC',
  state VARCHAR NOT NULL COMMENT 'pending, delivered, refused (by the receiver) or withdrawn (gone before it was sent)',
  attempts BIGINT NOT NULL COMMENT 'How often the receiver was asked, as far as is known',
  last_error VARCHAR COMMENT 'Why the last attempt failed, empty when it did not',
  delivered_at TIMESTAMP_NTZ COMMENT 'When the receiver said yes, UTC'
) COMMENT = 'Ledger: one row per case or offer that leaves, once each; what the bank has sent cannot be unsent by a rebuild.';
