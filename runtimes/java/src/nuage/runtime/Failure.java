package nuage.runtime;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.HashSet;
import java.util.Set;

/** A failure that the runtime itself found, in place of the exception that a handler threw. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;
    private static final String OWN_PACKAGE = "nuage.runtime.";
    /** Causes in a document, against an endless chain. */
    private static final int CAUSES_MAX = 20;

    /** The type of an exception; null if there was none. */
    final String type;
    /** Its stack trace as text; null if there was none. */
    final String trace;
    /** Whether no invocation can succeed and the initialization has failed. */
    final boolean fatal;

    private Failure(String message, String type, String trace, boolean fatal) {
        super(message, null, false, false);
        this.type = type;
        this.trace = trace;
        this.fatal = fatal;
    }

    static Failure of(String message) {
        return new Failure(message, null, null, false);
    }

    static Failure of(Throwable thrown, boolean fatal) {
        return new Failure(messageOf(thrown), thrown.getClass().getName(), traceOf(thrown), fatal);
    }

    static Failure of(String message, Throwable thrown, boolean fatal) {
        return new Failure(message, thrown.getClass().getName(), traceOf(thrown), fatal);
    }

    private static String messageOf(Throwable thrown) {
        String message = thrown.getLocalizedMessage();
        return message == null ? thrown.getClass().getName() : message;
    }

    private static String traceOf(Throwable thrown) {
        hideRuntime(thrown, new HashSet<Throwable>());
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    /** Cuts stack traces where the runtime's own frames begin. */
    static void hideRuntime(Throwable thrown, Set<Throwable> seen) {
        if (thrown == null || !seen.add(thrown)) {
            return;
        }
        StackTraceElement[] frames = thrown.getStackTrace();
        for (int index = 0; index < frames.length; index++) {
            if (frames[index].getClassName().startsWith(OWN_PACKAGE)) {
                StackTraceElement[] shown = new StackTraceElement[index];
                System.arraycopy(frames, 0, shown, 0, index);
                thrown.setStackTrace(shown);
                break;
            }
        }
        hideRuntime(thrown.getCause(), seen);
        for (Throwable suppressed : thrown.getSuppressed()) {
            hideRuntime(suppressed, seen);
        }
    }

    /** What the log shows. */
    static String event(Throwable thrown) {
        Failure failure = thrown instanceof Failure ? (Failure) thrown : of(thrown, false);
        if (failure.type == null) {
            return failure.getMessage() + "\n";
        }
        return failure.getMessage() + ": " + failure.type + "\n" + failure.trace + "\n";
    }

    /** What the invoker gets. */
    static String document(Throwable thrown) {
        StringBuilder out = new StringBuilder();
        if (thrown instanceof Failure) {
            out.append("{\"errorMessage\":");
            Json.quote(thrown.getMessage(), out);
            if (((Failure) thrown).type != null) {
                out.append(",\"errorType\":");
                Json.quote(((Failure) thrown).type, out);
            }
            return out.append('}').toString();
        }
        hideRuntime(thrown, new HashSet<Throwable>());
        int depth = 0;
        for (Throwable at = thrown; at != null && depth < CAUSES_MAX; at = at.getCause(), depth++) {
            out.append(depth == 0 ? "{\"errorMessage\":" : ",\"cause\":{\"errorMessage\":");
            Json.quote(messageOf(at), out);
            out.append(",\"errorType\":");
            Json.quote(at.getClass().getName(), out);
            out.append(",\"stackTrace\":[");
            StackTraceElement[] frames = at.getStackTrace();
            for (int index = 0; index < frames.length; index++) {
                if (index > 0) {
                    out.append(',');
                }
                Json.quote(frames[index].toString(), out);
            }
            out.append(']');
        }
        while (depth-- > 0) {
            out.append('}');
        }
        return out.toString();
    }
}
