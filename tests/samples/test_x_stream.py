"""The stand-in for X's stream, as the tweet stream reads it."""

import threading

import httpx

from platform_assets.tweets.message import Tweet, read
from samples.world import World
from samples.x_stream import STREAM, StreamServer


def test_every_line_is_a_new_tweet_of_the_api_v2(small_world: World) -> None:
    with StreamServer(small_world, per_second=10_000) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            with httpx.stream("GET", f"http://127.0.0.1:{server.server_port}{STREAM}") as response:
                lines = [line for line, _ in zip(response.iter_lines(), range(50), strict=False)]
        finally:
            server.shutdown()
            thread.join(30)
    messages = [read(line.encode()) for line in lines]
    tweets = [message for message in messages if isinstance(message, Tweet)]
    assert {tweet.shape for tweet in tweets} == {"v2"}
    assert len({tweet.tweet_id for tweet in tweets}) == 50
    assert all(tweet.text and tweet.created_at for tweet in tweets)
