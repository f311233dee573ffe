package cloud.localstack.awssdkv1.sample;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** Writes to a stream. Named as the recorded handler. */
public class LambdaStreamHandler implements RequestStreamHandler {
  public void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
    output.write("{}".getBytes());
  }
}
