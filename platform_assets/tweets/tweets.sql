SELECT
  tweet_id,
  -- Nothing is written after it was published: a clock that runs ahead must not close every case.
  CASE
    WHEN created_at > published_at THEN published_at
    ELSE COALESCE(created_at, published_at)
  END AS tweeted_at,
  text,
  lang,
  screen_name,
  author_name,
  lon,
  lat,
  CASE
    WHEN lon >= :west AND lon < :east AND lat >= :south AND lat < :north
      THEN IFF(lat >= :split_lat, 'north', 'south') || IFF(lon >= :split_lon, 'east', 'west')
  END AS quadrant,
  place_name,
  place_region,
  COUNT(*) OVER (PARTITION BY tweet_id) AS copies,
  topic,
  log_partition,
  log_offset
FROM tweets.raw_tweets
QUALIFY ROW_NUMBER() OVER (PARTITION BY tweet_id ORDER BY published_at NULLS LAST, topic, topic_id NULLS FIRST, log_partition, log_offset) = 1
