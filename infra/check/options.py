"""The options of Elastic Beanstalk that are used here, and what each may be.

AWS ships no such list that a machine could read. Made from the developer guide ("General options for all environments"); on an
account, `aws elasticbeanstalk describe-configuration-options` tells the same. An option that is missing here is a finding.
"""

from infra.check.values import Kind, document, matching, text, truth, whole, words

PROCESS = "aws:elasticbeanstalk:environment:process:default"
PROPERTIES = "aws:elasticbeanstalk:application:environment"
SECRETS = "aws:elasticbeanstalk:application:environmentsecrets"
BALANCER = "aws:elbv2:loadbalancer"
COMMAND = "aws:elasticbeanstalk:command"
ROLLING = "aws:autoscaling:updatepolicy:rollingupdate"
TRIGGER = "aws:autoscaling:trigger"
GROUP = "aws:autoscaling:asg"
LAUNCH = "aws:autoscaling:launchconfiguration"
ENVIRONMENT = "aws:elasticbeanstalk:environment"
LOGS = "aws:elasticbeanstalk:cloudwatch:logs"
HEALTH = "aws:elasticbeanstalk:healthreporting:system"
UPDATES = "aws:elasticbeanstalk:managedactions"

DAYS = words("1", "3", "5", "7", "14", "30", "60", "90", "120", "150", "180", "365", "400", "545", "731", "1827", "3653")
WEEKLY = matching(r"(Mon|Tue|Wed|Thu|Fri|Sat|Sun):([01]\d|2[0-3]):[0-5]\d", "a day and a time in UTC like Sun:03:00")
PROTOCOL = words("HTTP", "HTTPS")
ISO_TIME = matching(r"PT(\d+H)?(\d+M)?(\d+S)?", "a duration like PT30M")

