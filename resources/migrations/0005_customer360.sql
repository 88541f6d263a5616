CREATE SCHEMA IF NOT EXISTS customer360;

CREATE TABLE IF NOT EXISTS customer360.categories (
  tweet_id VARCHAR NOT NULL COMMENT 'Tweet',
  category VARCHAR NOT NULL COMMENT 'customer, prospect, coarse, outside or unlocated',
  customer_id VARCHAR COMMENT 'Customer who wrote it, or the head of the household; empty where several households share the dwelling',
  match_level VARCHAR COMMENT 'person: the author is this customer; household: one of its members; dwelling: one of several households',
  household_id VARCHAR COMMENT 'Household; only for category customer',
  address_id VARCHAR COMMENT 'Dwelling that was matched',
  quadrant VARCHAR COMMENT 'Quadrant of the point',
  distance_m FLOAT COMMENT 'Distance from the point to the dwelling, metres',
  tweeted_at TIMESTAMP_NTZ COMMENT 'When it was written, UTC',
  reason VARCHAR NOT NULL COMMENT 'Why this category'
) COMMENT = 'Derived: one row per tweet with whose it is.';

CREATE TABLE IF NOT EXISTS customer360.profiles (
  customer_id VARCHAR NOT NULL COMMENT 'Customer',
  person_id VARCHAR COMMENT 'Person',
  household_id VARCHAR COMMENT 'Household',
  address_id VARCHAR COMMENT 'Dwelling',
  quadrant VARCHAR COMMENT 'Quadrant of the dwelling',
  first_name VARCHAR COMMENT 'Given name',
  last_name VARCHAR COMMENT 'Family name',
  portfolios BIGINT NOT NULL COMMENT 'Open portfolios',
  value_usd FLOAT NOT NULL COMMENT 'Value of the open portfolios, US dollars',
  products VARCHAR NOT NULL COMMENT 'Products of the open portfolios, comma separated, empty when none',
  tweets BIGINT NOT NULL COMMENT 'Tweets of the customer',
  complaints BIGINT NOT NULL COMMENT 'Complaints among them',
  mean_sentiment FLOAT COMMENT 'Mean sentiment of the scored ones, -1 to 1',
  last_tweeted_at TIMESTAMP_NTZ COMMENT 'Latest of them, UTC',
  has_marketing_consent BOOLEAN NOT NULL COMMENT 'Whether the customer agreed to offers',
  contact_state VARCHAR NOT NULL COMMENT 'open_case, contactable or no_consent'
) COMMENT = 'Derived: one row per customer with everything known about them.';

CREATE TABLE IF NOT EXISTS customer360.support_cases (
  case_id VARCHAR NOT NULL COMMENT 'Stable id: MD5 of customer and first complaint',
  customer_id VARCHAR NOT NULL COMMENT 'Customer to call',
  household_id VARCHAR COMMENT 'Household of the customer',
  match_level VARCHAR NOT NULL COMMENT 'person, or household when any of its members may have written',
  state VARCHAR NOT NULL COMMENT 'open, or closed when quiet for 14 days',
  priority VARCHAR NOT NULL COMMENT 'high, normal or low, by portfolio value and sentiment',
  topic VARCHAR NOT NULL COMMENT 'Topic of the first complaint',
  complaints BIGINT NOT NULL COMMENT 'Complaints in the case, at most 14 days apart',
  opened_at TIMESTAMP_NTZ NOT NULL COMMENT 'First complaint, UTC',
  last_complaint_at TIMESTAMP_NTZ NOT NULL COMMENT 'Latest complaint, UTC',
  closes_at TIMESTAMP_NTZ NOT NULL COMMENT 'When it closes unless another complaint comes, UTC',
  first_tweet_id VARCHAR NOT NULL COMMENT 'Tweet that opened it',
  reason VARCHAR NOT NULL COMMENT 'Why there is a case'
) COMMENT = 'Derived: one row per support case, complaints of one customer that follow each other.';

CREATE TABLE IF NOT EXISTS customer360.offer_rules (
  rule_id VARCHAR NOT NULL COMMENT 'Rule',
  topic VARCHAR NOT NULL COMMENT 'Topic of the tweet that the rule answers',
  product VARCHAR NOT NULL COMMENT 'Product offered',
  min_value_usd FLOAT NOT NULL COMMENT 'Least value of the open portfolios, US dollars',
  max_value_usd FLOAT NOT NULL COMMENT 'Greatest value of the open portfolios, US dollars',
  min_sentiment FLOAT NOT NULL COMMENT 'Least sentiment of the tweet, -1 to 1',
  priority BIGINT NOT NULL COMMENT 'The smallest wins',
  pitch VARCHAR NOT NULL COMMENT 'What is offered, in a sentence'
) COMMENT = 'Derived from its own text: one row per offer rule; edit offer_rules.sql to change them.';

CREATE TABLE IF NOT EXISTS customer360.offers (
  offer_id VARCHAR NOT NULL COMMENT 'Stable id: MD5 of customer and tweet',
  customer_id VARCHAR NOT NULL COMMENT 'Customer',
  rule_id VARCHAR NOT NULL COMMENT 'Rule that made it',
  product VARCHAR NOT NULL COMMENT 'Product offered',
  pitch VARCHAR NOT NULL COMMENT 'What is offered, in a sentence',
  tweet_id VARCHAR NOT NULL COMMENT 'Tweet that prompted it',
  offered_at TIMESTAMP_NTZ NOT NULL COMMENT 'Time of that tweet, UTC',
  reason VARCHAR NOT NULL COMMENT 'Why this customer gets this offer'
) COMMENT = 'Derived: one row per personal offer; consent given, at most one per customer and month, none while a case is open.';

CREATE TABLE IF NOT EXISTS customer360.household_merges (
  household_id VARCHAR NOT NULL COMMENT 'Household',
  address_id VARCHAR NOT NULL COMMENT 'Dwelling',
  surname VARCHAR NOT NULL COMMENT 'Surname its members share',
  customers BIGINT NOT NULL COMMENT 'Customers to manage as one family',
  head_customer_id VARCHAR NOT NULL COMMENT 'Longest-standing of them',
  value_usd FLOAT NOT NULL COMMENT 'Value of their open portfolios together, US dollars',
  managed_as VARCHAR COMMENT 'Families they are managed under today, comma separated',
  reason VARCHAR NOT NULL COMMENT 'Why they should be merged'
) COMMENT = 'Derived: one row per dwelling family whose customers are not yet managed as one.';
