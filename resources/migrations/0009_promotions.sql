CREATE SCHEMA IF NOT EXISTS promotions;

CREATE TABLE IF NOT EXISTS promotions.sales_files (
  file VARCHAR NOT NULL COMMENT 'Object key below the bucket, such as promotions/sales/2026-10.csv',
  file_version VARCHAR NOT NULL COMMENT 'ETag of the version, empty for a deletion',
  state VARCHAR NOT NULL COMMENT 'loaded, rejected (unreadable as a whole) or deleted',
  read_rows BIGINT NOT NULL COMMENT 'Records read; always loaded_rows + rejected_rows',
  loaded_rows BIGINT NOT NULL COMMENT 'Records that became rows of promotions.sales',
  rejected_rows BIGINT NOT NULL COMMENT 'Records that became rows of promotions.rejected_sales',
  committed_at TIMESTAMP_NTZ NOT NULL COMMENT 'When this entry was committed, UTC'
) COMMENT = 'Ledger: one row per version of a sales file that was taken in, or per deletion.';

CREATE TABLE IF NOT EXISTS promotions.sales (
  file VARCHAR NOT NULL COMMENT 'Object key the row came from',
  file_version VARCHAR NOT NULL COMMENT 'ETag of that version',
  line BIGINT NOT NULL COMMENT 'Line of the record in the file, from 1',
  sale_id VARCHAR NOT NULL COMMENT 'Receipt number, unique within the retailer',
  user_id BIGINT NOT NULL COMMENT 'Shopper, by the number of the loyalty card; no customer of the bank',
  sold_at TIMESTAMP_NTZ NOT NULL COMMENT 'When it was paid, UTC',
  amount_eur FLOAT NOT NULL COMMENT 'Amount paid, EUR, after discounts; negative for a return',
  promotion_id VARCHAR COMMENT 'Promotion that was redeemed at the till, if any'
) COMMENT = 'Raw: one row per readable receipt of the current version of each sales file.';

CREATE TABLE IF NOT EXISTS promotions.rejected_sales (
  file VARCHAR NOT NULL COMMENT 'Object key the record came from',
  file_version VARCHAR NOT NULL COMMENT 'ETag of that version',
  line BIGINT NOT NULL COMMENT 'Line of the record, from 1; 0 when the file as a whole is unreadable',
  reason VARCHAR NOT NULL COMMENT 'Why it was rejected, one of a fixed list',
  detail VARCHAR COMMENT 'What exactly was wrong',
  raw VARCHAR NOT NULL COMMENT 'The record as received; bytes that are not UTF-8 as \xNN'
) COMMENT = 'Quarantine: one row per record of the current version of each sales file that could not be loaded.';

CREATE TABLE IF NOT EXISTS promotions.segments (
  user_id BIGINT NOT NULL COMMENT 'Shopper',
  segment VARCHAR NOT NULL COMMENT 'champions, loyal, promising, new, needs_attention, at_risk or lost',
  recency_days BIGINT NOT NULL COMMENT 'Days from the last purchase to as_of',
  frequency BIGINT NOT NULL COMMENT 'Receipts in the year before as_of, returns aside',
  monetary_eur FLOAT NOT NULL COMMENT 'Amount of the year before as_of, EUR, returns taken off',
  recency_score BIGINT NOT NULL COMMENT 'Quintile of recency, 1 to 5, 5 bought last',
  frequency_score BIGINT NOT NULL COMMENT 'Quintile of frequency, 1 to 5, 5 buys most often',
  monetary_score BIGINT NOT NULL COMMENT 'Quintile of the amount, 1 to 5, 5 pays most',
  last_sold_at TIMESTAMP_NTZ NOT NULL COMMENT 'Last purchase, UTC',
  as_of TIMESTAMP_NTZ NOT NULL COMMENT 'The moment it is seen from, UTC'
) COMMENT = 'Derived: one row per shopper who bought in the year before as_of: how recently, how often, how much, and the segment of that.';

CREATE TABLE IF NOT EXISTS promotions.campaigns (
  campaign_id VARCHAR NOT NULL COMMENT 'Name that the campaign was launched under',
  promotion_id VARCHAR NOT NULL COMMENT 'Promotion that it gives',
  audience VARCHAR NOT NULL COMMENT 'Segments that it is for, comma separated in alphabetical order',
  budget_eur FLOAT NOT NULL COMMENT 'Most that it may cost if everybody uses the promotion, EUR',
  cost_eur FLOAT NOT NULL COMMENT 'Cost of one use, EUR',
  max_users BIGINT COMMENT 'Most shoppers that get it, empty without a cap',
  max_active BIGINT COMMENT 'Shoppers with so many other promotions of running campaigns are left out, empty without a cap',
  holdout_share FLOAT NOT NULL COMMENT 'Share of the audience that gets nothing, for comparison, 0 to 0.5',
  starts_at TIMESTAMP_NTZ NOT NULL COMMENT 'First moment of the measured time, UTC',
  ends_at TIMESTAMP_NTZ NOT NULL COMMENT 'End of the measured time, UTC',
  inputs VARCHAR NOT NULL COMMENT 'All inputs as canonical JSON: the same id with others is refused',
  audience_users BIGINT NOT NULL COMMENT 'Shoppers of these segments when it was launched',
  assigned_users BIGINT NOT NULL COMMENT 'Shoppers who got the promotion',
  holdout_users BIGINT NOT NULL COMMENT 'Shoppers who were held out',
  launched_at TIMESTAMP_NTZ NOT NULL COMMENT 'When it was decided who gets it, UTC'
) COMMENT = 'Ledger: one row per campaign that was launched, with what it was launched with; a decision that cannot be recomputed.';

