WITH bought AS (
  SELECT user_id, sold_at, amount_eur
  FROM promotions.sales
  WHERE sold_at > DATEADD(day, -365, CAST(:as_of AS TIMESTAMP_NTZ)) AND sold_at <= CAST(:as_of AS TIMESTAMP_NTZ)
),

shoppers AS (
  SELECT
    user_id,
    MAX(IFF(amount_eur >= 0, sold_at, NULL)) AS last_sold_at,
    COUNT_IF(amount_eur >= 0) AS frequency,
    -- To the cent: the last bits of a sum of fractions depend on its order, and quintiles must not.
    ROUND(SUM(amount_eur), 2) AS monetary_eur
  FROM bought
  GROUP BY user_id
  HAVING COUNT_IF(amount_eur >= 0) > 0
),

scored AS (
  SELECT
    user_id,
    last_sold_at,
    frequency,
    monetary_eur,
    NTILE(5) OVER (ORDER BY last_sold_at, user_id) AS recency_score,
    NTILE(5) OVER (ORDER BY frequency, user_id) AS frequency_score,
    NTILE(5) OVER (ORDER BY monetary_eur, user_id) AS monetary_score
  FROM shoppers
)

SELECT
  user_id,
  CASE
    WHEN recency_score >= 4 AND frequency_score + monetary_score >= 8 THEN 'champions'
    WHEN recency_score >= 3 AND frequency_score + monetary_score >= 7 THEN 'loyal'
    WHEN recency_score >= 4 AND frequency_score = 1 THEN 'new'
    WHEN recency_score >= 4 THEN 'promising'
    WHEN recency_score = 3 THEN 'needs_attention'
    WHEN frequency_score + monetary_score >= 6 THEN 'at_risk'
    ELSE 'lost'
  END AS segment,
  DATEDIFF(day, last_sold_at, CAST(:as_of AS TIMESTAMP_NTZ)) AS recency_days,
  frequency,
  monetary_eur,
  recency_score,
  frequency_score,
  monetary_score,
  last_sold_at,
  CAST(:as_of AS TIMESTAMP_NTZ) AS as_of
FROM scored
