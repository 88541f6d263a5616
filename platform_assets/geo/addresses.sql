WITH written AS (
  SELECT
    r.file,
    r.file || ':' || COALESCE(r.member, '') || ':' || LPAD(TO_VARCHAR(r.line), 12, '0') AS record,
    r.lon,
    r.lat,
    UPPER(TRIM(r.house_number)) AS house_number,
    s.street,
    COALESCE(NULLIF(u.unit, ''), s.unit, '') AS unit,
    NULLIF(UPPER(TRIM(r.city)), '') AS city,
    LPAD(NULLIF(SPLIT_PART(TRIM(r.postcode), '-', 1), ''), 5, '0') AS postcode,
    FLOOR(r.lon / 0.02) AS cell_x,
    FLOOR(r.lat / 0.015) AS cell_y
  FROM geo.raw_addresses AS r
  JOIN geo.streets AS s ON s.street_text = r.street
  LEFT JOIN geo.units AS u ON u.unit_text = r.unit
),

-- Where a file leaves the locality out: what nearby rows on the same street say, else the rows around.
shifts AS (
  SELECT x.shift_x, y.shift_y
  FROM (VALUES (-1), (0), (1)) AS x (shift_x)
  CROSS JOIN (VALUES (-1), (0), (1)) AS y (shift_y)
),

places AS (
  SELECT street, cell_x, cell_y, city, postcode, COUNT(*) AS weight
  FROM written
  WHERE city IS NOT NULL OR postcode IS NOT NULL
  GROUP BY street, cell_x, cell_y, city, postcode
),

gaps AS (
  SELECT DISTINCT street, cell_x, cell_y
  FROM written
  WHERE city IS NULL OR postcode IS NULL
),

street_votes AS (
  SELECT
    g.street, g.cell_x, g.cell_y, p.city, p.postcode, p.weight,
    ABS(d.shift_x) + ABS(d.shift_y) AS steps
  FROM gaps AS g
  CROSS JOIN shifts AS d
  JOIN places AS p ON p.street = g.street AND p.cell_x = g.cell_x + d.shift_x AND p.cell_y = g.cell_y + d.shift_y
),

cell_places AS (
  SELECT cell_x, cell_y, city, postcode, SUM(weight) AS weight
  FROM places
  GROUP BY cell_x, cell_y, city, postcode
),

cell_votes AS (
  SELECT g.cell_x, g.cell_y, p.city, p.postcode, p.weight, ABS(d.shift_x) + ABS(d.shift_y) AS steps
  FROM (SELECT DISTINCT cell_x, cell_y FROM gaps) AS g
  CROSS JOIN shifts AS d
  JOIN cell_places AS p ON p.cell_x = g.cell_x + d.shift_x AND p.cell_y = g.cell_y + d.shift_y
),

street_city AS (
  SELECT street, cell_x, cell_y, city
  FROM street_votes
  WHERE city IS NOT NULL
  GROUP BY street, cell_x, cell_y, city
  QUALIFY ROW_NUMBER() OVER (PARTITION BY street, cell_x, cell_y ORDER BY MIN(steps), SUM(weight) DESC, city) = 1
),

street_postcode AS (
  SELECT street, cell_x, cell_y, postcode
  FROM street_votes
  WHERE postcode IS NOT NULL
  GROUP BY street, cell_x, cell_y, postcode
  QUALIFY ROW_NUMBER() OVER (PARTITION BY street, cell_x, cell_y ORDER BY MIN(steps), SUM(weight) DESC, postcode) = 1
),

postcode_city AS (
  SELECT postcode, city
  FROM places
  WHERE city IS NOT NULL AND postcode IS NOT NULL
  GROUP BY postcode, city
  QUALIFY ROW_NUMBER() OVER (PARTITION BY postcode ORDER BY SUM(weight) DESC, city) = 1
),

cell_city AS (
  SELECT cell_x, cell_y, city
  FROM cell_votes
  WHERE city IS NOT NULL
  GROUP BY cell_x, cell_y, city
  QUALIFY ROW_NUMBER() OVER (PARTITION BY cell_x, cell_y ORDER BY MIN(steps), SUM(weight) DESC, city) = 1
),

cell_postcode AS (
  SELECT cell_x, cell_y, postcode
  FROM cell_votes
  WHERE postcode IS NOT NULL
  GROUP BY cell_x, cell_y, postcode
  QUALIFY ROW_NUMBER() OVER (PARTITION BY cell_x, cell_y ORDER BY MIN(steps), SUM(weight) DESC, postcode) = 1
),

placed AS (
  SELECT
    w.file, w.record, w.lon, w.lat, w.house_number, w.street, w.unit,
    COALESCE(
      w.city, sc.city, pc.city, cc.city,
      -- Nothing around names a locality: the cell itself keeps two towns' 10 MAIN ST apart.
      'CELL ' || TO_VARCHAR(w.cell_x::BIGINT) || ' ' || TO_VARCHAR(w.cell_y::BIGINT)
    ) AS city,
    COALESCE(w.postcode, sp.postcode, cp.postcode) AS postcode
  FROM written AS w
  LEFT JOIN street_city AS sc ON w.city IS NULL AND sc.street = w.street AND sc.cell_x = w.cell_x AND sc.cell_y = w.cell_y
  LEFT JOIN postcode_city AS pc ON w.city IS NULL AND pc.postcode = w.postcode
  LEFT JOIN cell_city AS cc ON w.city IS NULL AND cc.cell_x = w.cell_x AND cc.cell_y = w.cell_y
  LEFT JOIN street_postcode AS sp
    ON w.postcode IS NULL AND sp.street = w.street AND sp.cell_x = w.cell_x AND sp.cell_y = w.cell_y
  LEFT JOIN cell_postcode AS cp ON w.postcode IS NULL AND cp.cell_x = w.cell_x AND cp.cell_y = w.cell_y
),

merged AS (
  SELECT
    house_number, street, unit, city,
    -- The newest file speaks: its name sorts last. One that is silent about the postcode takes nothing away.
    MAX_BY(postcode, IFF(postcode IS NULL, NULL, record)) AS postcode,
    MAX_BY(lon, record) AS lon,
    MAX_BY(lat, record) AS lat,
    COUNT(*) AS sources,
    LISTAGG(DISTINCT file, ', ') WITHIN GROUP (ORDER BY file) AS files
  FROM placed
  GROUP BY house_number, street, unit, city
)

SELECT
  MD5(house_number || '|' || street || '|' || unit || '|' || city) AS address_id,
  house_number,
  street,
  unit,
  city,
  postcode,
  lon,
  lat,
  CASE
    WHEN lon >= :west AND lon < :east AND lat >= :south AND lat < :north
      THEN IFF(lat >= :split_lat, 'north', 'south') || IFF(lon >= :split_lon, 'east', 'west')
  END AS quadrant,
  MD5(house_number || '|' || street || '|' || city) AS building_id,
  COUNT(*) OVER (PARTITION BY house_number, street, city) AS building_dwellings,
  sources,
  files
FROM merged
