WITH members AS (
  SELECT
    m.household_id,
    m.customer_id,
    m.person_id,
    m.address_id,
    m.kind,
    UPPER(c.last_name) AS surname,
    c.managed_household,
    ROW_NUMBER() OVER (
      PARTITION BY m.household_id ORDER BY COALESCE(c.created_at, '2999-12-31'::TIMESTAMP_NTZ), m.customer_id
    ) AS seniority
  FROM crm.household_members AS m
  JOIN crm.customers AS c ON c.customer_id = m.customer_id
)

SELECT
  household_id,
  MIN(address_id) AS address_id,
  MIN(surname) AS surname,
  MIN(kind) AS kind,
  COUNT(*) AS customers,
  COUNT(DISTINCT person_id) AS people,
  MIN_BY(customer_id, seniority) AS head_customer_id,
  NULLIF(LISTAGG(DISTINCT managed_household, ', ') WITHIN GROUP (ORDER BY managed_household), '') AS managed_as,
  COUNT_IF(managed_household IS NULL) AS unmanaged_customers
FROM members
GROUP BY household_id
