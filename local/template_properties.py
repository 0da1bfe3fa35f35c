"""Which properties of the template the local cloud obeys, and which have no effect on one machine."""

from __future__ import annotations

from typing import Any

from local.cloudformation import TemplateError

# Resources without a local meaning: networks, alarms, logs, keys, the CDN. Nested stacks hold no functions.
IGNORED_TYPES = (
    "AWS::ApplicationAutoScaling::", "AWS::Budgets::", "AWS::CertificateManager::", "AWS::CloudFormation::",
    "AWS::CloudFront::", "AWS::CloudWatch::", "AWS::EC2::", "AWS::IAM::", "AWS::KMS::", "AWS::Logs::", "AWS::RDS::",
    "AWS::Route53::", "AWS::S3::BucketPolicy", "AWS::SNS::", "AWS::SQS::QueuePolicy", "AWS::SSM::", "AWS::WAFv2::",
    "AWS::SecretsManager::SecretTargetAttachment", "AWS::SecretsManager::RotationSchedule",
)  # fmt: skip

OBEYED = {
    "AWS::Serverless::Function": {
        "CodeUri", "Environment", "Events", "FunctionName", "Handler", "Layers", "LoggingConfig", "MemorySize",
        "PackageType", "ReservedConcurrentExecutions", "Runtime", "Timeout",
    },
    "AWS::Serverless::HttpApi": {"CorsConfiguration", "DefaultRouteSettings", "Name", "StageName"},
    "AWS::Serverless::WebSocketApi": {
        "Auth", "DefaultRouteSettings", "Name", "RouteSelectionExpression", "Routes", "StageName",
    },
    "AWS::SQS::Queue": {
        "ContentBasedDeduplication", "DeduplicationScope", "DelaySeconds", "FifoQueue", "FifoThroughputLimit",
        "MaximumMessageSize", "MessageRetentionPeriod", "QueueName", "ReceiveMessageWaitTimeSeconds",
        "RedriveAllowPolicy", "RedrivePolicy", "VisibilityTimeout",
    },
    "AWS::DynamoDB::Table": {
        "AttributeDefinitions", "BillingMode", "GlobalSecondaryIndexes", "KeySchema", "LocalSecondaryIndexes",
        "TableName", "TimeToLiveSpecification",
    },
    "AWS::S3::Bucket": {"BucketName"},
    "AWS::SecretsManager::Secret": {"Description", "GenerateSecretString", "Name", "SecretString"},
    "HttpApi": {"ApiId", "Method", "Path", "PayloadFormatVersion", "TimeoutInMillis"},
    "SQS": {
        "BatchSize", "Enabled", "FunctionResponseTypes", "MaximumBatchingWindowInSeconds", "Queue", "ScalingConfig",
    },
    "ScheduleV2": {
        "FlexibleTimeWindow", "Input", "Name", "RetryPolicy", "ScheduleExpression", "ScheduleExpressionTimezone",
        "State",
    },
    "Auth": {"AuthArn", "AuthType", "IdentitySource"},
    "Route": {"FunctionArn", "IntegrationTimeout"},
    "RouteSettings": {"ThrottlingBurstLimit", "ThrottlingRateLimit"},
    "CorsConfiguration": {
        "AllowCredentials", "AllowHeaders", "AllowMethods", "AllowOrigins", "ExposeHeaders", "MaxAge",
    },
}  # fmt: skip

WITHOUT_EFFECT = {
    "AWS::Serverless::Function": {
        "Architectures", "AutoPublishAlias", "AutoPublishAliasAllProperties", "AutoPublishCodeSha256", "Description",
        "DeploymentPreference", "EphemeralStorage", "KmsKeyArn", "PermissionsBoundary", "Policies",
        "ProvisionedConcurrencyConfig", "RecursiveLoop", "Role", "RolePath", "RuntimeManagementConfig", "SnapStart",
        "Tags", "Tracing", "VersionDescription", "VpcConfig",
    },
    "AWS::Serverless::HttpApi": {
        "AccessLogSettings", "Description", "DisableExecuteApiEndpoint", "Domain", "FailOnWarnings", "Tags",
        "PropagateTags",
    },
    "AWS::Serverless::WebSocketApi": {
        "AccessLogSettings", "Description", "DisableExecuteApiEndpoint", "Domain", "PropagateTags", "Tags",
    },
    "AWS::SQS::Queue": {"KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId", "SqsManagedSseEnabled", "Tags"},
    "AWS::DynamoDB::Table": {
        "ContributorInsightsSpecification", "DeletionProtectionEnabled", "OnDemandThroughput",
        "PointInTimeRecoverySpecification", "ProvisionedThroughput", "SSESpecification", "TableClass", "Tags",
        "WarmThroughput",
    },
    "AWS::S3::Bucket": {
        "BucketEncryption", "IntelligentTieringConfigurations", "LifecycleConfiguration", "LoggingConfiguration",
        "OwnershipControls", "PublicAccessBlockConfiguration", "Tags", "VersioningConfiguration",
    },
    "AWS::SecretsManager::Secret": {"KmsKeyId", "Tags"},
    "ScheduleV2": {"Description", "OmitName", "PermissionsBoundary", "RoleArn"},
    "Auth": {"AuthorizerCredentialsArn", "InvokeRole", "Name"},
    "Route": {"OperationName", "RouteResponseSelectionExpression"},
    "RouteSettings": {"DataTraceEnabled", "DetailedMetricsEnabled", "LoggingLevel"},
}  # fmt: skip


def check(where: str, kind: str, properties: dict[str, Any]) -> None:
    """Raises TemplateError for a property that would change behaviour in AWS and would not here."""
    strange = set(properties) - OBEYED.get(kind, set()) - WITHOUT_EFFECT.get(kind, set())
    if strange:
        raise TemplateError(f"{where} ({kind}): the local cloud does not know {', '.join(sorted(strange))}")
