package cloud.localstack.awssdkv1.sample;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;

/** Takes and gives objects of a class of its own. Named as the recorded handler. */
public class SerializedInputLambdaHandler
    implements RequestHandler<SerializedInputLambdaHandler.Place, SerializedInputLambdaHandler.Place> {
  public Place handleRequest(Place place, Context context) {
    place.setValidated(true);
    return place;
  }

  /** What the event names, by its setters and getters. */
  public static class Place {
    private String bucket;
    private String key;
    private boolean validated;

    public String getBucket() {
      return bucket;
    }

    public void setBucket(String bucket) {
      this.bucket = bucket;
    }

    public String getKey() {
      return key;
    }

    public void setKey(String key) {
      this.key = key;
    }

    public boolean isValidated() {
      return validated;
    }

    public void setValidated(boolean validated) {
      this.validated = validated;
    }
  }
}
