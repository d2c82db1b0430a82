"""Accounts and devices."""

from chatx.api.blueprint import Blueprint

public = Blueprint("auth", guard="public", description="Sign up and sign in")
public.asks("POST", "/auth/register", "auth:register", status=201)
public.asks("POST", "/auth/login", "auth:login")

refresh = Blueprint("session", guard="refresh", description="Keep a session fresh")
refresh.asks("POST", "/auth/refresh", "auth:refresh")

devices = Blueprint("devices", guard="device", description="Signed-in devices and the password")
devices.asks("POST", "/auth/logout", "auth:logout")
devices.asks("POST", "/auth/password", "auth:password")
devices.asks("GET", "/auth/devices", "device:list")
devices.asks("DELETE", "/auth/devices/<uuid:device_id>", "device:revoke")
