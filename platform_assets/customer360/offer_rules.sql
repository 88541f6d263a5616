SELECT
  rule_id,
  topic,
  product,
  min_value_usd::FLOAT AS min_value_usd,
  max_value_usd::FLOAT AS max_value_usd,
  min_sentiment::FLOAT AS min_sentiment,
  priority::BIGINT AS priority,
  pitch
FROM (
  VALUES
    ('wealth_review', 'investments', 'wealth management', 250000, 1000000000, -0.5, 10, 'A portfolio review with a wealth adviser'),
    ('first_brokerage', 'investments', 'brokerage', 0, 250000, -0.5, 20, 'A brokerage account, the first year without fees'),
    ('market_briefing', 'markets', 'brokerage', 25000, 1000000000, -1, 30, 'The weekly market briefing and a brokerage account'),
    ('steady_savings', 'markets', 'savings', 0, 25000, -1, 40, 'A savings account with a guaranteed rate'),
    ('retirement_talk', 'advice', 'retirement', 0, 1000000000, -0.5, 50, 'An hour with an adviser about retirement'),
    ('home_loan', 'advice', 'mortgage', 25000, 1000000000, -0.5, 60, 'A mortgage offer at the rate of the day')
) AS rules (rule_id, topic, product, min_value_usd, max_value_usd, min_sentiment, priority, pitch)
