package com.amazonaws.services.lambda.runtime;

/** The logger for code that has no {@link Context} at hand. */
public final class LambdaRuntime {
    // The interface client puts its own here. Until then, and in tests of handlers, standard output serves.
    private static volatile LambdaLogger logger = new LambdaLogger() {
        @Override
        public void log(String message) {
            System.out.print(message);
        }

        @Override
        public void log(byte[] message) {
            System.out.write(message, 0, message.length);
        }
    };

    private LambdaRuntime() {}

    public static LambdaLogger getLogger() {
        return logger;
    }
}
