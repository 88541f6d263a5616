WITH points AS (
  SELECT tweet_id, quadrant, lon, lat, FLOOR(lon / 0.00061) AS cell_x, FLOOR(lat / 0.00045) AS cell_y
  FROM tweets.tweets
  WHERE quadrant = :quadrant
),

-- A cell is at least 50 m wide and high everywhere in Connecticut, so that nine of them hold every match.
shifts AS (
  SELECT x.shift_x, y.shift_y
  FROM (VALUES (-1), (0), (1)) AS x (shift_x)
  CROSS JOIN (VALUES (-1), (0), (1)) AS y (shift_y)
),

searched AS (
  SELECT p.tweet_id, p.quadrant, p.lon, p.lat, p.cell_x + d.shift_x AS cell_x, p.cell_y + d.shift_y AS cell_y
  FROM points AS p
  CROSS JOIN shifts AS d
),

-- Addresses of every quadrant: the nearest one may stand across the border.
measured AS (
  SELECT
    s.tweet_id,
    s.quadrant,
    a.address_id,
    a.building_id,
    a.building_dwellings,
    ROUND(HAVERSINE(s.lat, s.lon, a.lat, a.lon) * 1000, 3) AS distance_m
  FROM searched AS s
  JOIN geo.addresses AS a ON FLOOR(a.lon / 0.00061) = s.cell_x AND FLOOR(a.lat / 0.00045) = s.cell_y
),

nearest AS (
  SELECT *
  FROM measured
  WHERE distance_m <= 50
  QUALIFY ROW_NUMBER() OVER (PARTITION BY tweet_id ORDER BY distance_m, address_id) = 1
),

runners_up AS (
  SELECT m.tweet_id, MIN(m.distance_m) AS distance_m
  FROM measured AS m
  JOIN nearest AS n ON n.tweet_id = m.tweet_id AND n.building_id <> m.building_id
  WHERE m.distance_m <= 50
  GROUP BY m.tweet_id
)

SELECT
  n.tweet_id,
  n.quadrant,
  n.address_id,
  n.building_id,
  n.building_dwellings,
  n.distance_m,
  r.distance_m AS runner_up_distance_m
FROM nearest AS n
LEFT JOIN runners_up AS r ON r.tweet_id = n.tweet_id