OPTIONS: dict[str, dict[str, Kind]] = {
    ENVIRONMENT: {
        "EnvironmentType": words("LoadBalanced", "SingleInstance"),
        "LoadBalancerType": words("application", "network", "classic"),
        "ServiceRole": text,
    },
    PROCESS: {
        "DeregistrationDelay": whole(0, 3600),
        "HealthCheckInterval": whole(5, 300),
        "HealthCheckPath": matching(r"/\S*", "a path"),
        "HealthCheckTimeout": whole(1, 60),
        "HealthyThresholdCount": whole(1, 10),
        "MatcherHTTPCode": matching(r"[2-4]\d\d([,-][2-4]\d\d)*", "HTTP codes like 200 or 200-299"),
        "Port": whole(1, 65_535),
        "Protocol": PROTOCOL,
        "StickinessEnabled": truth,
        "StickinessLBCookieDuration": whole(1, 604_800),
        "StickinessType": words("lb_cookie", "app_cookie"),
        "UnhealthyThresholdCount": whole(1, 10),
    },
    "aws:elasticbeanstalk:environment:proxy": {"ProxyServer": words("nginx", "apache", "none")},
    BALANCER: {
        "AccessLogsS3Bucket": text,
        "AccessLogsS3Enabled": truth,
        "AccessLogsS3Prefix": text,
        "IdleTimeout": whole(1, 3600),
        "IpAddressType": words("ipv4", "dualstack"),
        "ManagedSecurityGroup": text,
        "SecurityGroups": text,
    },
    "aws:elbv2:listener:default": {"ListenerEnabled": truth, "Protocol": PROTOCOL, "DefaultProcess": text},
    "aws:elbv2:listener:443": {
        "DefaultProcess": text,
        "ListenerEnabled": truth,
        "Protocol": PROTOCOL,
        "SSLCertificateArns": text,
        "SSLPolicy": matching(r"ELBSecurityPolicy-TLS13-\S+", "a policy with TLS 1.3 like ELBSecurityPolicy-TLS13-1-2-2021-06"),
    },
    GROUP: {"Cooldown": whole(0, 10_000), "MaxSize": whole(1, 10_000), "MinSize": whole(1, 10_000)},
    TRIGGER: {
        "BreachDuration": whole(1, 600),
        "EvaluationPeriods": whole(1, 600),
        "LowerBreachScaleIncrement": matching(r"-?\d+%?", "a number of instances like -1"),
        "LowerThreshold": whole(0, 20_000_000),
        "MeasureName": words(
            "CPUUtilization",
            "NetworkIn",
            "NetworkOut",
            "DiskWriteOps",
            "DiskReadBytes",
            "DiskReadOps",
            "DiskWriteBytes",
            "Latency",
            "RequestCount",
            "HealthyHostCount",
            "UnhealthyHostCount",
            "TargetResponseTime",
        ),
        "Period": whole(1, 600),
        "Statistic": words("Average", "Minimum", "Maximum", "Sum"),
        "Unit": words("Seconds", "Percent", "Bytes", "Bits", "Count", "Bytes/Second", "Bits/Second", "Count/Second", "None"),
        "UpperBreachScaleIncrement": matching(r"-?\d+%?", "a number of instances like 1"),
        "UpperThreshold": whole(0, 20_000_000),
    },
    ROLLING: {
        "MaxBatchSize": whole(1, 10_000),
        "MinInstancesInService": whole(0, 9_999),
        "RollingUpdateEnabled": truth,
        "RollingUpdateType": words("Time", "Health", "Immutable"),
        "Timeout": ISO_TIME,
    },
    LAUNCH: {
        "DisableDefaultEC2SecurityGroup": truth,
        "DisableIMDSv1": truth,
        "IamInstanceProfile": text,
        "MonitoringInterval": words("1 minute", "5 minute"),
        "RootVolumeSize": whole(8, 16_384),
        "RootVolumeType": words("gp2", "gp3", "io1", "standard"),
        "SecurityGroups": text,
    },
    "aws:ec2:instances": {
        "EnableSpot": truth,
        "InstanceTypes": matching(r"[a-z0-9-]+\.[a-z0-9]+(, ?[a-z0-9-]+\.[a-z0-9]+)*", "types of instances like t4g.small"),
        "SupportedArchitectures": words("arm64", "x86_64"),
    },
    "aws:ec2:vpc": {
        "AssociatePublicIpAddress": truth,
        "ELBScheme": words("public", "internal"),
        "ELBSubnets": text,
        "Subnets": text,
        "VPCId": text,
    },
    COMMAND: {
        "BatchSize": whole(1, 100),
        "BatchSizeType": words("Percentage", "Fixed"),
        "DeploymentPolicy": words("AllAtOnce", "Rolling", "RollingWithAdditionalBatch", "Immutable", "TrafficSplitting"),
        "IgnoreHealthCheck": truth,
        "Timeout": whole(1, 3600),
    },
    HEALTH: {"ConfigDocument": document, "SystemType": words("basic", "enhanced")},
    LOGS: {"DeleteOnTerminate": truth, "RetentionInDays": DAYS, "StreamLogs": truth},
    f"{LOGS}:health": {"DeleteOnTerminate": truth, "HealthStreamingEnabled": truth, "RetentionInDays": DAYS},
    UPDATES: {
        "ManagedActionsEnabled": truth,
        "PreferredStartTime": WEEKLY,
        "ServiceRoleForManagedUpdates": text,
    },
    f"{UPDATES}:platformupdate": {"InstanceRefreshEnabled": truth, "UpdateLevel": words("patch", "minor")},
    "aws:elasticbeanstalk:sns:topics": {"Notification Topic ARN": text, "Notification Endpoint": text},
}

# Namespaces whose options we name ourselves; environment properties are named like variables.
OURS: dict[str, str] = {
    PROPERTIES: r"[A-Z][A-Z0-9_]*",
    SECRETS: r"[A-Z][A-Z0-9_]*",
    "aws:elasticbeanstalk:customoption": r"[A-Za-z0-9]+",
}

# Refused, or without effect, in .ebextensions.
TEMPLATE_ONLY = {(ENVIRONMENT, "LoadBalancerType"), (ENVIRONMENT, "EnvironmentType")}
