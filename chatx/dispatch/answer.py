"""An answer in its schema's form."""

from typing import Any

from chatx.errors import ChatError
from chatx.registry import Handler


def dumped(handler: Handler, result: Any) -> Any:
    """The answer in its schema's form; an error that was returned, and what an internal handler says, as it is."""
    if isinstance(result, ChatError) or handler.internal:
        return result
    return None if handler.gives is None else handler.gives.dump(result)
