WITH wealth AS (
  SELECT m.household_id, ROUND(SUM(p.value_usd), 2) AS value_usd
  FROM crm.household_members AS m
  JOIN crm.portfolios AS p ON p.customer_id = m.customer_id AND p.is_open
  GROUP BY m.household_id
),

-- Counted, because the name of a family may hold a comma itself.
families AS (
  SELECT m.household_id, COUNT(DISTINCT c.managed_household) AS families
  FROM crm.household_members AS m
  JOIN crm.customers AS c ON c.customer_id = m.customer_id
  GROUP BY m.household_id
)

SELECT
  h.household_id,
  h.address_id,
  h.surname,
  h.customers,
  h.head_customer_id,
  COALESCE(w.value_usd, 0::FLOAT) AS value_usd,
  h.managed_as,
  TO_VARCHAR(h.customers) || ' customers named ' || h.surname || ' share a dwelling, but '
    || CASE
      WHEN h.managed_as IS NULL THEN 'none of them is managed as a family'
      WHEN h.unmanaged_customers > 0 THEN TO_VARCHAR(h.unmanaged_customers) || ' of them outside the family ' || h.managed_as
      ELSE 'they are managed as ' || h.managed_as
    END AS reason
FROM crm.households AS h
JOIN families AS f ON f.household_id = h.household_id
LEFT JOIN wealth AS w ON w.household_id = h.household_id
WHERE h.kind = 'family' AND h.people >= 2 AND (h.unmanaged_customers > 0 OR f.families > 1)
