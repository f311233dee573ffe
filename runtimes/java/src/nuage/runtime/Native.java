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
