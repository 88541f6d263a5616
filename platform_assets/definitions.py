"""The composition root: the only file that imports everything."""

import dagster as dg

from platform_assets.crm import (
    customer_changes,
    customer_homes,
    customers,
    household_members,
    households,
    portfolios,
    raw_customers,
    raw_portfolios,
)
from platform_assets.customer360 import (
    categories,
    deliveries,
    household_merges,
    offer_rules,
    offers,
    profiles,
    support_cases,
)
from platform_assets.geo import addresses, raw_addresses, streets, units
from platform_assets.jobs import JOBS
from platform_assets.listings import (
    listing_csv,
    listing_json,
    listing_txt,
    posted_listings,
    prune_listings,
    root_trouble,
)
from platform_assets.promotions import (
    assignments,
    effects,
    launch_campaign,
    rejected_promotions,
    sales,
    segments,
    uses,
)
from platform_assets.tweets import located_tweets, raw_tweets, replay_topic, scored_tweets, tweets
from resources.deployments import Deployment, current, resources_for
from sensors import (
    listing_root,
    listing_ticks,
    new_address_files,
    new_sales_files,
    raw_data_changed,
    run_outcomes,
    schedules,
    tweets_arrived,
)

ASSETS = (
    raw_addresses.incoming,
    raw_addresses.raw_addresses,
    streets.streets,
    units.units,
    addresses.addresses,
    raw_customers.crm_customers,
    raw_customers.raw_customers,
    raw_portfolios.crm_portfolios,
    raw_portfolios.raw_portfolios,
    customers.customers,
    portfolios.portfolios,
    customer_changes.customer_changes,
    customer_homes.customer_homes,
    household_members.household_members,
    households.households,
    raw_tweets.topic,
    raw_tweets.raw_tweets,
    tweets.tweets,
    located_tweets.located_tweets,
    scored_tweets.scored_tweets,
    categories.categories,
    support_cases.support_cases,
    profiles.profiles,
    offer_rules.offer_rules,
    offers.offers,
    household_merges.household_merges,
    deliveries.deliveries,
    sales.incoming,
    sales.sales,
    segments.segments,
    assignments.assignments,
    uses.promotion_store,
    rejected_promotions.rejected_promotions,
    uses.uses,
    effects.effects,
    listing_txt.listed_root,
    listing_txt.incoming,
    listing_txt.listing_txt,
    listing_csv.listing_csv,
    listing_json.listing_json,
    posted_listings.posted_listings,
    posted_listings.listing_api,
)


def definitions_for(deployment: Deployment) -> dg.Definitions:
    """Everything Dagster knows, with the resources of one deployment."""
    return dg.Definitions(
        assets=ASSETS,
        jobs=[
            *JOBS,
            replay_topic.replay_topic,
            launch_campaign.launch_campaign,
            prune_listings.prune_listings,
            root_trouble.tell_of_root,
        ],
        sensors=[
            new_address_files.sensor_for(is_confirm_required=deployment.is_confirm_required),
            tweets_arrived.tweets_arrived,
            new_sales_files.new_sales_files,
            raw_data_changed.raw_data_changed,
            listing_root.listing_root,
            run_outcomes.sensor_for(deployment.name, deployment.ui_url),
        ],
        schedules=[*schedules.SCHEDULES, listing_ticks.listing_ticks],
        resources=resources_for(deployment),
        executor=dg.in_process_executor,
    )


defs = definitions_for(current())
