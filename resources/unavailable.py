"""The one error that a person must act on: something outside Quadrant cannot be used as it is.

Its message is a sentence that says what is wrong and what to do. Bad input is no such error: it is quarantined.
"""


class Unavailable(Exception):  # noqa: N818 - it names a condition, as the sentence it carries does
    """A server, file or setting that a run needs cannot be used; the message says what to do about it."""
