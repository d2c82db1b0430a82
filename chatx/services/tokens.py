"""Tokens: signed claims that name a person, a device, and for refresh tokens the one use they are good for."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from flask import current_app
from flask_jwt_extended import create_access_token, create_refresh_token, decode_token
from flask_jwt_extended.exceptions import JWTExtendedException
from jwt import ExpiredSignatureError, PyJWTError

from chatx.errors import TokenExpired, Unauthenticated


@dataclass(frozen=True, slots=True)
class Claims:
    """What a good token says. refresh_id: which use of a refresh token it is; empty in an access token."""

    user_id: str
    device_id: str
    refresh_id: str


def issue(user_id: str, device_id: str, refresh_id: str) -> tuple[str, str, int]:
    """An access token, a refresh token, and the seconds the first one lives."""
    access = create_access_token(user_id, additional_claims={"device": device_id})
    refresh = create_refresh_token(user_id, additional_claims={"device": device_id, "use": refresh_id})
    return access, refresh, int(current_app.config["JWT_ACCESS_TOKEN_EXPIRES"].total_seconds())


def read(token: str, kind: Literal["access", "refresh"]) -> Claims:
    """The claims of a token of this kind; TokenExpired or Unauthenticated if it is not good."""
    try:
        claims = decode_token(token)
    except ExpiredSignatureError as error:
        raise TokenExpired from error
    except (PyJWTError, JWTExtendedException, ValueError) as error:
        raise Unauthenticated("The token is not one of ours.") from error
    if claims.get("type") != kind:
        raise Unauthenticated(f"This is not a token of the kind needed here: {kind}.")
    return Claims(_id(claims.get("sub")), _id(claims.get("device")), _id(claims.get("use")) if kind == "refresh" else "")


def _id(value: object) -> str:
    try:
        return str(UUID(str(value)))
    except ValueError as error:
        raise Unauthenticated("The token is not one of ours.") from error
