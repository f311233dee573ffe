// Creates a function, waits for it, invokes it and reads its log, all with the AWS SDK for JavaScript.
// Usage: node deploy_and_invoke.mjs PACKAGE.zip RUNTIME ROLE_ARN; prints one JSON document.

import { readFile } from "node:fs/promises";
import { CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient, GetRoleCommand } from "@aws-sdk/client-iam";
import {
  CreateFunctionCommand,
  GetFunctionCommand,
  InvokeCommand,
  LambdaClient,
  waitUntilFunctionActiveV2,
} from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";

const [zip, runtime, role] = process.argv.slice(2);
const lambda = new LambdaClient({});
const FunctionName = "from-javascript";

const identity = await new STSClient({}).send(new GetCallerIdentityCommand({}));
const found = await new IAMClient({}).send(new GetRoleCommand({ RoleName: role.split("/").pop() }));
await lambda.send(
  new CreateFunctionCommand({
    FunctionName,
    Runtime: runtime,
    Role: role,
    Handler: "lambda_function.handler",
    Code: { ZipFile: await readFile(zip) },
  }),
);
await waitUntilFunctionActiveV2({ client: lambda, maxWaitTime: 30, minDelay: 0.1, maxDelay: 0.5 }, { FunctionName });
const invoked = await lambda.send(
  new InvokeCommand({ FunctionName, Payload: JSON.stringify({ number: 20 }), LogType: "Tail" }),
);
const missing = await lambda
  .send(new GetFunctionCommand({ FunctionName: "missing" }))
  .then(() => "none", (error) => ({ name: error.name, status: error.$metadata.httpStatusCode, message: error.message }));

let events = [];
for (let i = 0; i < 50 && events.length === 0; i++) {
  await new Promise((resolve) => setTimeout(resolve, 100));
  const logGroupName = `/aws/lambda/${FunctionName}`;
  const answer = await new CloudWatchLogsClient({})
    .send(new FilterLogEventsCommand({ logGroupName, filterPattern: '"doubling"' }))
    .catch(() => ({ events: [] }));
  events = answer.events.map((event) => event.message.trim());
}

console.log(
  JSON.stringify({
    account: identity.Account,
    role: found.Role.Arn,
    status: invoked.StatusCode,
    payload: JSON.parse(Buffer.from(invoked.Payload).toString()),
    tail: Buffer.from(invoked.LogResult, "base64").toString(),
    missing,
    events,
  }),
);
