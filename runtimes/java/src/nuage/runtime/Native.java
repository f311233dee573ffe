package nuage.runtime;

/**
 * What Java cannot do for its own process: `bootstrap.c` beside the jar.
 *
 * <p>A process that began before its function was known has neither the function's directory nor its environment
 * variables, and both must be true for libraries in C and for child processes too.
 */
final class Native {
    private Native() {}

    static void load(String file) {
        System.load(file);
    }

    /** Whether environment variables can be set again in this process. */
    static boolean renews(String file) {
        try {
            load(file);
            return renew("LAMBDA_TASK_ROOT", System.getenv("LAMBDA_TASK_ROOT"));
        } catch (UnsatisfiedLinkError absent) {
            return false;
        }
    }

    /**
     * Changes the working directory and replaces all environment variables. Call it before {@link System#getenv} has
     * ever been called: Java reads them once.
     *
     * @param directory a path that ends with a zero byte
     * @param variables each name=value, ended with a zero byte
     * @return zero or the system's error number
     */
    static native int assume(byte[] directory, byte[] variables);

    /**
     * Sets one environment variable as {@link System#getenv} tells of it, also where it has been called before.
     *
     * @return false: this Java keeps them in another way
     */
    static native boolean renew(String name, String value);
}
