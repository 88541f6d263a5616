WITH lines AS (
  SELECT
    c.customer_id,
    s.house_number,
    s.street,
    COALESCE(NULLIF(u.unit, ''), s.unit, '') AS unit,
    c.city,
    c.postcode
  FROM crm.customers AS c
  LEFT JOIN geo.streets AS s ON s.street_text = c.street_text AND COALESCE(c.state, 'CT') IN ('CT', 'CONNECTICUT')
  LEFT JOIN geo.units AS u ON u.unit_text = c.unit
),

-- Same house number in the same town or postcode: the only pairs that are compared.
pairs AS (
  SELECT l.customer_id, a.address_id
  FROM lines AS l
  JOIN geo.addresses AS a ON a.house_number = l.house_number AND a.city = l.city
  UNION
  SELECT l.customer_id, a.address_id
  FROM lines AS l
  JOIN geo.addresses AS a ON a.house_number = l.house_number AND a.postcode = l.postcode
),

compared AS (
  SELECT
    p.customer_id,
    a.address_id,
    a.building_id,
    a.street,
    l.street AS street_written,
    a.street = l.street AS is_same_street,
    1 - EDITDISTANCE(a.street, l.street)::FLOAT / GREATEST(LENGTH(a.street), LENGTH(l.street), 1) AS street_likeness,
    CASE
      WHEN a.unit = l.unit THEN 'same'
      WHEN l.unit = '' AND a.building_dwellings > 1 THEN 'missing'
      WHEN a.building_dwellings = 1 THEN 'not in the address files'
      ELSE 'other'
    END AS unit_agreement,
    COALESCE(a.city = l.city, FALSE) AS is_same_city,
    COALESCE(a.postcode = l.postcode, FALSE) AS is_same_postcode,
    a.building_dwellings
  FROM pairs AS p
  JOIN lines AS l ON l.customer_id = p.customer_id
  JOIN geo.addresses AS a ON a.address_id = p.address_id
),

-- The building is known and the unit is not: no other street may take its place.
unit_missing AS (
  SELECT customer_id, MAX(building_dwellings) AS building_dwellings
  FROM compared
  WHERE is_same_street AND unit_agreement IN ('missing', 'other')
  GROUP BY customer_id
),

scored AS (
  SELECT
    c.*,
    ROUND(
      c.street_likeness
      - IFF(c.unit_agreement = 'not in the address files', 0.05, 0)
      - IFF(c.is_same_city, 0, 0.02)
      - IFF(c.is_same_postcode, 0, 0.01),
      4
    ) AS score
  FROM compared AS c
  LEFT JOIN unit_missing AS u ON u.customer_id = c.customer_id
  WHERE c.unit_agreement IN ('same', 'not in the address files')
    AND c.street_likeness >= 0.7
    AND (c.is_same_street OR u.customer_id IS NULL)
),

ranked AS (
  SELECT
    *,
    ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY score DESC, address_id) AS place_in_line,
    LEAD(score) OVER (PARTITION BY customer_id ORDER BY score DESC, address_id) AS next_score
  FROM scored
),

-- A second candidate about as good makes the first a guess; where the text itself is the same, only one quite as good.
chosen AS (
  SELECT
    *,
    is_same_street AND unit_agreement = 'same' AS is_exact
  FROM ranked
  WHERE place_in_line = 1
    AND (
      next_score IS NULL
      OR (is_same_street AND score > next_score)
      OR ROUND(score - next_score, 4) >= 0.05
    )
)

SELECT
  l.customer_id,
  c.address_id,
  CASE WHEN c.address_id IS NULL THEN 'none' WHEN c.is_exact THEN 'exact' ELSE 'fuzzy' END AS method,
  CASE WHEN c.address_id IS NULL THEN 0::FLOAT WHEN c.is_exact THEN 1::FLOAT ELSE c.score END AS score,
  CASE
    WHEN c.is_exact THEN 'number, street, unit and ' || IFF(c.is_same_city, 'town', 'postcode') || ' agree'
    WHEN c.address_id IS NOT NULL THEN
      IFF(c.is_same_street, 'number and street agree', 'number agrees, street ' || c.street_written || ' read as ' || c.street)
      || IFF(c.unit_agreement = 'same', '', '; unit not in the address files')
      || '; ' || IFF(c.is_same_city, 'town agrees', 'town differs')
      || ', ' || IFF(c.is_same_postcode, 'postcode agrees', 'postcode differs or is missing')
    WHEN l.street IS NULL THEN 'no street in Connecticut given'
    WHEN l.house_number IS NULL THEN 'no house number given'
    WHEN u.customer_id IS NOT NULL THEN 'building of ' || TO_VARCHAR(u.building_dwellings) || ' dwellings, and the unit is missing or unknown'
    WHEN r.customer_id IS NOT NULL THEN 'several addresses are about equally like it'
    ELSE 'no address of that number and a like street in the town or postcode'
  END AS explanation
FROM lines AS l
LEFT JOIN chosen AS c ON c.customer_id = l.customer_id
LEFT JOIN ranked AS r ON r.customer_id = l.customer_id AND r.place_in_line = 1
LEFT JOIN unit_missing AS u ON u.customer_id = l.customer_id
