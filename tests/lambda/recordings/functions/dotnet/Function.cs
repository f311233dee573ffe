using System;
using System.Collections;
using System.IO;
using System.Text;
using Amazon.Lambda.Core;

namespace Dotnet {
  /// What recorded functions do, by `scenario.txt` of the package: echo, tell of itself, or fail.
  public class Function {
    public Stream FunctionHandler(Stream input, ILambdaContext context) {
      string scenario = File.ReadAllText("/var/task/scenario.txt");
      string text = new StreamReader(input).ReadToEnd();
      if (scenario == "uncaughtexception") throw new Exception("Error: some_error_msg");
      if (scenario == "echo") return Answer(text);
      string told = Member("aws_request_id", context.AwsRequestId) + "," +
        Member("function_name", context.FunctionName) + "," + Member("function_version", context.FunctionVersion) + "," +
        Member("invoked_function_arn", context.InvokedFunctionArn) + "," +
        Member("log_group_name", context.LogGroupName) + "," + Member("log_stream_name", context.LogStreamName) + "," +
        Member("memory_limit_in_mb", "" + context.MemoryLimitInMB) + "," +
        Member("remaining_time_in_millis", "" + context.RemainingTime.TotalMilliseconds);
      string environment = "";
      foreach (DictionaryEntry one in Environment.GetEnvironmentVariables()) {
        environment += (environment == "" ? "" : ",") + Member((string)one.Key, (string)one.Value);
      }
      return Answer("{\"ctx\":{" + told + "},\"environment\":{" + environment + "},\"packages\":[]}");
    }

    static string Member(string name, string value) {
      return "\"" + name + "\":\"" + value + "\"";
    }

    static Stream Answer(string text) {
      return new MemoryStream(Encoding.UTF8.GetBytes(text));
    }
  }
}
