package com.amazonaws.services.lambda.runtime;

/** How {@code aws-lambda-java-log4j2} tells the runtime that it wants the request id of each invocation. */
public final class LambdaRuntimeInternal {
    private static boolean useLog4jAppender;

    private LambdaRuntimeInternal() {}

    public static void setUseLog4jAppender(boolean use) {
        useLog4jAppender = use;
    }

    public static boolean getUseLog4jAppender() {
        return useLog4jAppender;
    }
}
