//! The roles that services make for themselves: how they are called, and AWS's policy that each has.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html>

/// A service's role.
pub struct ServiceLinkedRole {
    /// Such as `AWSServiceRoleForECS`.
    pub name: String,
    /// The ARN of its policy; none if AWS has withdrawn it.
    pub policy_arn: Option<String>,
    /// Whether there may be several, told apart by the end of their names.
    pub takes_suffix: bool,
}

/// Services, sorted, without `.amazonaws.com`; names of roles without `AWSServiceRoleFor`; names of policies; whether a
/// suffix is allowed. Recorded for about half of them, else from the documentation of each service.
const ROLES: &[(&str, &str, &str, bool)] = &[
    ("access-analyzer", "AccessAnalyzer", "AccessAnalyzerServiceRolePolicy", false),
    (
        "accountdiscovery.ssm",
        "AmazonSSM_AccountDiscovery",
        "AWSSystemsManagerAccountDiscoveryServicePolicy",
        false,
    ),
    ("acm", "CertificateManager", "CertificateManagerServiceRolePolicy", false),
    (
        "apidestinations.events",
        "AmazonEventBridgeApiDestinations",
        "AmazonEventBridgeApiDestinationsServiceRolePolicy",
        false,
    ),
    ("appmesh", "AppMesh", "AWSAppMeshServiceRolePolicy", false),
    (
        "appstream.application-autoscaling",
        "ApplicationAutoScaling_AppStreamFleet",
        "AWSApplicationAutoscalingAppStreamFleetPolicy",
        false,
    ),
    ("autoscaling", "AutoScaling", "AutoScalingServiceRolePolicy", true),
    (
        "autoscaling-plans",
        "AutoScalingPlans_EC2AutoScaling",
        "AWSAutoScalingPlansEC2AutoScalingPolicy",
        false,
    ),
    ("backup", "Backup", "AWSBackupServiceLinkedRolePolicyForBackup", false),
    ("batch", "Batch", "BatchServiceRolePolicy", false),
    (
        "cassandra.application-autoscaling",
        "ApplicationAutoScaling_CassandraTable",
        "AWSApplicationAutoscalingCassandraTablePolicy",
        false,
    ),
    (
        "cks.kms",
        "KeyManagementServiceCustomKeyStores",
        "AWSKeyManagementServiceCustomKeyStoresServiceRolePolicy",
        false,
    ),
    ("cloudtrail", "CloudTrail", "CloudTrailServiceRolePolicy", false),
    (
        "codestar-notifications",
        "CodeStarNotifications",
        "AWSCodeStarNotificationsServiceRolePolicy",
        false,
    ),
    (
        "comprehend.application-autoscaling",
        "ApplicationAutoScaling_ComprehendEndpoint",
        "AWSApplicationAutoscalingComprehendEndpointPolicy",
        false,
    ),
    ("config", "Config", "AWSConfigServiceRolePolicy", false),
    ("connect", "AmazonConnect", "AmazonConnectServiceLinkedRolePolicy", true),
    ("dms", "DMSServerless", "AWSDMSServerlessServiceRolePolicy", false),
    ("dms-fleet-advisor", "DMSFleetAdvisor", "AWSDMSFleetAdvisorServiceRolePolicy", false),
    ("docdb-elastic", "DocDB-Elastic", "AmazonDocDB-ElasticServiceRolePolicy", false),
    (
        "dynamodb.application-autoscaling",
        "ApplicationAutoScaling_DynamoDBTable",
        "AWSApplicationAutoscalingDynamoDBTablePolicy",
        false,
    ),
    ("ec2-instance-connect", "Ec2InstanceConnect", "Ec2InstanceConnectEndpoint", false),
    (
        "ec2.application-autoscaling",
        "ApplicationAutoScaling_EC2SpotFleetRequest",
        "AWSApplicationAutoscalingEC2SpotFleetRequestPolicy",
        false,
    ),
    ("ec2fleet", "EC2Fleet", "AWSEC2FleetServiceRolePolicy", false),
    ("ecr", "ECRTemplate", "ECRTemplateServiceRolePolicy", false),
    ("ecs", "ECS", "AmazonECSServiceRolePolicy", false),
    ("ecs-compute", "ECSCompute", "AmazonECSComputeServiceRolePolicy", false),
    (
        "ecs.application-autoscaling",
        "ApplicationAutoScaling_ECSService",
        "AWSApplicationAutoscalingECSServicePolicy",
        false,
    ),
    ("eks", "AmazonEKS", "AmazonEKSServiceRolePolicy", false),
    ("eks-connector", "AmazonEKSConnector", "AmazonEKSConnectorServiceRolePolicy", false),
    ("eks-fargate", "AmazonEKSForFargate", "AmazonEKSForFargateServiceRolePolicy", false),
    ("eks-nodegroup", "AmazonEKSNodegroup", "AWSServiceRoleForAmazonEKSNodegroup", false),
    ("elasticache", "ElastiCache", "ElastiCacheServiceRolePolicy", false),
    (
        "elasticache.application-autoscaling",
        "ApplicationAutoScaling_ElastiCacheRG",
        "AWSApplicationAutoscalingElastiCacheRGPolicy",
        false,
    ),
    ("elasticbeanstalk", "ElasticBeanstalk", "AWSElasticBeanstalkServiceRolePolicy", false),
    (
        "elasticfilesystem",
        "AmazonElasticFileSystem",
        "AmazonElasticFileSystemServiceRolePolicy",
        false,
    ),
    (
        "elasticloadbalancing",
        "ElasticLoadBalancing",
        "AWSElasticLoadBalancingServiceRolePolicy",
        false,
    ),
    (
        "elasticmapreduce.application-autoscaling",
        "ApplicationAutoScaling_EMRInstanceGroup",
        "AWSApplicationAutoscalingEMRInstanceGroupPolicy",
        false,
    ),
    (
        "email.cognito-idp",
        "AmazonCognitoIdpEmailService",
        "AmazonCognitoIdpEmailServiceRolePolicy",
        false,
    ),
    ("emr-containers", "AmazonEMRContainers", "AmazonEMRContainersServiceRolePolicy", false),
    ("emrwal", "EMRWAL", "EMRDescribeClusterPolicyForEMRWAL", false),
    ("es", "AmazonElasticsearchService", "AmazonElasticsearchServiceRolePolicy", false),
    ("events", "CloudWatchEvents", "CloudWatchEventsServiceRolePolicy", false),
    ("fis", "FIS", "AmazonFISServiceRolePolicy", false),
    ("globalaccelerator", "GlobalAccelerator", "AWSGlobalAcceleratorSLRPolicy", false),
    ("grafana", "AmazonGrafana", "AmazonGrafanaServiceLinkedRolePolicy", false),
    ("guardduty", "AmazonGuardDuty", "AmazonGuardDutyServiceRolePolicy", false),
    ("imagebuilder", "ImageBuilder", "AWSServiceRoleForImageBuilder", false),
    ("inspector2", "AmazonInspector2", "AmazonInspector2ServiceRolePolicy", false),
    (
        "iotmanagedintegrations",
        "IoTManagedIntegrations",
        "AWSIoTManagedIntegrationsRolePolicy",
        false,
    ),
    ("kafka", "Kafka", "KafkaServiceRolePolicy", false),
    (
        "kafka.application-autoscaling",
        "ApplicationAutoScaling_KafkaCluster",
        "AWSApplicationAutoscalingKafkaClusterPolicy",
        false,
    ),
    ("kafkaconnect", "KafkaConnect", "KafkaConnectServiceRolePolicy", false),
    ("lakeformation", "LakeFormationDataAccess", "LakeFormationDataAccessServiceRolePolicy", false),
    (
        "lambda.application-autoscaling",
        "ApplicationAutoScaling_LambdaConcurrency",
        "AWSApplicationAutoscalingLambdaConcurrencyPolicy",
        false,
    ),
    ("lex", "LexBots", "", false),
    ("lexv2", "LexV2Bots", "AmazonLexV2BotPolicy", true),
    ("lightsail", "Lightsail", "LightsailExportAccess", false),
    ("logger.cloudfront", "CloudFrontLogger", "AWSCloudFrontLogger", false),
    ("m2", "AWSM2", "AWSM2ServicePolicy", false),
    ("macie", "AmazonMacie", "AmazonMacieServiceRolePolicy", false),
    ("memorydb", "MemoryDB", "MemoryDBServiceRolePolicy", false),
    ("mq", "AmazonMQ", "AmazonMQServiceRolePolicy", false),
    (
        "mrk.kms",
        "KeyManagementServiceMultiRegionKeys",
        "AWSKeyManagementServiceMultiRegionKeysServiceRolePolicy",
        false,
    ),
    ("notifications", "AwsUserNotifications", "AWSUserNotificationsServiceLinkedRolePolicy", false),
    (
        "observability.aoss",
        "AmazonOpenSearchServerless",
        "AmazonOpenSearchServerlessServiceRolePolicy",
        false,
    ),
    ("opensearchservice", "AmazonOpenSearchService", "AmazonOpenSearchServiceRolePolicy", false),
    ("ops.apigateway", "APIGateway", "APIGatewayServiceRolePolicy", false),
    ("ops.emr-serverless", "AmazonEMRServerless", "AmazonEMRServerlessServiceRolePolicy", false),
    (
        "opsdatasync.ssm",
        "SystemsManagerOpsDataSync",
        "AWSSystemsManagerOpsDataSyncServiceRolePolicy",
        false,
    ),
    ("opsinsights.ssm", "AmazonSSM_OpsInsights", "AWSSSMOpsInsightsServiceRolePolicy", false),
    ("organizations", "Organizations", "AWSOrganizationsServiceTrustPolicy", false),
    (
        "pullthroughcache.ecr",
        "ECRPullThroughCache",
        "AWSECRPullThroughCache_ServiceRolePolicy",
        false,
    ),
    ("ram", "ResourceAccessManager", "AWSResourceAccessManagerServiceRolePolicy", false),
    ("rds", "RDS", "AmazonRDSServiceRolePolicy", false),
    (
        "rds.application-autoscaling",
        "ApplicationAutoScaling_RDSCluster",
        "AWSApplicationAutoscalingRDSClusterPolicy",
        false,
    ),
    ("redshift", "Redshift", "AmazonRedshiftServiceLinkedRolePolicy", false),
    (
        "replication.cassandra",
        "KeyspacesReplication",
        "KeyspacesReplicationServiceRolePolicy",
        false,
    ),
    ("replication.ecr", "ECRReplication", "ECRReplicationServiceRolePolicy", false),
    ("replicator.lambda", "LambdaReplicator", "AWSLambdaReplicator", false),
    ("repository.sync.codeconnections", "GitSync", "AWSGitSyncServiceRolePolicy", false),
    ("resource-explorer-2", "ResourceExplorer", "AWSResourceExplorerServiceRolePolicy", false),
    ("rolesanywhere", "RolesAnywhere", "AWSRolesAnywhereServicePolicy", false),
    ("s3-outposts", "S3OnOutposts", "AWSS3OnOutpostsServiceRolePolicy", false),
    (
        "sagemaker.application-autoscaling",
        "ApplicationAutoScaling_SageMakerEndpoint",
        "AWSApplicationAutoscalingSageMakerEndpointPolicy",
        false,
    ),
    ("securityhub", "SecurityHub", "AWSSecurityHubServiceRolePolicy", false),
    ("servicequotas", "ServiceQuotas", "ServiceQuotasServiceRolePolicy", false),
    ("ses", "AmazonSES", "AmazonSESServiceRolePolicy", false),
    ("shield", "AWSShield", "AWSShieldServiceRolePolicy", false),
    ("spot", "EC2Spot", "AWSEC2SpotServiceRolePolicy", false),
    ("spotfleet", "EC2SpotFleet", "AWSEC2SpotFleetServiceRolePolicy", false),
    ("ssm", "AmazonSSM", "AmazonSSMServiceRolePolicy", false),
    ("ssm-incidents", "IncidentManager", "AWSIncidentManagerServiceRolePolicy", false),
    ("ssm-quicksetup", "SSMQuickSetup", "SSMQuickSetupRolePolicy", false),
    ("sso", "SSO", "AWSSSOServiceRolePolicy", false),
    ("support", "Support", "AWSSupportServiceRolePolicy", false),
    ("transitgateway", "VPCTransitGateway", "AWSVPCTransitGatewayServiceRolePolicy", false),
    ("trustedadvisor", "TrustedAdvisor", "AWSTrustedAdvisorServiceRolePolicy", false),
    (
        "vpcorigin.cloudfront",
        "CloudFrontVPCOrigin",
        "AWSCloudFrontVPCOriginServiceRolePolicy",
        false,
    ),
    ("waf", "WAFLogging", "WAFLoggingServiceRolePolicy", false),
    ("wafv2", "WAFV2Logging", "WAFV2LoggingServiceRolePolicy", false),
];

/// The role of a service such as `ecs.amazonaws.com`.
pub fn find(service: &str) -> Option<ServiceLinkedRole> {
    let service = service.strip_suffix(".amazonaws.com")?;
    let at = ROLES.binary_search_by_key(&service, |(known, ..)| known).ok()?;
    let (_, name, policy, takes_suffix) = ROLES[at];
    let arn = || format!("arn:aws:iam::aws:policy/aws-service-role/{policy}");
    Some(ServiceLinkedRole {
        name: format!("AWSServiceRoleFor{name}"),
        policy_arn: (!policy.is_empty()).then(arn),
        takes_suffix,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::aws_policies;

    #[test]
    fn every_policy_exists() {
        assert!(ROLES.is_sorted_by_key(|(service, ..)| *service));
        for (service, ..) in ROLES {
            let role = find(&format!("{service}.amazonaws.com")).unwrap();
            if let Some(arn) = role.policy_arn {
                assert!(aws_policies::find(&arn).is_some(), "{arn}");
            }
        }
        assert!(find("ecs").is_none() && find("nothing.amazonaws.com").is_none());
    }
}
