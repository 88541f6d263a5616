WITH fields AS (
  SELECT field
  FROM (
    VALUES
      ('first_name'), ('last_name'), ('email'), ('phone'), ('birth_date'), ('street'), ('unit'), ('city'), ('state'),
      ('postcode'), ('managed_household'), ('marketing_consent')
  ) AS f (field)
),

versions AS (
  SELECT
    *,
    LAG(operation) OVER (PARTITION BY customer_id ORDER BY extract_id, operation) AS operation_before
  FROM crm.raw_customers
),

field_values AS (
  SELECT
    v.customer_id,
    v.extract_id,
    v.extracted_at,
    v.operation,
    v.operation_before,
    f.field,
    CASE f.field
      WHEN 'first_name' THEN v.first_name
      WHEN 'last_name' THEN v.last_name
      WHEN 'email' THEN v.email
      WHEN 'phone' THEN v.phone
      WHEN 'birth_date' THEN TO_VARCHAR(v.birth_date)
      WHEN 'street' THEN v.street
      WHEN 'unit' THEN v.unit
      WHEN 'city' THEN v.city
      WHEN 'state' THEN v.state
      WHEN 'postcode' THEN v.postcode
      WHEN 'managed_household' THEN v.managed_household
      WHEN 'marketing_consent' THEN IFF(v.marketing_consent, 'true', 'false')
    END AS value
  FROM versions AS v
  CROSS JOIN fields AS f
),

compared AS (
  SELECT
    *,
    LAG(value) OVER (PARTITION BY customer_id, field ORDER BY extract_id, operation) AS value_before
  FROM field_values
)

SELECT
  customer_id,
  extracted_at AS changed_at,
  field AS change,
  value_before AS old_value,
  value AS new_value
FROM compared
WHERE operation = 'upsert' AND operation_before = 'upsert' AND value IS DISTINCT FROM value_before

UNION ALL

SELECT
  customer_id,
  extracted_at AS changed_at,
  CASE
    WHEN operation = 'delete' THEN 'deleted'
    WHEN operation_before = 'delete' THEN 'restored'
    ELSE 'created'
  END AS change,
  NULL::VARCHAR AS old_value,
  NULL::VARCHAR AS new_value
FROM versions
WHERE operation = 'delete' OR operation_before = 'delete' OR operation_before IS NULL
