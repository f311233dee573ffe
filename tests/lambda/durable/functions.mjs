// Handlers of durable functions, packaged with the official SDK.

import { withDurableExecution } from "@aws/durable-execution-sdk-js";

const ran = (what, result) => {
  console.log(`ran ${what}.`);
  return result;
};

export const whole = withDurableExecution(async (event, context) => {
  const one = await context.step("one", async () => ran("one", event.number + 1));
  const begun = await context.step("begun", async () => Date.now());
  const retried = await context.step(
    "retried",
    async () => {
      if (Date.now() - begun < 900) throw new Error("not yet");
      return "at last";
    },
    { retryStrategy: (_, attempt) => ({ shouldRetry: attempt < 5, delay: { seconds: 1 } }) },
  );
  await context.wait("pause", { seconds: 1 });
  const squares = await context.map("squares", event.items, async (child, item) => {
    await child.wait({ seconds: 1 });
    return await child.step("square", async () => ran(`square ${item}`, item * item));
  });
  const child = await context.runInChildContext("child", async (inner) => {
    return await inner.step("inside", async () => ran("inside", "inside"));
  });
  const other = await context.invoke("other", event.function, { number: 1 });
  return { one, retried, squares: squares.getResults(), child, other };
});

export const asks = withDurableExecution(async (_, context) => {
  const [promise] = await context.createCallback("answer", { timeout: { minutes: 5 } });
  return { answer: await promise };
});

export const plain = async (event) => ({ plain: event });