CREATE TABLE IF NOT EXISTS promotions.assignments (
  campaign_id VARCHAR NOT NULL COMMENT 'Campaign',
  user_id BIGINT NOT NULL COMMENT 'Shopper',
  promotion_id VARCHAR NOT NULL COMMENT 'Promotion',
  is_holdout BOOLEAN NOT NULL COMMENT 'Held out for comparison: it was not given',
  segment VARCHAR NOT NULL COMMENT 'Segment of the shopper when the campaign was launched',
  stored_id VARCHAR COMMENT 'Id in the promotion store, empty for the holdout',
  assigned_at TIMESTAMP_NTZ NOT NULL COMMENT 'When it was decided, UTC'
) COMMENT = 'Ledger: one row per campaign and shopper of its audience within its caps: who gets the promotion and who is held out.';

CREATE TABLE IF NOT EXISTS promotions.uses (
  stored_id VARCHAR NOT NULL COMMENT 'Id of the promotion in the store',
  user_id BIGINT NOT NULL COMMENT 'Shopper',
  promotion_id VARCHAR NOT NULL COMMENT 'Promotion',
  campaign_id VARCHAR COMMENT 'Campaign that gave it, empty for promotions from elsewhere',
  used_at TIMESTAMP_NTZ COMMENT 'When it was used, UTC; empty where nobody noted it',
  used_request_id VARCHAR COMMENT 'Request that used it, empty where nobody noted it',
  seen_at TIMESTAMP_NTZ NOT NULL COMMENT 'When it was first read from the store, UTC'
) COMMENT = 'Raw: one row per promotion that was used, once, however often the store is read.';

CREATE TABLE IF NOT EXISTS promotions.rejected_promotions (
  stored_id VARCHAR NOT NULL COMMENT 'Id of the document in the store, where it stays as it is',
  reason VARCHAR NOT NULL COMMENT 'Why it is no promotion, one of a fixed list',
  detail VARCHAR COMMENT 'What exactly was wrong',
  raw VARCHAR NOT NULL COMMENT 'The document as JSON'
) COMMENT = 'Quarantine: one row per document of the promotion store that cannot be read as a promotion, as of the last look.';

CREATE TABLE IF NOT EXISTS promotions.effects (
  campaign_id VARCHAR NOT NULL COMMENT 'Campaign',
  promotion_id VARCHAR NOT NULL COMMENT 'Promotion',
  state VARCHAR NOT NULL COMMENT 'planned, running or ended at as_of',
  measured_to TIMESTAMP_NTZ NOT NULL COMMENT 'Sales and uses before this moment count, UTC: the end of the campaign, or as_of',
  treated_users BIGINT NOT NULL COMMENT 'Shoppers who got the promotion',
  holdout_users BIGINT NOT NULL COMMENT 'Shoppers who were held out',
  uses BIGINT NOT NULL COMMENT 'Promotions of the campaign that were used in its time',
  treated_redemption FLOAT COMMENT 'Share of the treated who redeemed the promotion in its time',
  holdout_redemption FLOAT COMMENT 'Share of the holdout who redeemed it all the same',
  incremental_redemption FLOAT COMMENT 'Difference of the two shares',
  redemption_low FLOAT COMMENT 'Lower end of its 95 % interval (Newcombe)',
  redemption_high FLOAT COMMENT 'Upper end of its 95 % interval (Newcombe)',
  treated_revenue_eur FLOAT COMMENT 'Mean revenue of a treated shopper in its time, EUR',
  holdout_revenue_eur FLOAT COMMENT 'Mean revenue of a shopper who was held out, EUR',
  incremental_revenue_eur FLOAT COMMENT 'Difference of the two means, EUR for each treated shopper',
  revenue_low_eur FLOAT COMMENT 'Lower end of its 95 % interval (Welch)',
  revenue_high_eur FLOAT COMMENT 'Upper end of its 95 % interval (Welch)',
  total_incremental_eur FLOAT COMMENT 'Incremental revenue of all treated shoppers, EUR, before cost',
  cost_eur FLOAT NOT NULL COMMENT 'Cost of the uses, EUR',
  revenue_p_value FLOAT COMMENT 'Two-sided p-value of the difference in revenue (Welch)',
  revenue_q_value FLOAT COMMENT 'The same, corrected for the number of campaigns (Benjamini-Hochberg)',
  is_significant BOOLEAN NOT NULL COMMENT 'Whether the corrected p-value is below 0.05',
  is_balanced BOOLEAN NOT NULL COMMENT 'Whether treated and holdout have the sizes they should (sample ratio, p at least 0.001)',
  sample_ratio_p_value FLOAT COMMENT 'P-value of the sizes of treated and holdout (chi-square)',
  minimum_detectable_eur FLOAT COMMENT 'Smallest true difference that would be seen with a power of 80 %, EUR for each shopper',
  verdict VARCHAR NOT NULL COMMENT 'In a sentence: what a campaign person may conclude'
) COMMENT = 'Derived: one row per campaign: what it changed against those who were held out, and how sure that is.';
