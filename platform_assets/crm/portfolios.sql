WITH latest AS (
  SELECT *
  FROM crm.raw_portfolios
  QUALIFY ROW_NUMBER() OVER (PARTITION BY portfolio_id ORDER BY extract_id DESC, operation DESC) = 1
)

SELECT
  portfolio_id,
  TRIM(customer_id) AS customer_id,
  LOWER(TRIM(COALESCE(product, 'unknown'))) AS product,
  advisor,
  COALESCE(value_usd, 0::FLOAT) AS value_usd,
  opened_at,
  closed_at,
  closed_at IS NULL AS is_open,
  updated_at
FROM latest
WHERE operation = 'upsert'
