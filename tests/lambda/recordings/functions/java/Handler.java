package echo;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Map;

/** What recorded functions do, by `scenario.txt` of the package: echo, tell of itself, or fail. */
public class Handler implements RequestHandler<Object, Object> {
  private final String scenario;

  public Handler() throws Exception {
    scenario = new String(Files.readAllBytes(Paths.get("/var/task/scenario.txt")));
  }

  public Object handleRequest(Object event, Context context) {
    if (scenario.equals("echo")) {
      return event;
    }
    if (scenario.equals("uncaughtexception")) {
      throw new RuntimeException("Error: " + ((Map<?, ?>) event).get("error_msg"));
    }
    Map<String, Object> told = new HashMap<>();
    told.put("aws_request_id", context.getAwsRequestId());
    told.put("function_name", context.getFunctionName());
    told.put("function_version", context.getFunctionVersion());
    told.put("invoked_function_arn", context.getInvokedFunctionArn());
    told.put("log_group_name", context.getLogGroupName());
    told.put("log_stream_name", context.getLogStreamName());
    told.put("memory_limit_in_mb", "" + context.getMemoryLimitInMB());
    told.put("remaining_time_in_millis", "" + context.getRemainingTimeInMillis());
    Map<String, Object> answer = new HashMap<>();
    answer.put("ctx", told);
    answer.put("environment", System.getenv());
    answer.put("packages", new ArrayList<Object>());
    return answer;
  }
}
