WITH complaints AS (
  SELECT
    c.customer_id,
    c.household_id,
    c.match_level,
    c.tweet_id,
    c.tweeted_at,
    s.topic,
    s.sentiment,
    s.reason
  FROM customer360.categories AS c
  JOIN tweets.scored_tweets AS s ON s.tweet_id = c.tweet_id
  WHERE c.customer_id IS NOT NULL AND s.is_complaint AND c.tweeted_at <= CAST(:as_of AS TIMESTAMP_NTZ)
),

spaced AS (
  SELECT
    *,
    LAG(tweeted_at) OVER (PARTITION BY customer_id ORDER BY tweeted_at, tweet_id) AS previous_at
  FROM complaints
),

numbered AS (
  SELECT
    *,
    SUM(IFF(previous_at IS NULL OR tweeted_at >= DATEADD(day, 14, previous_at), 1, 0))
      OVER (PARTITION BY customer_id ORDER BY tweeted_at, tweet_id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS case_number,
    ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY tweeted_at, tweet_id) AS place_in_line
  FROM spaced
),

cases AS (
  SELECT
    customer_id,
    case_number,
    MIN_BY(household_id, place_in_line) AS household_id,
    MIN_BY(match_level, place_in_line) AS match_level,
    MIN_BY(tweet_id, place_in_line) AS first_tweet_id,
    MIN_BY(topic, place_in_line) AS topic,
    MIN_BY(reason, place_in_line) AS reason,
    MIN(sentiment) AS worst_sentiment,
    COUNT(*) AS complaints,
    MIN(tweeted_at) AS opened_at,
    MAX(tweeted_at) AS last_complaint_at
  FROM numbered
  GROUP BY customer_id, case_number
),

wealth AS (
  SELECT customer_id, ROUND(SUM(value_usd), 2) AS value_usd
  FROM crm.portfolios
  WHERE is_open
  GROUP BY customer_id
)

SELECT
  MD5(c.customer_id || '|' || c.first_tweet_id) AS case_id,
  c.customer_id,
  c.household_id,
  c.match_level,
  IFF(CAST(:as_of AS TIMESTAMP_NTZ) < DATEADD(day, 14, c.last_complaint_at), 'open', 'closed') AS state,
  CASE
    WHEN COALESCE(w.value_usd, 0) >= 250000 OR c.complaints >= 3 THEN 'high'
    WHEN COALESCE(w.value_usd, 0) >= 25000 OR c.complaints = 2 OR COALESCE(c.worst_sentiment, 0) <= -0.6 THEN 'normal'
    ELSE 'low'
  END AS priority,
  c.topic,
  c.complaints,
  c.opened_at,
  c.last_complaint_at,
  DATEADD(day, 14, c.last_complaint_at) AS closes_at,
  c.first_tweet_id,
  TO_VARCHAR(c.complaints) || IFF(c.complaints = 1, ' complaint: ', ' complaints, first: ') || c.reason
    || '; portfolios of ' || TO_VARCHAR(ROUND(COALESCE(w.value_usd, 0))::BIGINT) || ' USD' AS reason
FROM cases AS c
LEFT JOIN wealth AS w ON w.customer_id = c.customer_id
