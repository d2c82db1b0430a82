"""OpenAPI 3.1: how our fields are written in JSON Schema, what its schemas are called, and where /docs shows it."""

from typing import Any

from apispec.ext.marshmallow import MarshmallowPlugin, resolver
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from flask import Flask
from flask_swagger_ui import get_swaggerui_blueprint
from marshmallow import Schema

from chatx.extensions import api
from chatx.schemas.change import AnyChange, Change
from chatx.schemas.message import Data


def schema_name(schema: type[Schema] | Schema) -> str:
    """`MessageOut` is a Message to readers; a body without its path parameters is its own schema."""
    name = str(resolver(schema if isinstance(schema, type) else type(schema))).removesuffix("Out")
    only = getattr(schema, "only", None)
    return f"{name}Body" if only is not None else name


def teach(plugin: MarshmallowPlugin) -> None:
    """Have a converter write our fields as they are."""
    converter = plugin.converter
    assert converter is not None

    def any_change(self: OpenAPIConverter, field: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(field, AnyChange):
            return {}
        return {"oneOf": [self.resolve_nested_schema(kind()) for kind in Change.kinds.values()]}  # type: ignore[no-untyped-call]

    def data_of_a_type(self: OpenAPIConverter, field: Any, **kwargs: Any) -> dict[str, Any]:
        if not isinstance(field, Data):
            return {}
        return {"oneOf": [self.resolve_nested_schema(form) for form in field.forms.values()]}  # type: ignore[no-untyped-call]

    for attributes in (any_change, data_of_a_type):
        converter.add_attribute_function(attributes)  # type: ignore[no-untyped-call]


def init_app(app: Flask) -> None:
    """Bind flask-smorest; its document is at /api/v1/openapi.json, shown at /docs from files of this server."""
    api.init_app(app, spec_kwargs={"marshmallow_plugin": MarshmallowPlugin(schema_name_resolver=schema_name)})
    teach(api.ma_plugin)
    bearer = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    api.spec.components.security_scheme("device", bearer | {"description": "an access token"})
    api.spec.components.security_scheme("refresh", bearer | {"description": "a refresh token"})
    docs = get_swaggerui_blueprint("/docs", "/api/v1/openapi.json", config={"app_name": "Chat-X", "layout": "BaseLayout"})
    app.register_blueprint(docs, url_prefix="/docs")
