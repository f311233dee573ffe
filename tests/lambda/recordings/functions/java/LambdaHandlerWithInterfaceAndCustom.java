package cloud.localstack.sample;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.Map;

/** One method of the interface, and one of its own name. Named as the recorded handler. */
public class LambdaHandlerWithInterfaceAndCustom implements RequestHandler<Map<String, String>, String> {
  public String handleRequest(Map<String, String> event, Context context) {
    return "INTERFACE";
  }

  public String handleRequestCustom(Map<String, String> event, Context context) {
    return "CUSTOM";
  }
}
