CREATE SCHEMA IF NOT EXISTS tweets;

CREATE TABLE IF NOT EXISTS tweets.raw_tweets (
  topic VARCHAR NOT NULL COMMENT 'Topic the message came from',
  log_partition BIGINT NOT NULL COMMENT 'Partition of the topic',
  log_offset BIGINT NOT NULL COMMENT 'Offset in the partition',
  published_at TIMESTAMP_NTZ COMMENT 'Timestamp of the message, UTC',
  shape VARCHAR NOT NULL COMMENT 'original, v1.1 or v2',
  tweet_id VARCHAR NOT NULL COMMENT 'Id given by the platform, or content: and a hash where the message has none',
  created_at TIMESTAMP_NTZ COMMENT 'When it was written, UTC; absent in original messages',
  text VARCHAR NOT NULL COMMENT 'Text',
  lang VARCHAR COMMENT 'Language as the platform says',
  author_id VARCHAR COMMENT 'Account id',
  screen_name VARCHAR COMMENT 'Account name, without @',
  author_name VARCHAR COMMENT 'Name shown for the account',
  lon FLOAT COMMENT 'Longitude of the exact point, degrees; empty without one',
  lat FLOAT COMMENT 'Latitude of the exact point, degrees; empty without one',
  place_name VARCHAR COMMENT 'Place the author chose, such as Hartford, CT',
  place_region VARCHAR COMMENT 'State part of the place, two letters, when it can be told'
) COMMENT = 'Raw: one row per readable message of the topic, exactly once.';

CREATE TABLE IF NOT EXISTS tweets.rejected_tweets (
  topic VARCHAR NOT NULL COMMENT 'Topic the message came from',
  log_partition BIGINT NOT NULL COMMENT 'Partition of the topic',
  log_offset BIGINT NOT NULL COMMENT 'Offset in the partition',
  published_at TIMESTAMP_NTZ COMMENT 'Timestamp of the message, UTC',
  reason VARCHAR NOT NULL COMMENT 'Why it was rejected, one of a fixed list',
  detail VARCHAR COMMENT 'What exactly was wrong',
  raw VARCHAR NOT NULL COMMENT 'The message as received; bytes that are not UTF-8 as \xNN'
) COMMENT = 'Quarantine: one row per message that could not be read as a tweet.';

CREATE TABLE IF NOT EXISTS tweets.tweets (
  tweet_id VARCHAR NOT NULL COMMENT 'Id given by the platform, or content: and a hash where the message has none',
  tweeted_at TIMESTAMP_NTZ COMMENT 'When it was written, else when it was published, UTC',
  text VARCHAR NOT NULL COMMENT 'Text',
  lang VARCHAR COMMENT 'Language as the platform says',
  screen_name VARCHAR COMMENT 'Account name, without @',
  author_name VARCHAR COMMENT 'Name shown for the account',
  lon FLOAT COMMENT 'Longitude of the exact point, degrees',
  lat FLOAT COMMENT 'Latitude of the exact point, degrees',
  quadrant VARCHAR COMMENT 'Quadrant of the exact point; empty outside Connecticut or without a point',
  place_name VARCHAR COMMENT 'Place the author chose',
  place_region VARCHAR COMMENT 'State part of the place',
  copies BIGINT NOT NULL COMMENT 'Messages that carried this tweet',
  topic VARCHAR NOT NULL COMMENT 'Topic of its first message',
  log_partition BIGINT NOT NULL COMMENT 'Partition of its first message',
  log_offset BIGINT NOT NULL COMMENT 'Offset of its first message'
) COMMENT = 'Derived: one row per tweet, however often its message came.';

CREATE TABLE IF NOT EXISTS tweets.located_tweets (
  tweet_id VARCHAR NOT NULL COMMENT 'Tweet',
  quadrant VARCHAR NOT NULL COMMENT 'Quadrant of its point',
  address_id VARCHAR NOT NULL COMMENT 'Nearest dwelling address within 50 m; ties by id',
  building_id VARCHAR NOT NULL COMMENT 'Building of that address',
  building_dwellings BIGINT NOT NULL COMMENT 'Dwellings in that building',
  distance_m FLOAT NOT NULL COMMENT 'Distance to it on the sphere, metres, to the millimetre',
  runner_up_distance_m FLOAT COMMENT 'Distance to the nearest other building within 50 m, metres'
) COMMENT = 'Derived, by quadrant: one row per tweet with an exact point within 50 m of a dwelling address.';

CREATE TABLE IF NOT EXISTS tweets.scored_tweets (
  tweet_id VARCHAR NOT NULL COMMENT 'Tweet',
  content_hash VARCHAR NOT NULL COMMENT 'MD5 of id, language and text: what was scored',
  language VARCHAR NOT NULL COMMENT 'Language, from the platform or detected; und when it cannot be told',
  is_scored BOOLEAN NOT NULL COMMENT 'Whether the language is one that sentiment is measured in (English)',
  sentiment FLOAT COMMENT 'VADER compound score, -1 to 1; empty when not scored',
  topic VARCHAR NOT NULL COMMENT 'investments, markets, advice, service or other',
  is_complaint BOOLEAN NOT NULL COMMENT 'Whether the author complains about the bank',
  reason VARCHAR NOT NULL COMMENT 'What the topic and the complaint were read from',
  cut_characters BIGINT NOT NULL COMMENT 'Characters left out before scoring because the text was too long or had too many emojis'
) COMMENT = 'Derived: one row per tweet with its language, sentiment, topic and whether it complains.';
