using System;

namespace Amazon.Lambda.Core {
  /// What a function of .NET is told, as AWS's library of this name declares it.
  public interface ILambdaContext {
    string AwsRequestId { get; }
    string FunctionName { get; }
    string FunctionVersion { get; }
    string InvokedFunctionArn { get; }
    string LogGroupName { get; }
    string LogStreamName { get; }
    int MemoryLimitInMB { get; }
    TimeSpan RemainingTime { get; }
  }
}
