// What recorded functions do, by `scenario.txt` of the package: echo, tell of itself, or fail.
const scenario = require('fs').readFileSync('/var/task/scenario.txt', 'utf8');

exports.handler = async (event, context) => {
  if (scenario === 'echo') return event;
  if (scenario === 'uncaughtexception') throw new Error(`Error: ${event.error_msg}`);
  const ctx = {
    aws_request_id: context.awsRequestId,
    function_name: context.functionName,
    function_version: context.functionVersion,
    invoked_function_arn: context.invokedFunctionArn,
    log_group_name: context.logGroupName,
    log_stream_name: context.logStreamName,
    remaining_time_in_millis: context.getRemainingTimeInMillis(),
  };
  return { ctx, environment: process.env, packages: [] };
};
