SELECT
  m.household_id,
  MIN(m.address_id) AS address_id,
  MIN(UPPER(c.last_name)) AS surname,
  MIN(m.kind) AS kind,
  COUNT(*) AS customers,
  COUNT(DISTINCT m.person_id) AS people,
  MIN_BY(m.customer_id, COALESCE(c.created_at, '2999-12-31'::TIMESTAMP_NTZ)::VARCHAR || m.customer_id) AS head_customer_id,
  NULLIF(LISTAGG(DISTINCT c.managed_household, ', ') WITHIN GROUP (ORDER BY c.managed_household), '') AS managed_as,
  COUNT_IF(c.managed_household IS NULL) AS unmanaged_customers
FROM crm.household_members AS m
JOIN crm.customers AS c ON c.customer_id = m.customer_id
GROUP BY m.household_id
