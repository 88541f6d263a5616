"""Ports to the world outside and their adapters; nothing here imports Dagster except `deployments`."""
