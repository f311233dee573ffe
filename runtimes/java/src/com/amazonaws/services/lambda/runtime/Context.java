package com.amazonaws.services.lambda.runtime;

/** What a handler may know about its invocation and its environment. */
public interface Context {
    String getAwsRequestId();

    String getLogGroupName();

    String getLogStreamName();

    String getFunctionName();

    String getFunctionVersion();

    String getInvokedFunctionArn();

    /** Null unless Cognito authorized the invoker. */
    CognitoIdentity getIdentity();

    /** Null unless the invoker sent one. */
    ClientContext getClientContext();

    /** Until the invocation times out. */
    int getRemainingTimeInMillis();

    int getMemoryLimitInMB();

    LambdaLogger getLogger();

    /** Null unless the function isolates its tenants. */
    default String getTenantId() {
        return null;
    }

    /** Null unless the invocation is traced. */
    default String getXrayTraceId() {
        return null;
    }
}
