"""Faults in the templates of CloudFormation."""

from tests.infra.faults.seed import ENV, SHARED, Faults, change, new

QUEUE = "Resources:\n  Data:\n    Type: AWS::S3::Bucket\n"

FAULTS: Faults = {
    # Templates
    "an engine that AWS gives up": ("templates", change(ENV, 'Default: "17.6"', 'Default: "17.4"'), ENV, "W3691"),
    "a parameter that does not say what it is": (
        "templates",
        change(
            SHARED,
            "    Description: Name of the application; env.yaml takes the same one, and its environments are called after it.\n",
            "",
        ),
        SHARED,
        "AppName has no Description",
    ),
    "an alarm with a misspelt property": (
        "templates",
        change(".ebextensions/10_alarms.config", "EvaluationPeriods", "EvaluationPeriod"),
        ".ebextensions/10_alarms.config",
        "EvaluationPeriod",
    ),
    "data that ends with its environment": (
        "templates",
        new(".ebextensions/11_data.config", QUEUE),
        ".ebextensions/11_data.config",
        "end with the environment",
    ),
    # Policies
    "staging open to the world": (
        "policies",
        change(ENV, "!If [IsProd, 0.0.0.0/0, !Ref OwnerCidr]", "0.0.0.0/0"),
        ENV,
        "staging is open",
    ),
    "staging open by default": ("policies", change(ENV, "Default: 127.0.0.1/32", "Default: 0.0.0.0/0"), ENV, "staging is open"),
    "the world at the database": (
        "policies",
        change(
            ENV,
            "          ToPort: 5432\n          SourceSecurityGroupId: !Ref InstanceSecurityGroup",
            "          ToPort: 5432\n          CidrIp: !If [IsProd, 0.0.0.0/0, !Ref OwnerCidr]",
        ),
        ENV,
        "only 80 and 443",
    ),
    "a role that may do everything of a service": (
        "policies",
        change(ENV, 'Action: "secretsmanager:GetSecretValue"', 'Action: "secretsmanager:*"'),
        ENV,
        "secretsmanager:*",
    ),
    "a role for every resource": (
        "policies",
        change(ENV, "Resource: [!Ref SecretKey, !Ref DatabasePassword]", 'Resource: "*"'),
        ENV,
        "on every resource",
    ),
    "a role for any branch on GitHub": (
        "policies",
        change(SHARED, '"${GitHubSubject}:environment:prod"', '"${GitHubSubject}:*"'),
        SHARED,
        "trusts more of GitHub",
    ),
    "a bucket that can be made public": (
        "policies",
        change(ENV, "BlockPublicPolicy: true", "BlockPublicPolicy: false"),
        ENV,
        "can be made public: BlockPublicPolicy",
    ),
    "a bucket that everybody reads": (
        "policies",
        change(ENV, "            Principal: {Service: cloudfront.amazonaws.com}\n", '            Principal: "*"\n'),
        ENV,
        "public",
    ),
    "a database in the clear": (
        "policies",
        change(ENV, "StorageEncrypted: true", "StorageEncrypted: false"),
        ENV,
        "not be encrypted",
    ),
    "a database that is deleted without a snapshot": (
        "policies",
        change(ENV, "    DeletionPolicy: Snapshot\n", ""),
        ENV,
        "DeletionPolicy must be Snapshot, not missing",
    ),
    "a database in prod that a click deletes": (
        "policies",
        change(ENV, "DeletionProtection: !If [IsProd, true, false]", "DeletionProtection: false"),
        ENV,
        "DeletionProtection",
    ),
    "a cache without TLS": (
        "policies",
        change(ENV, "TransitEncryptionEnabled: true", "TransitEncryptionEnabled: false"),
        ENV,
        "in the clear",
    ),
    "a platform that replaces the environment": (
        "policies",
        change(ENV, "      PlatformArn: !If\n", "      SolutionStackName: x\n      PlatformArn: !If\n"),
        ENV,
        "replace the environment",
    ),
    "an alarm that tells nobody": ("policies", change(ENV, "      AlarmActions: [!Ref AlarmTopic]\n", ""), ENV, "tells nobody"),
}
