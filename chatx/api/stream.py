"""Files over REST: an event that answers piece by piece is asked again and again, and its texts are sent as they come."""

import time
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, request, stream_with_context

from chatx.api.reply import begin_call, identified
from chatx.context import Actor
from chatx.dispatch import dispatch
from chatx.errors import ChatError, ValidationFailed

LONGEST_WAIT = 60  # seconds between two pieces


def stream(event: str, path: Mapping[str, Any]) -> Response:
    """Dispatch a request as `event`, and again for each `next` that it answers: all texts together are the file."""
    payload, actor = begin_call(event, path), identified()
    if request.args:
        raise ValidationFailed(fields={name: ["Unknown field: a file is sent as a whole."] for name in request.args})
    first = dispatch(event, actor, payload, address=request.remote_addr or "")
    file = Response(stream_with_context(_texts(event, actor, payload, first)), mimetype=first["media_type"])
    file.headers["Content-Disposition"] = f'attachment; filename="{first["name"]}"'
    file.headers["X-Accel-Buffering"] = "no"  # nginx would take all of it at once
    return file


def _texts(event: str, actor: Actor, payload: dict[str, Any], piece: dict[str, Any]) -> Iterator[str]:
    """What cannot be had now is waited for; what is not to be had any more ends the file without its end."""
    yield piece["text"]
    waited = 0
    while piece["next"] is not None and waited < LONGEST_WAIT:
        try:
            piece = dispatch(event, actor, {**payload, "cursor": piece["next"]})
        except ChatError as error:
            if not error.retryable:
                return
            waited += error.retry_after or 1
            time.sleep(error.retry_after or 1)
        else:
            waited = 0
            yield piece["text"]
            time.sleep(0)  # others have their turn, also where neither a query nor the client has to be waited for
