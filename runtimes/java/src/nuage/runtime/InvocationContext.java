package nuage.runtime;

import com.amazonaws.services.lambda.runtime.Client;
import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.CognitoIdentity;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/** The context object of one invocation. */
final class InvocationContext implements Context {
    private final Map<String, String> headers;
    private final LambdaLogger logger;
    private final long deadlineMillis;
    private final CognitoIdentity identity;
    private final ClientContext clientContext;

    InvocationContext(Map<String, String> headers, LambdaLogger logger) throws IOException {
        this.headers = headers;
        this.logger = logger;
        String deadline = headers.get("lambda-runtime-deadline-ms");
        deadlineMillis = deadline == null ? 0 : Long.parseLong(deadline);
        Map<?, ?> identity = object(headers.get("lambda-runtime-cognito-identity"));
        this.identity = identity == null ? null : new Identity(identity);
        Map<?, ?> client = object(headers.get("lambda-runtime-client-context"));
        this.clientContext = client == null ? null : new Sent(client);
    }

    private static Map<?, ?> object(String header) throws IOException {
        Object parsed = header == null || header.isEmpty() ? null : Json.parse(header);
        return parsed instanceof Map ? (Map<?, ?>) parsed : null;
    }

    private static String text(Map<?, ?> map, String name) {
        Object value = map.get(name);
        return value == null ? null : value.toString();
    }

    @Override
    public String getAwsRequestId() {
        return headers.get("lambda-runtime-aws-request-id");
    }

    @Override
    public String getLogGroupName() {
        return System.getenv("AWS_LAMBDA_LOG_GROUP_NAME");
    }

    @Override
    public String getLogStreamName() {
        return System.getenv("AWS_LAMBDA_LOG_STREAM_NAME");
    }

    @Override
    public String getFunctionName() {
        return System.getenv("AWS_LAMBDA_FUNCTION_NAME");
    }

    @Override
    public String getFunctionVersion() {
        return System.getenv("AWS_LAMBDA_FUNCTION_VERSION");
    }

    @Override
    public String getInvokedFunctionArn() {
        return headers.get("lambda-runtime-invoked-function-arn");
    }

    @Override
    public CognitoIdentity getIdentity() {
        return identity;
    }

    @Override
    public ClientContext getClientContext() {
        return clientContext;
    }

    @Override
    public int getRemainingTimeInMillis() {
        long left = deadlineMillis - System.currentTimeMillis();
        return left > 0 ? (int) left : 0;
    }

    @Override
    public int getMemoryLimitInMB() {
        String memory = System.getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE");
        return memory == null ? 0 : Integer.parseInt(memory);
    }

    @Override
    public LambdaLogger getLogger() {
        return logger;
    }

    @Override
    public String getTenantId() {
        return headers.get("lambda-runtime-aws-tenant-id");
    }

    @Override
    public String getXrayTraceId() {
        return headers.get("lambda-runtime-trace-id");
    }

    private static final class Identity implements CognitoIdentity {
        private final Map<?, ?> map;

        Identity(Map<?, ?> map) {
            this.map = map;
        }

        @Override
        public String getIdentityId() {
            return text(map, "cognitoIdentityId");
        }

        @Override
        public String getIdentityPoolId() {
            return text(map, "cognitoIdentityPoolId");
        }
    }

    private static final class Sent implements ClientContext {
        private final Map<?, ?> map;

        Sent(Map<?, ?> map) {
            this.map = map;
        }

        private Map<String, String> texts(String name) {
            Object found = map.get(name);
            if (!(found instanceof Map)) {
                return null;
            }
            Map<String, String> texts = new LinkedHashMap<>();
            for (Map.Entry<?, ?> entry : ((Map<?, ?>) found).entrySet()) {
                texts.put((String) entry.getKey(), entry.getValue() == null ? null : entry.getValue().toString());
            }
            return texts;
        }

        @Override
        public Client getClient() {
            Object client = map.get("client");
            return client instanceof Map ? new Application((Map<?, ?>) client) : null;
        }

        @Override
        public Map<String, String> getCustom() {
            return texts("custom");
        }

        @Override
        public Map<String, String> getEnvironment() {
            return texts("env");
        }
    }

    private static final class Application implements Client {
        private final Map<?, ?> map;

        Application(Map<?, ?> map) {
            this.map = map;
        }

        @Override
        public String getInstallationId() {
            return text(map, "installation_id");
        }

        @Override
        public String getAppTitle() {
            return text(map, "app_title");
        }

        @Override
        public String getAppVersionName() {
            return text(map, "app_version_name");
        }

        @Override
        public String getAppVersionCode() {
            return text(map, "app_version_code");
        }

        @Override
        public String getAppPackageName() {
            return text(map, "app_package_name");
        }
    }
}
