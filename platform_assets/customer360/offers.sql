WITH prompts AS (
  SELECT
    c.customer_id,
    c.tweet_id,
    c.tweeted_at,
    s.topic,
    COALESCE(s.sentiment, 0::FLOAT) AS sentiment,
    p.value_usd,
    p.products,
    p.portfolios
  FROM customer360.categories AS c
  JOIN tweets.scored_tweets AS s ON s.tweet_id = c.tweet_id
  JOIN customer360.profiles AS p ON p.customer_id = c.customer_id
  WHERE c.category = 'customer'
    AND c.match_level = 'person'
    AND c.tweeted_at IS NOT NULL
    AND NOT s.is_complaint
    AND p.has_marketing_consent
    AND p.contact_state <> 'open_case'
),

-- Not while a case was open then, nor while one is open now.
undisturbed AS (
  SELECT *
  FROM prompts AS p
  WHERE NOT EXISTS (
    SELECT 1
    FROM customer360.support_cases AS k
    WHERE k.customer_id = p.customer_id AND k.opened_at <= p.tweeted_at AND p.tweeted_at < k.closes_at
  )
),

eligible AS (
  SELECT u.*, r.rule_id, r.product, r.pitch
  FROM undisturbed AS u
  JOIN customer360.offer_rules AS r
    ON r.topic = u.topic
    AND u.value_usd >= r.min_value_usd
    AND u.value_usd < r.max_value_usd
    AND u.sentiment >= r.min_sentiment
  WHERE NOT CONTAINS(', ' || u.products || ',', ', ' || r.product || ',')
  QUALIFY ROW_NUMBER() OVER (PARTITION BY u.tweet_id ORDER BY r.priority, r.rule_id) = 1
),

-- The frequency cap: the first prompt of a calendar month.
capped AS (
  SELECT *
  FROM eligible
  QUALIFY ROW_NUMBER() OVER (
    PARTITION BY customer_id, DATE_TRUNC('month', tweeted_at) ORDER BY tweeted_at, tweet_id
  ) = 1
)

SELECT
  MD5(customer_id || '|' || tweet_id) AS offer_id,
  customer_id,
  rule_id,
  product,
  pitch,
  tweet_id,
  tweeted_at AS offered_at,
  'wrote about ' || topic || ', holds ' || TO_VARCHAR(ROUND(value_usd)::BIGINT) || ' USD in '
    || TO_VARCHAR(portfolios) || IFF(portfolios = 1, ' portfolio', ' portfolios') || ' without ' || product
    || ', agreed to offers, no open case' AS reason
FROM capped
