WITH latest AS (
  SELECT *
  FROM crm.raw_customers
  QUALIFY ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY extract_id DESC, operation DESC) = 1
)

SELECT
  customer_id,
  TRIM(first_name) AS first_name,
  TRIM(last_name) AS last_name,
  NULLIF(LOWER(TRIM(email)), '') AS email,
  NULLIF(REGEXP_REPLACE(phone, '[^0-9]', ''), '') AS phone,
  birth_date,
  NULLIF(TRIM(street), '') AS street_text,
  NULLIF(TRIM(unit), '') AS unit,
  NULLIF(UPPER(TRIM(city)), '') AS city,
  NULLIF(UPPER(TRIM(state)), '') AS state,
  LPAD(NULLIF(SPLIT_PART(TRIM(postcode), '-', 1), ''), 5, '0') AS postcode,
  NULLIF(TRIM(managed_household), '') AS managed_household,
  COALESCE(marketing_consent, FALSE) AS has_marketing_consent,
  created_at,
  updated_at
FROM latest
WHERE operation = 'upsert'
