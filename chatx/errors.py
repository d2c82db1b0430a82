"""What can go wrong for a caller: one tree, one code per class, one shape on every wire. Imports nothing of ours."""

from typing import Any, ClassVar


class ChatError(Exception):
    """An answer that says no. `problem()` is its one shape (RFC 9457) on REST and in socket acks.

    detail: one sentence for people; fields: {field: [sentences]}; retry_after: seconds.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something broke on our side"
    retryable: ClassVar[bool] = False

    def __init__(
        self, detail: str | None = None, *, fields: dict[str, Any] | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(detail or self.title)
        self.detail = detail or f"{self.title}."
        self.fields = fields
        self.retry_after = retry_after

    def problem(self, request_id: str) -> dict[str, Any]:
        """The error object of the contract; keys without a value are left out."""
        problem: dict[str, Any] = {
            "type": f"/errors/{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
            "detail": self.detail,
            "retryable": self.retryable,
            "request_id": request_id,
        }
        if self.fields is not None:
            problem["fields"] = self.fields
        if self.retry_after is not None:
            problem["retry_after"] = self.retry_after
        return problem


class BadRequest(ChatError):
    code, status, title = "bad_request", 400, "The request cannot be read"


class ValidationFailed(ChatError):
    code, status, title = "validation_failed", 422, "Some fields are wrong"


class Unauthenticated(ChatError):
    code, status, title = "unauthenticated", 401, "Sign in first"


class TokenExpired(ChatError):
    code, status, title = "token_expired", 401, "The token has expired"


class DeviceRevoked(ChatError):
    code, status, title = "device_revoked", 401, "This device was signed out"


class Forbidden(ChatError):
    code, status, title = "forbidden", 403, "You may not do that here"


class NotFound(ChatError):
    code, status, title = "not_found", 404, "There is nothing here"


class MethodNotAllowed(ChatError):
    code, status, title = "method_not_allowed", 405, "This address does not take that method"


class Conflict(ChatError):
    code, status, title = "conflict", 409, "The present state forbids it"


class ClientIdReused(ChatError):
    code, status, title = "client_id_reused", 409, "This client_id was used for something else"


class UsernameTaken(ChatError):
    code, status, title = "username_taken", 409, "This user name is taken"


class RoomFull(ChatError):
    code, status, title = "room_full", 409, "The room is full"


class WindowClosed(ChatError):
    code, status, title = "window_closed", 409, "It is too late for that"


class TooLarge(ChatError):
    code, status, title = "too_large", 413, "That is too large"


class UnsupportedMedia(ChatError):
    code, status, title = "unsupported_media", 415, "Only application/json is understood"


class RateLimited(ChatError):
    code, status, title, retryable = "rate_limited", 429, "Too many calls", True


class Unavailable(ChatError):
    code, status, title, retryable = "unavailable", 503, "A part of the service is down", True


def tree(base: type[ChatError] = ChatError) -> list[type[ChatError]]:
    """Every error there is, the base first."""
    return [base, *(error for child in base.__subclasses__() for error in tree(child))]
