package cloud.localstack.sample;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import java.util.Map;

/** Needs a class that is in a library of the package. Named as the recorded handler. */
public class LambdaHandlerWithLib implements RequestHandler<Map<String, String>, String> {
  public String handleRequest(Map<String, String> event, Context context) {
    return library.Text.of(event);
  }
}
