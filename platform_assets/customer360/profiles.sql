WITH holdings AS (
  SELECT
    customer_id,
    COUNT(*) AS portfolios,
    ROUND(SUM(value_usd), 2) AS value_usd,
    LISTAGG(DISTINCT product, ', ') WITHIN GROUP (ORDER BY product) AS products
  FROM crm.portfolios
  WHERE is_open
  GROUP BY customer_id
),

voices AS (
  SELECT
    c.customer_id,
    COUNT(*) AS tweets,
    COUNT_IF(s.is_complaint) AS complaints,
    ROUND(AVG(s.sentiment), 4) AS mean_sentiment,
    MAX(c.tweeted_at) AS last_tweeted_at
  FROM customer360.categories AS c
  JOIN tweets.scored_tweets AS s ON s.tweet_id = c.tweet_id
  WHERE c.customer_id IS NOT NULL
  GROUP BY c.customer_id
),

open_cases AS (
  SELECT DISTINCT customer_id
  FROM customer360.support_cases
  WHERE state = 'open'
)

SELECT
  c.customer_id,
  m.person_id,
  m.household_id,
  m.address_id,
  a.quadrant,
  c.first_name,
  c.last_name,
  COALESCE(h.portfolios, 0) AS portfolios,
  COALESCE(h.value_usd, 0::FLOAT) AS value_usd,
  COALESCE(h.products, '') AS products,
  COALESCE(v.tweets, 0) AS tweets,
  COALESCE(v.complaints, 0) AS complaints,
  v.mean_sentiment,
  v.last_tweeted_at,
  c.has_marketing_consent,
  CASE
    WHEN o.customer_id IS NOT NULL THEN 'open_case'
    WHEN c.has_marketing_consent THEN 'contactable'
    ELSE 'no_consent'
  END AS contact_state
FROM crm.customers AS c
LEFT JOIN crm.household_members AS m ON m.customer_id = c.customer_id
LEFT JOIN geo.addresses AS a ON a.address_id = m.address_id
LEFT JOIN holdings AS h ON h.customer_id = c.customer_id
LEFT JOIN voices AS v ON v.customer_id = c.customer_id
LEFT JOIN open_cases AS o ON o.customer_id = c.customer_id
