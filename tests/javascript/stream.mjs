// Invokes a function with InvokeWithResponseStream, all with the AWS SDK for JavaScript.
// Usage: node stream.mjs FUNCTION PAYLOAD; prints one JSON document.

import { InvokeWithResponseStreamCommand, LambdaClient } from "@aws-sdk/client-lambda";

const [FunctionName, Payload] = process.argv.slice(2);
const answer = await new LambdaClient({}).send(
  new InvokeWithResponseStreamCommand({ FunctionName, Payload, LogType: "Tail" }),
);
let text = "";
let complete;
for await (const event of answer.EventStream) {
  if (event.PayloadChunk) text += Buffer.from(event.PayloadChunk.Payload).toString();
  if (event.InvokeComplete) complete = event.InvokeComplete;
}
console.log(JSON.stringify({ status: answer.StatusCode, version: answer.ExecutedVersion, text, complete }));
