package library;

import java.util.Map;

/** A library beside a function. */
public class Text {
  /** The map of texts as JSON. */
  public static String of(Map<String, String> map) {
    StringBuilder text = new StringBuilder("{");
    for (Map.Entry<String, String> entry : map.entrySet()) {
      text.append(text.length() > 1 ? "," : "").append('"').append(entry.getKey()).append("\":\"");
      text.append(entry.getValue()).append('"');
    }
    return text.append('}').toString();
  }
}
