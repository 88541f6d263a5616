WITH residents AS (
  SELECT
    a.building_id,
    m.customer_id,
    m.person_id,
    m.household_id,
    m.kind,
    UPPER(TRIM(c.first_name || ' ' || c.last_name)) AS full_name
  FROM crm.household_members AS m
  JOIN crm.customers AS c ON c.customer_id = m.customer_id
  JOIN geo.addresses AS a ON a.address_id = m.address_id
),

buildings AS (
  SELECT
    building_id,
    MIN(customer_id) AS customer_id,
    MIN(household_id) AS household_id,
    COUNT(DISTINCT person_id) AS people,
    COUNT(DISTINCT household_id) AS households,
    MAX(IFF(kind = 'ambiguous', 1, 0)) AS is_ambiguous
  FROM residents
  GROUP BY building_id
),

-- The author's displayed name is that of exactly one person in the building.
namesakes AS (
  SELECT l.tweet_id, MIN(r.customer_id) AS customer_id, MIN(r.household_id) AS household_id
  FROM tweets.located_tweets AS l
  JOIN tweets.tweets AS t ON t.tweet_id = l.tweet_id
  JOIN residents AS r ON r.building_id = l.building_id AND r.full_name = UPPER(TRIM(t.author_name))
  GROUP BY l.tweet_id
  HAVING COUNT(DISTINCT r.person_id) = 1
),

judged AS (
  SELECT
    t.tweet_id,
    t.tweeted_at,
    t.quadrant,
    t.lon,
    t.place_name,
    t.place_region,
    l.address_id,
    l.distance_m,
    l.building_dwellings,
    b.people,
    b.households,
    n.customer_id AS named_customer_id,
    n.household_id AS named_household_id,
    h.head_customer_id,
    b.customer_id AS only_customer_id,
    b.household_id AS only_household_id,
    CASE
      WHEN n.customer_id IS NOT NULL THEN 'named'
      WHEN l.building_dwellings > 1 AND b.people > 0 THEN 'many dwellings'
      WHEN b.is_ambiguous = 1 THEN 'many families'
      WHEN b.people = 1 THEN 'alone'
      WHEN b.households > 1 THEN 'room-mates'
      WHEN b.people > 1 THEN 'one of several'
      WHEN l.tweet_id IS NOT NULL THEN 'no customer'
      WHEN t.quadrant IS NOT NULL THEN 'no dwelling'
      WHEN t.lon IS NOT NULL THEN 'elsewhere'
      WHEN t.place_region = 'CT' THEN 'place'
      WHEN t.place_name IS NOT NULL THEN 'other place'
      ELSE 'nowhere'
    END AS finding
  FROM tweets.tweets AS t
  LEFT JOIN tweets.located_tweets AS l ON l.tweet_id = t.tweet_id
  LEFT JOIN buildings AS b ON b.building_id = l.building_id
  LEFT JOIN crm.households AS h ON h.household_id = b.household_id
  LEFT JOIN namesakes AS n ON n.tweet_id = t.tweet_id
)

SELECT
  tweet_id,
  CASE
    WHEN finding IN ('named', 'alone', 'one of several', 'room-mates') THEN 'customer'
    WHEN finding IN ('many dwellings', 'many families', 'no customer') THEN 'prospect'
    WHEN finding IN ('elsewhere', 'other place') THEN 'outside'
    WHEN finding = 'place' THEN 'coarse'
    ELSE 'unlocated'
  END AS category,
  CASE finding
    WHEN 'named' THEN named_customer_id
    WHEN 'alone' THEN only_customer_id
    WHEN 'one of several' THEN head_customer_id
  END AS customer_id,
  CASE
    WHEN finding IN ('named', 'alone') THEN 'person'
    WHEN finding = 'one of several' THEN 'household'
    WHEN finding = 'room-mates' THEN 'dwelling'
  END AS match_level,
  CASE
    WHEN finding = 'named' THEN named_household_id
    WHEN finding IN ('alone', 'one of several') THEN only_household_id
  END AS household_id,
  address_id,
  quadrant,
  distance_m,
  tweeted_at,
  CASE finding
    WHEN 'named' THEN 'a customer of the author''s name lives in the building, ' || TO_VARCHAR(ROUND(distance_m)::BIGINT) || ' m away'
    WHEN 'alone' THEN 'the only customer in the dwelling ' || TO_VARCHAR(ROUND(distance_m)::BIGINT) || ' m away'
    WHEN 'one of several' THEN 'one of ' || TO_VARCHAR(people) || ' customers in the dwelling ' || TO_VARCHAR(ROUND(distance_m)::BIGINT) || ' m away'
    WHEN 'room-mates' THEN 'one of ' || TO_VARCHAR(people) || ' customers of ' || TO_VARCHAR(households) || ' households in the dwelling ' || TO_VARCHAR(ROUND(distance_m)::BIGINT) || ' m away: it cannot be told whose'
    WHEN 'many dwellings' THEN 'building of ' || TO_VARCHAR(building_dwellings) || ' dwellings, and no customer in it has the author''s name'
    WHEN 'many families' THEN 'block without units, and no customer in it has the author''s name'
    WHEN 'no customer' THEN 'no customer in the dwelling ' || TO_VARCHAR(ROUND(distance_m)::BIGINT) || ' m away'
    WHEN 'no dwelling' THEN 'no dwelling within 50 m of the point'
    WHEN 'elsewhere' THEN 'the point is outside Connecticut'
    WHEN 'place' THEN 'only a place, ' || place_name || ', no point'
    WHEN 'other place' THEN 'only a place outside Connecticut, ' || place_name
    ELSE 'neither point nor place'
  END AS reason
FROM judged
