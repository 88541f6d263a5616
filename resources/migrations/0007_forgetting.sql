-- Which topic of its name a message came from, what the topic lost, and what it asked to be forgotten.
ALTER TABLE tweets.raw_tweets ADD COLUMN IF NOT EXISTS topic_id VARCHAR COMMENT 'Which topic of that name, since it was made; empty before topics were told apart';
ALTER TABLE tweets.raw_tweets ADD COLUMN IF NOT EXISTS message_key VARCHAR COMMENT 'Key of the message where it is not the id of the tweet';

ALTER TABLE tweets.rejected_tweets ADD COLUMN IF NOT EXISTS topic_id VARCHAR COMMENT 'Which topic of that name, since it was made; empty before topics were told apart';
ALTER TABLE tweets.rejected_tweets ADD COLUMN IF NOT EXISTS message_key VARCHAR COMMENT 'Key of the message';
ALTER TABLE tweets.rejected_tweets ADD COLUMN IF NOT EXISTS tweet_id VARCHAR COMMENT 'Id of the tweet as far as it could be read, so that it can be deleted';
ALTER TABLE tweets.rejected_tweets ADD COLUMN IF NOT EXISTS author_id VARCHAR COMMENT 'Account id as far as it could be read, so that it can be deleted';

CREATE TABLE IF NOT EXISTS tweets.deleted_tweets (
  topic VARCHAR NOT NULL COMMENT 'Topic the notice came from',
  log_partition BIGINT NOT NULL COMMENT 'Partition of the topic',
  log_offset BIGINT NOT NULL COMMENT 'Offset in the partition',
  published_at TIMESTAMP_NTZ COMMENT 'Timestamp of the notice, UTC',
  notice VARCHAR NOT NULL COMMENT 'tombstone, or the name the platform gives the notice, such as user_delete',
  scope VARCHAR NOT NULL COMMENT 'What is forgotten: tweet, one tweet; author, all an account had written by then; place, where it wrote them',
  tweet_id VARCHAR COMMENT 'The tweet; with place, the last one whose place is forgotten',
  author_id VARCHAR COMMENT 'The account, with author and place only',
  topic_id VARCHAR COMMENT 'Which topic of that name, since it was made'
) COMMENT = 'Ledger: one row per notice that something is to be forgotten; what it names stays away, however often it arrives.';

CREATE TABLE IF NOT EXISTS tweets.lost_offsets (
  topic VARCHAR NOT NULL COMMENT 'Topic',
  topic_id VARCHAR COMMENT 'Which topic of that name: the one whose messages were not read',
  log_partition BIGINT NOT NULL COMMENT 'Partition of the topic',
  first_offset BIGINT NOT NULL COMMENT 'First offset that was not read',
  last_offset BIGINT COMMENT 'Last one; empty where nobody can tell, because the topic is gone',
  reason VARCHAR NOT NULL COMMENT 'retention: deleted before it was read; recreated: the topic was made anew',
  noticed_at TIMESTAMP_NTZ NOT NULL COMMENT 'When reading came upon it, UTC'
) COMMENT = 'Ledger: one row per range of messages that were gone before they were read; reading went on behind it.';
