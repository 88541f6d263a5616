"""The tweet stream: reads X's filtered stream of a quadrant, or its compliance streams, and publishes each line.

Connections, rules and lines belong here; what a tweet means is read later, by the domain `tweets`.
"""
