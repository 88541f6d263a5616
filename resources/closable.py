"""What is open until it is closed, and closes at the end of a `with`.

Which connections that are belongs to each port.
"""

from abc import ABC, abstractmethod
from types import TracebackType
from typing import Self


class Closable(ABC):
    """Something that holds connections."""

    @abstractmethod
    def close(self) -> None:
        """Release connections; may be called twice."""

    def __enter__(self) -> Self:
        """Itself."""
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close."""
        self.close()
