"""What is killed in these tests: two servers over one PostgreSQL and one Redis of their own."""

import time
from collections import Counter

import psycopg2

from tests.support.backends import Postgres, Redis
from tests.support.contract import Contract
from tests.support.people import Cast
from tests.support.server import Server


class Stage:
    """Servers, two if nothing else is said, over one PostgreSQL and one Redis of their own."""

    def __init__(self, postgres: Postgres, processes: int = 2, **settings: str) -> None:
        self.postgres, self.database = postgres, postgres.new_database()
        self.redis = Redis()
        self.servers = [Server(self.database, self.redis.url, **settings).start() for _ in range(processes)]
        self.cast = Cast(self.servers[0], Contract(self.servers[0].url))
        assert self.cast.contract.openapi and self.cast.contract.asyncapi
        self.kills: Counter[str] = Counter()

    def kill_a_process(self, number: int) -> None:
        self.servers[number].kill()
        self.kills["processes"] += 1
        time.sleep(0.5)
        self.servers[number].start()

    def kill_redis(self) -> None:
        self.redis.kill()
        self.kills["redis"] += 1
        time.sleep(0.5)
        self.redis.start_again()

    def cut_database_connections(self) -> None:
        name = self.database.split("?")[0].rsplit("/", 1)[1]
        connection = psycopg2.connect(self.postgres.url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = %s AND random() < 0.5", (name,)
            )
            self.kills["database connections"] += cursor.fetchone()[0]
        connection.close()

    def end(self) -> None:
        self.cast.goodbye()
        for server in self.servers:
            server.kill()
        self.redis.stop()
        self.postgres.drop_database(self.database)
