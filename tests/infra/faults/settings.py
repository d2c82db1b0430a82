"""Faults in .ebextensions, and between them and the template."""

from tests.infra.faults.seed import APP, BALANCER, DEPLOYMENTS, ENV, HEALTH, SCALING, Faults, add, change, new

SETTING = 'option_settings:\n  aws:elbv2:loadbalancer:\n    IdleTimeout: "90"\n'
IN_TEMPLATE = '      OptionSettings:\n        - {Namespace: "aws:elbv2:loadbalancer", OptionName: IdleTimeout, Value: "90"}\n'

FAULTS: Faults = {
    # Options
    "a misspelt option": ("options", change(HEALTH, "HealthCheckPath", "HealthcheckPath"), HEALTH, "HealthcheckPath"),
    "a misspelt namespace": (
        "options",
        change(BALANCER, "aws:elbv2:loadbalancer", "aws:elb:loadbalancer"),
        BALANCER,
        "no namespace",
    ),
    "a misspelt option in the template": (
        "options",
        change(ENV, "OptionName: MinSize", "OptionName: MinimumSize"),
        ENV,
        "MinimumSize",
    ),
    "a value without quotes": ("options", change(BALANCER, '"true"', "true"), BALANCER, "StickinessEnabled"),
    "a value without quotes in the template": (
        "options",
        change(ENV, "SupportedArchitectures, Value: arm64", "SupportedArchitectures, Value: 64"),
        ENV,
        "is not quoted",
    ),
    "a number out of its range": ("options", change(BALANCER, '"120"', '"7200"'), BALANCER, "from 1 to 3600, not '7200'"),
    "a word that is none of the words": (
        "options",
        change(DEPLOYMENTS, '"Immutable"', '"Immutably"'),
        DEPLOYMENTS,
        "'Immutably'",
    ),
    "a size in the template that is no number": ("options", change(ENV, 'MinSize: "2"', 'MinSize: "two"'), ENV, "not 'two'"),
    "a file that is not read": ("options", new(".ebextensions/11_more.yaml", SETTING), ".ebextensions/11_more.yaml", ".config"),
    "a key that does not exist": ("options", add(BALANCER, "option_setting: {}\n"), BALANCER, "option_setting is no key"),
    "a migration on every instance": (
        "options",
        change(".ebextensions/07_migrations.config", "leader_only: true", "leader_only: false"),
        ".ebextensions/07_migrations.config",
        "without leader_only",
    ),
    "what only the template can set": (
        "options",
        add(BALANCER, '  aws:elasticbeanstalk:environment:\n    LoadBalancerType: "application"\n'),
        BALANCER,
        "no effect",
    ),
    # Together
    "an option set in two files": (
        "together",
        new(".ebextensions/11_more.config", SETTING),
        ".ebextensions/11_more.config",
        "set twice",
    ),
    "an option set in a file and in the template": (
        "together",
        change(ENV, "      OptionSettings:\n", IN_TEMPLATE),
        ENV,
        "hides the file's value",
    ),
    "no health path": ("together", change(HEALTH, '    HealthCheckPath: "/readyz"\n', ""), ".ebextensions", "HealthCheckPath"),
    "health that knows nothing of the database": ("together", change(HEALTH, "/readyz", "/healthz"), HEALTH, "must be /readyz"),
    "rolling updates beside immutable deployments": (
        "together",
        change(DEPLOYMENTS, 'RollingUpdateType: "Immutable"', 'RollingUpdateType: "Health"'),
        DEPLOYMENTS,
        "is refused",
    ),
    "long polling without stickiness": (
        "together",
        change(BALANCER, 'StickinessEnabled: "true"', 'StickinessEnabled: "false"'),
        BALANCER,
        "StickinessEnabled",
    ),
    "a balancer less patient than a socket": ("together", change(BALANCER, '"120"', '"40"'), ".ebextensions", "IdleTimeout 40"),
    "an alarm whose times do not fit": (
        "together",
        change(SCALING, '"15"', '"10"'),
        ".ebextensions",
        "BreachDuration 10 must be",
    ),
    "more connections than the database takes": ("together", change(APP, 'POOL: "6"', 'POOL: "20"'), ENV, "prod may ask for"),
    "a setting that nobody reads": ("together", change(APP, "CHATX_WORKERS", "CHATX_WORKER_COUNT"), APP, "does not read it"),
    "a password among the plain settings": (
        "together",
        change(APP, "    PORT:", '    CHATX_DATABASE_PASSWORD: "x"\n    PORT:'),
        APP,
        "is a secret",
    ),
    "a secret key that is no reference": (
        "together",
        change(ENV, "          Value: !Ref SecretKey", "          Value: hunter2"),
        ENV,
        "must be the ARN of a secret",
    ),
}
