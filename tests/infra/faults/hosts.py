"""Faults in what an instance or a container starts, and in the bundle that brings it there."""

from tests.infra.faults.seed import APP, HTTP, NGINX, SERVER, Faults, add, change, new, no_bit

HOOK = ".platform/hooks/postdeploy/01_tell.sh"

FAULTS: Faults = {
    # What is started
    "no web process": ("procfile", change("Procfile", "web:", "server:"), "Procfile", "must be web"),
    "a process that systemd's signal does not reach": ("procfile", change("Procfile", "web: exec ", "web: "), "Procfile", "exec"),
    "a process that does not exist": ("procfile", change("Procfile", "wsgi.py", "serve.py"), "Procfile", "does not exist"),
    "a line that is no process": ("procfile", add("Procfile", "worker flask\n"), "Procfile", "is not `name: command`"),
    # nginx
    "two locations of the same path": ("nginx", add(SERVER, "location / { return 404; }\n"), SERVER, "location / is there twice"),
    "a limit set twice": ("nginx", add(SERVER, "client_max_body_size 5m;\n"), SERVER, "client_max_body_size is there twice"),
    "a time that our nginx.conf has already": (
        "nginx",
        add(SERVER, "keepalive_timeout 140s;\n"),
        SERVER,
        "keepalive_timeout is there twice",
    ),
    "a missing brace": ("nginx", add(HTTP, "upstream more { server 127.0.0.1:8000;\n"), HTTP, "ends within"),
    "a directive that nginx does not know": ("nginx itself", add(HTTP, "keep_alive on;\n"), HTTP, "unknown directive"),
    "a missing semicolon": ("nginx itself", change(HTTP, "least_conn;", "least_conn"), HTTP, "least_conn"),
    "nginx less patient than a socket": (
        "nginx",
        change(SERVER, "proxy_read_timeout 75s", "proxy_read_timeout 30s"),
        SERVER,
        "quiet",
    ),
    "nginx less patient than the balancer": (
        "nginx",
        change(NGINX, "keepalive_timeout 130s", "keepalive_timeout 65s"),
        NGINX,
        "IdleTimeout",
    ),
    "a worker that nginx does not know": (
        "nginx",
        change(APP, 'WORKERS: "2"', 'WORKERS: "3"'),
        ".platform/nginx",
        "8000 and 8001 and 8002",
    ),
    # The bundle
    "a hidden folder that stays behind": (
        "bundle",
        new(".gitattributes", "/.ebextensions export-ignore\n"),
        ".ebextensions/",
        "hidden folder is not in the bundle",
    ),
    "one hidden file that stays behind": ("bundle", new(".gitattributes", f"/{HTTP} export-ignore\n"), HTTP, "not in the bundle"),
    "a secret by its name": ("bundle", new("certs/server.pem", "x"), "certs/server.pem", "is by its name a secret"),
    "a secret by what it says": ("bundle", new("notes.txt", "AKIA" + "ABCDEFGHIJKLMNOP"), "notes.txt", "has a key in it"),
    "somebody's data": ("bundle", new("var/chatx.db", "x"), "var/chatx.db", "is data"),
    "a bundle without its requirements": (
        "bundle",
        new(".gitattributes", "/requirements.txt export-ignore\n"),
        "requirements.txt",
        "is not in the bundle",
    ),
    "a hook that cannot be executed in the bundle": (
        "bundle",
        new(HOOK, "#!/bin/bash\ntrue\n"),
        HOOK,
        "without its executable bit",
    ),
    # Scripts
    "a script without its executable bit": ("scripts", no_bit(".ci/run"), ".ci/run", "lacks its executable bit"),
    "a script that shellcheck does not like": ("scripts", add(".ci/run", "rm $1\n"), ".ci/run", "SC2086"),
    "a command that shellcheck does not like": (
        "scripts",
        change(".ebextensions/07_migrations.config", "flask db upgrade", "flask db upgrade $TO"),
        ".ebextensions/07_migrations.config",
        "SC2086",
    ),
    # Containers
    "a base image that changes overnight": (
        "containers",
        change("Dockerfile", "python:3.11.14-slim-bookworm", "python:latest"),
        "Dockerfile",
        "python:latest is not pinned",
    ),
    "a container that is root": ("containers", change("Dockerfile", "USER 10001", "USER root"), "Dockerfile", "runs as root"),
    "a container whose health nobody asks": ("containers", change("Dockerfile", "/readyz", "/"), "Dockerfile", "/readyz"),
    "a service of no version": (
        "containers",
        change("compose.yaml", "nginx:1.28.0-alpine", "nginx"),
        "compose.yaml",
        "nginx is not pinned",
    ),
    "a service open to the network": (
        "containers",
        change("compose.yaml", "127.0.0.1:8080:80", "8080:80"),
        "compose.yaml",
        "whole network",
    ),
    "a misspelt key of a service": (
        "containers",
        change("compose.yaml", "healthcheck:", "healthchecks:"),
        "compose.yaml",
        "healthchecks",
    ),
    "a command that does not exist": ("containers", change("compose.yaml", '"worker"]', '"work"]'), "compose.yaml", "no command"),
}
