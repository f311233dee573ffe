// Greets whoever the event names.

export const handler = async (event, context) => {
  console.log("greeting", event.name ?? "world");
  return {
    greeting: `Hello, ${event.name ?? "world"}!`,
    node: process.version,
    memory_mb: context.memoryLimitInMB,
    remaining_ms: context.getRemainingTimeInMillis(),
  };
};
